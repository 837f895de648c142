"""A plan and the real store agree: what is kept is what the next plan starts from."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from audible_core.kinds import BookStatus, SyncType
from audible_core.models import Asin, AudibleTitle, Position
from audible_core.store.accounts import load_account
from audible_core.store.books import load_book
from audible_core.store.changes import apply_changes
from audible_core.store.database import Store, open_store
from audible_core.store.history import load_history
from audible_core.store.links import load_link_states
from audible_core.store.reads import load_reads_of_link
from audible_core.store.records import AccountId, Book, BookId
from audible_core.store.titles import load_fingerprints, load_some_titles
from audible_core.sync.library import compare_library, touched_titles
from audible_core.sync.plan import SyncPlan, plan_sync
from audible_core.sync.snapshot import MatchDecision, Remote, Stored
from audible_core.sync.wanted_decisions import titles_to_match
from audible_core.vault import Vault

from tests.core.store.household import Household, move_in
from tests.core.sync.paper import (
    DAY,
    HOUR,
    HOUR_MS,
    MINUTE_MS,
    NOW,
    asin,
    position,
    title,
)

BERLIN = ZoneInfo("Europe/Berlin")
NUMBERS = count(1)


@pytest.fixture
async def household(tmp_path: Path) -> AsyncIterator[Household]:
    """Open a store in a file, with one account in it."""
    vault = Vault.open(tmp_path / "keys")
    store = await open_store(
        tmp_path / "tracker.db", vault=vault, owner="here", time_zone=BERLIN
    )
    yield await move_in(store)
    await store.close()


async def _stored(store: Store, account_id: AccountId, remote: Remote) -> Stored:
    async with store.reading() as connection:
        account = await load_account(connection, account_id)
        known = await load_fingerprints(connection, account_id)
        difference = compare_library(known, remote)
        touched = touched_titles(known, remote, difference)
        previous = await load_some_titles(connection, account_id, touched)
        links: dict[Asin, tuple[object, ...]] = {}
        books: dict[BookId, Book] = {}
        for state in await load_link_states(connection, account_id, touched):
            fields = state.link.fields
            links[fields.asin] = (*links.get(fields.asin, ()), state)
            if fields.book_id is not None:
                books[fields.book_id] = await load_book(connection, fields.book_id)
    return Stored(
        account=account,
        known=known,
        previous={entry.asin: entry for entry in previous},
        links=links,  # type: ignore[arg-type]
        books=books,
    )


async def _sync(
    household: Household, *titles: AudibleTitle, places: tuple[Position, ...] = ()
) -> SyncPlan:
    at = NOW + next(NUMBERS) * HOUR
    remote = Remote(
        SyncType.LIBRARY,
        at,
        titles=titles,
        positions={place.asin: place for place in places},
        is_complete=True,
    )
    stored = await _stored(household.store, household.account_id, remote)
    difference = compare_library(stored.known, remote)
    wanted = titles_to_match(stored, remote, difference)
    plan = plan_sync(
        stored,
        remote,
        difference,
        decisions={entry.asin: MatchDecision() for entry in wanted},
        now=at,
        time_zone=BERLIN,
        new_event_id=lambda: f"event-{next(NUMBERS):06}",
    )
    async with household.store.transaction() as connection:
        await apply_changes(connection, plan.changes, now=at)
    return plan


async def test_what_was_kept_is_no_change_the_next_time(household: Household) -> None:
    """Every column comes back as it was planned."""
    library = (
        title(1, percent_complete=40.0, status_changed_at=NOW - DAY),
        title(2, is_finished=True),
        title(3, content_type="Podcast"),
        AudibleTitle(asin(4), None),
    )
    places = (position(3 * HOUR_MS, NOW - DAY),)
    first = await _sync(household, *library, places=places)
    assert not first.is_empty
    again = await _sync(household, *library, places=places)
    assert again.is_empty, str(again)


async def test_a_book_goes_its_way_through_the_store(household: Household) -> None:
    """New, begun, finished, removed, there again."""
    book = title()
    await _sync(household, book, title(2))
    begun = position(HOUR_MS, NOW + DAY)
    await _sync(household, book, title(2), places=(begun,))
    ended = position(10 * HOUR_MS - MINUTE_MS, NOW + DAY)
    await _sync(household, book, title(2), places=(replace(ended),))
    await _sync(household, title(2))
    told = await _sync(household, book, title(2))
    events = [change.event.event_type for change in told.changes.events]
    assert ["title_available"] == events
    async with household.store.reading() as connection:
        (state,) = await load_link_states(connection, household.account_id, [asin(1)])
        link = state.link
        history = await load_history(connection, link.link_id)
        reads = await load_reads_of_link(connection, link.link_id)
    assert BookStatus.FINISHED == state.book_status
    assert None is link.fields.removed_at
    assert [ended.position_ms, HOUR_MS] == [row.position_ms for row in history]
    assert [link.fields.book_id] == [read.fields.book_id for read in reads]
