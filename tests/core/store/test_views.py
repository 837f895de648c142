"""The four views, on both databases, through their readers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from audible_core.kinds import (
    BookStatus,
    ConflictType,
    ReadOutcome,
    SyncStatus,
    SyncType,
)
from audible_core.store.books import change_books, load_book
from audible_core.store.conflicts import FoundConflict, save_conflicts
from audible_core.store.links import (
    LinkDecision,
    load_link_states,
    save_links,
    set_decision,
)
from audible_core.store.reads import add_reads
from audible_core.store.records import ReadFields, SyncLogFields
from audible_core.store.statistics import (
    CurrentRead,
    SyncActivity,
    SyncStats,
    UnmappedTitle,
    load_current_reads,
    load_sync_activity,
    load_sync_stats,
    load_unmapped_titles,
)
from audible_core.store.sync_logs import add_sync_log
from audible_core.store.titles import mark_removed, save_titles

from tests.core.store.household import (
    NOW,
    Household,
    asin,
    link,
    linked_book,
    title,
)

HOUR = timedelta(hours=1)


async def test_statistics_of_an_account_without_syncs(household: Household) -> None:
    """What never ended has no share of success."""
    async with household.store.reading() as connection:
        (stats,) = await load_sync_stats(connection)

    assert (
        SyncStats(
            household.account_id,
            "Anna",
            "de",
            True,
            *(None,) * 5,
            *(0,) * 10,
        )
        == stats
    )


async def test_statistics_of_syncs_and_links(household: Household) -> None:
    """The last day's share, the last week's mean, and how sure the links are."""
    now = datetime.now(UTC).replace(microsecond=0)
    account_id = household.account_id
    log = SyncLogFields(account_id, SyncType.LIBRARY, SyncStatus.SUCCESS, now, 1000)
    failed = replace(log, status=SyncStatus.FAILED, started_at=now - 3 * HOUR)
    logs = (
        replace(log, started_at=now - HOUR),
        replace(log, started_at=now - 2 * HOUR, duration_ms=3000),
        failed,
        replace(log, status=SyncStatus.REFUSED, started_at=now - 4 * HOUR),
        replace(log, started_at=now - 50 * HOUR, duration_ms=8000),
        replace(log, started_at=now - 200 * HOUR, duration_ms=999_999),
    )
    await linked_book(household, 1)
    link_id, _ = await linked_book(household, 2)
    async with household.store.transaction() as connection:
        for entry in logs:
            await add_sync_log(connection, entry)
        await save_titles(connection, account_id, map(title, range(1, 5)), now=NOW)
        await mark_removed(connection, account_id, (asin(4),), at=NOW)
        asins = [asin(1), asin(2)]
        (certain, _) = await load_link_states(connection, account_id, asins)
        assert certain.link.fields.book_id is not None
        decision = LinkDecision(
            certain.link.fields.book_id, 1.0, manually_confirmed=True
        )
        await set_decision(connection, link_id, decision, now=NOW)
        low = link(
            household, 3, book_id=certain.link.fields.book_id, match_confidence=0.6
        )
        numbers = await save_links(
            connection,
            (low, link(household, 4), link(household, 5, is_ignored=True)),
            now=NOW,
        )
        waiting = numbers[household.reader_id, asin(4)]
        conflict = FoundConflict(waiting, ConflictType.NO_MATCH, ())
        await save_conflicts(connection, (conflict,), now=NOW)
        (stats,) = await load_sync_stats(connection)

    assert pytest.approx(2 / 3) == stats.success_share_24h
    assert pytest.approx(4000) == stats.mean_duration_ms_7d
    assert (now - HOUR, failed.started_at) == (stats.succeeded_at, stats.failed_at)
    assert (3, 1, 1) == (stats.titles_active, stats.titles_removed, stats.readers)
    assert (3, 1, 1, 1, 1, 1, 1) == (
        stats.links_made,
        stats.links_confirmed,
        stats.confidence_certain,
        stats.confidence_high,
        stats.confidence_low,
        stats.unlinked,
        stats.conflicts_open,
    )


async def test_currently_reading_shows_the_newest_read_alone(
    household: Household,
) -> None:
    """A finished book is not being read, a re-read one is."""
    reader_id = household.reader_id
    done_link, done_book = await linked_book(household, 1)
    link_id, book_id = await linked_book(household, 2)
    reads = (
        ReadFields(reader_id, done_book, done_link, ReadOutcome.UNDER_WAY),
        ReadFields(reader_id, done_book, done_link, ReadOutcome.FINISHED),
        ReadFields(reader_id, book_id, link_id, ReadOutcome.FINISHED),
        ReadFields(
            reader_id,
            book_id,
            link_id,
            ReadOutcome.UNDER_WAY,
            started_on=date(2026, 11, 1),
        ),
    )
    moved = link(
        household,
        2,
        book_id=book_id,
        last_position_ms=5000,
        last_position_at=NOW,
        last_percentage=12.5,
    )
    async with household.store.transaction() as connection:
        await save_titles(connection, household.account_id, (title(2),), now=NOW)
        await save_links(connection, (moved,), now=NOW)
        await add_reads(connection, reads, now=NOW)
        found = await load_current_reads(connection)

    name = "The Lantern Keeper, Night 2"
    assert (
        CurrentRead(
            link_id=link_id,
            reader_id=reader_id,
            reader_name="Anna",
            account_id=household.account_id,
            asin=asin(2),
            title=name,
            book_id=book_id,
            book_title=name,
            page_count=None,
            current_page=None,
            runtime_ms=36_000_002,
            position_ms=5000,
            percentage=12.5,
            position_at=NOW,
            started_on=date(2026, 11, 1),
        ),
    ) == found


async def test_paused_book_is_not_being_read(household: Household) -> None:
    """Its read goes on when its reader does."""
    link_id, book_id = await linked_book(household, 1)
    read = ReadFields(household.reader_id, book_id, link_id, ReadOutcome.UNDER_WAY)
    async with household.store.transaction() as connection:
        await add_reads(connection, (read,), now=NOW)
        reading = await load_current_reads(connection)
        book = (await load_book(connection, book_id)).fields
        paused = replace(book, status=BookStatus.PAUSED)
        await change_books(connection, ((book_id, paused),), now=NOW)
        nothing = await load_current_reads(connection)

    assert ([book_id], ()) == ([entry.book_id for entry in reading], nothing)


async def test_activity_of_thirty_days(household: Household) -> None:
    """One row for each day and account on which something was tried."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    log = SyncLogFields(
        household.account_id,
        SyncType.LIBRARY,
        SyncStatus.SUCCESS,
        today,
        1000,
        titles_changed=3,
        positions_moved=2,
    )
    logs = (
        log,
        replace(log, status=SyncStatus.FAILED, duration_ms=3000),
        replace(log, started_at=today - timedelta(milliseconds=1)),
        replace(log, started_at=today - timedelta(days=31)),
    )
    async with household.store.transaction() as connection:
        for entry in logs:
            await add_sync_log(connection, entry)
        found = await load_sync_activity(connection)

    day = today.date()
    account_id = household.account_id
    assert (
        SyncActivity(account_id, day - timedelta(days=1), 1, 1, 0, 0, 1000.0, 3, 2),
        SyncActivity(account_id, day, 2, 1, 1, 0, 2000.0, 6, 4),
    ) == found


async def test_unmapped_titles_say_what_they_wait_for(household: Household) -> None:
    """Neither linked nor ignored titles; with the open question if there is one."""
    await linked_book(household, 1)
    links = (
        link(household, 2),
        link(household, 3),
        link(household, 4, is_ignored=True),
    )
    async with household.store.transaction() as connection:
        numbers = await save_links(connection, links, now=NOW)
        waiting = numbers[household.reader_id, asin(2)]
        conflict = FoundConflict(waiting, ConflictType.AMBIGUOUS, ())
        await save_conflicts(connection, (conflict,), now=NOW)
        found = await load_unmapped_titles(connection)

    assert [(asin(2), ConflictType.AMBIGUOUS, True), (asin(3), None, False)] == [
        (entry.asin, entry.conflict_type, entry.conflict_id is not None)
        for entry in found
    ]
    assert isinstance(found[0], UnmappedTitle)
    assert NOW == found[0].first_seen_at
