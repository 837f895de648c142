"""Pure: whether a place heard at home is told to Audible, and whether that worked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..models import Position
from ..store.position_records import PositionWrite

APART_MS: Final = 60_000
"""Two places further apart than this are a question, nearer ones are one place."""

_SAME_MS: Final = 1_000
_SHOWS_WITHIN: Final = timedelta(seconds=10)


class WriteAction(StrEnum):
    """What becomes of a place that waits to be told."""

    SEND = "send"
    DROP = "drop"
    ASK = "ask"


class WriteReason(StrEnum):
    """Why."""

    OURS_IS_NEWER = "ours_is_newer"
    NOTHING_THERE = "nothing_there"
    NO_PLACE = "no_place"
    SAME_PLACE = "same_place"
    THEIRS_IS_NEWER = "theirs_is_newer"
    BOTH_MOVED = "both_moved"


@dataclass(frozen=True, slots=True)
class WriteDecision:
    """What to do; ``position_ms`` is what to send, or ours of the two to ask about."""

    action: WriteAction
    reason: WriteReason
    position_ms: int


def decide_write(
    write: PositionWrite,
    remote: Position | None,
    *,
    known: Position | None,
    is_ours: bool,
    runtime_ms: int | None,
    now: datetime,
) -> WriteDecision:
    """Decide on one waiting place, with what Audible has just answered (``remote``).

    ``known`` is the place at Audible when listening at home began: if it has moved
    since, somebody listened elsewhere too. Never older over newer, and never over what
    is more than a minute away from both: then a person is asked. Audible compares
    nothing itself, so this comes right before writing.

    With ``is_ours`` what Audible has was told from here before this place was heard: it
    is nobody else's, whenever it arrived.
    """
    ours_ms = write.position_ms
    if runtime_ms is not None:
        # Whether Audible takes a place past the end is unknown.
        ours_ms = min(ours_ms, runtime_ms)
    if ours_ms <= 0:
        return WriteDecision(WriteAction.DROP, WriteReason.NO_PLACE, ours_ms)
    if remote is None:
        return WriteDecision(WriteAction.SEND, WriteReason.NOTHING_THERE, ours_ms)
    apart_ms = abs(remote.position_ms - ours_ms)
    if apart_ms <= _SAME_MS:
        return WriteDecision(WriteAction.DROP, WriteReason.SAME_PLACE, ours_ms)
    if not is_ours and remote.updated_at >= min(write.heard_at, now):
        action = WriteAction.ASK if apart_ms > APART_MS else WriteAction.DROP
        return WriteDecision(action, WriteReason.THEIRS_IS_NEWER, ours_ms)
    if not is_ours and apart_ms > APART_MS and _moved_elsewhere(remote, known):
        return WriteDecision(WriteAction.ASK, WriteReason.BOTH_MOVED, ours_ms)
    return WriteDecision(WriteAction.SEND, WriteReason.OURS_IS_NEWER, ours_ms)


def _moved_elsewhere(remote: Position, known: Position | None) -> bool:
    return known is not None and abs(remote.position_ms - known.position_ms) > APART_MS


def is_heard_elsewhere(
    there: Position, here: Position, *, known: Position | None, since: datetime
) -> bool:
    """Tell whether a title was heard at Audible while it was heard at home.

    ``known`` is Audible's place when that began. Within a minute of it, or of the place
    at home, it is the same listening.
    """
    if (
        there.updated_at <= since
        or abs(there.position_ms - here.position_ms) <= APART_MS
    ):
        return False
    return known is None or _moved_elsewhere(there, known)


class WriteOutcome(StrEnum):
    """What reading back says of a write."""

    WRITTEN = "written"
    OVERTAKEN = "overtaken"
    NOT_YET = "not_yet"
    WRONG_ACR = "wrong_acr"
    GIVE_UP = "give_up"


def judge_write(
    sent_ms: int,
    found: Position | None,
    *,
    before: Position | None,
    since_write: timedelta,
    has_fresh_acr: bool,
) -> WriteOutcome:
    """Return whether a written place has arrived.

    Audible says yes to a wrong ``acr`` too and shows nothing, and a right one takes
    seconds. So: wait, then ask for the ``acr`` anew and write again, once. Whoever
    listens on meanwhile moves the place on from where it stood ``before``: ours has
    arrived, or is no news any more.
    """
    if found is not None and abs(found.position_ms - sent_ms) <= _SAME_MS:
        return WriteOutcome.WRITTEN
    if found is not None and _has_moved_on(before, found):
        return WriteOutcome.OVERTAKEN
    if since_write < _SHOWS_WITHIN:
        return WriteOutcome.NOT_YET
    return WriteOutcome.GIVE_UP if has_fresh_acr else WriteOutcome.WRONG_ACR


def _has_moved_on(before: Position | None, found: Position) -> bool:
    if before is None:
        return True
    apart_ms = abs(found.position_ms - before.position_ms)
    return found.updated_at > before.updated_at and apart_ms > _SAME_MS
