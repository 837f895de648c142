"""The house of the demo: blueprints in use, and a speaker that makes no sound."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from tests.integration.mpd import Mpd, running_mpd

from .home_assistant import REPOSITORY
from .household import Household, MediaServer, Shop, running_household
from .walk import DOMAIN

TELLS_OF_FINISHED: Final = "Tell me when a book is finished"
_BLUEPRINTS: Final = f"blueprints/automation/{DOMAIN}"
_AUTOMATIONS: Final = f"""\
- id: told_of_finished
  alias: {TELLS_OF_FINISHED}
  use_blueprint:
    path: {DOMAIN}/finished.yaml
    input:
      notify_action: notify.persistent_notification
"""


@asynccontextmanager
async def running_demo_house(
    folder: Path, *, home_port: int = 0, server_port: int = 0
) -> AsyncIterator[tuple[Household, Mpd]]:
    """Start everything in a new folder: the house, and the player in its kitchen."""
    async with (
        running_household(
            folder, home_port=home_port, server_port=server_port, lay_out=_furnish
        ) as house,
        running_mpd(folder / "speaker") as speaker,
    ):
        yield house, speaker


async def _furnish(home_folder: Path, _shop: Shop, _server: MediaServer) -> None:
    """Let an automation be there that was made from a blueprint, and can tell."""
    shutil.copytree(REPOSITORY / _BLUEPRINTS, home_folder / _BLUEPRINTS)
    (home_folder / "automations.yaml").write_text(_AUTOMATIONS)
    with (home_folder / "configuration.yaml").open("a") as configuration:
        configuration.write("notify:\n")
