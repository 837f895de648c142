"""The hot queries use their indexes, on both databases, with many rows."""

import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest
from audible_core.kinds import (
    BookStatus,
    ConflictType,
    ReadOutcome,
    Source,
    SyncStatus,
    SyncType,
)
from audible_core.store.accounts import load_account
from audible_core.store.books import (
    add_books,
    load_books_by_isbn,
    load_books_by_status,
    load_some_books,
    search_books,
)
from audible_core.store.conflicts import (
    FoundConflict,
    close_conflicts,
    load_links_in_conflict,
    load_open_conflict,
    load_open_conflicts,
    save_conflicts,
)
from audible_core.store.events import (
    add_events,
    load_events_of_title,
    load_unpublished,
    mark_published,
)
from audible_core.store.history import add_to_ledger, load_history
from audible_core.store.links import (
    load_link_of_title,
    load_link_states,
    load_links_of_book,
    load_links_of_title,
    load_sync_settings,
    load_twins,
    load_unlinked,
    save_links,
)
from audible_core.store.listening_days import load_listening_days
from audible_core.store.overview import load_counts, load_polled, load_under_way
from audible_core.store.reader_marks import load_reader_mark
from audible_core.store.reads import (
    add_reads,
    load_finished_reads,
    load_newest_reads,
    load_reads_of_book,
    load_reads_of_link,
)
from audible_core.store.records import (
    BookId,
    LedgerEntry,
    LinkId,
    ReadFields,
    SyncLogFields,
    TrackerEvent,
)
from audible_core.store.sync_figures import load_sync_figures
from audible_core.store.sync_logs import add_sync_log, load_sync_logs
from audible_core.store.titles import (
    load_accounts_with_title,
    load_recording,
    load_some_titles,
    save_titles,
)
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.core.store.household import (
    NOW,
    Household,
    asin,
    book,
    link,
    title,
)

ROWS = 3000
BOOK, LINK = BookId(1234), LinkId(1234)
ISBN = "9780000001234"

type Query = Callable[[AsyncConnection, Household], Awaitable[object]]

QUERIES: dict[str, tuple[Query, tuple[str, ...]]] = {
    "what was said of a title": (
        lambda c, h: load_events_of_title(c, asin(1234)),
        ("ix_tracker_events_asin_event_type_created_at",),
    ),
    "what is still to be told": (
        lambda c, h: load_unpublished(c),
        ("ix_tracker_events_unpublished",),
    ),
    "links of changed titles": (
        lambda c, h: load_link_states(c, h.account_id, [asin(1), asin(2)]),
        ("ix_audible_book_mappings_a(ccount_id_a)?sin", "ix_reads_link_id_id"),
    ),
    "changed titles": (
        lambda c, h: load_some_titles(c, h.account_id, [asin(1), asin(2)]),
        ("audible_titles",),
    ),
    "recording of a title": (
        lambda c, h: load_recording(c, h.account_id, asin(1)),
        ("audible_titles",),
    ),
    "one book in two marketplaces": (
        lambda c, h: load_twins(c, h.reader_id, ["BK_TEST_000001"]),
        ("ix_audible_titles_sku_lite",),
    ),
    "some books": (lambda c, h: load_some_books(c, [BOOK, BookId(5)]), ("books",)),
    "newest reads of books": (
        lambda c, h: load_newest_reads(c, [BOOK, BookId(5)]),
        ("ix_reads_book_id",),
    ),
    "links of a title": (
        lambda c, h: load_links_of_title(c, asin(1234)),
        ("ix_audible_book_mappings_asin",),
    ),
    "what a title is to a reader": (
        lambda c, h: load_link_of_title(c, h.reader_id, asin(1234)),
        ("_asin|autoindex_audible_book_mappings",),
    ),
    "accounts with a title": (
        lambda c, h: load_accounts_with_title(c, asin(1234)),
        ("ix_audible_titles_asin",),
    ),
    "links of a book": (
        lambda c, h: load_links_of_book(c, BOOK),
        ("ix_audible_book_mappings_book_id",),
    ),
    "open conflicts": (
        lambda c, h: load_open_conflicts(c),
        ("uq_audible_conflicts_unresolved",),
    ),
    "open conflict of a link": (
        lambda c, h: load_open_conflict(c, LINK),
        ("uq_audible_conflicts_unresolved|ix_audible_conflicts_link_id",),
    ),
    "links that wait for a human": (
        lambda c, h: load_links_in_conflict(c, [LINK, LinkId(5)]),
        ("uq_audible_conflicts_unresolved|ix_audible_conflicts_link_id",),
    ),
    "history of a title": (
        lambda c, h: load_history(c, LINK),
        ("ix_audible_progress_history_link_id_recorded_at",),
    ),
    "reads of a title": (
        lambda c, h: load_reads_of_link(c, LINK),
        ("ix_reads_link_id_id",),
    ),
    "reads of a book": (
        lambda c, h: load_reads_of_book(c, BOOK),
        ("ix_reads_book_id",),
    ),
    "books finished in a month": (
        lambda c, h: load_finished_reads(
            c, h.reader_id, first=date(2026, 1, 1), last=date(2026, 1, 31)
        ),
        ("ix_reads_reader_id_finished_on",),
    ),
    "books of an ISBN": (
        lambda c, h: load_books_by_isbn(c, h.reader_id, ISBN),
        ("ix_books_isbn13",),
    ),
    "books being read": (
        lambda c, h: load_books_by_status(c, h.reader_id, BookStatus.READING),
        ("ix_books_reader_id_status",),
    ),
    "search in titles": (
        lambda c, h: search_books(c, h.reader_id, "night 1234"),
        ("ix_books_title_trigram|books_search",),
    ),
    "newest syncs": (
        lambda c, h: load_sync_logs(c, h.account_id, limit=5),
        ("ix_audible_sync_logs_account_id_started_at",),
    ),
    "listening days of a week": (
        lambda c, h: load_listening_days(
            c, h.reader_id, first=date(2026, 1, 1), last=date(2026, 1, 7)
        ),
        ("listening_days",),
    ),
    "titles under way": (
        lambda c, h: load_under_way(c, h.account_id, since=NOW),
        ("ix_audible_book_mappings_account_id_last_position_at",),
    ),
    "counts of an account": (
        lambda c, h: load_counts(c, h.account_id),
        ("ix_audible_book_mappings_(account_id|book_id)",),
    ),
    "figures of the syncs": (
        lambda c, h: load_sync_figures(c, h.account_id, now=NOW),
        ("ix_audible_sync_logs_account_id_started_at",),
    ),
    "the mark of a reader": (
        lambda c, h: load_reader_mark(c, h.reader_id),
        ("audible_progress_history",),
    ),
    "titles to poll": (
        lambda c, h: load_polled(c, h.account_id, since=NOW, restarted_since=NOW),
        ("ix_audible_book_mappings_account_id_last_position_at",),
    ),
    "settings of single titles": (
        lambda c, h: load_sync_settings(c, h.account_id),
        ("ix_audible_book_mappings_with_setting",),
    ),
    "titles that are no book yet": (
        lambda c, h: load_unlinked(c, h.account_id),
        ("ix_audible_book_mappings_book_id",),
    ),
    "an account": (lambda c, h: load_account(c, h.account_id), ("audible_config",)),
}
# Tables of a handful of rows are read whole, index or not; and so is what is counted.
SMALL = {
    "an account",
    "counts of an account",
    "listening days of a week",
    "the mark of a reader",
    "figures of the syncs",
}


async def fill(household: Household) -> None:
    """Put years of listening into the store."""
    reader_id, account_id = household.reader_id, household.account_id
    numbers = range(1, ROWS + 1)
    async with household.store.transaction() as connection:
        await save_titles(connection, account_id, map(title, numbers), now=NOW)
        books = [
            book(
                reader_id,
                f"The Lantern Keeper, Night {number}",
                isbn13=f"978{number:010d}",
                status=BookStatus.READING if number % 500 == 0 else BookStatus.TO_READ,
            )
            for number in numbers
        ]
        book_ids = await add_books(connection, books, now=NOW)
        links = await save_links(
            connection,
            [
                link(household, number, book_id=book_id)
                for number, book_id in zip(numbers, book_ids, strict=True)
            ],
            now=NOW,
        )
        link_ids = list(links.values())
        await add_reads(
            connection,
            [
                ReadFields(
                    reader_id,
                    book_id,
                    link_id,
                    ReadOutcome.FINISHED,
                    finished_on=date(2016, 1, 1) + timedelta(days=number),
                )
                for number, (book_id, link_id) in enumerate(
                    zip(book_ids, link_ids, strict=True)
                )
            ],
            now=NOW,
        )
        await _fill_journals(connection, household, link_ids)
    async with household.store.transaction() as connection:
        if connection.dialect.name == "postgresql":
            # What the server does by itself, sooner or later.
            clean = "SELECT gin_clean_pending_list('ix_books_title_trigram')"
            await connection.execute(text(clean))
        await connection.execute(text("ANALYZE"))


async def _fill_journals(
    connection: AsyncConnection, household: Household, link_ids: list[LinkId]
) -> None:
    conflicts = [FoundConflict(one, ConflictType.NO_MATCH, ()) for one in link_ids]
    await save_conflicts(connection, conflicts, now=NOW)
    await close_conflicts(connection, link_ids[10:], now=NOW)
    for day in range(3):
        at = NOW + timedelta(days=day)
        await add_to_ledger(
            connection,
            (
                LedgerEntry(one, 1, 1.0, None, Source.AUDIBLE, None, None, at, at)
                for one in link_ids
            ),
        )
        events = [
            TrackerEvent(f"{day}-{number}", kind, None, None, asin(number), None, at)
            for number in range(ROWS)
            for kind in ("book_finished",)
        ]
        await add_events(connection, events)
        told = [one.event_id for one in events if not one.event_id.endswith("777")]
        await mark_published(connection, told, at=at)
    for number in range(500):
        log = SyncLogFields(
            household.account_id if number % 50 == 0 else None,
            SyncType.LIBRARY,
            SyncStatus.SUCCESS,
            NOW - timedelta(hours=number),
            5,
        )
        await add_sync_log(connection, log)


async def plan_of(household: Household, query: Query) -> str:
    """Return how the database goes about the statements that a query sends."""
    sent: list[tuple[str, object]] = []

    def note(
        _connection: object, _cursor: object, statement: str, values: object, *_: object
    ) -> None:
        if not statement.startswith("BEGIN"):
            sent.append((statement, values))

    engine = household.store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    async with household.store.reading() as connection:
        await query(connection, household)
        event.remove(engine, "before_cursor_execute", note)
        verb = (
            "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        )
        lines: list[str] = []
        for statement, values in sent:
            rows = await connection.exec_driver_sql(f"{verb} {statement}", values)  # type: ignore[arg-type]
            lines.extend(str(row) for row in rows)
        return "\n".join(lines)


@pytest.mark.timeout(300)
async def test_hot_queries_use_their_indexes(household: Household) -> None:
    """No query that runs at each sync or page reads a whole table."""
    await fill(household)
    wrong = {}
    for name, (query, indexes) in QUERIES.items():
        plan = await plan_of(household, query)
        is_used = all(re.search(index, plan) for index in indexes)
        scans = [
            line
            for line in plan.splitlines()
            if ("Seq Scan" in line or ("SCAN" in line and "INDEX" not in line))
            and not re.search("books_search|audible_config", line)
        ]
        if not is_used or (scans and name not in SMALL):
            wrong[name] = plan

    assert {} == wrong
