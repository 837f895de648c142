"""Pure: an account's state to the JSON of its file and back."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from .account_state import AccountState, TitleChapters
from .core.models import Asin, AudibleTitle, Chapter, Position, SeriesPlace

VERSION: Final = 1

DAMAGED: Final = (AttributeError, KeyError, TypeError, ValueError)
"""What reading a damaged state raises."""

_INSTANTS: Final = ("status_changed_at", "purchased_at")
_LISTS: Final = ("authors", "narrators", "codecs")


def to_stored(state: AccountState) -> dict[str, Any]:
    """Return the JSON form; what follows from the rest is left out."""
    return {
        "library_synced_at": state.library_synced_at.isoformat(),
        "has_asked_positions": state.has_asked_positions,
        "titles": [_title_to_json(title) for title in state.titles],
        "positions": {
            asin: [position.position_ms, position.updated_at.isoformat()]
            for asin, position in state.positions.items()
        },
        "chapters": {
            asin: {
                "runtime_ms": known.runtime_ms,
                "chapters": [
                    [chapter.title, chapter.start_ms, chapter.length_ms]
                    for chapter in known.chapters
                ],
            }
            for asin, known in state.chapters.items()
        },
    }


def from_stored(stored: Mapping[str, Any]) -> AccountState:
    """Return the state; raise one of `DAMAGED` if it is damaged."""
    return AccountState(
        titles=tuple(_title_from_json(title) for title in stored["titles"]),
        library_synced_at=datetime.fromisoformat(stored["library_synced_at"]),
        has_asked_positions=stored["has_asked_positions"] is True,
        positions={
            Asin(asin): Position(Asin(asin), int(position_ms), _instant(updated_at))
            for asin, (position_ms, updated_at) in stored["positions"].items()
        },
        chapters={
            Asin(asin): _chapters_from_json(known)
            for asin, known in stored["chapters"].items()
        },
    )


def _title_to_json(title: AudibleTitle) -> dict[str, Any]:
    members = asdict(title)
    for name in _INSTANTS:
        instant = members[name]
        members[name] = instant.isoformat() if instant else None
    # Most members of most titles are empty; the file is written often.
    return {name: value for name, value in members.items() if value not in (None, ())}


def _title_from_json(stored: Mapping[str, Any]) -> AudibleTitle:
    members = {"title": None, **stored}
    for name in _INSTANTS:
        if name in members:
            members[name] = _instant(members[name])
    for name in _LISTS:
        members[name] = tuple(members.get(name, ()))
    members["series"] = tuple(
        SeriesPlace(place["title"], place["sequence"])
        for place in stored.get("series", ())
    )
    return AudibleTitle(**members)


def _chapters_from_json(stored: Mapping[str, Any]) -> TitleChapters:
    return TitleChapters(
        runtime_ms=stored["runtime_ms"],
        chapters=tuple(
            Chapter(str(title), int(start_ms), int(length_ms))
            for title, start_ms, length_ms in stored["chapters"]
        ),
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
