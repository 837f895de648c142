"""What the demo proves, in the order of a first day; each step says what it found."""

from typing import Final

from .browser_steps import (
    home_assistant_plays,
    pictures_of_every_screen,
    the_page_plays,
)
from .dialog_steps import pictures_of_the_options, sign_in
from .home_steps import (
    begin_to_listen,
    import_before_sign_in,
    make_the_dashboard,
    put_a_speaker_into_the_kitchen,
)
from .living_steps import (
    a_heard_book_sets_off_an_automation,
    statistics_are_there,
    the_dashboard_shows_it,
    the_kitchen_plays_and_is_followed,
    the_library_finds_its_books,
    the_repair_is_answered,
)
from .media_steps import (
    ask_for_downloads,
    downloads_are_whole,
    link_the_server,
    virtual_files_are_exact,
)
from .server_steps import (
    a_conversion_keeps_every_sample,
    a_file_put_there_is_found,
    other_forms_play,
    plays_before_it_is_here,
    the_server_finds_itself_well,
)
from .store_steps import (
    a_conflict_is_decided,
    a_finished_book_is_told_once,
    an_import_can_be_undone,
    everything_is_in_the_database,
)
from .tracker_steps import a_move_reaches_the_sensor, sensors_show_the_shop
from .upkeep_steps import (
    a_place_set_here_reaches_the_shop,
    a_restart_without_the_shop,
    logs_hold_no_secret,
    removal_signs_out,
    the_shop_comes_back,
)
from .walk import Step

# Audible is asked ten times a minute at most: what needs it stands apart from the next.
STEPS: Final[tuple[tuple[str, Step], ...]] = (
    ("import a Goodreads file before the sign-in", import_before_sign_in),
    ("put a speaker into the kitchen", put_a_speaker_into_the_kitchen),
    ("make the ready-made dashboard", make_the_dashboard),
    ("sign in through the config flow", sign_in),
    ("link the server", link_the_server),
    ("ask for three downloads", ask_for_downloads),
    ("sensors show the shop's numbers", sensors_show_the_shop),
    ("everything is in the database", everything_is_in_the_database),
    ("let somebody listen", begin_to_listen),
    ("the library finds its books", the_library_finds_its_books),
    ("pictures of the options", pictures_of_the_options),
    ("a moved position reaches the sensor", a_move_reaches_the_sensor),
    ("the dashboard shows it, and no error", the_dashboard_shows_it),
    ("the repair's questions are answered", the_repair_is_answered),
    ("an import can be undone", an_import_can_be_undone),
    ("pictures of every screen", pictures_of_every_screen),
    ("the downloads are whole", downloads_are_whole),
    ("virtual files are exact", virtual_files_are_exact),
    ("Home Assistant's media browser plays", home_assistant_plays),
    ("a speaker plays and is followed", the_kitchen_plays_and_is_followed),
    ("the server's page plays and seeks", the_page_plays),
    ("a title plays before it is here", plays_before_it_is_here),
    ("a heard book sets off an automation", a_heard_book_sets_off_an_automation),
    ("statistics hold every minute", statistics_are_there),
    ("a finished book is told once", a_finished_book_is_told_once),
    ("a conflict is decided by a person", a_conflict_is_decided),
    ("a restart without the shop keeps everything", a_restart_without_the_shop),
    ("the shop comes back", the_shop_comes_back),
    ("other forms of the sound play", other_forms_play),
    ("a conversion keeps every sample", a_conversion_keeps_every_sample),
    ("a file put into the folder is found", a_file_put_there_is_found),
    ("the server finds itself well", the_server_finds_itself_well),
    ("a place set here reaches the shop", a_place_set_here_reaches_the_shop),
    ("deleting the entry signs out", removal_signs_out),
    ("logs hold no secret", logs_hold_no_secret),
)
