"""What is heard on a speaker goes into the tracker, and to Audible if that is on."""

from collections.abc import Sequence
from datetime import datetime

from homeassistant.core import HomeAssistant

from ..account_entry import options_of
from ..at_home import async_tell, judge_of
from ..const import CONF_WRITES_BACK, DOMAIN, LOGGER
from ..coordinator import AudibleConfigEntry
from ..core.decisions.hearing import hear_at_home
from ..core.errors import TrackerError
from ..core.models import Chapter, Position
from ..core.playing.session import Session
from ..core.store.records import ReaderId
from ..core.sync.hearing import HeardHere
from ..core.sync.look import Playing
from .audio import async_chapters
from .questions import async_look


async def async_write(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    session: Session,
    *,
    is_rest: bool,
    is_finished: bool = False,
) -> None:
    """Write a place down, and tell what it reaches.

    A place at rest is told to Audible at once, if that is on.
    """
    runtime = entry.runtime_data
    writes_back = bool(options_of(entry)[CONF_WRITES_BACK])
    try:
        chapters = await async_chapters(hass, entry, session.asin)
        heard = _heard(session, chapters, is_over=is_finished)
        async with runtime.store.transaction() as connection:
            told = await hear_at_home(
                connection,
                runtime.account_id,
                ReaderId(session.reader_id),
                heard,
                judge_of(entry),
                known=_known(session),
                writes_back=writes_back,
            )
        await async_tell(entry, told)
    except TrackerError as err:
        LOGGER.warning("A place heard on %s is not kept: %s", session.player, err)
        return
    if is_rest and writes_back:
        entry.async_create_background_task(
            hass, _async_send(hass, entry), f"{DOMAIN} write-back"
        )
    else:
        await async_look(hass, entry)


def _heard(
    session: Session, chapters: Sequence[Chapter], *, is_over: bool
) -> HeardHere:
    began_at = session.began_at or session.since
    playing = Playing(
        key=f"{session.player}:{began_at.isoformat()}", since=began_at, is_over=is_over
    )
    place = Position(session.asin, session.place_ms, _stored_at(session.place_at))
    return HeardHere(place, playing, chapters, session.runtime_ms)


def _known(session: Session) -> Position | None:
    if session.known_ms is None or session.began_at is None:
        return None
    return Position(session.asin, session.known_ms, session.began_at)


def _stored_at(at: datetime) -> datetime:
    """Return an instant in whole milliseconds: databases are to know it again."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


async def _async_send(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    try:
        await entry.runtime_data.sync.send_positions()
        await async_look(hass, entry)
    except TrackerError as err:
        # It is in the log of syncs, and waits in the queue.
        LOGGER.debug("A place is not told to Audible yet: %s", err.key)
