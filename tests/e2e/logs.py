"""What the programs of a household have logged."""

import re
from pathlib import Path
from typing import Final

from .household import Household
from .walk import expect

_ENTRY: Final = re.compile(r"^(?=\d{4}-\d\d-\d\d )", re.MULTILINE)
_OUR_WARNING: Final = re.compile(r" WARNING .*\[custom_components\.audible_tracker")
_OUR_FILES: Final = ("custom_components/audible_tracker/", "audible_server/")
# What Home Assistant says of an integration: it blocks, or uses what is to be removed.
_BLOCKS: Final = "Detected blocking call"
_OUTDATED: Final = re.compile(
    r"Detected that custom integration|Detected code that|will stop working|"
    r"will be removed in|DeprecationWarning|\bdeprecated\b",
    re.IGNORECASE,
)
# What Home Assistant and asyncio say of what was not ended in time, or never awaited.
_LINGERS: Final = re.compile(
    r"was still running after|: still running: |Task was destroyed|was never awaited|"
    r"exception was never retrieved"
)
_UNCLOSED: Final = "Unclosed c"
_OURS: Final = "audible_tracker"


def log_files(house: Household) -> list[Path]:
    """Return the logs of both halves, those of earlier starts too."""
    logs = house.folder / "logs"
    return sorted((*logs.glob("home-assistant*.log"), *logs.glob("server*.log")))


def our_warnings(house: Household) -> list[str]:
    """Return the warnings of the integration since Home Assistant was started."""
    log = house.home_process.log_path.read_text(errors="replace")
    return [line for line in log.splitlines() if _OUR_WARNING.search(line)]


def complaints_in(log: str) -> list[str]:
    """Return entries about a blocked event loop, what is to be removed, what lingers.

    Who blocks, or leaves a connection open, is not always named, and counts whoever it
    is: nothing else runs there.
    """
    return [entry for entry in _ENTRY.split(log) if _is_complaint(entry)]


def _is_complaint(entry: str) -> bool:
    if _BLOCKS in entry or _UNCLOSED in entry:
        return True
    is_one = _OUTDATED.search(entry) or _LINGERS.search(entry)
    return _OURS in entry and is_one is not None


def complaints(house: Household) -> list[str]:
    """Return what Home Assistant and the server complain of."""
    return [
        entry
        for path in log_files(house)
        for entry in complaints_in(path.read_text(errors="replace"))
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


def expect_quiet(house: Household) -> None:
    """Expect that in all of it nothing of ours failed, blocked, is old, or lingers."""
    found = [*our_faults(house), *complaints(house)]
    expect(not found, f"the logs complain: {'; '.join(found)}")
