"""The ledger, the sync logs, events, listening days, the write queue and goals."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from audible_core.errors import StoreError
from audible_core.kinds import GoalKind, Source, SyncStatus, SyncType
from audible_core.models import Position
from audible_core.store.accounts import load_account
from audible_core.store.database import Store
from audible_core.store.events import (
    add_events,
    load_events_of_title,
    load_unpublished,
    mark_published,
)
from audible_core.store.goals import delete_goal, load_goals, save_goal
from audible_core.store.history import (
    add_to_ledger,
    load_history,
    load_history_of_book,
    stream_history,
)
from audible_core.store.listening_days import (
    load_listening_days,
    save_listening_days,
)
from audible_core.store.position_records import PositionQuestion, PositionWrite
from audible_core.store.position_writes import (
    count_waiting_positions,
    drop_position,
    drop_question,
    load_due_positions,
    load_questions,
    postpone_position,
    queue_position,
    save_question,
)
from audible_core.store.records import (
    Goal,
    LedgerEntry,
    LinkId,
    ListeningDay,
    SyncLog,
    SyncLogFields,
    SyncLogId,
    TrackerEvent,
)
from audible_core.store.sync_logs import (
    add_sync_log,
    change_sync_log,
    clean_up_sync_logs,
    load_sync_logs,
)
from sqlalchemy import text

from tests.core.store.household import (
    DAY,
    MINUTE,
    NOW,
    Household,
    asin,
    linked_book,
)


def entry(link_id: LinkId, number: int) -> LedgerEntry:
    """Return a row of the ledger, a minute after the one before."""
    return LedgerEntry(
        link_id=link_id,
        position_ms=number * 1000,
        percentage=number / 7,
        is_finished=None,
        source=Source.PLAYER,
        sync_log_id=SyncLogId(12345),
        actor="person.anna",
        heard_at=NOW + number * MINUTE - timedelta(milliseconds=1),
        recorded_at=NOW + number * MINUTE,
    )


async def test_ledger_is_read_newest_first(household: Household) -> None:
    """By title, by book, and by reader from an instant on."""
    link_id, book_id = await linked_book(household)
    entries = [entry(link_id, number) for number in range(600)]
    async with household.store.transaction() as connection:
        await add_to_ledger(connection, entries)
        newest = await load_history(connection, link_id, limit=3)
        of_book = await load_history_of_book(connection, book_id, limit=3)
        since = NOW + 590 * MINUTE
        lately = [
            row
            async for row in stream_history(
                connection, household.reader_id, since=since
            )
        ]

    assert tuple(entries[:-4:-1]) == newest == of_book
    assert entries[590:] == lately


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audible_progress_history SET position_ms = 0",
        "DELETE FROM audible_progress_history",
    ],
)
async def test_ledger_cannot_be_changed(household: Household, statement: str) -> None:
    """Not even by a mistake in the program: the database itself refuses."""
    link_id, _ = await linked_book(household)
    async with household.store.transaction() as connection:
        await add_to_ledger(connection, (entry(link_id, 1),))

    with pytest.raises(StoreError):
        async with household.store.transaction() as connection:
            await connection.execute(text(statement))

    async with household.store.reading() as connection:
        assert (entry(link_id, 1),) == await load_history(connection, link_id)


def log(household: Household, age_days: float = 0, **fields: object) -> SyncLogFields:
    """Return a log row of some age."""
    values: dict[str, object] = {
        "account_id": household.account_id,
        "sync_type": SyncType.LIBRARY,
        "status": SyncStatus.SUCCESS,
        "started_at": NOW - age_days * DAY,
        "duration_ms": 1500,
        "titles_seen": 126,
        "details": {"why": ["nothing", 1]},
    }
    return SyncLogFields(**(values | fields))  # type: ignore[arg-type]


async def test_logs_are_read_newest_first(household: Household) -> None:
    """A failure is there with its reason."""
    failed = log(household, 2, status=SyncStatus.FAILED, error_key="audible_auth")
    async with household.store.transaction() as connection:
        first = await add_sync_log(connection, failed)
        second = await add_sync_log(connection, log(household))
        logs = await load_sync_logs(connection, household.account_id)
        one = await load_sync_logs(connection, household.account_id, limit=1)
        undone = replace(log(household), status=SyncStatus.UNDONE)
        await change_sync_log(connection, second, undone)
        (changed, _) = await load_sync_logs(connection, household.account_id)

    assert (SyncLog(second, log(household)), SyncLog(first, failed)) == logs
    assert logs[:1] == one
    assert SyncLog(second, undone) == changed


async def test_old_logs_are_removed_and_the_ledger_stays(household: Household) -> None:
    """What a ledger row came from is still written in it."""
    link_id, _ = await linked_book(household)
    async with household.store.transaction() as connection:
        old = await add_sync_log(connection, log(household, 90.01))
        await add_sync_log(connection, log(household, 89.99))
        row = replace(entry(link_id, 1), sync_log_id=old)
        await add_to_ledger(connection, (row,))
    by_hand = await removed_by_the_database(household, keep_days=91)
    async with household.store.transaction() as connection:
        count = await clean_up_sync_logs(connection, now=NOW)
        left = await load_sync_logs(connection, household.account_id)
        ledger = await load_history(connection, link_id)

    assert (0, 1, 1) == (by_hand, count, len(left))
    assert (row,) == ledger


async def test_database_removes_the_same_logs(household: Household) -> None:
    """PostgreSQL has the rule as a function; both mean the same rows."""
    async with household.store.transaction() as connection:
        for age_days in (100, 90.01, 90, 89.99, 0):
            await add_sync_log(connection, log(household, age_days))
    count = await removed_by_the_database(household, keep_days=90)
    async with household.store.reading() as connection:
        left = await load_sync_logs(connection, household.account_id)

    assert (2, 3) == (count, len(left))


async def removed_by_the_database(household: Household, *, keep_days: int) -> int:
    """Call PostgreSQL's function; SQLite has none and gets the program's."""
    if "postgresql" not in repr(household.store):
        if keep_days > 90:
            return 0
        async with household.store.transaction() as connection:
            return await clean_up_sync_logs(connection, now=NOW, keep_days=keep_days)
    call = text("SELECT cleanup_old_audible_sync_logs(:days, :now)")
    values = {"days": keep_days, "now": round(NOW.timestamp() * 1000)}
    async with household.store.transaction() as connection:
        return int((await connection.execute(call, values)).scalar_one())


def event(household: Household, name: str, **fields: object) -> TrackerEvent:
    """Return an event."""
    values: dict[str, object] = {
        "event_id": name,
        "event_type": "book_finished",
        "account_id": household.account_id,
        "reader_id": household.reader_id,
        "asin": asin(1),
        "book_id": None,
        "created_at": NOW,
        "data": {"title": "Öst", "pages": None},
    }
    return TrackerEvent(**(values | fields))  # type: ignore[arg-type]


async def test_event_is_kept_until_it_is_told(household: Household) -> None:
    """What a crash left untold is still there, oldest first."""
    second = event(household, "b")
    first = event(household, "c", created_at=NOW - MINUTE)
    async with household.store.transaction() as connection:
        new = await add_events(connection, (second, first))
        waiting = await load_unpublished(connection)
        await mark_published(connection, ["c"], at=NOW)
        left = await load_unpublished(connection)
        ever = await load_events_of_title(connection, asin(1))

    assert frozenset({"b", "c"}) == new
    assert [(first, second), (second,), (second, first)] == [waiting, left, ever]


async def test_same_thing_is_said_once(household: Household) -> None:
    """However the flag flaps, the same read is finished once."""
    said = event(household, "a", once_key="finished:read:1")
    again = event(household, "b", once_key="finished:read:1")
    re_read = event(household, "c", once_key="finished:read:2")
    async with household.store.transaction() as connection:
        answers = [
            await add_events(connection, (one,)) for one in (said, again, said, re_read)
        ]
        waiting = await load_unpublished(connection)

    assert [{"a"}, set(), set(), {"c"}] == answers
    assert ["a", "c"] == [one.event_id for one in waiting]


async def test_listening_day_counts_once(household: Household) -> None:
    """Windows repeat their edge day; a day without name is none; today still grows."""
    first, edge = date(2026, 11, 18), date(2026, 11, 19)
    windows = (
        [("2026-11-18", first, 100), ("2026-11-19", edge, 200)],
        [("2026-11-19", edge, 250), ("", edge, 999)],
    )
    reader_id = household.reader_id
    async with household.store.transaction() as connection:
        account = await load_account(connection, household.account_id)
        for window in windows:
            days = [ListeningDay(*day) for day in window]
            await save_listening_days(
                connection, account, days, renewed_from=edge, now=NOW
            )
        (found,) = await load_listening_days(
            connection, reader_id, first=first, last=edge
        )
        (one,) = await load_listening_days(connection, reader_id, first=edge, last=edge)

    expected = (
        ListeningDay("2026-11-18", first, 100),
        ListeningDay("2026-11-19", edge, 250),
    )
    assert [expected, expected[1:]] == [found, one]


async def test_queued_position_is_told_once(household: Household) -> None:
    """The newest place of a title waits; an older one never takes its place."""
    newest = PositionWrite(
        household.account_id, asin(1), 9000, NOW, household.reader_id, Source.PLAYER
    )
    older = replace(newest, position_ms=1, heard_at=NOW - MINUTE)
    async with household.store.transaction() as connection:
        for write in (newest, older):
            await queue_position(connection, write, now=NOW)
        due = await load_due_positions(connection, household.account_id, now=NOW)
        await postpone_position(connection, newest, until=NOW + MINUTE)
        not_yet = await load_due_positions(connection, household.account_id, now=NOW)
        (again,) = await load_due_positions(
            connection, household.account_id, now=NOW + MINUTE
        )
        newer = replace(newest, position_ms=9500, heard_at=NOW + MINUTE)
        await queue_position(connection, newer, now=NOW)
        await drop_position(connection, again)
        left = await load_due_positions(connection, household.account_id, now=NOW)
        await drop_position(connection, newer)
        none = await load_due_positions(connection, household.account_id, now=NOW)

    assert [(newest,), (), 1] == [due, not_yet, again.attempts]
    assert [(newer,), ()] == [left, none]


async def test_waiting_position_remembers_where_playing_began(
    household: Household,
) -> None:
    """Audible's place then says later whether somebody listened elsewhere too."""
    plain = PositionWrite(
        household.account_id, asin(1), 9000, NOW, household.reader_id, Source.PLAYER
    )
    write = replace(plain, asin=asin(2), known_ms=4000, known_at=NOW - MINUTE)
    async with household.store.transaction() as connection:
        for waiting in (plain, write):
            await queue_position(connection, waiting, now=NOW)
        await postpone_position(connection, write, until=NOW + MINUTE)
        (first,) = await load_due_positions(connection, household.account_id, now=NOW)
        later = await load_due_positions(
            connection, household.account_id, now=NOW + MINUTE
        )
        number = await count_waiting_positions(connection, household.account_id)

    assert (None, 2) == (first.known, number)
    assert [Position(asin(2), 4000, NOW - MINUTE)] == [
        found.known for found in later if found.known
    ]


async def test_question_waits_until_it_is_answered(household: Household) -> None:
    """One for each title, with the newest places, since it was first asked."""
    question = PositionQuestion(
        account_id=household.account_id,
        asin=asin(1),
        reader_id=household.reader_id,
        ours_ms=9000,
        ours_at=NOW,
        theirs_ms=900_000,
        theirs_at=NOW - MINUTE,
        created_at=NOW,
    )
    later = replace(question, ours_ms=9500, created_at=NOW + MINUTE)
    other = replace(question, asin=asin(2), created_at=NOW - MINUTE)
    async with household.store.transaction() as connection:
        for asked in (question, later, other):
            await save_question(connection, asked)
        open_ones = await load_questions(connection, household.account_id)
        dropped = [
            await drop_question(connection, household.account_id, asin(1))
            for _ in range(2)
        ]
        left = await load_questions(connection, household.account_id)

    assert (other, replace(later, created_at=NOW)) == open_ones
    assert ([True, False], (other,)) == (dropped, left)


async def test_goal_is_set_changed_and_given_up(household: Household) -> None:
    """One goal for each kind and stretch of time."""
    year = (date(2026, 1, 1), date(2026, 12, 31))
    goal = Goal(household.reader_id, GoalKind.BOOKS, *year, 52)
    async with household.store.transaction() as connection:
        await save_goal(connection, goal, now=NOW)
        await save_goal(connection, replace(goal, target=60), now=NOW)
        goals = await load_goals(connection, household.reader_id)
        await delete_goal(connection, goal)
        none = await load_goals(connection, household.reader_id)

    assert [(replace(goal, target=60),), ()] == [goals, none]


async def test_failed_work_leaves_nothing(store: Store, household: Household) -> None:
    """A transaction that ends in any error is as if it never was."""

    async def stopped_work() -> None:
        async with store.transaction() as connection:
            await add_events(connection, (event(household, "a"),))
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        await stopped_work()

    async with store.reading() as connection:
        assert () == await load_unpublished(connection)
