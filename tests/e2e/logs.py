"""What the programs of a household have logged, and what must not stand there."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .home_assistant import HomeProcess

_ENTRY: Final = re.compile(r"^(?=\d{4}-\d\d-\d\d )", re.MULTILINE)
_LEVEL: Final = re.compile(r"\S+ \S+ ([A-Z]+) ")
_OF_HOME: Final = re.compile(r"\S+ \S+ [A-Z]+ \(")
_OUR_WARNING: Final = re.compile(r" WARNING .*\[custom_components\.audible_tracker")
_OURS: Final = re.compile(r"audible_(?:tracker|server)|\[audible\.")
# Who blocks, or leaves something open, is not always named, and counts whoever it is:
# nothing else runs there. Some of it is written past the log, after any line.
_BY_ANYBODY: Final = re.compile(
    r"Detected blocking call|Detected code that|Unclosed c|was never awaited|"
    r"exception was never retrieved|Exception ignored in|Update of .* is taking over|"
    r"(?:custom_components/audible_tracker|/audible_server)/\S+:\d+: \w*Warning: "
)
_TRACEBACK: Final = "Traceback (most recent call last)"
_KNOWN: Final = (
    # Only cameras need the library, which few machines have.
    r"(?s:Error loading libturbojpeg; .*RuntimeError: Unable to locate turbojpeg)",
    # Said of every integration that is not Home Assistant's own.
    r"\[homeassistant\.loader\] We found a custom integration audible_tracker ",
    # A busy machine. How long we take is measured: scripts/bench home.
    r"WARNING .*\] Setup of .* is taking over \d+ seconds",
    # Given another language, Home Assistant looks for platforms as for integrations.
    r"Failed to load integration for translation: Invalid domain audible_tracker\.",
)

WAITS_FOR_ITS_TURN: Final = (
    r"WARNING .*\[homeassistant\.helpers\.entity\] Update of sensor\.\w+ is taking over"
)
"""An update that was asked for by hand, where Audible has been asked a lot before."""


class ComplaintError(AssertionError):
    """A log holds what nobody expected; the message quotes it."""


def log_files(folder: Path) -> list[Path]:
    """Return the logs of both halves in a house, those of earlier starts too."""
    logs = folder / "logs"
    return sorted((*logs.glob("home-assistant*.log"), *logs.glob("server*.log")))


def our_warnings(home: HomeProcess) -> list[str]:
    """Return the warnings of the integration since Home Assistant was started."""
    log = home.log_path.read_text(errors="replace")
    return [line for line in log.splitlines() if _OUR_WARNING.search(line)]


@contextmanager
def judged_logs(folder: Path) -> Iterator[list[str]]:
    """Judge all logs of a house when it has ended; raise ComplaintError.

    Yields the list of what may stand there, as regular expressions: who causes a
    complaint says so. They are for lines: a traceback below is excused by one alone
    that names its end. A house that fails is not judged, as its failure tells more.
    """
    expected: list[str] = []
    yield expected
    found = complaints(folder, expected)
    if found:
        message = f"the logs in {folder / 'logs'} complain:\n{'\n'.join(found)}"
        raise ComplaintError(message)


def complaints(folder: Path, expected: Iterable[str] = ()) -> list[str]:
    """Return what the logs of both halves and the shop complain of unexpectedly."""
    excused = re.compile("|".join((*_KNOWN, *expected)))
    return [
        f"{path.name}: {entry}"
        for path in (*log_files(folder), folder / "logs" / "shop.log")
        for entry in complaints_in(path.read_text(errors="replace"))
        if not _is_excused(entry, excused)
    ]


def _is_excused(entry: str, excused: re.Pattern[str]) -> bool:
    """Tell whether a line was expected, and nothing worse stands below it."""
    found = excused.search(entry)
    if found is None or "\n" in entry[: found.start()]:
        return False
    below = entry[found.end() :]
    return _TRACEBACK not in below and _BY_ANYBODY.search(below) is None


def complaints_in(log: str) -> list[str]:
    """Return errors and warnings about us, tracebacks, and what blocks or lingers.

    What Home Assistant says of what is to be removed is a warning that names us.
    """
    return [entry for entry in _ENTRY.split(log) if _is_complaint(entry)]


def _is_complaint(entry: str) -> bool:
    found = _LEVEL.match(entry)
    level = found and found[1]
    if level == "DEBUG":
        # It quotes anything, and has the traceback of any poll that fails: what counts
        # is what was printed after it.
        return _BY_ANYBODY.search(entry.partition("\n")[2]) is not None
    is_about_us = _OURS.search(entry) is not None
    is_error = level in ("ERROR", "CRITICAL") or _TRACEBACK in entry
    # A browser that hangs up while Home Assistant writes to it is an error there, too.
    is_ours = is_about_us or _OF_HOME.match(entry) is None
    is_bad = (is_error and is_ours) or (level == "WARNING" and is_about_us)
    return bool(is_bad or _BY_ANYBODY.search(entry))
