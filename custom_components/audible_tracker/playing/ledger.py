"""What is heard on a speaker goes into the tracker, and to Audible if that is on."""

from datetime import datetime

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..account_entry import options_of
from ..const import CONF_WRITES_BACK, DOMAIN, LOGGER
from ..coordinator import AudibleConfigEntry
from ..core.decisions.books import set_book_status
from ..core.decisions.hearing import hear_at_home
from ..core.decisions.links import find_link
from ..core.errors import TrackerError
from ..core.kinds import BookStatus
from ..core.models import Position
from ..core.playing.session import Session
from ..core.store.books import load_book
from ..core.store.records import AccountId, ReaderId


async def async_write(
    hass: HomeAssistant, entry: AudibleConfigEntry, session: Session, *, is_rest: bool
) -> None:
    """Write a place down; a place at rest is told to Audible at once, if it is on."""
    runtime = entry.runtime_data
    writes_back = bool(options_of(entry)[CONF_WRITES_BACK])
    try:
        async with runtime.store.transaction() as connection:
            await hear_at_home(
                connection,
                AccountId(session.account_id),
                ReaderId(session.reader_id),
                Position(session.asin, session.place_ms, _stored_at(session.place_at)),
                known=_known(session),
                began_at=session.began_at or session.since,
                writes_back=writes_back,
                now=dt_util.utcnow(),
            )
        await runtime.coordinator.async_show()
    except TrackerError as err:
        LOGGER.warning("A place heard on %s is not kept: %s", session.player, err)
        return
    if is_rest and writes_back:
        entry.async_create_background_task(
            hass, _async_send(entry), f"{DOMAIN} write-back"
        )


async def async_finish(entry: AudibleConfigEntry, session: Session) -> None:
    """Note that a title was heard to its end: the book that it is, is finished."""
    now = dt_util.utcnow()
    store = entry.runtime_data.store
    try:
        async with store.transaction() as connection:
            reader_id = ReaderId(session.reader_id)
            link = await find_link(connection, reader_id, session.asin)
            book_id = link.fields.book_id
            if book_id is None:
                return
            book = await load_book(connection, book_id)
            if book.fields.status is not BookStatus.FINISHED:
                await set_book_status(
                    connection,
                    book_id,
                    BookStatus.FINISHED,
                    now.astimezone(store.time_zone).date(),
                    actor=session.player,
                    now=now,
                )
        await entry.runtime_data.coordinator.async_show()
    except TrackerError as err:
        LOGGER.warning("A book heard to its end is not finished: %s", err)


def _known(session: Session) -> Position | None:
    if session.known_ms is None or session.began_at is None:
        return None
    return Position(session.asin, session.known_ms, session.began_at)


def _stored_at(at: datetime) -> datetime:
    """Return an instant in whole milliseconds: databases are to know it again."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


async def _async_send(entry: AudibleConfigEntry) -> None:
    try:
        await entry.runtime_data.sync.send_positions()
    except TrackerError as err:
        # It is in the log of syncs, and waits in the queue.
        LOGGER.debug("A place is not told to Audible yet: %s", err.key)
