"""What is asked between library syncs: places, purchases, names, single titles."""

from datetime import date, timedelta

import pytest
from audible_core.decisions.links import set_sync_enabled
from audible_core.errors import (
    AudibleConnectionError,
    AudibleResponseError,
    SyncTooSoonError,
    TitleNotFollowedError,
)
from audible_core.kinds import BookStatus, SyncStatus, SyncType

from tests.core.sync.home import NAMES, Home, novel
from tests.core.sync.paper import DAY, END_MS, HOUR_MS, MINUTE_MS, NOW, asin


@pytest.fixture
async def listening(followed: Home) -> Home:
    """Give an account with one title under way."""
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    followed.shop.requests.clear()
    return followed


# --- places -------------------------------------------------------------------


async def test_poll_follows_a_title_under_way(listening: Home) -> None:
    """With a log row, a ledger row that names the poll, and the book's place."""
    listening.shop.hear(2 * HOUR_MS, at=NOW + timedelta(hours=2))
    report = await listening.poll()
    assert report is not None
    log = (await listening.logs())[0]
    assert (SyncType.POSITIONS, SyncStatus.SUCCESS, 1) == (
        log.sync_type,
        log.status,
        log.positions_moved,
    )
    moved = (await listening.ledger())[-1]
    assert (2 * HOUR_MS, 20.0, report.sync_log_id, NOW + timedelta(hours=2)) == (
        moved.position_ms,
        moved.percentage,
        moved.sync_log_id,
        moved.heard_at,
    )
    book = await listening.book()
    assert (2 * HOUR_MS, 20.0) == (book.current_position_ms, book.percent_complete)


async def test_poll_that_finds_nothing_new_is_only_counted(listening: Home) -> None:
    """It leaves no log row, and one row is written, however many titles are asked."""
    before = await listening.tables()
    count = (await listening.account()).sync_count_today
    report = await listening.poll()
    assert report is not None
    assert None is report.sync_log_id
    after = await listening.tables()
    changed = {name for name, rows in after.items() if rows != before[name]}
    assert ({"audible_config"}, 1) == (changed, len(after["audible_config"]))
    assert count + 1 == (await listening.account()).sync_count_today
    assert {"positions": 1} == dict(listening.shop.requests)


async def test_no_title_is_polled_twice_in_a_minute(listening: Home) -> None:
    """Whoever starts the poll, also after a restart."""
    await listening.poll()
    for _ in range(3):
        assert None is await listening.poll(seconds=15)
        await listening.restart()
    assert 1 == listening.shop.requests["positions"]
    await listening.poll(seconds=15)
    assert 2 == listening.shop.requests["positions"]


async def test_what_happened_while_a_title_was_off_is_seen_afterwards(
    listening: Home,
) -> None:
    """Though the library has not changed since; on the day on which it happened."""
    await _switch(listening, enabled=False)
    listening.clock.wait(days=1)
    listening.shop.hear(END_MS)
    listening.shop.change(
        1,
        percent_complete=99.9,
        is_finished=True,
        status_changed_at=listening.clock(),
    )
    await listening.sync()
    listening.clock.wait(days=3)
    await listening.sync()
    assert BookStatus.READING == (await listening.book()).status
    await _switch(listening, enabled=True)
    report = await listening.sync()
    book = await listening.book()
    assert (BookStatus.FINISHED, date(2026, 11, 21)) == (book.status, book.finished_on)
    assert 1 == report.log.titles_changed
    assert 0 == (await listening.sync()).log.titles_changed


async def _switch(home: Home, *, enabled: bool) -> None:
    async with home.store.transaction() as connection:
        await set_sync_enabled(
            connection, home.reader_id, asin(1), enabled, actor=None, now=home.clock()
        )


async def test_nothing_under_way_asks_nothing(followed: Home) -> None:
    """A home where nobody listens makes no noise."""
    followed.shop.requests.clear()
    before = await followed.tables()
    assert None is await followed.poll()
    assert {} == dict(followed.shop.requests)
    assert before == await followed.tables()


async def test_title_that_rests_is_not_followed_any_more(listening: Home) -> None:
    """After three months; a library sync finds it again when it moves."""
    listening.clock.wait(days=91)
    assert None is await listening.poll()
    listening.shop.hear(2 * HOUR_MS)
    await listening.sync()
    assert None is not await listening.poll()


async def test_title_with_an_interval_of_its_own_is_asked_that_often(
    listening: Home,
) -> None:
    """Also after a restart, and also by library syncs."""
    await listening.set_sync(minutes=120)
    listening.shop.hear(2 * HOUR_MS)
    await listening.poll()
    assert 2 * HOUR_MS == (await listening.link()).last_position_ms
    listening.shop.hear(3 * HOUR_MS)
    listening.shop.requests.clear()
    await listening.restart()
    assert None is await listening.poll(minutes=59)
    await listening.sync(minutes=60)
    assert asin(1) not in listening.shop.asked_places[-1]
    assert 2 * HOUR_MS == (await listening.link()).last_position_ms
    await listening.poll(minutes=1)
    assert 3 * HOUR_MS == (await listening.link()).last_position_ms


async def test_title_whose_sync_is_off_is_not_followed(listening: Home) -> None:
    """Neither its place nor what the library says of it."""
    await listening.set_sync(enabled=False)
    ledger = await listening.ledger()
    listening.shop.hear(2 * HOUR_MS)
    listening.shop.change(1, is_finished=True, status_changed_at=listening.clock())
    assert None is await listening.poll()
    await listening.sync()
    assert asin(1) not in listening.shop.asked_places[-1]
    assert ledger == await listening.ledger()
    assert BookStatus.READING == (await listening.book()).status
    with pytest.raises(TitleNotFollowedError):
        await listening.engine.sync_title(asin(1))


# --- purchases ----------------------------------------------------------------


async def test_purchase_appears_between_library_syncs(followed: Home) -> None:
    """As a title that is not begun, with its book, and is told."""
    followed.shop.add(novel(4))
    followed.clock.wait(minutes=15)
    report = await followed.engine.look_for_purchases()
    assert report is not None
    assert (SyncType.DELTA, 1) == (report.log.sync_type, report.log.titles_new)
    assert ["title_added"] == followed.told_types
    assert BookStatus.TO_READ == (await followed.book(4)).status
    account = await followed.account()
    assert (followed.shop.state_token, 3) == (
        account.state_token,
        account.sync_count_today,
    )
    await followed.sync()
    assert ["title_added"] == followed.told_types


async def test_purchases_are_not_looked_for_more_often_than_every_15_minutes(
    followed: Home,
) -> None:
    """Counted from whatever looked last; a look that found nothing is only counted."""
    followed.clock.wait(minutes=14)
    assert None is await followed.engine.look_for_purchases()
    followed.clock.wait(minutes=1)
    before = await followed.tables()
    await followed.engine.look_for_purchases()
    after = await followed.tables()
    changed = {name for name, rows in after.items() if rows != before[name]}
    assert {"audible_config"} == changed
    followed.clock.wait(minutes=14)
    assert None is await followed.engine.look_for_purchases()
    assert 1 == followed.shop.requests["delta"]


async def test_restart_does_not_look_for_purchases_early(followed: Home) -> None:
    """When it was last asked is stored, also where that failed."""
    followed.clock.wait(minutes=15)
    followed.shop.refuse("delta", AudibleConnectionError(reason="timeout"))
    with pytest.raises(AudibleConnectionError):
        await followed.engine.look_for_purchases()
    for _ in range(2):
        await followed.restart()
        followed.clock.wait(minutes=7)
        assert None is await followed.engine.look_for_purchases()
    followed.clock.wait(minutes=1)
    assert None is not await followed.engine.look_for_purchases()
    assert 2 == followed.shop.requests["delta"]


async def test_token_that_audible_refuses_is_not_shown_again(followed: Home) -> None:
    """The next library brings another one, and with it such looks begin again."""
    followed.clock.wait(minutes=15)
    followed.shop.refuse("delta", AudibleResponseError(field="status 400"))
    with pytest.raises(AudibleResponseError):
        await followed.engine.look_for_purchases()
    followed.clock.wait(minutes=16)
    assert None is await followed.engine.look_for_purchases()
    assert 1 == followed.shop.requests["delta"]
    await followed.sync()
    followed.clock.wait(minutes=16)
    assert None is not await followed.engine.look_for_purchases()


async def test_title_that_audible_took_back_is_marked(followed: Home) -> None:
    """Its history stays, and it is told why it is gone."""
    followed.shop.remove(2)
    followed.clock.wait(minutes=15)
    await followed.engine.look_for_purchases()
    assert followed.clock() == (await followed.link(2)).removed_at
    (told,) = followed.told
    assert ("title_unavailable", "returned") == (told.event_type, told.data["reason"])
    assert None is not (await followed.link(2)).book_id


@pytest.mark.parametrize("shows_progress", [False, True])
async def test_progress_in_such_a_look_is_not_believed(
    followed: Home, *, shows_progress: bool
) -> None:
    """Whether Audible shows it there is unknown, and a zero would be a lie."""
    followed.shop.change(1, percent_complete=50.0, status_changed_at=NOW)
    await followed.sync()
    followed.shop.delta_shows_progress = shows_progress
    links = (await followed.tables())["audible_book_mappings"]
    followed.shop.change(1, percent_complete=60.0)
    followed.clock.wait(minutes=15)
    await followed.engine.look_for_purchases()
    assert links == (await followed.tables())["audible_book_mappings"]
    assert followed.shop.state_token == (await followed.account()).state_token


async def test_title_that_is_back_keeps_what_was_heard_of_it(followed: Home) -> None:
    """A look that shows no progress does not put it back to the beginning."""
    followed.shop.change(1, percent_complete=50.0, status_changed_at=NOW)
    await followed.sync()
    kept = followed.shop.titles[asin(1)]
    followed.shop.remove(1)
    await followed.sync()
    ledger = await followed.ledger()
    followed.shop.add(kept)
    followed.clock.wait(minutes=15)
    await followed.engine.look_for_purchases()
    assert "title_available" == followed.told_types[-1]
    assert (50.0, None) == (
        (await followed.link()).last_percentage,
        (await followed.link()).removed_at,
    )
    await followed.sync()
    assert ledger == await followed.ledger()


async def test_account_that_was_never_synced_is_not_looked_at(home: Home) -> None:
    """There is nothing to start from."""
    assert None is await home.engine.look_for_purchases()
    assert {} == dict(home.shop.requests)


# --- names --------------------------------------------------------------------


async def test_titles_without_a_name_are_asked_again_five_at_a_time(
    home: Home,
) -> None:
    """The rest at the next sync; until then they are no books and no conflicts."""
    numbers = range(1, 8)
    home.shop.add(*map(novel, numbers))
    home.shop.hollow = {asin(number) for number in numbers}
    await home.sync()
    assert (5, 6) == (
        home.shop.requests["title"],
        (await home.account()).sync_count_today - home.shop.requests["positions"],
    )
    books = await home.books()
    assert (5, 0) == (len(books), len(await home.conflicts()))
    assert asin(7) == (await home.link(7)).audible_title
    await home.sync()
    assert 7 == home.shop.requests["title"]
    assert {*NAMES[1:8]} == {book.title for book in await home.books()}
    assert NAMES[7] == (await home.link(7)).audible_title


async def test_title_that_lost_its_name_keeps_what_was_known(followed: Home) -> None:
    """A hollow answer is no news, but the progress in it is."""
    followed.shop.change(1, percent_complete=30.0, status_changed_at=NOW)
    followed.shop.hollow = {asin(number) for number in (1, 2, 3)}
    followed.shop.names_come_back = False
    await followed.sync()
    assert NAMES[1] == (await followed.link(1)).audible_title
    assert 30.0 == (await followed.link(1)).last_percentage
    assert {*NAMES[1:4]} == {book.title for book in await followed.books()}


# --- one title ----------------------------------------------------------------


async def test_one_title_is_asked_about_by_hand(followed: Home) -> None:
    """Right after a library sync, too; the rest of the library stays as it was."""
    followed.shop.hear(HOUR_MS)
    followed.shop.hear(HOUR_MS, 2)
    followed.shop.change(1, percent_complete=9.0)
    followed.clock.wait(minutes=1)
    requests = (await followed.account()).sync_count_today
    report = await followed.engine.sync_title(asin(1))
    assert None is not report.sync_log_id
    assert (HOUR_MS, None) == (
        (await followed.link(1)).last_position_ms,
        (await followed.link(2)).last_position_ms,
    )
    assert requests + 2 == (await followed.account()).sync_count_today
    assert 1 == followed.shop.requests["library"]


async def test_one_title_is_asked_about_once_a_minute(followed: Home) -> None:
    """Another one may be asked about at once."""
    await followed.engine.sync_title(asin(1))
    followed.clock.wait(seconds=59)
    with pytest.raises(SyncTooSoonError) as caught:
        await followed.engine.sync_title(asin(1))
    assert followed.clock() + timedelta(seconds=1) == caught.value.until
    await followed.engine.sync_title(asin(2))
    followed.clock.wait(seconds=1)
    await followed.engine.sync_title(asin(1))


async def test_title_that_is_not_in_the_library_is_refused(followed: Home) -> None:
    """The question is counted."""
    requests = (await followed.account()).sync_count_today
    with pytest.raises(TitleNotFollowedError):
        await followed.engine.sync_title(asin(99))
    assert requests + 1 == (await followed.account()).sync_count_today


# --- recordings ---------------------------------------------------------------


async def test_chapters_are_asked_for_once_for_titles_under_way(
    listening: Home,
) -> None:
    """Each costs a request, so that few are asked for at a time."""
    listening.shop.record(1, "acr-1")
    listening.shop.hear(5 * MINUTE_MS, 2)
    await listening.poll()
    await listening.sync()
    listening.shop.requests.clear()
    assert 1 == await listening.engine.ask_recordings(at_most=1)
    assert 1 == await listening.engine.ask_recordings(at_most=1)
    assert 0 == await listening.engine.ask_recordings(at_most=1)
    assert {"metadata": 2} == dict(listening.shop.requests)


async def test_place_of_a_day_ago_is_no_news_today(listening: Home) -> None:
    """Answers may cross: an older place never replaces a newer one."""
    listening.shop.hear(5 * MINUTE_MS, at=NOW - DAY)
    before = await listening.link()
    await listening.poll()
    assert before == await listening.link()
