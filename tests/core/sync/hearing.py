"""A book that is heard at home to its end, and what is heard of it after that."""

from audible_core.kinds import ReadOutcome

from tests.core.sync.home import Home, novel
from tests.core.sync.paper import HOUR_MS, asin


async def look(
    home: Home,
    position_ms: int,
    *,
    is_finished: bool = False,
    is_poll: bool = False,
    **wait: float,
) -> None:
    """Hear up to a place until now, an hour if nothing is said, and look there."""
    home.clock.wait(**(wait or {"hours": 1}))
    runtime_ms = home.shop.titles[asin(1)].runtime_ms or 0
    home.shop.hear(position_ms)
    home.shop.change(
        1,
        percent_complete=100.0 * position_ms / runtime_ms,
        is_finished=is_finished,
        status_changed_at=home.clock(),
    )
    if is_poll:
        await home.engine.poll_positions()
    else:
        await home.engine.sync_library(is_automatic=True)


async def finished(
    home: Home, runtime_ms: int = 10 * HOUR_MS, *, rests_hours: float = 30 * 24
) -> int:
    """Hear a book to its end, and leave it for a month; return where the end is."""
    end_ms = runtime_ms - 30_000
    home.shop.add(novel(1, runtime_ms=runtime_ms))
    await home.sync()
    hours = runtime_ms / HOUR_MS
    await look(home, runtime_ms // 2, hours=hours)
    await look(home, end_ms, hours=hours, is_finished=True)
    assert [ReadOutcome.FINISHED] == await outcomes(home)
    if rests_hours:
        await home.sync(hours=rests_hours)
    return end_ms


async def outcomes(home: Home) -> list[ReadOutcome]:
    """Return what became of each pass, oldest first."""
    return [read.fields.outcome for read in await home.reads()]


async def passes(home: Home, outcome: ReadOutcome = ReadOutcome.FINISHED) -> int:
    """Return how many passes ended so."""
    return (await outcomes(home)).count(outcome)


async def assert_read_once(home: Home) -> None:
    """See that it is one read, and was told so once."""
    assert [ReadOutcome.FINISHED] == await outcomes(home)
    assert ["book_started", "book_finished"] == home.told_types
