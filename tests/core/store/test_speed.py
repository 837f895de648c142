"""Ten thousand titles never hold the event loop for long."""

import gc
from collections.abc import Iterator

import pytest
from audible_core.kinds import SyncStatus, SyncType
from audible_core.store.books import stream_books
from audible_core.store.changes import (
    Changes,
    LinkChange,
    NewBook,
    apply_changes,
)
from audible_core.store.links import load_link_states
from audible_core.store.records import SyncLogFields
from audible_core.store.titles import load_fingerprints, load_titles, save_titles

from tests.core.store.heartbeat import heartbeat
from tests.core.store.household import NOW, Household, asin, book, link, title

TITLES = 10_000
BLOCK_MAX_MS = 50


@pytest.fixture
def quiet_heap() -> Iterator[None]:
    """Measure the store, and not the collector's walk through the whole process."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("quiet_heap")
async def test_ten_thousand_titles_do_not_hold_the_loop(household: Household) -> None:
    """Writing and reading go in slices."""
    titles = [title(number) for number in range(TITLES)]
    store, account_id = household.store, household.account_id
    blocks: dict[str, float] = {}

    with heartbeat() as beat:
        async with store.transaction() as connection:
            await save_titles(connection, account_id, titles, now=NOW)
    blocks["save titles"] = beat.longest_block_ms
    with heartbeat() as beat:
        async with store.reading() as connection:
            await load_fingerprints(connection, account_id)
    blocks["load fingerprints"] = beat.longest_block_ms
    with heartbeat() as beat:
        async with store.reading() as connection:
            found = await load_titles(connection, account_id)
    blocks["load titles"] = beat.longest_block_ms

    assert TITLES == len(found)
    assert {} == {name: ms for name, ms in blocks.items() if ms > BLOCK_MAX_MS}


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("quiet_heap")
async def test_first_sync_of_ten_thousand_titles_does_not_hold_the_loop(
    household: Household,
) -> None:
    """Books, links and the rest in one transaction, with everybody else served."""
    numbers = range(TITLES)
    changes = Changes(
        account_id=household.account_id,
        log=SyncLogFields(
            household.account_id, SyncType.LIBRARY, SyncStatus.SUCCESS, NOW, 1
        ),
        titles=tuple(title(number) for number in numbers),
        new_books=tuple(
            NewBook(str(number), book(household.reader_id, f"Night {number}"))
            for number in numbers
        ),
        links=tuple(
            LinkChange(link(household, number), new_book=str(number))
            for number in numbers
        ),
    )
    blocks: dict[str, float] = {}

    with heartbeat() as beat:
        async with household.store.transaction() as connection:
            await apply_changes(connection, changes, now=NOW)
    blocks["apply"] = beat.longest_block_ms
    with heartbeat() as beat:
        async with household.store.reading() as connection:
            asins = [asin(number) for number in numbers]
            states = await load_link_states(connection, household.account_id, asins)
            books = [one async for one in stream_books(connection, household.reader_id)]
    blocks["load"] = beat.longest_block_ms

    assert [TITLES, TITLES] == [len(states), len(books)]
    assert {} == {name: ms for name, ms in blocks.items() if ms > BLOCK_MAX_MS}
