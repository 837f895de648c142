"""What somebody wants to hear becomes a session: the title, its place, its form."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..coordinator import AudibleConfigEntry
from ..core.decisions.links import find_link
from ..core.decisions.places import place_there
from ..core.errors import TrackerError
from ..core.models import Asin
from ..core.playing.choosing import form_for, resume_ms
from ..core.playing.following import is_passed
from ..core.playing.session import AudioFormat, Session, SleepTimer
from ..core.store.records import LinkFields, ReaderId
from ..core.wire import ServerBook
from .audio import async_chapters
from .speaker import Speaker

_ASKED_WITHIN_S: Final = 4.0
_IS_FRESH: Final = timedelta(minutes=1)
_AT_END_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader wants to hear, on which player, from where.

    Without ``start_ms`` it goes on where the reader is, ``back_ms`` before, or as far
    before as the pause was long.
    """

    entry: AudibleConfigEntry
    reader_id: ReaderId
    asin: Asin
    player: str
    start_ms: int | None = None
    back_ms: int | None = None
    speed: float = 1.0
    audio_format: AudioFormat | None = None
    sleep: SleepTimer | None = None


async def async_look_there(entry: AudibleConfigEntry, link: LinkFields) -> None:
    """Ask Audible where the title stands, so that a phone's last minutes count.

    Whoever waits for a speaker does not wait long; without an answer what is known
    counts.
    """
    at = link.last_position_at
    if at is not None and dt_util.utcnow() - at < _IS_FRESH:
        return
    with suppress(TrackerError, TimeoutError):
        async with asyncio.timeout(_ASKED_WITHIN_S):
            await entry.runtime_data.sync.sync_title(link.asin)


async def async_is_passed(entry: AudibleConfigEntry, session: Session) -> bool:
    """Ask Audible whether the reader went on elsewhere while a title rests.

    Raises TrackerError.
    """
    store, reader_id = entry.runtime_data.store, ReaderId(session.reader_id)
    async with store.reading() as connection:
        link = (await find_link(connection, reader_id, session.asin)).fields
    await async_look_there(entry, link)
    async with store.reading() as connection:
        link = (await find_link(connection, reader_id, session.asin)).fields
    return is_passed(session, link.last_position_ms, link.last_position_at)


async def async_begin(hass: HomeAssistant, wish: Wish, book: ServerBook) -> Session:
    """Return the session of a wish; no speaker is asked yet. Raises TrackerError."""
    runtime = wish.entry.runtime_data
    if wish.start_ms is None:
        async with runtime.store.reading() as connection:
            link = (await find_link(connection, wish.reader_id, wish.asin)).fields
        await async_look_there(wish.entry, link)
    async with runtime.store.reading() as connection:
        link = (await find_link(connection, wish.reader_id, wish.asin)).fields
        known = await place_there(connection, runtime.account_id, wish.asin)
    now = dt_util.utcnow()
    runtime_ms = book.runtime_ms
    place_ms = wish.start_ms
    if place_ms is None:
        place_ms = await resume_place(
            hass, wish.entry, link, runtime_ms, now, back_ms=wish.back_ms
        )
    speaker = Speaker(hass, wish.player)
    form = form_for(
        speaker.platform,
        wanted=wish.audio_format,
        speed=wish.speed,
        start_ms=place_ms,
        can_seek=speaker.can_seek,
    )
    return Session(
        entry_id=wish.entry.entry_id,
        account_id=runtime.account_id,
        reader_id=wish.reader_id,
        asin=wish.asin,
        title=link.audible_title,
        player=wish.player,
        place_ms=place_ms,
        place_at=now,
        since=now,
        form=form,
        runtime_ms=runtime_ms,
        seek_ms=place_ms if form.stream_ms(place_ms) else None,
        other_id=speaker.look.content_id,
        began_at=now,
        known_ms=known.position_ms if known is not None else None,
        written_ms=place_ms,
        written_at=now,
        sleep=wish.sleep,
    )


async def resume_place(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    link: LinkFields,
    runtime_ms: int | None,
    now: datetime,
    *,
    back_ms: int | None = None,
) -> int:
    """Return where a reader goes on; a title that was heard out begins anew."""
    place_ms = link.last_position_ms or 0
    if runtime_ms is not None and place_ms > runtime_ms - _AT_END_MS:
        return 0
    at = link.last_position_at
    return resume_ms(
        place_ms,
        await async_chapters(hass, entry, link.asin),
        paused=timedelta(0) if at is None else now - at,
        back_ms=back_ms,
    )
