"""What is heard on a speaker goes into the tracker, and to Audible if that is on."""

from datetime import datetime

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..account_entry import options_of, rules_of
from ..const import CONF_WRITES_BACK, DOMAIN, LOGGER
from ..coordinator import AudibleConfigEntry
from ..core.decisions.hearing import hear_at_home
from ..core.decisions.home_events import HeardHere, tell_heard
from ..core.decisions.links import find_link
from ..core.errors import TrackerError
from ..core.models import Position
from ..core.playing.session import Session
from ..core.store.history import load_furthest
from ..core.store.records import AccountId, ReaderId, TrackerEvent
from ..core.store.titles import load_some_titles
from ..core.sync.event_ids import EventIds
from ..core.sync.event_teller import EventTeller
from ..core.sync.rules import Heard, is_at_end
from ..core.sync.tracker_events import EventMaker
from .audio import async_chapters
from .questions import async_look

_NEW_EVENT_ID = EventIds()


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
        told = await _async_hear(
            hass,
            entry,
            session,
            writes_back=writes_back,
            is_finished=is_finished or (is_rest and _is_at_end(entry, session)),
        )
        teller = EventTeller(
            runtime.store,
            AccountId(session.account_id),
            runtime.household.tell,
            dt_util.utcnow,
        )
        await teller.tell(told)
        await runtime.coordinator.async_show()
    except TrackerError as err:
        LOGGER.warning("A place heard on %s is not kept: %s", session.player, err)
        return
    if is_rest and writes_back:
        entry.async_create_background_task(
            hass, _async_send(hass, entry), f"{DOMAIN} write-back"
        )
    else:
        await async_look(hass, entry)


async def _async_hear(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    session: Session,
    *,
    writes_back: bool,
    is_finished: bool,
) -> tuple[TrackerEvent, ...]:
    """Write a place down in one transaction with what it tells."""
    store = entry.runtime_data.store
    account_id = AccountId(session.account_id)
    chapters = await async_chapters(hass, entry, session.asin)
    now = dt_util.utcnow()
    began_at = session.began_at or session.since
    async with store.transaction() as connection:
        reader_id = ReaderId(session.reader_id)
        before = await find_link(connection, reader_id, session.asin)
        furthest = await load_furthest(connection, [before.link_id])
        is_news = await hear_at_home(
            connection,
            account_id,
            reader_id,
            Position(session.asin, session.place_ms, _stored_at(session.place_at)),
            known=_known(session),
            began_at=began_at,
            writes_back=writes_back,
            now=now,
        )
        titles = await load_some_titles(connection, account_id, (session.asin,))
        if not titles or not (is_news or is_finished):
            return ()
        heard = HeardHere(
            titles[0],
            chapters,
            furthest_ms=furthest.get(before.link_id, 0),
            session_key=f"{session.player}:{began_at.isoformat()}",
            today=now.astimezone(store.time_zone).date(),
            actor=session.player,
        )
        maker = EventMaker(account_id, now, _NEW_EVENT_ID)
        return await tell_heard(
            connection,
            maker,
            heard,
            before,
            session.place_ms,
            is_finished=is_finished,
        )


def _is_at_end(entry: AudibleConfigEntry, session: Session) -> bool:
    """Tell whether what is left is so little that the title counts as heard."""
    heard = Heard(position_ms=session.place_ms)
    return is_at_end(heard, session.runtime_ms, rules_of(entry))


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
