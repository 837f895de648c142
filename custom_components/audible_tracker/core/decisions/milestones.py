"""Pure: what a reader's figures of today tell: a streak at risk, a goal reached."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, tzinfo
from typing import Any, Final

from ..stats import Streaks
from ..store.records import AccountId, ReaderId, TrackerEvent
from ..sync.tracker_events import EventType, NewEventId
from .goals import GoalState

RISK_FROM: Final = time(20)
"""From then on a day without listening puts a streak at risk."""

STREAK_DAYS: Final = 2
"""A shorter one is no streak that anybody would miss."""


def milestones_of(
    account_id: AccountId,
    reader_id: ReaderId,
    streaks: Streaks,
    goals: Iterable[GoalState],
    *,
    now: datetime,
    time_zone: tzinfo,
    new_event_id: NewEventId,
    first_on: date,
) -> tuple[TrackerEvent, ...]:
    """Return what is to be told today; the store leaves out what was told before.

    ``first_on`` is the day of the account's first sync, which is a baseline: a streak
    that it brought along is not at risk on that day.
    """

    def event(
        event_type: EventType, once: str, data: Mapping[str, Any]
    ) -> TrackerEvent:
        return TrackerEvent(
            event_id=new_event_id(),
            event_type=event_type,
            account_id=account_id,
            reader_id=reader_id,
            asin=None,
            book_id=None,
            created_at=now,
            data=data,
            once_key=f"{event_type}:{reader_id}:{once}",
        )

    today = now.astimezone(time_zone).date()
    found = []
    if today != first_on and _is_at_risk(streaks, now=now, time_zone=time_zone):
        data = {
            "streak_days": streaks.current_days,
            "longest_days": streaks.longest_days,
        }
        found.append(event(EventType.STREAK_AT_RISK, today.isoformat(), data))
    for state in goals:
        goal, progress = state.goal, state.progress
        if not progress.is_reached or not goal.starts_on <= today <= goal.ends_on:
            continue
        values: dict[str, Any] = {
            "kind": goal.kind.value,
            "target": goal.target,
            "starts_on": goal.starts_on.isoformat(),
            "ends_on": goal.ends_on.isoformat(),
        }
        once = ":".join(str(value) for value in values.values())
        data = values | {"done": round(progress.done, 1)}
        found.append(event(EventType.GOAL_REACHED, once, data))
    return tuple(found)


def _is_at_risk(streaks: Streaks, *, now: datetime, time_zone: tzinfo) -> bool:
    """Tell whether a streak ends with today if nothing is heard any more."""
    local = now.astimezone(time_zone)
    is_late = local.time() >= RISK_FROM
    is_streak = streaks.current_days >= STREAK_DAYS
    return is_late and is_streak and streaks.last_on != local.date()
