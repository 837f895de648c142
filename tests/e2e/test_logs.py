"""Whether what must not stand in a log is found there, and nothing else."""

from pathlib import Path
from typing import Final

import pytest

from .logs import (
    WAITS_FOR_ITS_TURN,
    ComplaintError,
    complaints,
    complaints_in,
    judged_logs,
)

_BEFORE: Final = (
    "2026-11-29 12:00:00.000+00:00 INFO (MainThread) [homeassistant] all is well\n"
)
_FRAME: Final = "WARNING (MainThread) [homeassistant.helpers.frame]"
_BLOCKED: Final = (
    "WARNING (MainThread) [homeassistant.util.loop] Detected blocking call to open "
    "with args ('x',) in a.py, line 1: open(x) inside the event loop"
)


def _entry(words: str) -> str:
    return f"2026-11-29 12:00:01.000+00:00 {words}\n"


@pytest.mark.parametrize(
    "complaint",
    [
        _BLOCKED,
        f"{_FRAME} Detected that custom integration 'audible_tracker' calls async_x.",
        (
            f"{_FRAME} Detected that custom integration 'audible_tracker' sets x at "
            "custom_components/audible_tracker/a.py, line 1: x. This will stop "
            "working in Home Assistant 2027.8, please"
        ),
        f"{_FRAME} Detected code that calls async_x outside of an integration.",
        (
            "WARNING (MainThread) [homeassistant.helpers.device_registry] The "
            "deprecated function async_get_device was called from audible_tracker. "
            "It will be removed in HA Core 2027.8. Use async_get instead"
        ),
        (
            "WARNING (MainThread) [py.warnings] /config/custom_components/"
            "audible_tracker/a.py:1: DeprecationWarning: x"
        ),
        (
            "WARNING (MainThread) [homeassistant.core] Task <Task pending name='x' "
            "coro=<f() running at /config/custom_components/audible_tracker/a.py:1>> "
            "was still running after final writes shutdown stage"
        ),
        (
            "WARNING (MainThread) [homeassistant.core] Shutdown stage 'stop "
            "integrations': still running: <Task name='audible_tracker write-back'>"
        ),
        "ERROR (MainThread) [asyncio] Unclosed client session",
        "ERROR (MainThread) [homeassistant] Task exception was never retrieved",
        (
            "ERROR (MainThread) [homeassistant.components.sensor] Error adding entity "
            "sensor.x for domain sensor with platform audible_tracker"
        ),
        "CRITICAL (MainThread) [homeassistant.core] Of audible_tracker",
        "WARNING (MainThread) [custom_components.audible_tracker] Anything",
        "WARNING (MainThread) [audible.auth] Anything",
        (
            "WARNING (MainThread) [homeassistant.setup] Setup of audible_tracker is "
            "taking over 10 seconds."
        ),
        (
            "WARNING (MainThread) [homeassistant.helpers.entity] Update of "
            "sensor.anna_progress is taking over 10 seconds"
        ),
        "WARNING audible_server.library.shop: Anything",
        "ERROR pgqueuer: Anything",
        (
            "INFO (MainThread) [a] x\nTraceback (most recent call last):\n  File "
            '"/config/custom_components/audible_tracker/a.py", line 1, in f'
        ),
        "DEBUG (MainThread) [a] x\nException ignored in: <function f>",
        "DEBUG asyncio: x\n/src/audible_server/app.py:1: RuntimeWarning: x",
    ],
)
def test_complaint_is_found(complaint: str) -> None:
    """With all lines that belong to it."""
    entry = _entry(f"{complaint}\na line more")

    assert complaints_in(_BEFORE + entry + _BEFORE) == [entry]


def test_what_is_printed_without_a_log_is_found() -> None:
    """The simulated shop keeps no log; what fails in it is printed."""
    printed = '{"email": "anna"}\nError handling request\nTraceback (most recent call '

    assert complaints_in(f"{printed}last):\n") == [f"{printed}last):\n"]


@pytest.mark.parametrize(
    "line",
    [
        "WARNING (MainThread) [a] The deprecated constant X was used from another.",
        "WARNING (MainThread) [homeassistant.setup] Setup of mpd is taking over 10 s.",
        (
            "ERROR (MainThread) [homeassistant] Error doing job: "
            "ClientConnectionResetError exception in shielded future\n"
            'Traceback (most recent call last):\n  File "/aiohttp/web_ws.py", line 1'
        ),
        "INFO (MainThread) [homeassistant] Setting up audible_tracker.sensor",
        "INFO audible_server: Version 1.0.0 listens on 127.0.0.1:8099",
        "DEBUG (MainThread) [a] Sending 'Update of sensor.x is taking over 10 seconds'",
        "DEBUG (MainThread) [audible_tracker] x\nTraceback (most recent call last):",
    ],
)
def test_other_lines_are_no_complaint(line: str) -> None:
    """Others' code is theirs to mend, and a name is no complaint."""
    assert complaints_in(_BEFORE + _entry(line)) == []


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Return the folder of a house's logs, which are quiet so far."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for name in ("home-assistant-1", "home-assistant-2", "server", "shop"):
        (folder / f"{name}.log").write_text(_BEFORE)
    return folder


@pytest.mark.parametrize("name", ["home-assistant-1", "home-assistant-2", "server"])
def test_a_house_whose_log_complains_fails_at_its_end(logs: Path, name: str) -> None:
    """Also when it says so while it stops, or said so before it started again."""
    with (
        pytest.raises(ComplaintError, match="Detected blocking call"),
        judged_logs(logs.parent),
    ):
        (logs / f"{name}.log").write_text(_BEFORE + _entry(_BLOCKED))


def test_a_shop_that_fails_is_told_of(logs: Path) -> None:
    """A test that passes although the shop broke would prove something else."""
    with pytest.raises(ComplaintError, match=r"shop\.log"), judged_logs(logs.parent):
        (logs / "shop.log").write_text("Traceback (most recent call last):\n")


def test_what_is_expected_or_known_is_excused(logs: Path) -> None:
    """That alone: the same warning about something else still counts."""
    late = (
        "WARNING (MainThread) [homeassistant.helpers.entity] Update of {} is taking "
        "over 10 seconds"
    )
    known = (
        "WARNING (SyncWorker_0) [homeassistant.loader] We found a custom integration "
        "audible_tracker which has not been tested by Home Assistant."
    )
    busy = (
        "WARNING (MainThread) [homeassistant.components.sensor] Setup of sensor "
        "platform audible_tracker is taking over 10 seconds."
    )
    excused = "".join(
        _entry(line) for line in (late.format("sensor.anna_progress"), known, busy)
    )
    (logs / "home-assistant-1.log").write_text(excused)
    assert complaints(logs.parent, [WAITS_FOR_ITS_TURN]) == []

    other = _entry(late.format("todo.anna_wishlist"))
    (logs / "server.log").write_text(other)
    assert complaints(logs.parent, [WAITS_FOR_ITS_TURN]) == [f"server.log: {other}"]


@pytest.mark.parametrize(
    "below",
    [
        'Traceback (most recent call last):\n  File "/a.py", line 1, in f\nKeyError',
        "Exception ignored in: <function f>",
        "/src/audible_server/app.py:1: RuntimeWarning: x",
    ],
)
def test_what_stands_below_an_excused_line_still_counts(logs: Path, below: str) -> None:
    """An excuse is for its line; one that stands below another line is none."""
    line = "WARNING (MainThread) [custom_components.audible_tracker] Account 1: gone"
    entry = _entry(f"{line}\n{below}")
    (logs / "server.log").write_text(entry)
    assert complaints(logs.parent, [r"WARNING .* Account \d+: gone"]) == [
        f"server.log: {entry}"
    ]

    quoted = _entry(f"ERROR audible_server: Anything\n{line}")
    (logs / "server.log").write_text(quoted)
    assert complaints(logs.parent, [r"WARNING .* Account \d+: gone"]) == [
        f"server.log: {quoted}"
    ]


def test_known_traceback_is_excused_to_its_end(logs: Path) -> None:
    """A library of cameras is missing on most machines."""
    entry = _entry(
        "ERROR (ImportExecutor_0) [homeassistant.components.camera.img_util] Error "
        "loading libturbojpeg; Camera snapshot performance will be sub-optimal\n"
        "Traceback (most recent call last):\n"
        '  File "/audible_tracker/turbojpeg.py", line 1, in __init__\n'
        "RuntimeError: Unable to locate turbojpeg library automatically."
    )
    (logs / "home-assistant-1.log").write_text(entry)
    assert complaints(logs.parent) == []

    (logs / "home-assistant-1.log").write_text(f"{entry}Unclosed connection\n")
    assert len(complaints(logs.parent)) == 1
