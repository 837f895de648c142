"""Pure: what one look at a title does to the passes through it, whoever tells of it."""

from datetime import datetime, tzinfo

from ..store.records import Read
from .look import Look
from .passes import (
    PassChange,
    Standing,
    Turn,
    finish_day,
    is_flagged,
    is_flagged_again,
    reread_of,
    start_day,
    turn_of,
)
from .rules import HeardAgain, Rules, may_be_over


def pass_change(
    look: Look,
    read: Read | None,
    standing: Standing,
    rules: Rules,
    *,
    synced_at: datetime | None,
    now: datetime,
    time_zone: tzinfo,
) -> PassChange:
    """Return what becomes of the passes.

    ``synced_at`` is the last sync before this one: where a sync looks, the title had
    stood where it was until then.
    """
    playing = look.playing
    looked_at = synced_at if playing is None else playing.since
    again = reread_of(look, read, standing, rules, looked_at=looked_at)
    if playing is None:
        flagged = is_flagged(look, read, now=now, time_zone=time_zone)
        is_over = flagged and is_flagged_again(look, again, rules)
    else:
        flagged = False
        is_over = playing.is_over and _may_be_heard_out(look, again, rules)
    turn = turn_of(
        standing,
        look.before,
        look.now,
        look.title.runtime_ms,
        rules,
        is_flagged=is_over,
        again=again,
        looked_at=looked_at,
    )
    if turn is Turn.WHOLE and read is None and standing is Standing.FINISHED:
        # The book was finished elsewhere; this title jumped to its end.
        turn = Turn.NONE
    return PassChange(
        read=read,
        standing=standing,
        turn=turn,
        start=start_day(
            look,
            standing,
            again,
            whole_since=looked_at if turn is Turn.WHOLE else None,
            time_zone=time_zone,
        ),
        finish=finish_day(
            look,
            read,
            is_flagged=flagged and is_over,
            looked_at=looked_at,
            synced_at=now,
            time_zone=time_zone,
        ),
        again=again,
    )


def _may_be_heard_out(look: Look, again: HeardAgain, rules: Rules) -> bool:
    """Tell whether a player that came to the end can have played all of a re-read."""
    at = look.now.at
    if again.since is None or at is None:
        return True
    return may_be_over(again.since, at, look.title.runtime_ms, rules)
