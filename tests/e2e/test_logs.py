"""Whether the search for complaints finds what Home Assistant writes."""

import pytest

from .logs import complaints_in

_BEFORE = "2026-11-29 12:00:00.000 INFO (MainThread) [homeassistant] all is well\n"


@pytest.mark.parametrize(
    "complaint",
    [
        (
            "Detected blocking call to open with args ('x',) in a.py, line 1: open(x) "
            "inside the event loop"
        ),
        "Detected that custom integration 'audible_tracker' calls async_x. Please",
        (
            "Detected that custom integration 'audible_tracker' sets x at "
            "custom_components/audible_tracker/a.py, line 1: x. This will stop "
            "working in Home Assistant 2027.8, please"
        ),
        (
            "The deprecated function async_get_device was called from audible_tracker. "
            "It will be removed in HA Core 2027.8. Use async_get instead"
        ),
        "/config/custom_components/audible_tracker/a.py:1: DeprecationWarning: x",
        (
            "Task <Task pending name='x' coro=<f() running at "
            "/config/custom_components/audible_tracker/a.py:1>> was still running "
            "after final writes shutdown stage; Integrations should cancel"
        ),
        (
            "Shutdown stage 'stop integrations': still running: <Task pending "
            "name='audible_tracker write-back'>"
        ),
        "Unclosed client session",
    ],
)
def test_complaint_about_us_is_found(complaint: str) -> None:
    """With all lines that belong to it."""
    entry = (
        "2026-11-29 12:00:01.000 WARNING (MainThread) [homeassistant.helpers.frame] "
        f"{complaint}\nTraceback: a line more\n"
    )

    assert complaints_in(_BEFORE + entry + _BEFORE) == [entry]


@pytest.mark.parametrize(
    "line",
    [
        "The deprecated constant X was used from another_integration.",
        "We found a custom integration audible_tracker which has not been tested",
        "Setting up audible_tracker.sensor",
    ],
)
def test_other_lines_are_no_complaint(line: str) -> None:
    """Others' code is theirs to mend, and a name is no complaint."""
    entry = f"2026-11-29 12:00:01.000 WARNING (MainThread) [homeassistant] {line}\n"

    assert complaints_in(_BEFORE + entry) == []
