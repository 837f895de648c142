"""Actions on titles that are heard on a speaker of the house."""

from datetime import timedelta
from typing import Final
from uuid import uuid4

import probatio
from homeassistant.core import ServiceResponse
from homeassistant.util import dt as dt_util
from sqlalchemy.ext.asyncio import AsyncConnection

from ..at_home import async_tell, judge_of
from ..const import CONF_ASIN, CONF_READER
from ..coordinator import AudibleConfigEntry
from ..core.bookmark import Bookmark
from ..core.decisions.finishing import book_to_finish, finish_title
from ..core.decisions.links import find_link
from ..core.errors import (
    MissingValueError,
    NoChaptersError,
    NothingPlayingError,
    NothingUnderWayError,
    NotInStoreError,
)
from ..core.kinds import Source
from ..core.models import Asin, Chapter
from ..core.playing.choosing import (
    chapters_end_ms,
    next_chapter_ms,
    previous_chapter_ms,
)
from ..core.playing.session import (
    SPEED_MAX,
    SPEED_MIN,
    AudioFormat,
    Session,
    SleepTimer,
)
from ..core.store.bookmarks import save_bookmark
from ..core.store.readers import load_reader
from ..core.store.records import Reader, ReaderId
from ..playing.audio import async_chapters
from ..playing.sessions import sessions_of
from ..playing.starting import Wish
from .answers import Members, book_members, plain
from .beginning import (
    CONF_CHAPTER,
    CONF_FADE,
    CONF_FROM,
    CONF_POSITION,
    CONF_SLEEP_CHAPTERS,
    CONF_SLEEP_MINUTES,
    chapter_ms,
    check_wish,
    start_ms,
)
from .calls import ACCOUNT, ASIN, READER, Action, ActionCall, text, whole_number
from .players import (
    TARGET,
    async_session,
    async_sessions,
    named_players,
    reader_of_player,
    speaker_of,
)
from .positions import parse_position

_CONF_CHAPTERS: Final = "chapters"
_CONF_SPEED: Final = "speed"
_CONF_MINUTES: Final = "minutes"
_CONF_SECONDS: Final = "seconds"
_CONF_REWIND: Final = "rewind_seconds"
_CONF_FORMAT: Final = "format"
_CONF_NOTE: Final = "note"

_JUMPS: Final = (_CONF_SECONDS, _CONF_CHAPTERS, CONF_CHAPTER, CONF_POSITION)

_MS_PER_S: Final = 1_000
_DAY_S: Final = 24 * 3600
_FADE: Final = whole_number(0, 600)
_COUNT: Final = whole_number(1, 1000)


async def _async_play(action: ActionCall) -> ServiceResponse:
    """Let a speaker play a title, or what the reader is reading now."""
    check_wish(action.data)
    entry, reader_id, asin = await _async_wanted(action)
    chapters = await async_chapters(action.hass, entry, asin)
    rewind_s = action.data.get(_CONF_REWIND)
    wish = Wish(
        entry,
        reader_id,
        asin,
        speaker_of(action, reader_id),
        start_ms=start_ms(action.data, chapters, asin),
        back_ms=None if rewind_s is None else rewind_s * _MS_PER_S,
        speed=action.data.get(_CONF_SPEED, 1.0),
        audio_format=action.data.get(_CONF_FORMAT),
    )
    session = await sessions_of(action.hass).async_play(wish)
    minutes = action.data.get(CONF_SLEEP_MINUTES)
    count = action.data.get(CONF_SLEEP_CHAPTERS)
    if minutes or count:
        timer = await _async_timer(action, session, minutes, count)
        session = _timed(action, session, timer) or session
    return _members(session)


async def _async_wanted(
    action: ActionCall,
) -> tuple[AudibleConfigEntry, ReaderId, Asin]:
    """Return the title that is meant, whose it is, and the account that has it."""
    async with action.store.reading() as connection:
        if (asin := action.asin) is not None:
            link = (await action.async_title(connection, asin)).fields
            for entry in action.entries:
                if entry.runtime_data.account_id == link.account_id:
                    return entry, link.reader_id, asin
            raise NotInStoreError(what="title", number=asin)
        reader = await _async_listener(action, connection)
    heard = [
        (one.moved_at, entry, one.title.asin)
        for entry in action.entries
        for one in entry.runtime_data.coordinator.data.under_way
        if one.reader_id == reader.reader_id
    ]
    if not heard:
        raise NothingUnderWayError(reader=reader.name)
    _, entry, asin = max(heard, key=lambda one: one[0])
    return entry, reader.reader_id, asin


async def _async_listener(action: ActionCall, connection: AsyncConnection) -> Reader:
    """Return the reader who is named, by name or by their own media player."""
    if CONF_READER not in action.data:
        for player in named_players(action):
            if (reader_id := reader_of_player(action.hass, player)) is not None:
                await action.caller.async_check(reader_id)
                return await load_reader(connection, reader_id)
    return await action.async_reader(connection)


def _timed(
    action: ActionCall, session: Session, timer: SleepTimer | None
) -> Session | None:
    """Return the session with a timer; None if it has ended meanwhile."""
    return sessions_of(action.hass).change(session, sleep=timer)


async def _async_timer(
    action: ActionCall, session: Session, minutes: int | None, chapters: int | None
) -> SleepTimer:
    fade_s = action.data.get(CONF_FADE, 0)
    if chapters is None:
        now = dt_util.utcnow()
        return SleepTimer(now + timedelta(minutes=minutes or 0), None, fade_s)
    known = await _async_chapters_of(action, session)
    place_ms = session.place_now(dt_util.utcnow())
    return SleepTimer(None, chapters_end_ms(known, place_ms, chapters), fade_s)


async def _async_chapters_of(
    action: ActionCall, session: Session
) -> tuple[Chapter, ...]:
    """Return the chapters of what is heard; raise NoChaptersError without any."""
    entry = _entry_of(action, session)
    chapters = await async_chapters(action.hass, entry, session.asin)
    if not chapters:
        raise NoChaptersError(title=session.title)
    return chapters


def _entry_of(action: ActionCall, session: Session) -> AudibleConfigEntry:
    for entry in action.entries:
        if entry.entry_id == session.entry_id:
            return entry
    raise NothingPlayingError


async def _async_stop_after_chapter(action: ActionCall) -> ServiceResponse:
    """Let a speaker pause when the chapter is over."""
    session = await async_session(action)
    timer = await _async_timer(action, session, None, 1)
    return _members(_heard_still(_timed(action, session, timer)))


async def _async_sleep_timer(action: ActionCall) -> ServiceResponse:
    """Let a speaker pause after some minutes or chapters; 0 minutes end the timer."""
    session = await async_session(action)
    minutes = action.data.get(_CONF_MINUTES)
    chapters = action.data.get(_CONF_CHAPTERS)
    if (minutes is None) == (chapters is None):
        field = f"{_CONF_MINUTES}, {_CONF_CHAPTERS}"
        raise MissingValueError(field=field, allowed="one of the two")
    timer = None
    if minutes != 0:
        timer = await _async_timer(action, session, minutes, chapters)
    return _members(_heard_still(_timed(action, session, timer)))


def _heard_still(session: Session | None) -> Session:
    if session is None:
        raise NothingPlayingError
    return session


async def _async_bookmark(action: ActionCall) -> ServiceResponse:
    """Mark the place that is heard."""
    session = await async_session(action)
    mark = Bookmark(
        source=Source.USER,
        key=uuid4().hex,
        position_ms=session.place_now(action.now),
        note=action.data.get(_CONF_NOTE, ""),
        created_at=action.now,
        updated_at=action.now,
    )
    async with action.changing() as connection:
        link = await find_link(connection, ReaderId(session.reader_id), session.asin)
        await save_bookmark(connection, link.link_id, mark)
    return {
        **_members(session),
        "position_ms": mark.position_ms,
        "note": mark.note,
        "created_at": plain(mark.created_at),
    }


async def _async_jump(action: ActionCall) -> ServiceResponse:
    """Go back or ahead on a speaker, by seconds or by chapters, or to a place."""
    named = [one for one in _JUMPS if one in action.data]
    if len(named) != 1:
        raise MissingValueError(field=", ".join(_JUMPS), allowed="one of them")
    session = await async_session(action)
    place_ms = await _async_aim(action, session, named[0])
    entry, sessions = _entry_of(action, session), sessions_of(action.hass)
    return _members(await sessions.async_seek(entry, session, place_ms))


async def _async_aim(action: ActionCall, session: Session, by: str) -> int:
    value = action.data[by]
    place_ms = session.place_now(dt_util.utcnow())
    if by == CONF_POSITION:
        return parse_position(value)
    if by == _CONF_SECONDS:
        return max(0, place_ms + int(value) * _MS_PER_S)
    chapters = await _async_chapters_of(action, session)
    if by == CONF_CHAPTER:
        return chapter_ms(chapters, value, session.title)
    for _ in range(abs(value)):
        if value < 0:
            place_ms = previous_chapter_ms(chapters, place_ms)
        else:
            place_ms = next_chapter_ms(chapters, place_ms) or place_ms
    return place_ms


async def _async_move_to(action: ActionCall) -> ServiceResponse:
    """Let another speaker go on with what is heard."""
    sessions = sessions_of(action.hass)
    player = speaker_of(action, None)
    session = await _async_elsewhere(action, player)
    return _members(await sessions.async_move(session, player))


async def _async_elsewhere(action: ActionCall, player: str) -> Session:
    """Return what is heard elsewhere than on a speaker, by the named reader if any."""
    found = [one for one in await async_sessions(action) if one.player != player]
    if CONF_READER in action.data:
        async with action.store.reading() as connection:
            reader = await action.async_reader(connection)
        found = [one for one in found if one.reader_id == reader.reader_id]
    found = [one for one in found if one.is_live] or found
    if not found:
        raise NothingPlayingError
    if len({one.reader_id for one in found}) > 1:
        raise MissingValueError(field=CONF_READER, allowed="whose title it is")
    return found[0]


async def _async_mark_finished(action: ActionCall) -> ServiceResponse:
    """Say that what is heard, or a title, is finished; its speaker falls silent."""
    if CONF_ASIN in action.data:
        entry, reader_id, asin = await _async_wanted(action)
    else:
        session = await async_session(action)
        entry = _entry_of(action, session)
        reader_id, asin = ReaderId(session.reader_id), session.asin
    async with action.store.reading() as connection:
        book_to_finish(await find_link(connection, reader_id, asin))
    sessions = sessions_of(action.hass)
    heard = sessions.of_reader(reader_id)
    if heard is not None and heard.asin == asin:
        await sessions.async_end(heard)
    async with action.changing() as connection:
        book, told = await finish_title(
            connection,
            await find_link(connection, reader_id, asin),
            judge_of(entry).events,
            today=action.today,
            actor=await action.async_actor(),
        )
    await async_tell(entry, told)
    return book_members(book)


def _members(session: Session) -> Members:
    sleep = session.sleep
    return {
        "player": session.player,
        "asin": session.asin,
        "title": session.title,
        "state": session.phase.value,
        "position_ms": session.place_now(dt_util.utcnow()),
        "runtime_ms": session.runtime_ms,
        "speed": session.form.speed,
        "format": session.form.audio_format.value,
        "sleeps_at": plain(sleep.ends_at) if sleep else None,
        "sleeps_at_position_ms": sleep.ends_ms if sleep else None,
    }


_HEARD: Final = {**TARGET, **ACCOUNT, **READER}
"""What is heard: on a speaker, or by a reader."""

_SPEED: Final = probatio.All(
    probatio.Coerce(float), probatio.Range(min=SPEED_MIN, max=SPEED_MAX)
)

PLAY: Final = Action(
    _async_play,
    {
        **_HEARD,
        **ASIN,
        probatio.Optional(CONF_FROM): probatio.In(["place", "start", "chapter"]),
        probatio.Optional(CONF_POSITION): text,
        probatio.Optional(CONF_CHAPTER): _COUNT,
        probatio.Optional(_CONF_SPEED): _SPEED,
        probatio.Optional(CONF_SLEEP_MINUTES): whole_number(1, 24 * 60),
        probatio.Optional(CONF_SLEEP_CHAPTERS): _COUNT,
        probatio.Optional(CONF_FADE): _FADE,
        probatio.Optional(_CONF_REWIND): whole_number(0, 3600),
        probatio.Optional(_CONF_FORMAT): probatio.All(
            probatio.In([*AudioFormat]), AudioFormat
        ),
    },
)
STOP_AFTER_CHAPTER: Final = Action(
    _async_stop_after_chapter, {**_HEARD, probatio.Optional(CONF_FADE): _FADE}
)
SLEEP_TIMER: Final = Action(
    _async_sleep_timer,
    {
        **_HEARD,
        probatio.Optional(_CONF_MINUTES): whole_number(0, 24 * 60),
        probatio.Optional(_CONF_CHAPTERS): _COUNT,
        probatio.Optional(CONF_FADE): _FADE,
    },
)
BOOKMARK: Final = Action(
    _async_bookmark, {**_HEARD, probatio.Optional(_CONF_NOTE): text}
)
JUMP: Final = Action(
    _async_jump,
    {
        **_HEARD,
        probatio.Optional(_CONF_SECONDS): whole_number(-_DAY_S, _DAY_S),
        probatio.Optional(_CONF_CHAPTERS): whole_number(-1000, 1000),
        probatio.Optional(CONF_CHAPTER): _COUNT,
        probatio.Optional(CONF_POSITION): text,
    },
)
MOVE_TO: Final = Action(_async_move_to, _HEARD)
MARK_FINISHED: Final = Action(_async_mark_finished, {**_HEARD, **ASIN})
