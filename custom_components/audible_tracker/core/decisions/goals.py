"""Goals by hand: what a reader wants to reach, and where they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import InvalidValueError, NotInStoreError
from ..kinds import GoalKind
from ..stats import GoalProgress, goal_progress
from ..store.goals import delete_goal, load_goals, save_goal
from ..store.readers import load_reader
from ..store.reads import load_finished_reads
from ..store.records import Goal, ReaderId
from .journal import About, Action, note

_TARGET_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class GoalState:
    """A goal and where its reader stands with it today."""

    goal: Goal
    progress: GoalProgress


async def set_goal(
    connection: AsyncConnection,
    reader_id: ReaderId,
    kind: GoalKind,
    target: int,
    *,
    starts_on: date,
    ends_on: date,
    actor: str | None,
    now: datetime,
) -> Goal:
    """Set a goal for a stretch of days, both included, or its new target.

    Raises InvalidValueError for an end before the beginning, a target of less than
    one, and more listening days than there are days.
    """
    await load_reader(connection, reader_id)
    if ends_on < starts_on:
        allowed = f"from {starts_on} on"
        raise InvalidValueError(field="ends_on", value=str(ends_on), allowed=allowed)
    most = _TARGET_MAX
    if kind is GoalKind.DAYS:
        most = (ends_on - starts_on).days + 1
    if isinstance(target, bool) or not 1 <= target <= most:
        raise InvalidValueError(field="target", value=target, allowed=f"1 to {most}")
    goal = Goal(reader_id, kind, starts_on, ends_on, target)
    await save_goal(connection, goal, now=now)
    await _note(connection, Action.SET_GOAL, goal, actor=actor, now=now)
    return goal


async def clear_goal(
    connection: AsyncConnection,
    reader_id: ReaderId,
    kind: GoalKind,
    *,
    starts_on: date,
    ends_on: date,
    actor: str | None,
    now: datetime,
) -> Goal:
    """Give a goal up and return what it was; raise NotInStoreError if there is none."""
    for goal in await load_goals(connection, reader_id):
        if (goal.kind, goal.starts_on, goal.ends_on) == (kind, starts_on, ends_on):
            await delete_goal(connection, goal)
            await _note(connection, Action.CLEAR_GOAL, goal, actor=actor, now=now)
            return goal
    raise NotInStoreError(what="goal", number=f"{kind} {starts_on} to {ends_on}")


async def load_goal_states(
    connection: AsyncConnection,
    reader_id: ReaderId,
    *,
    today: date,
    listened: Mapping[date, int],
) -> tuple[GoalState, ...]:
    """Return a reader's goals, oldest first, and where they stand.

    ``listened`` is the reader's milliseconds per day (statistics.load_listened).
    """
    states = []
    for goal in await load_goals(connection, reader_id):
        reads = await load_finished_reads(
            connection, reader_id, first=goal.starts_on, last=goal.ends_on
        )
        fields = [read.fields for read in reads]
        progress = goal_progress(goal, today=today, listened=listened, reads=fields)
        states.append(GoalState(goal, progress))
    return tuple(states)


async def _note(
    connection: AsyncConnection,
    action: Action,
    goal: Goal,
    *,
    actor: str | None,
    now: datetime,
) -> None:
    data = {
        "kind": goal.kind.value,
        "starts_on": goal.starts_on.isoformat(),
        "ends_on": goal.ends_on.isoformat(),
        "target": goal.target,
    }
    about = About(goal.reader_id)
    await note(connection, action, about, actor=actor, now=now, data=data)
