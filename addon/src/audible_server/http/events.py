"""What happens, as server-sent events (WHATWG HTML, section 9.2)."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from audible_core.errors import InvalidValueError

from audible_server.http.sending import bound_send_buffer, write_piece
from audible_server.http.services import SERVICES
from audible_server.library.events import Subscription

_KEEP_ALIVE_S: Final = 15.0
_RETRY_MS: Final = 3000
_PAGE: Final = 200
_MOST_DIGITS: Final = 16
_LAST_EVENT_ID: Final = "Last-Event-ID"


async def stream_events(request: web.Request) -> web.StreamResponse:
    """Send what was missed since the event named last, then what happens.

    Who is too slow is cut off: it comes back with the number it saw last. Only events
    that are kept have a number; others tell of what can be asked for.
    """
    services = request.app[SERVICES]
    last_id = _last_id(request)
    answer = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            # Else nginx, and what is built like it, collects the answer.
            "X-Accel-Buffering": "no",
        }
    )
    with services.events.subscribe() as subscription:
        await answer.prepare(request)
        bound_send_buffer(request)
        try:
            await write_piece(request, answer, b"retry: %d\n\n" % _RETRY_MS)
            if last_id is not None:
                last_id = await _replay(request, answer, last_id)
            await _follow(request, subscription, answer, last_id or 0)
        except ConnectionError:
            # The listener has left.
            return answer
    await answer.write_eof()
    return answer


async def _replay(
    request: web.Request, answer: web.StreamResponse, last_id: int
) -> int:
    log = request.app[SERVICES].queries.event_log
    while missed := await log.load_after(last_id, at_most=_PAGE):
        for event in missed:
            piece = written(event.kind, event.data, event.event_id)
            await write_piece(request, answer, piece)
            last_id = event.event_id
    return last_id


async def _follow(
    request: web.Request,
    subscription: Subscription,
    answer: web.StreamResponse,
    last_id: int,
) -> None:
    while True:
        try:
            async with asyncio.timeout(_KEEP_ALIVE_S):
                event = await subscription.take()
        except TimeoutError:
            await write_piece(request, answer, b":\n\n")
            continue
        if event is None:
            return
        if event.event_id is None or event.event_id > last_id:
            piece = written(event.kind, event.data, event.event_id)
            await write_piece(request, answer, piece)


def written(kind: str, data: Mapping[str, Any], event_id: int | None) -> bytes:
    """Return an event as it is sent; JSON has no line breaks of its own."""
    number = "" if event_id is None else f"id: {event_id}\n"
    return f"{number}event: {kind}\ndata: {json.dumps(dict(data))}\n\n".encode()


def _last_id(request: web.Request) -> int | None:
    """Return the number of the last event that was seen, by header or by address.

    A browser sends the header by itself, but only when it comes back.
    """
    text = request.headers.get(_LAST_EVENT_ID) or request.query.get("last_event_id")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise InvalidValueError(
            field=_LAST_EVENT_ID, value=text, allowed="the number of an event"
        )
    return int(text)
