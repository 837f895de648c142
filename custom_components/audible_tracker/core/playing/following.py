"""What a state of a speaker means for the title that is heard on it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from .session import Phase, Session

STARTS_WITHIN: Final = timedelta(seconds=30)
"""A speaker that was asked and is not heard by then does not play it."""

ANNOUNCED_WITHIN: Final = timedelta(minutes=2)
"""What is over by then was an announcement: the title goes on after it."""

FORGOTTEN_AFTER: Final = timedelta(minutes=10)
"""A speaker that plays something else for so long plays that, and no title."""

RESTS_FOR: Final = timedelta(hours=12)
"""So long a title that rests is still the one that goes on."""

WRITTEN_EVERY: Final = timedelta(minutes=1)

_AT_END_MS: Final = 5_000
_ELSEWHERE_MS: Final = 60_000
_SAME_PLACE_MS: Final = 1_000
_SOUGHT_WITHIN: Final = timedelta(seconds=15)
_SOUGHT_MS: Final = 10_000


class PlayerState(StrEnum):
    """What a speaker does."""

    PLAYING = "playing"
    BUFFERING = "buffering"
    PAUSED = "paused"
    IDLE = "idle"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class PlayerLook:
    """A speaker as Home Assistant sees it; None means that it does not say.

    ``position_ms`` is the place in the stream, true at ``position_at``.
    """

    state: PlayerState
    content_id: str | None = None
    position_ms: int | None = None
    position_at: datetime | None = None


class Step(StrEnum):
    """What is to be done after a look."""

    SEEK = "seek"
    RESUME = "resume"
    WRITE = "write"
    END = "end"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Seen:
    """A session after a look, and what is to be done."""

    session: Session
    steps: frozenset[Step] = frozenset()


def observe(session: Session, look: PlayerLook, now: datetime) -> Seen:
    """Follow a speaker: from its state alone, whoever has changed it."""
    if look.state is PlayerState.AWAY:
        return _away(session, now)
    if _is_ours(session, look, now):
        return _ours(session, look, now)
    return _other(session, look, now)


def is_marked(content_id: str | None, session: Session) -> bool:
    """Tell whether a speaker names the session's title by our address."""
    return content_id is not None and f"/{session.asin}" in content_id


def wrote(session: Session, place_ms: int, now: datetime) -> Session:
    """Return the session whose place the ledger knows by now."""
    return replace(session, written_ms=place_ms, written_at=now)


def unwritten(session: Session, now: datetime) -> Session | None:
    """Return the session at the place that is still to be written; None without one.

    A title that rests is where it is since it came to rest, not since now: whoever has
    listened elsewhere meanwhile is further.
    """
    at = now if session.is_live else session.since
    here = replace(session, place_ms=session.place_now(now), place_at=at)
    return here if session.phase is not Phase.STARTING and _has_moved(here) else None


def is_passed(session: Session, place_ms: int | None, at: datetime | None) -> bool:
    """Tell whether the reader is elsewhere by now than where a title rests.

    ``place_ms`` is what the ledger knows, since ``at``. A minute is no move.
    """
    is_at_rest = session.phase in (Phase.PAUSED, Phase.INTERRUPTED, Phase.AWAY)
    if place_ms is None or at is None or session.is_heard or not is_at_rest:
        return False
    is_newer = at > (session.written_at or session.since)
    return is_newer and abs(place_ms - session.place_ms) > _ELSEWHERE_MS


def _is_ours(session: Session, look: PlayerLook, now: datetime) -> bool:
    content_id = look.content_id
    is_first = session.phase is Phase.STARTING
    if is_first and content_id is not None and content_id == session.other_id:
        # The same title anew, or still what was played before it was asked.
        is_new = look.position_at is not None and look.position_at >= session.since
        return is_new and is_marked(content_id, session)
    if content_id is None:
        return _is_nameless_ours(session, look, now)
    if is_marked(content_id, session):
        return True
    if session.content_id is not None:
        return content_id == session.content_id
    # A speaker with names of its own: the first new one after it was asked is ours.
    return is_first


def _is_nameless_ours(session: Session, look: PlayerLook, now: datetime) -> bool:
    """Tell whether a speaker that names nothing plays the title.

    While it plays nothing can be told apart. After a rest the place tells: the title
    goes on where it rested, if it was not we who asked the speaker to go on.
    """
    if session.phase is Phase.INTERRUPTED:
        return False
    is_away = session.phase is Phase.AWAY
    plays = look.state is PlayerState.PLAYING
    if not is_away and not (plays and session.phase is Phase.PAUSED):
        return True
    if session.asked_at is not None and now - session.asked_at <= STARTS_WITHIN:
        return True
    # What was away may have played on.
    passed = now - session.place_at if is_away else timedelta(0)
    told_ms = _told_ms(session, look, now)
    if told_ms is None:
        has_just_played = session.was_playing and passed <= ANNOUNCED_WITHIN
        return not plays or (is_away and has_just_played)
    passed_ms = passed / timedelta(milliseconds=1) * session.form.speed
    return -_SOUGHT_MS <= told_ms - session.place_ms <= passed_ms + _SOUGHT_MS


def _ours(session: Session, look: PlayerLook, now: datetime) -> Seen:
    match look.state:
        case PlayerState.PLAYING:
            return _plays(session, look, now)
        case PlayerState.PAUSED:
            if session.phase is Phase.STARTING:
                return _wait(session, now)
            return _stops(_at_look(session, look, now), now)
        case PlayerState.BUFFERING:
            return Seen(session)
        case _:
            return _idles(session, now)


def _plays(session: Session, look: PlayerLook, now: datetime) -> Seen:
    named = replace(session, content_id=look.content_id or session.content_id)
    is_first = session.phase is Phase.STARTING
    moved = _at_look(named, look, now)
    if session.phase is not Phase.PLAYING:
        moved = replace(
            moved, phase=Phase.PLAYING, since=now, was_playing=True, asked_at=None
        )
        if is_first:
            moved = replace(moved, place_at=now)
    steps: set[Step] = set()
    if is_first and moved.seek_ms is not None:
        steps.add(Step.SEEK)
    return _with_write(moved, now, steps)


def _at_look(session: Session, look: PlayerLook, now: datetime) -> Session:
    """Return the session at the place that the speaker tells, else as time passes."""
    place_ms = _told_ms(session, look, now)
    if session.seek_ms is not None:
        if session.phase is Phase.STARTING:
            return session
        is_there = place_ms is not None and abs(place_ms - session.place_now(now)) <= (
            _SOUGHT_MS
        )
        if not is_there and now - session.since < _SOUGHT_WITHIN:
            # What it told before it had sought says nothing of the place.
            return session
        session = replace(session, seek_ms=None)
    if place_ms is None:
        place_ms = session.place_now(now)
    return replace(session, place_ms=place_ms, place_at=now)


def _told_ms(session: Session, look: PlayerLook, now: datetime) -> int | None:
    if look.position_ms is None:
        return None
    stream_ms: float = look.position_ms
    if look.position_at is not None:
        if session.phase in (Phase.STARTING, Phase.INTERRUPTED) and (
            look.position_at < session.since
        ):
            # It is the place of what was played before.
            return None
        if look.state is PlayerState.PLAYING:
            passed = max(timedelta(0), now - look.position_at)
            stream_ms += passed / timedelta(milliseconds=1)
    place_ms = session.form.book_ms(stream_ms)
    return place_ms if session.runtime_ms is None else min(place_ms, session.runtime_ms)


def _idles(session: Session, now: datetime) -> Seen:
    """Take what stopped as heard to its end, as to go on, or as a pause."""
    if session.phase is Phase.STARTING:
        return _wait(session, now)
    if session.phase is Phase.INTERRUPTED:
        return _is_over(session, now)
    if session.is_live and _is_at_end(session, now):
        end = replace(session, place_ms=session.runtime_ms or 0, place_at=now)
        return Seen(
            replace(end, phase=Phase.PAUSED, since=now),
            frozenset({Step.WRITE, Step.FINISH, Step.END}),
        )
    return _stops(_frozen(session, now), now)


def _is_at_end(session: Session, now: datetime) -> bool:
    if session.runtime_ms is None:
        return False
    return session.runtime_ms - session.place_now(now) <= _AT_END_MS


def _is_over(session: Session, now: datetime) -> Seen:
    """Go on after an announcement; nothing goes on by itself after something longer."""
    rests = replace(session, phase=Phase.PAUSED, since=now)
    if session.was_playing and now - session.since <= ANNOUNCED_WITHIN:
        return Seen(rests, frozenset({Step.RESUME}))
    return Seen(replace(rests, since=session.since))


def _stops(session: Session, now: datetime) -> Seen:
    if session.phase is Phase.PAUSED:
        is_forgotten = now - session.since > RESTS_FOR
        return _with_write(session, now, {Step.END} if is_forgotten else set())
    paused = replace(
        session, phase=Phase.PAUSED, since=now, was_playing=False, seek_ms=None
    )
    return _with_write(paused, now)


def _other(session: Session, look: PlayerLook, now: datetime) -> Seen:
    if session.phase is Phase.STARTING:
        return _wait(session, now)
    if look.state in (PlayerState.PLAYING, PlayerState.BUFFERING):
        return _interrupted(session, now)
    if look.state is PlayerState.IDLE:
        return _idles(session, now)
    return _rests_on(session, now)


def _interrupted(session: Session, now: datetime) -> Seen:
    if session.phase is not Phase.INTERRUPTED:
        stopped = replace(
            _frozen(session, now),
            phase=Phase.INTERRUPTED,
            since=now,
            was_playing=session.is_live,
        )
        return _with_write(stopped, now)
    passed = now - session.since
    if passed > ANNOUNCED_WITHIN:
        session = replace(session, was_playing=False)
    return Seen(session, frozenset({Step.END} if passed > FORGOTTEN_AFTER else ()))


def _away(session: Session, now: datetime) -> Seen:
    if session.phase is Phase.AWAY:
        return _rests_on(session, now)
    if session.phase is Phase.STARTING:
        return _wait(session, now)
    gone = replace(
        _frozen(session, now),
        phase=Phase.AWAY,
        since=now,
        was_playing=session.is_live,
    )
    return _with_write(gone, now)


def _rests_on(session: Session, now: datetime) -> Seen:
    is_forgotten = now - session.since > RESTS_FOR
    return Seen(session, frozenset({Step.END} if is_forgotten else ()))


def _wait(session: Session, now: datetime) -> Seen:
    is_late = now - session.since > STARTS_WITHIN
    return Seen(session, frozenset({Step.END} if is_late else ()))


def _frozen(session: Session, now: datetime) -> Session:
    """Return the session at the place where it stands now."""
    if not session.is_live:
        return session
    return replace(session, place_ms=session.place_now(now), place_at=now)


def _with_write(
    session: Session, now: datetime, steps: set[Step] | None = None
) -> Seen:
    """Write a place down when it rests, and once a minute while it moves."""
    found = set(steps or ())
    is_due = not session.is_live or (
        session.written_at is None or now - session.written_at >= WRITTEN_EVERY
    )
    if _has_moved(session) and is_due and session.seek_ms is None:
        found.add(Step.WRITE)
    return Seen(session, frozenset(found))


def _has_moved(session: Session) -> bool:
    """Tell whether the ledger does not know the place yet."""
    written_ms = session.written_ms
    return written_ms is None or abs(session.place_ms - written_ms) >= _SAME_PLACE_MS
