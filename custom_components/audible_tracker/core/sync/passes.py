"""Pure: single passes through a book: when one begins, when it ends, on which day."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from ..kinds import BookStatus, DateSource, ReadOutcome, Source
from ..store.records import Read, ReadFields
from .look import Look
from .rules import (
    NOT_HEARD_AGAIN,
    Heard,
    HeardAgain,
    Rules,
    has_moved,
    has_reached_end,
    has_risen,
    heard_again,
    is_at_end,
    is_heard_out,
    is_listened,
    is_restart,
    is_started,
    may_be_over,
)

_GUESSED_WITHIN: Final = timedelta(days=2)
"""What happened between two looks that are further apart happened on no known day."""
_HEARD: Final = (Source.AUDIBLE, Source.PLAYER)
_LEFT_AT_END: Final = timedelta(hours=36)
"""Who goes back sooner has slept, or looks for where the story was lost."""


class Turn(StrEnum):
    """What a sync does to the passes through one book."""

    NONE = "none"
    BEGIN = "begin"
    FINISH = "finish"
    WHOLE = "whole"
    """A pass that was begun and finished between two looks."""


class Standing(StrEnum):
    """How the newest pass stands before a sync."""

    NONE = "none"
    UNDER_WAY = "under_way"
    FINISHED = "finished"
    STOPPED = "stopped"


def standing_of(
    read: Read | None, before: Heard, book_status: BookStatus | None
) -> Standing:
    """Return how the newest pass stands.

    A book that its reader calls finished has been read, also where no pass of it is
    stored: nothing is counted twice.
    """
    if read is not None:
        outcome = read.fields.outcome
        if outcome is ReadOutcome.UNDER_WAY:
            return Standing.UNDER_WAY
        if outcome is ReadOutcome.FINISHED:
            return Standing.FINISHED
        return Standing.STOPPED
    if book_status is BookStatus.DID_NOT_FINISH:
        return Standing.STOPPED
    if before.is_finished is True or book_status is BookStatus.FINISHED:
        return Standing.FINISHED
    return Standing.NONE


def is_flagged(
    look: Look, read: Read | None, *, now: datetime, time_zone: tzinfo
) -> bool:
    """Tell whether Audible began to call the title finished, and means this pass.

    The flag falls and rises again with the time of the pass before: that does not end
    one that a person or listening has begun since, and finishes nothing twice.
    """
    if not has_risen(look.before, look.now):
        return False
    changed_at = look.title.status_changed_at
    since = look.linking.fields.listening_since
    if since is not None and changed_at is not None and changed_at <= since:
        # It is the finish of whoever had the title before.
        return False
    return read is None or _is_of_pass(read, changed_at, now, time_zone)


def _is_of_pass(
    read: Read, changed_at: datetime | None, now: datetime, time_zone: tzinfo
) -> bool:
    fields, began_on = read.fields, _begun_on(read)
    if read.created_at > now:
        # A clock that was ahead has noted it: nothing of today is later.
        began_on = None
    if changed_at is None:
        return fields.outcome is not ReadOutcome.FINISHED
    if fields.outcome is ReadOutcome.FINISHED:
        over_at = fields.finished_at or read.created_at
        return changed_at > over_at or over_at > now
    if fields.outcome is not ReadOutcome.UNDER_WAY:
        return True
    if began_on and changed_at.astimezone(time_zone).date() < began_on:
        return False
    # What came from elsewhere, or was found under way, began before it was stored.
    is_older = fields.source is Source.IMPORT or (
        fields.source in _HEARD and fields.started_on is None
    )
    return is_older or changed_at > read.created_at or read.created_at > now


def is_flagged_again(look: Look, again: HeardAgain, rules: Rules) -> bool:
    """Tell whether a flag that rises may mean the pass that is a re-read, if it is one.

    Only one of which Audible says when it rose, and not too soon to have heard it.
    """
    if again.since is None:
        return True
    at = look.title.status_changed_at
    return at is not None and may_be_over(again.since, at, look.title.runtime_ms, rules)


def turn_of(
    standing: Standing,
    before: Heard,
    now: Heard,
    runtime_ms: int | None,
    rules: Rules,
    *,
    is_flagged: bool,
    again: HeardAgain = NOT_HEARD_AGAIN,
    looked_at: datetime | None = None,
) -> Turn:
    """Return what happens to the passes.

    A pass is finished once: by the flag when it rises, or at the credits. A flag that
    falls back or a rewind changes nothing any more; only who hears the title again
    finishes it again, and then the flag that rises anew counts, too, but no leap to
    the credits.
    """
    if again.since is None:
        reached = has_reached_end(before, now, runtime_ms, rules)
    else:
        reached = is_heard_out(before, now, runtime_ms, rules, looked_at=looked_at)
    ends = is_flagged or reached
    match standing:
        case Standing.NONE:
            if ends:
                return Turn.WHOLE
            # A place that was known before begins nothing: it was another reader's,
            # or a person has deleted the pass that it had begun.
            is_begun = is_started(now) and has_moved(before, now)
            return Turn.BEGIN if is_begun else Turn.NONE
        case Standing.UNDER_WAY:
            # Who takes over a title in its credits has not heard it.
            is_heard = reached and not is_at_end(before, runtime_ms, rules)
            return Turn.FINISH if is_heard or is_flagged else Turn.NONE
        case Standing.FINISHED:
            is_again = again.is_enough
        case Standing.STOPPED:
            is_again = is_listened(before, now, runtime_ms, rules)
    if not is_again:
        return Turn.NONE
    return Turn.WHOLE if ends else Turn.BEGIN


def reread_of(
    look: Look,
    read: Read | None,
    standing: Standing,
    rules: Rules,
    *,
    looked_at: datetime | None,
) -> HeardAgain:
    """Return since when a title that was finished is heard from its start again.

    That a pass under way is a re-read is known as long as it lasts.
    """
    restarted = look.linking.fields.restarted_at
    if standing is Standing.UNDER_WAY:
        return HeardAgain(restarted)
    if standing is not Standing.FINISHED:
        return NOT_HEARD_AGAIN
    if not has_moved(look.before, look.now):
        return HeardAgain(restarted)
    runtime_ms, at = look.title.runtime_ms, look.now.at
    over_at = _over_at(read, at)
    again = heard_again(
        look.before,
        look.now,
        runtime_ms,
        rules,
        restarted_at=restarted,
        over_at=over_at,
        looked_at=looked_at,
    )
    if look.is_beside_place and not again.is_enough:
        # The place is the one of before, and so is what was heard from there.
        return HeardAgain(restarted)
    if again.since is not None or at is None:
        return again
    is_left = over_at is None or at - over_at >= _LEFT_AT_END
    is_back = is_restart(look.before, look.now, runtime_ms, rules, looked_at=looked_at)
    return HeardAgain(at if is_left and is_back else None)


def _over_at(read: Read | None, now: datetime | None) -> datetime | None:
    """Return when a pass was over, or noted so; not where a clock was ahead."""
    if read is None or now is None:
        return None
    at = read.fields.finished_at or read.updated_at
    return at if at <= now else None


@dataclass(frozen=True, slots=True)
class Day:
    """A day and what it rests on; ``at`` is the instant where that is known."""

    on: date | None
    source: DateSource
    at: datetime | None = None


UNKNOWN_DAY = Day(None, DateSource.UNKNOWN)


@dataclass(frozen=True, slots=True)
class PassChange:
    """What a sync does to the passes through one book, and from where."""

    read: Read | None
    standing: Standing
    turn: Turn
    start: Day
    finish: Day
    again: HeardAgain = NOT_HEARD_AGAIN

    @property
    def restarted_at(self) -> datetime | None:
        """Return since when it is heard again, if it is from now on."""
        return None if self.ends else self.again.since

    @property
    def begins(self) -> bool:
        """Tell whether a new pass begins."""
        return self.turn in (Turn.BEGIN, Turn.WHOLE)

    @property
    def ends(self) -> bool:
        """Tell whether a pass is finished."""
        return self.turn in (Turn.FINISH, Turn.WHOLE)


def start_day(
    look: Look,
    standing: Standing,
    again: HeardAgain,
    *,
    whole_since: datetime | None,
    time_zone: tzinfo,
) -> Day:
    """Return when a pass began: known only if it was seen not to have begun before.

    A re-read began when the title was back at its start. A pass that was begun and
    finished since the last look (``whole_since``) began on the day of that or later.
    """
    was_idle = standing is not Standing.NONE or not is_started(look.before)
    restarted = again.since if again.is_enough else None
    at = restarted or look.now.at
    if not look.is_watched or not was_idle or at is None:
        return UNKNOWN_DAY
    on = at.astimezone(time_zone).date()
    if restarted is None and whole_since is not None:
        # Nobody saw it begin: only where all of it was on one day, that is known.
        on_one_day = whole_since.astimezone(time_zone).date() == on
        return Day(on, DateSource.HEARD, at) if on_one_day else UNKNOWN_DAY
    return Day(on, DateSource.HEARD, at)


def finish_day(
    look: Look,
    read: Read | None,
    *,
    is_flagged: bool,
    looked_at: datetime | None,
    synced_at: datetime,
    time_zone: tzinfo,
) -> Day:
    """Return when a pass was finished, if that was seen; never before it began.

    Audible's time of the last status change is no finish date, for it moves with each
    listening; but where the title was seen unfinished before, it is. Where that time
    lacks it was the day of the sync, if somebody looked shortly before (``looked_at``).
    """
    since = look.watched_since
    if since is None:
        return UNKNOWN_DAY
    at = look.title.status_changed_at if is_flagged else look.now.at
    if at is None or not since < at <= synced_at:
        if looked_at is None or synced_at - looked_at > _GUESSED_WITHIN:
            return UNKNOWN_DAY
        at = synced_at
    source = DateSource.STATUS if is_flagged else DateSource.HEARD
    on = at.astimezone(time_zone).date()
    began_on = _begun_on(read)
    if began_on is not None and on < began_on:
        return UNKNOWN_DAY
    return Day(on, source, at)


def _begun_on(read: Read | None) -> date | None:
    """Return when the pass that is under way began, if that is known."""
    if read is None or read.fields.outcome is not ReadOutcome.UNDER_WAY:
        return None
    return read.fields.started_on


def is_under_way_again(
    look: Look, finished_on: date | None, *, time_zone: tzinfo
) -> bool:
    """Tell whether a title joins a book that was read before, in the middle of it.

    The book was finished on a day that somebody knows, and it was heard after that.
    """
    if not look.is_first or not look.joins_book or finished_on is None:
        return False
    at = look.now.at
    is_open = is_started(look.now) and look.now.is_finished is not True
    if not is_open or at is None:
        return False
    return (at.astimezone(time_zone).date() - finished_on).days > 1


def new_read(look: Look, start: Day) -> ReadFields:
    """Return a pass that has begun; its link and book are filled in when it is kept."""
    return ReadFields(
        reader_id=look.linking.fields.reader_id,
        book_id=None,
        link_id=None,
        outcome=ReadOutcome.UNDER_WAY,
        started_on=start.on,
        started_source=start.source,
        source=look.source,
    )


def finished_read(fields: ReadFields, finish: Day) -> ReadFields:
    """Return a pass that is over."""
    return replace(
        fields,
        outcome=ReadOutcome.FINISHED,
        finished_on=finish.on,
        finished_source=finish.source,
        finished_at=finish.at,
    )
