"""Nothing is finished twice, and nothing of the past is told as news."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from audible_core.kinds import BookStatus, ReadOutcome, Source
from audible_core.store.books import change_books
from audible_core.store.links import load_sync_settings, save_links
from audible_core.store.overview import load_under_way
from audible_core.store.reads import add_reads
from audible_core.store.records import ReaderId, ReadFields

from tests.core.sync.home import Home, novel
from tests.core.sync.paper import (
    DAY,
    END_MS,
    HOUR,
    HOUR_MS,
    MINUTE_MS,
    NOW,
    PaperTracker,
    asin,
    position,
    title,
)

LONG_AGO = NOW - 700 * DAY


# --- a look at what came, and the sync after it --------------------------------


@pytest.mark.parametrize(
    ("members", "place_ms"),
    [
        ({"is_finished": True, "percent_complete": 99.0}, None),
        ({"is_finished": True, "percent_complete": 99.0}, END_MS),
        ({"percent_complete": 40.0}, None),
        ({"percent_complete": 40.0}, 4 * HOUR_MS),
    ],
    ids=["finished", "finished, with a place", "at 40 percent", "at a place"],
)
async def test_look_at_what_came_makes_no_news_of_the_past(
    followed: Home, members: dict[str, Any], place_ms: int | None
) -> None:
    """The next sync finds what it would have found alone."""
    alone = await followed.second_account(await followed.add_reader("Ben"))
    alone.shop.add(novel(5))
    await alone.sync()
    for home in (followed, alone):
        home.shop.add(novel(4, status_changed_at=LONG_AGO, **members))
        if place_ms is not None:
            home.shop.hear(place_ms, 4, at=LONG_AGO)
    followed.clock.wait(minutes=30)
    await followed.engine.look_for_purchases()
    assert ["title_added"] == followed.told_types
    await followed.sync()
    await alone.sync(minutes=1)
    assert alone.told_types == followed.told_types
    ben = alone.reader_id
    mine, bens = await followed.book(4), await alone.book(4, ben)
    ours: dict[str, Any] = {"reader_id": followed.reader_id, "sync_log_id": None}
    if mine.status is BookStatus.FINISHED:
        # The place of a finished title is asked for only where it changed.
        ours |= {"current_position_ms": None, "percent_complete": None}
    assert replace(bens, **ours) == replace(mine, **ours)
    assert [_pass(read.fields) for read in await alone.reads(ben)] == [
        _pass(read.fields)
        for read in await followed.reads()
        if read.fields.book_id == (await followed.link(4)).book_id
    ]


def _pass(read: ReadFields) -> tuple[object, ...]:
    return read.outcome, read.started_on, read.finished_on, read.finished_source


# --- the flag -------------------------------------------------------------------


def test_flag_of_the_pass_before_does_not_end_a_reread(tracker: PaperTracker) -> None:
    """It falls and rises at three percent, with the time that it had."""
    tracker.hear_to_the_end()
    was_over = NOW + 9 * HOUR
    flagged = title(is_finished=True, percent_complete=99.0, status_changed_at=was_over)
    tracker.sync(flagged, at=NOW + 12 * HOUR)
    again = NOW + 10 * DAY
    for minutes in (0, 18):
        at = again + timedelta(minutes=minutes)
        tracker.poll(position(minutes * MINUTE_MS, at), at=at)
    tracker.sync(replace(flagged, is_finished=False), at=again + HOUR)
    tracker.sync(flagged, at=again + 2 * HOUR)
    assert BookStatus.READING == tracker.book.status
    assert 1 == tracker.told.count("book_finished")
    risen = replace(flagged, status_changed_at=again + 3 * HOUR)
    tracker.sync(replace(flagged, is_finished=False), at=again + 3 * HOUR)
    tracker.sync(risen, at=again + 4 * HOUR)
    assert 2 == len(tracker.finished)
    assert all(read.started_on <= read.finished_on for read in tracker.finished)


async def test_flag_that_flaps_ends_no_pass_that_a_person_began(home: Home) -> None:
    """Finished by its place, flagged three days later, then called "reading"."""
    home.shop.add(novel(1))
    await home.sync()
    for place_ms in (HOUR_MS, END_MS):
        home.clock.wait(hours=9)
        home.shop.hear(place_ms)
        await home.sync(minutes=1)
    home.clock.wait(days=3)
    flag = {"is_finished": True, "status_changed_at": home.clock()}
    home.shop.change(1, **flag)
    await home.sync()
    await _begin_by_hand(home)
    for is_finished in (False, True):
        home.shop.change(1, **flag | {"is_finished": is_finished})
        await home.sync()
    assert 1 == home.told_types.count("book_finished")
    assert ReadOutcome.UNDER_WAY == (await home.reads())[-1].fields.outcome


async def _begin_by_hand(home: Home) -> None:
    state = await home.state()
    fields = ReadFields(
        reader_id=home.reader_id,
        book_id=state.link.fields.book_id,
        link_id=state.link.link_id,
        outcome=ReadOutcome.UNDER_WAY,
        source=Source.USER,
    )
    await _set_book(home, status=BookStatus.READING)
    async with home.store.transaction() as connection:
        await add_reads(connection, (fields,), now=home.clock())


async def _set_book(home: Home, **members: Any) -> None:
    book_id = (await home.link()).book_id
    assert book_id is not None
    book = await home.load_book(book_id)
    fields = replace(book.fields, **members)
    async with home.store.transaction() as connection:
        await change_books(connection, ((book_id, fields),), now=home.clock())


# --- jumps ----------------------------------------------------------------------


def test_finish_that_cannot_have_happened_before_the_pass_has_no_day(
    tracker: PaperTracker,
) -> None:
    """Somebody said that it will begin tomorrow; its end was heard today."""
    tracker.poll(position(HOUR_MS, NOW), at=NOW)
    ((read_id, read),) = tracker.reads.items()
    later = replace(read.fields, started_on=NOW.date() + 5 * DAY)
    tracker.reads[read_id] = replace(read, fields=later)
    tracker.poll(position(END_MS, NOW + 9 * HOUR), at=NOW + 9 * HOUR)
    (finished,) = tracker.finished
    assert None is finished.finished_on


async def test_book_that_a_person_finished_is_not_finished_again(home: Home) -> None:
    """Nobody heard it; Audible follows with its flag and a hundred percent."""
    home.shop.add(novel(1))
    await home.sync()
    await _set_book(home, status=BookStatus.FINISHED)
    home.clock.wait(minutes=20)
    home.shop.change(
        is_finished=True, percent_complete=100.0, status_changed_at=home.clock()
    )
    await home.sync(minutes=5)
    assert [] == home.told
    assert [] == await home.reads()


@pytest.mark.parametrize("stamped", [True, False])
async def test_copy_in_another_marketplace_does_not_finish_again(
    home: Home, *, stamped: bool
) -> None:
    """One account ends the book; the other one's copy then jumps to its end."""
    home.shop.add(novel(1, sku_lite="BK_1"))
    await home.sync()
    other = await home.second_account()
    long_ago = LONG_AGO if stamped else None
    copy = novel(2, sku_lite="BK_1", title=novel(1).title)
    other.shop.add(replace(copy, status_changed_at=long_ago))
    await other.sync()
    home.shop.change(
        is_finished=True, percent_complete=100.0, status_changed_at=home.clock()
    )
    await home.sync()
    assert ["book_started", "book_finished"] == home.told_types
    at = home.clock() + 5 * HOUR if stamped else None
    home.clock.wait(hours=6)
    other.shop.change(2, is_finished=True, percent_complete=100.0, status_changed_at=at)
    await other.sync()
    assert [] == other.told
    assert 1 == len(await home.reads())


# --- clocks ---------------------------------------------------------------------


async def test_place_of_tomorrow_was_heard_now(followed: Home) -> None:
    """A wrong clock writes no day to come, and silences nothing."""
    followed.clock.wait(hours=2)
    followed.shop.hear(HOUR_MS, at=followed.clock() + 40 * DAY)
    await followed.sync(minutes=1)
    today = followed.clock().date()
    assert (today, HOUR_MS) == (
        (await followed.book()).started_on,
        (await followed.link()).last_position_ms,
    )
    followed.clock.wait(hours=1)
    followed.shop.hear(2 * HOUR_MS)
    await followed.poll()
    assert 2 * HOUR_MS == (await followed.link()).last_position_ms


async def test_status_of_tomorrow_changed_now(followed: Home) -> None:
    """The finish is of today."""
    soon = followed.clock() + 40 * DAY
    followed.shop.change(1, is_finished=True, status_changed_at=soon)
    await followed.sync()
    assert followed.clock().date() == (await followed.book()).finished_on
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    assert HOUR_MS == (await followed.link()).last_position_ms


# --- names ----------------------------------------------------------------------


async def test_title_without_a_name_is_no_pass_yet(followed: Home) -> None:
    """It may be a podcast; once its name is here, it is what it is."""
    followed.shop.add(novel(4, percent_complete=40.0, status_changed_at=LONG_AGO))
    followed.shop.hollow.add(asin(4))
    followed.shop.names_come_back = False
    passes = len(await followed.reads())
    await followed.sync()
    assert passes == len(await followed.reads())
    followed.shop.hollow.clear()
    await followed.sync()
    assert BookStatus.READING == (await followed.book(4)).status
    assert passes + 1 == len(await followed.reads())
    assert ["title_added"] == followed.told_types


async def test_all_titles_without_a_name_get_their_turn(followed: Home) -> None:
    """Where the first five stay nameless, the next five are asked for."""
    for number in range(10, 18):
        followed.shop.add(title(number, content_delivery_type="PodcastEpisode"))
        followed.shop.hollow.add(asin(number))
    followed.shop.names_come_back = False
    await followed.sync()
    followed.shop.names_come_back = True
    await followed.sync()
    assert {asin(number) for number in (12, 13, 14)} == followed.shop.hollow


# --- readers --------------------------------------------------------------------


async def test_reader_who_took_a_title_is_the_one_whose_sync_counts(
    followed: Home,
) -> None:
    """Also where the default reader's link is younger than the other one's."""
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    ben = await followed.add_reader("Ben")
    await _hand_over(followed, ben)
    await followed.set_account(default_reader_id=ben)
    async with followed.store.reading() as connection:
        settings = await load_sync_settings(connection, followed.account_id)
        under_way = await load_under_way(
            connection, followed.account_id, since=LONG_AGO
        )
    assert {} == settings
    assert [followed.reader_id] == [entry.reader_id for entry in under_way]


async def _hand_over(home: Home, reader_id: ReaderId) -> None:
    """Let another reader have the title too, with its sync off."""
    fields = replace(
        await home.link(), reader_id=reader_id, book_id=None, sync_enabled=False
    )
    async with home.store.transaction() as connection:
        await save_links(connection, (fields,), now=home.clock())
