"""What the demo proves, in the order of a first day; each step says what it found."""

from typing import Final

from .browser_steps import (
    home_assistant_plays,
    pictures_of_every_screen,
    the_page_plays,
)
from .media_steps import download, link_the_server, virtual_files_are_exact
from .tracker_steps import a_move_reaches_the_sensor, sensors_show_the_shop, sign_in
from .upkeep_steps import (
    a_restart_without_the_shop,
    logs_hold_no_secret,
    removal_signs_out,
)
from .walk import Step

STEPS: Final[tuple[tuple[str, Step], ...]] = (
    ("sign in through the config flow", sign_in),
    ("sensors show the shop's numbers", sensors_show_the_shop),
    ("a moved position reaches the sensor", a_move_reaches_the_sensor),
    ("link the server", link_the_server),
    ("download three titles", download),
    ("virtual files are exact", virtual_files_are_exact),
    ("Home Assistant's media browser plays", home_assistant_plays),
    ("the server's page plays and seeks", the_page_plays),
    ("pictures of every screen", pictures_of_every_screen),
    ("a restart without the shop keeps everything", a_restart_without_the_shop),
    ("deleting the entry signs out", removal_signs_out),
    ("logs hold no secret", logs_hold_no_secret),
)
