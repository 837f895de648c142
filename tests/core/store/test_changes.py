"""One sync's work: applied whole, or not at all, wherever it is stopped."""

import asyncio
import multiprocessing
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from audible_core.kinds import (
    ReadOutcome,
    Source,
)
from audible_core.store.accounts import load_account
from audible_core.store.books import load_book, search_books
from audible_core.store.changes import (
    Changes,
    LedgerChange,
    LinkChange,
    NotedSync,
    ReadChange,
    apply_changes,
)
from audible_core.store.conflicts import load_open_conflicts
from audible_core.store.database import Store
from audible_core.store.events import load_unpublished
from audible_core.store.history import load_history
from audible_core.store.links import load_link_states
from audible_core.store.schema import METADATA
from audible_core.store.sync_logs import load_sync_logs
from audible_core.store.titles import load_fingerprints, save_titles
from sqlalchemy import event, func, select

from tests.core.store.dying import LOG, first_sync, sync_and_die
from tests.core.store.household import (
    NOW,
    Household,
    asin,
    title,
)


async def test_first_sync_is_applied_as_one(household: Household) -> None:
    """New rows refer to each other before they have numbers."""
    async with household.store.transaction() as connection:
        applied = await apply_changes(connection, first_sync(household), now=NOW)
    async with household.store.reading() as connection:
        states = await load_link_states(
            connection, household.account_id, map(asin, range(1, 4))
        )
        by_asin = {state.link.fields.asin: state for state in states}
        made = await load_book(connection, applied.books["new 1"])
        history = await load_history(connection, by_asin[asin(1)].link.link_id)
        conflicts = await load_open_conflicts(connection)
        events = await load_unpublished(connection)
        account = await load_account(connection, household.account_id)
        known = await load_fingerprints(connection, household.account_id)

    read = by_asin[asin(1)].read
    assert read is not None
    assert (made.book_id, by_asin[asin(1)].link.link_id, applied.sync_log_id) == (
        read.fields.book_id,
        read.fields.link_id,
        read.fields.sync_log_id,
    )
    assert made.book_id == by_asin[asin(1)].link.fields.book_id
    assert applied.sync_log_id == made.fields.sync_log_id
    assert [(5000, applied.sync_log_id)] == [
        (row.position_ms, row.sync_log_id) for row in history
    ]
    assert [by_asin[asin(2)].link.link_id] == [one.link_id for one in conflicts]
    assert [("event-1", made.book_id)] == [(e.event_id, e.book_id) for e in events]
    assert ["event-1"] == [told.event_id for told in applied.new_events]
    assert (NOW, 1, "token") == (
        account.last_sync_at,
        account.sync_count_today,
        account.state_token,
    )
    assert [5000, None, None] == [known[asin(n)].position_ms for n in (1, 2, 3)]
    assert known[asin(3)].removed_at == NOW


async def test_next_sync_changes_what_there_is(household: Household) -> None:
    """A moved title: its link, its read, the ledger, and a conflict that is gone."""
    async with household.store.transaction() as connection:
        await apply_changes(connection, first_sync(household), now=NOW)
        states = await load_link_states(
            connection, household.account_id, map(asin, range(1, 4))
        )
        state, other = sorted(states, key=lambda one: one.link.fields.asin)
        assert state.read is not None
        done = replace(state.read.fields, outcome=ReadOutcome.FINISHED)
        moved = replace(state.link.fields, last_position_ms=6000, is_finished=True)
        changes = Changes(
            account_id=household.account_id,
            log=replace(LOG, account_id=household.account_id),
            links=(LinkChange(moved),),
            reads=(ReadChange(done, read_id=state.read.read_id),),
            ledger=(
                LedgerChange(
                    state.link.link_id, 6000, 1.0, True, Source.PLAYER, actor="anna"
                ),
            ),
            closed_conflicts=(other.link.link_id,),
        )
        await apply_changes(connection, changes, now=NOW)
        (after,) = await load_link_states(connection, household.account_id, [asin(1)])
        conflicts = await load_open_conflicts(connection)
        history = await load_history(connection, state.link.link_id)
        found = await search_books(connection, household.reader_id, "lantern")

    assert after.read is not None
    assert (moved, done, state.read.read_id) == (
        after.link.fields,
        after.read.fields,
        after.read.read_id,
    )
    assert () == conflicts
    assert ["anna", None] == [row.actor for row in history]
    assert 1 == len(found)


async def test_unchanged_sync_takes_four_statements(household: Household) -> None:
    """Two to know that nothing has changed, two to note it."""
    store, account_id = household.store, household.account_id
    async with store.transaction() as connection:
        await save_titles(connection, account_id, map(title, range(2000)), now=NOW)
    statements: list[str] = []
    engine = store._engine.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    async with store.reading() as connection:
        account = await load_account(connection, account_id)
        await load_fingerprints(connection, account_id)
    changes = Changes(
        account_id=account.account_id,
        log=replace(LOG, account_id=account_id),
        noted=NotedSync(NOW, NOW.date(), 1, None),
    )
    async with store.transaction() as connection:
        await apply_changes(connection, changes, now=NOW)

    assert 4 == len(statements)


async def rows_in(store: Store) -> dict[str, int]:
    """Count the rows of all tables that a sync writes."""
    counts = {}
    async with store.reading() as connection:
        for table in METADATA.sorted_tables:
            question = select(func.count()).select_from(table)
            counts[table.name] = (await connection.execute(question)).scalar_one()
    return counts


@pytest.mark.timeout(300)
async def test_process_killed_at_any_statement_leaves_all_or_nothing(
    household: Household, target: str | Path, tmp_path: Path
) -> None:
    """No event is lost or told of work that was not kept."""
    store = household.store
    before = await rows_in(store)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.core.store.dying"])
    outcomes = []
    for statement in range(1, 40):
        arguments = (
            target,
            tmp_path / "keys",
            household.reader_id,
            household.account_id,
            statement,
        )
        process = context.Process(target=sync_and_die, args=arguments)
        process.start()
        await asyncio.to_thread(process.join)
        assert -signal.SIGKILL == process.exitcode
        outcomes.append(await rows_in(store) == before)
        if not outcomes[-1]:
            break

    # SQLite's BEGIN is a statement of its own.
    assert len(outcomes) > 10
    assert [*[True] * (len(outcomes) - 1), False] == outcomes
    async with store.reading() as connection:
        events = await load_unpublished(connection)
        logs = await load_sync_logs(connection, household.account_id)
    assert (["event-1"], 1) == ([one.event_id for one in events], len(logs))
