"""What the programs of a household have logged."""

import re
from pathlib import Path
from typing import Final

from .household import Household

_ENTRY: Final = re.compile(r"^(?=\d{4}-\d\d-\d\d )", re.MULTILINE)
_OUR_WARNING: Final = re.compile(r" WARNING .*\[custom_components\.audible_tracker")
_OUR_FILES: Final = ("custom_components/audible_tracker/", "audible_server/")
_BLOCKING: Final = ("Detected blocking call", "Detected that custom integration")


def log_files(house: Household) -> list[Path]:
    """Return the logs of both halves, those of earlier starts too."""
    logs = house.folder / "logs"
    return sorted((*logs.glob("home-assistant*.log"), *logs.glob("server*.log")))


def our_warnings(house: Household) -> list[str]:
    """Return the warnings of the integration since Home Assistant was started."""
    log = house.home_process.log_path.read_text(errors="replace")
    return [line for line in log.splitlines() if _OUR_WARNING.search(line)]


def blocking_calls(house: Household) -> list[str]:
    """Return where Home Assistant caught us working on its event loop."""
    return [
        entry
        for path in log_files(house)
        for entry in _ENTRY.split(path.read_text(errors="replace"))
        if any(sign in entry for sign in _BLOCKING)
    ]


def our_faults(house: Household) -> list[str]:
    """Return errors with our files in their traceback.

    At DEBUG, Home Assistant adds the traceback of any failed poll.
    """
    return [
        entry
        for path in log_files(house)
        for entry in _ENTRY.split(path.read_text(errors="replace"))
        if " DEBUG " not in entry and any(file in entry for file in _OUR_FILES)
    ]
