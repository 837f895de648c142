"""The logbook's sentences about what the tracker tells."""

from collections.abc import Callable
from typing import Any

import pytest
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from custom_components.audible_tracker.const import DOMAIN, EVENT_TRACKER
from custom_components.audible_tracker.core.sync.tracker_events import EventType
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
        (
            {"type": "goal_reached", "kind": "books", "target": 24},
            "Audible",
            "A goal was reached: 24 books",
        ),
        ({"type": "title_leaving", "title": "She"}, "She", "leaves Plus on ?"),
        ({"type": "of_tomorrow", "title": "She"}, "She", "of tomorrow"),
    ],
)
async def test_event_is_a_sentence(
    hass: HomeAssistant, event: dict[str, Any], name: str, message: str
) -> None:
    """Title first, then what happened to it; what is not told is a question mark."""
    await async_get_translations(hass, "en", "selector", {DOMAIN})
    described: dict[str, Callable[[Event], dict[str, Any]]] = {}
    async_describe_events(
        hass, lambda domain, kind, describe: described.update({kind: describe})
    )

    entry = described[EVENT_TRACKER](Event(EVENT_TRACKER, event))

    assert (entry["name"], entry["message"]) == (name, message)
    assert entry["icon"].startswith("mdi:")


async def test_sentences_are_in_the_language_of_the_house(hass: HomeAssistant) -> None:
    """Everything that is told has a sentence, in German here."""
    hass.config.language = "de"
    await async_get_translations(hass, "de", "selector", {DOMAIN})
    described: dict[str, Callable[[Event], dict[str, Any]]] = {}
    async_describe_events(
        hass, lambda domain, kind, describe: described.update({kind: describe})
    )
    told = {
        kind: described[EVENT_TRACKER](
            Event(EVENT_TRACKER, {"type": kind.value, "kind": "hours", "target": 5})
        )["message"]
        # A step of listening is told to triggers alone, not to the logbook.
        for kind in set(EventType) - {EventType.PROGRESSED}
    }

    assert told[EventType.BOOK_FINISHED] == "wurde beendet"
    assert told[EventType.GOAL_REACHED] == "Ein Ziel ist erreicht: 5 Stunden"
    assert not {kind for kind, text in told.items() if text == kind.replace("_", " ")}
