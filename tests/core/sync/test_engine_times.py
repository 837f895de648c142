"""Clocks that were wrong, and days that nobody knows."""

from datetime import date

from audible_core.decisions.positions import set_position
from audible_core.kinds import BookStatus, DateSource
from audible_core.store.position_writes import load_due_positions

from tests.core.sync.home import Home
from tests.core.sync.paper import END_MS, HOUR_MS, asin


async def _set_place(home: Home, position_ms: int) -> None:
    async with home.store.transaction() as connection:
        await set_position(
            connection,
            home.reader_id,
            asin(1),
            position_ms,
            writes_back=True,
            actor=None,
            now=home.clock(),
        )


async def test_place_that_a_wrong_clock_noted_silences_no_title(followed: Home) -> None:
    """It was set a year ahead; what is heard now is newer all the same."""
    followed.clock.wait(days=365)
    await _set_place(followed, HOUR_MS)
    followed.clock.wait(days=-365)
    followed.clock.wait(hours=1)
    followed.shop.hear(2 * HOUR_MS)
    await followed.sync()
    assert 2 * HOUR_MS == (await followed.link()).last_position_ms


async def test_place_that_a_wrong_clock_noted_stays_until_another_is_heard(
    followed: Home,
) -> None:
    """It is where the reader said."""
    followed.clock.wait(days=365)
    await _set_place(followed, HOUR_MS)
    followed.clock.wait(days=-365)
    followed.shop.change(1, publisher="Another House")
    await followed.sync()
    assert HOUR_MS == (await followed.link()).last_position_ms


async def test_place_in_the_queue_of_a_wrong_clock_is_replaced(followed: Home) -> None:
    """Else nothing that is set today would be told for a year."""
    followed.clock.wait(days=365)
    await _set_place(followed, HOUR_MS)
    followed.clock.wait(days=-365)
    await _set_place(followed, 2 * HOUR_MS)
    async with followed.store.reading() as connection:
        (write,) = await load_due_positions(
            connection, followed.account_id, now=followed.clock()
        )
    assert 2 * HOUR_MS == write.position_ms


async def test_pass_that_a_wrong_clock_noted_is_finished_today(followed: Home) -> None:
    """The flag is no older than a pass that begins in a year."""
    followed.clock.wait(hours=1)
    followed.shop.hear(HOUR_MS)
    followed.clock.wait(days=365)
    await followed.engine.sync_library(is_automatic=True)
    followed.clock.wait(days=-365)
    followed.clock.wait(hours=1)
    followed.shop.change(
        1, percent_complete=90.0, is_finished=True, status_changed_at=followed.clock()
    )
    await followed.sync()
    assert BookStatus.FINISHED == (await followed.book()).status


async def test_place_and_percentage_of_a_title_agree(followed: Home) -> None:
    """Where the library says more and the place was not asked for."""
    followed.clock.wait(hours=1)
    followed.shop.hear(2 * HOUR_MS)
    await followed.sync()
    await followed.set_sync(minutes=1440)
    await followed.poll()
    followed.shop.hear(3 * HOUR_MS)
    for publisher in ("One House", "Another House"):
        followed.shop.change(
            1,
            percent_complete=30.0,
            status_changed_at=followed.shop.places[asin(1)].updated_at,
            publisher=publisher,
        )
        await followed.sync()
    link, book = await followed.link(), await followed.book()
    assert (2 * HOUR_MS, 20.0) == (link.last_position_ms, link.last_percentage)
    assert (2 * HOUR_MS, 20.0) == (book.current_position_ms, book.percent_complete)
    said = [(entry.position_ms, entry.percentage) for entry in await followed.ledger()]
    # The first row is of the book that was finished before.
    assert [(2 * HOUR_MS, 20.0), (None, 30.0)] == said[1:]


async def test_finish_without_a_time_has_the_day_of_the_sync(followed: Home) -> None:
    """Where somebody looked the day before."""
    followed.shop.change(1, percent_complete=100.0, is_finished=True)
    await followed.sync(days=1)
    book = await followed.book()
    assert (date(2026, 11, 21), DateSource.STATUS) == (
        book.finished_on,
        book.finished_source,
    )


async def test_finish_without_a_time_after_months_has_no_day(followed: Home) -> None:
    """It may have been on any day since; it is told all the same."""
    followed.shop.change(1, percent_complete=100.0, is_finished=True)
    await followed.sync(days=60)
    book = await followed.book()
    assert (BookStatus.FINISHED, None, DateSource.UNKNOWN) == (
        book.status,
        book.finished_on,
        book.finished_source,
    )
    assert ["book_started", "book_finished"] == followed.told_types


async def test_place_at_the_end_after_months_has_its_own_day(followed: Home) -> None:
    """Audible says when it came there."""
    followed.clock.wait(days=20)
    followed.shop.hear(END_MS)
    await followed.sync(days=40)
    assert date(2026, 12, 10) == (await followed.book()).finished_on
