"""The logbook's sentences about what the tracker tells."""

from collections.abc import Callable
from typing import Any

import pytest
from homeassistant.core import Event, HomeAssistant

from custom_components.audible_tracker.const import EVENT_TRACKER
from custom_components.audible_tracker.logbook import async_describe_events


@pytest.mark.parametrize(
    ("event", "name", "message"),
    [
        (
            {"type": "book_finished", "title": "Dracula"},
            "Dracula",
            "was finished",
        ),
        (
            {
                "type": "chapter_reached",
                "title": "Dracula",
                "chapter": "Whitby {harbor}",
                "chapter_number": 7,
            },
            "Dracula",
            "has reached chapter 7: Whitby {harbor}",
        ),
        (
            {"type": "streak_at_risk", "streak_days": 5},
            "Audible",
            "A streak of 5 days ends today",
        ),
        ({"type": "title_leaving", "title": "She"}, "She", "leaves Plus on ?"),
        ({"type": "of_tomorrow", "title": "She"}, "She", "of tomorrow"),
    ],
)
def test_event_is_a_sentence(
    hass: HomeAssistant, event: dict[str, Any], name: str, message: str
) -> None:
    """Title first, then what happened to it; what is not told is a question mark."""
    described: dict[str, Callable[[Event], dict[str, Any]]] = {}
    async_describe_events(
        hass, lambda domain, kind, describe: described.update({kind: describe})
    )

    entry = described[EVENT_TRACKER](Event(EVENT_TRACKER, event))

    assert (entry["name"], entry["message"]) == (name, message)
    assert entry["icon"].startswith("mdi:")
