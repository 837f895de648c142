"""A reader's figures of today, worked out anew only once something has changed."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from ..models import Asin
from ..stats import Streaks, Totals, pace_ms_per_day, totals_of
from ..store.finished import load_finished_asins
from ..store.reader_marks import ReaderMark, load_reader_mark
from ..store.reads import count_finished
from ..store.records import ReaderId
from .goals import GoalState, load_goal_states
from .statistics import load_listened, load_streaks


@dataclass(frozen=True, slots=True)
class ReaderFigures:
    """What a reader has heard and finished up to and with ``today``.

    ``listened`` is None for who has no account of their own, and heard nothing at home.
    """

    today: date
    listened: Totals | None
    streaks: Streaks
    pace_ms_per_day: float | None
    finished: int
    finished_this_year: int
    goals: tuple[GoalState, ...]
    finished_asins: frozenset[Asin] = frozenset()


async def load_figures(
    connection: AsyncConnection,
    reader_id: ReaderId,
    *,
    now: datetime,
    time_zone: tzinfo,
) -> ReaderFigures:
    """Return a reader's figures; weeks begin on Monday."""
    today = now.astimezone(time_zone).date()
    listened, is_known = await load_listened(connection, reader_id)
    finished, this_year = await count_finished(
        connection, reader_id, first=today.replace(month=1, day=1), last=today
    )
    return ReaderFigures(
        today=today,
        listened=totals_of(listened, today=today) if is_known else None,
        streaks=await load_streaks(
            connection, reader_id, listened, now=now, time_zone=time_zone
        ),
        pace_ms_per_day=pace_ms_per_day(listened, today=today),
        finished=finished,
        finished_this_year=this_year,
        goals=await load_goal_states(
            connection, reader_id, today=today, listened=listened
        ),
        finished_asins=await load_finished_asins(connection, reader_id),
    )


class KeptFigures:
    """Keeps the figures of readers for as long as nothing of theirs has changed."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._kept: dict[ReaderId, tuple[ReaderMark, ReaderFigures]] = {}

    async def load(
        self,
        connection: AsyncConnection,
        reader_id: ReaderId,
        *,
        now: datetime,
        time_zone: tzinfo,
    ) -> ReaderFigures:
        """Return a reader's figures. One statement where they are the same still."""
        mark = await load_reader_mark(connection, reader_id)
        kept = self._kept.get(reader_id)
        today = now.astimezone(time_zone).date()
        if kept is not None and kept[0] == mark and kept[1].today == today:
            return kept[1]
        figures = await load_figures(
            connection, reader_id, now=now, time_zone=time_zone
        )
        self._kept[reader_id] = mark, figures
        return figures
