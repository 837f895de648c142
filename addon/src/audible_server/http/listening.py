"""Where listening on the page stands, and what is marked there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from audible_core.errors import InvalidValueError
from audible_core.models import Asin

from audible_server.http.answers import data_answer
from audible_server.http.parameters import (
    POSITION_MS_MAX,
    asin_of,
    member_number,
    members_of,
)
from audible_server.http.services import SERVICES
from audible_server.store.clock import now_ms
from audible_server.store.event_log import StoredEvent
from audible_server.store.listening import Place

NOTE_LENGTH_MAX: Final = 4000


async def show_position(request: web.Request) -> web.Response:
    """Return where listening of a title stands; null where it was never heard here."""
    services = request.app[SERVICES]
    asin = await _known_asin(request)
    place = await services.queries.listening.load_place(asin)
    return data_answer({"position": None if place is None else place.to_json()})


async def put_position(request: web.Request) -> web.Response:
    """Keep where somebody listens; an older place never replaces a newer one."""
    asin = await _known_asin(request)
    members = await members_of(request, {"position_ms", "heard_at", "is_playing"})
    place = Place(
        asin, member_number(members, "position_ms", POSITION_MS_MAX), _heard_at(members)
    )
    is_playing = members.get("is_playing", False)
    if not isinstance(is_playing, bool):
        raise InvalidValueError(
            field="is_playing", value=is_playing, allowed="true or false"
        )
    services = request.app[SERVICES]
    kept, event = await services.queries.listening.save_place(
        place, is_playing=is_playing
    )
    _tell(request, event)
    if not is_playing:
        await services.removal.heard(asin, kept.position_ms, kept.heard_at)
    return data_answer({"position": kept.to_json()})


async def list_bookmarks(request: web.Request) -> web.Response:
    """Return a title's bookmarks, by their place."""
    asin = await _known_asin(request)
    bookmarks = await request.app[SERVICES].queries.listening.load_bookmarks(asin)
    return data_answer({"bookmarks": [each.to_json() for each in bookmarks]})


async def add_bookmark(request: web.Request) -> web.Response:
    """Mark a place of a title."""
    asin = await _known_asin(request)
    members = await members_of(request, {"position_ms", "note"})
    bookmark, event = await request.app[SERVICES].queries.listening.add_bookmark(
        asin,
        member_number(members, "position_ms", POSITION_MS_MAX),
        _note(members.get("note", "")),
    )
    _tell(request, event)
    return data_answer(bookmark.to_json(), status=HTTPStatus.CREATED)


async def change_bookmark(request: web.Request) -> web.Response:
    """Change the note of a bookmark, or its place."""
    members = await members_of(request, {"position_ms", "note"})
    changes: dict[str, Any] = {}
    if "position_ms" in members:
        changes["position_ms"] = member_number(members, "position_ms", POSITION_MS_MAX)
    if "note" in members:
        changes["note"] = _note(members["note"])
    if not changes:
        raise InvalidValueError(
            field="body", value={}, allowed="a note, a position_ms, or both"
        )
    bookmark, event = await request.app[SERVICES].queries.listening.change_bookmark(
        asin_of(request), request.match_info["bookmark_id"], changes
    )
    _tell(request, event)
    return data_answer(bookmark.to_json())


async def delete_bookmark(request: web.Request) -> web.Response:
    """Forget a bookmark."""
    event = await request.app[SERVICES].queries.listening.delete_bookmark(
        asin_of(request), request.match_info["bookmark_id"]
    )
    _tell(request, event)
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _tell(request: web.Request, event: StoredEvent | None) -> None:
    if event is not None:
        events = request.app[SERVICES].events
        events.publish(event.kind, event.data, event_id=event.event_id)


async def _known_asin(request: web.Request) -> Asin:
    """Return the ASIN in the path; raise UnknownBookError if there is no such title."""
    book = await request.app[SERVICES].books.load(asin_of(request))
    return book.asin


def _heard_at(members: Mapping[str, Any]) -> int:
    """Return when it was heard, never later than now; a clock may be ahead."""
    now, text = now_ms(), members.get("heard_at")
    if text is None:
        return now
    allowed = "a time with its zone, as 2026-08-20T21:03:04.5+02:00"
    try:
        heard_at = datetime.fromisoformat(text)
        if heard_at.tzinfo is None:
            raise InvalidValueError(field="heard_at", value=text, allowed=allowed)
        return min(now, max(0, int(heard_at.astimezone(UTC).timestamp() * 1000)))
    except TypeError, ValueError, OverflowError:
        raise InvalidValueError(field="heard_at", value=text, allowed=allowed) from None


def _note(note: Any) -> str:
    if not isinstance(note, str) or len(note) > NOTE_LENGTH_MAX or "\0" in note:
        raise InvalidValueError(
            field="note",
            value=note,
            allowed=f"a text of up to {NOTE_LENGTH_MAX} characters",
        )
    return note
