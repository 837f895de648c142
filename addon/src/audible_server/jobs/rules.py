"""What may be downloaded, when, and what is removed again: the owner's choices."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from audible_core.errors import DailyLimitError
from audible_core.models import Asin

from audible_server.jobs.worker import LaterError
from audible_server.store.job import Job
from audible_server.store.jobs import JobStore
from audible_server.store.made_files import LAST_SHARE, LAST_WORDS_MS


class Policy(StrEnum):
    """Which titles are downloaded without being asked for one by one."""

    DEMAND = "demand"
    NEW = "new"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Rules:
    """The owner's choices; 0 means without a limit.

    ``per_day`` downloads are begun in a day, the newest ``keep_newest`` stay.
    """

    policy: Policy = Policy.DEMAND
    per_day: int = 0
    keep_newest: int = 0
    removes_finished: bool = False


async def check_day(rules: Rules, jobs: JobStore, job: Job) -> None:
    """Raise LaterError if as many others as are allowed were begun today before it."""
    if not rules.per_day:
        return
    now = datetime.now().astimezone()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since_ms = int(today.timestamp() * 1000)
    begun = await jobs.count_begun_before(job, since_ms=since_ms)
    if begun >= rules.per_day:
        wait = today + timedelta(days=1) - now
        raise LaterError(wait.total_seconds(), DailyLimitError(limit=rules.per_day))


def is_at_end(position_ms: int, runtime_ms: int | None) -> bool:
    """Tell whether a title was heard to its end, or to the last words about it.

    That is its last hundredth, a minute at most.
    """
    if not runtime_ms:
        return False
    return runtime_ms - position_ms <= min(LAST_WORDS_MS, runtime_ms // LAST_SHARE)


def is_new_purchase(listed_at: int | None, baseline_at: int | None) -> bool:
    """Tell whether a title came after the first look at its account's library."""
    return listed_at is not None and baseline_at is not None and listed_at > baseline_at


def asins_wanted(
    policy: Policy, listed: dict[Asin, int | None], baseline_at: int | None
) -> list[Asin]:
    """Return which titles of which nothing is here are to be downloaded by themselves.

    ``listed`` tells when each was first seen in the library.
    """
    match policy:
        case Policy.DEMAND:
            return []
        case Policy.NEW:
            return [
                asin for asin, at in listed.items() if is_new_purchase(at, baseline_at)
            ]
        case Policy.ALL:
            return list(listed)
