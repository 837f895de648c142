"""The first sync of an account is where counting begins: it tells nothing."""

from datetime import date

from audible_core.kinds import BookStatus, DateSource, SyncStatus, SyncType
from audible_core.store.books import add_books
from audible_core.store.records import BookFields
from audible_core.sync.preview import FirstSyncPreview, preview_first_sync
from audible_core.sync.rules import Rules

from tests.core.store.heartbeat import heartbeat
from tests.core.sync.home import Home, novel, statements_sent
from tests.core.sync.paper import DAY, END_MS, HOUR_MS, MINUTE_MS, NOW, asin, title


def _library(home: Home) -> None:
    home.shop.add(
        novel(1, is_finished=True, status_changed_at=NOW - 400 * DAY),
        novel(
            2,
            percent_complete=40.0,
            status_changed_at=NOW - DAY,
        ),
        novel(3),
        novel(4, content_delivery_type="PodcastParent", content_type="Podcast"),
    )
    home.shop.hear(4 * HOUR_MS, 2, at=NOW - DAY)


async def test_first_sync_tells_nothing(home: Home) -> None:
    """Years of listening are no news to an automation."""
    _library(home)
    report = await home.sync()
    assert [] == home.told
    assert () == report.events
    assert [] == (await home.tables())["tracker_events"]


async def test_finished_backlog_becomes_finished_books_of_unknown_date(
    home: Home,
) -> None:
    """Audible's time of the last status change is no finish date."""
    _library(home)
    await home.sync()
    book = await home.book(1)
    (read,) = [
        read.fields for read in await home.reads() if read.fields.finished_source
    ]
    assert (BookStatus.FINISHED, None, DateSource.UNKNOWN) == (
        book.status,
        book.finished_on,
        book.finished_source,
    )
    assert (None, DateSource.UNKNOWN, None) == (
        read.finished_on,
        read.finished_source,
        read.finished_at,
    )


async def test_what_is_under_way_shows_where_it_stands(home: Home) -> None:
    """Status, place and percentage are there after the first sync; no start date is."""
    _library(home)
    await home.sync()
    under_way, untouched = await home.book(2), await home.book(3)
    assert (BookStatus.READING, 4 * HOUR_MS, 40.0, None) == (
        under_way.status,
        under_way.current_position_ms,
        under_way.percent_complete,
        under_way.started_on,
    )
    assert (BookStatus.TO_READ, None) == (
        untouched.status,
        untouched.current_position_ms,
    )


async def test_first_sync_leaves_one_log_row_with_counts(home: Home) -> None:
    """Four titles, of which the podcast is no book."""
    _library(home)
    report = await home.sync()
    (log,) = await home.logs()
    assert report.log == log
    assert (SyncType.LIBRARY, SyncStatus.SUCCESS, None) == (
        log.sync_type,
        log.status,
        log.error_key,
    )
    assert (4, 4, 0, 0, 3, 3, 0) == (
        log.titles_seen,
        log.titles_new,
        log.titles_changed,
        log.titles_removed,
        log.books_made,
        log.links_made,
        log.conflicts_made,
    )


async def test_first_sync_is_noted_at_the_account(home: Home) -> None:
    """One request for the library and one for the positions."""
    _library(home)
    await home.sync()
    account = await home.account()
    assert (home.clock(), 2, date(2026, 11, 20), home.shop.state_token) == (
        account.last_sync_at,
        account.sync_count_today,
        account.sync_count_on,
        account.state_token,
    )
    assert {"library": 1, "positions": 1} == dict(home.shop.requests)


async def test_library_that_a_sign_in_fetched_is_not_asked_for_again(
    home: Home,
) -> None:
    """The first sync of a new account uses what its preview was made from."""
    _library(home)
    library = await home.shop.fetch_library()
    await home.engine.sync_library(is_automatic=True, library=library)
    assert 1 == home.shop.requests["library"]
    assert 4 == (await home.logs())[0].titles_new


async def test_more_titles_than_fit_in_one_request_are_counted_as_more(
    home: Home,
) -> None:
    """A first sync asks for the places of a hundred titles, 25 at a time."""
    home.shop.add(*(title(number, percent_complete=1.0) for number in range(1001)))
    await home.sync()
    assert {"library": 2, "positions": 4} == dict(home.shop.requests)
    assert 6 == (await home.account()).sync_count_today


async def test_unchanged_sync_costs_five_statements_and_one_log_row(
    home: Home,
) -> None:
    """Nothing else is written."""
    _library(home)
    await home.sync()
    before = await home.tables()
    home.clock.wait(hours=1)
    with statements_sent(home.store) as sent:
        await home.engine.sync_library(is_automatic=True)
    after = await home.tables()
    assert len(sent) <= 5, sent
    changed = {name for name, rows in after.items() if rows != before[name]}
    assert {"audible_config", "audible_sync_logs"} == changed
    assert 2 == len(after["audible_sync_logs"])


async def test_finish_that_nobody_saw_is_not_told_when_its_place_comes_late(
    home: Home,
) -> None:
    """Which places are asked for first must not make news of the past."""
    home.shop.add(*(title(number, percent_complete=1.0) for number in range(1, 102)))
    last = home.shop.titles[asin(101)]
    home.shop.hear(END_MS, 101, at=NOW - 30 * DAY)
    await home.sync()
    assert last.asin not in home.shop.asked_places[0]
    home.shop.change(101, percent_complete=2.0)
    await home.sync()
    assert last.asin in home.shop.asked_places[-1]
    assert [] == home.told
    book = await home.book(101)
    assert (BookStatus.FINISHED, None) == (book.status, book.finished_on)


async def test_preview_counts_what_a_first_sync_would_make(home: Home) -> None:
    """One book is in the tracker already; nothing is written."""
    _library(home)
    await home.add_book(runtime_ms=10 * HOUR_MS)
    before = await home.tables()
    preview = await preview_first_sync(
        home.store,
        tuple(home.shop.titles.values()),
        reader_id=home.reader_id,
        rules=Rules(),
        now=home.clock(),
    )
    expected = FirstSyncPreview(
        titles=4,
        books=3,
        not_books=1,
        finished=1,
        under_way=1,
        joined=1,
        created=2,
        conflicts=0,
    )
    assert expected == preview
    assert before == await home.tables()
    report = await home.sync()
    assert (preview.created, preview.created + preview.joined, preview.conflicts) == (
        report.log.books_made,
        report.log.links_made,
        report.log.conflicts_made,
    )


async def test_preview_for_somebody_new_creates_all_books(home: Home) -> None:
    """Another reader's books are not theirs."""
    _library(home)
    await home.add_book()
    preview = await preview_first_sync(
        home.store,
        tuple(home.shop.titles.values()),
        reader_id=None,
        rules=Rules(creates_books=False),
        now=home.clock(),
    )
    assert (0, 0, 3) == (preview.joined, preview.created, preview.conflicts)


async def test_first_sync_of_a_big_library_does_not_hold_the_event_loop(
    home: Home,
) -> None:
    """Home Assistant goes on while 2,000 titles meet 2,000 books."""
    names = [f"The Keeper of Harbor {number}" for number in range(2000)]
    books = [BookFields(home.reader_id, name, authors=("Jane Roe",)) for name in names]
    async with home.store.transaction() as connection:
        await add_books(connection, books, now=home.clock())
    home.shop.add(
        *(
            title(number, title=name, percent_complete=float(number % 100))
            for number, name in enumerate(names)
        )
    )
    for number in range(2000):
        home.shop.hear(number * MINUTE_MS // 4, number, at=NOW - DAY)
    with heartbeat() as beats:
        await home.sync()
    assert beats.longest_block_ms < 50
    (log,) = await home.logs()
    assert (2000, 2000) == (log.titles_new, log.links_made + log.conflicts_made)
    assert 0 == log.books_made
