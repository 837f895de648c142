"""Links, reads and conflicts: what a sync asks for and what a human decides."""

from dataclasses import replace
from datetime import date

import pytest
from audible_core.errors import NotInStoreError, StoreRefusedError
from audible_core.kinds import (
    BookStatus,
    ConflictType,
    DateSource,
    ReadOutcome,
    Resolution,
    Source,
)
from audible_core.models import Credentials
from audible_core.store.accounts import save_account
from audible_core.store.books import add_books, load_some_books
from audible_core.store.conflicts import (
    FoundConflict,
    close_conflicts,
    load_conflict,
    load_conflicts_of_link,
    load_open_conflict,
    load_open_conflicts,
    resolve_conflict,
    save_conflicts,
)
from audible_core.store.database import Store
from audible_core.store.links import (
    LinkDecision,
    load_link,
    load_link_states,
    load_links_of_book,
    load_links_of_title,
    load_twins,
    save_links,
    set_decision,
    set_sync,
    stream_links,
)
from audible_core.store.readers import add_reader
from audible_core.store.reads import (
    add_reads,
    change_reads,
    delete_read,
    load_finished_reads,
    load_newest_reads,
    load_read,
    load_reads_of_book,
    load_reads_of_link,
    move_reads,
    stream_reads,
)
from audible_core.store.records import (
    BookId,
    Candidate,
    Evidence,
    LinkId,
    ReadFields,
    ReadId,
)
from audible_core.store.titles import save_titles

from tests.core.store.household import (
    DAY,
    NOW,
    Household,
    asin,
    book,
    link,
    linked_book,
    title,
)


async def test_link_is_made_once_for_each_reader_and_title(
    household: Household,
) -> None:
    """Saving again replaces what is known and keeps number and first sight."""
    fields = link(
        household,
        1,
        last_position_ms=5000,
        last_position_at=NOW,
        last_percentage=12.5,
        evidence=(Evidence("title", "equal", 1.0), Evidence("author", "near")),
    )
    async with household.store.transaction() as connection:
        first = await save_links(connection, (fields,), now=NOW)
        moved = replace(fields, last_position_ms=6000)
        second = await save_links(connection, (moved,), now=NOW + DAY)
        (state,) = await load_link_states(connection, household.account_id, [asin(1)])

    assert first == second
    assert (moved, NOW, NOW + DAY, None, None, None) == (
        state.link.fields,
        state.link.first_seen_at,
        state.link.updated_at,
        state.book_status,
        state.book_page_count,
        state.read,
    )


async def test_same_title_may_be_another_book_for_another_reader(
    household: Household,
) -> None:
    """Who reads decides which book it is."""
    async with household.store.transaction() as connection:
        ben = await add_reader(connection, "Ben", person=None, now=NOW)
        hers, his = await add_books(
            connection,
            (book(household.reader_id, "Print"), book(ben, "Audio")),
            now=NOW,
        )
        links = (
            link(household, 1, book_id=hers),
            link(household, 1, book_id=his, reader_id=ben),
        )
        numbers = await save_links(connection, links, now=NOW)
        found = await load_links_of_title(connection, asin(1))
        of_book = await load_links_of_book(connection, his)

    assert 2 == len(set(numbers.values()))
    assert {household.reader_id: hers, ben: his} == {
        entry.fields.reader_id: entry.fields.book_id for entry in found
    }
    assert [ben] == [entry.fields.reader_id for entry in of_book]


async def test_state_holds_the_newest_read_and_the_book(household: Household) -> None:
    """All that a sync needs to know of a title comes in one row."""
    link_id, book_id = await linked_book(household)
    old = ReadFields(
        household.reader_id,
        book_id,
        link_id,
        ReadOutcome.FINISHED,
        started_on=date(2025, 1, 1),
        started_source=DateSource.STATUS,
        finished_on=date(2025, 2, 1),
        finished_source=DateSource.HEARD,
        finished_at=NOW,
        source=Source.AUDIBLE,
    )
    new = ReadFields(household.reader_id, book_id, link_id, ReadOutcome.UNDER_WAY)
    async with household.store.transaction() as connection:
        await add_reads(connection, (old, new), now=NOW)
        await save_links(connection, (link(household, 2),), now=NOW)
        states = await load_link_states(
            connection, household.account_id, [asin(1), asin(2)]
        )
        some = await load_link_states(connection, household.account_id, [asin(1)])

    by_asin = {state.link.fields.asin: state for state in states}
    assert {asin(1), asin(2)} == set(by_asin)
    assert BookStatus.READING == by_asin[asin(1)].book_status
    read = by_asin[asin(1)].read
    assert read is not None
    assert new == read.fields
    assert [by_asin[asin(1)]] == list(some)


async def test_undoing_a_link_moves_its_history(household: Household) -> None:
    """A wrong match leaves no read behind at the wrong book."""
    link_id, wrong = await linked_book(household)
    reader_id = household.reader_id
    heard = ReadFields(reader_id, wrong, link_id, ReadOutcome.FINISHED)
    typed = ReadFields(reader_id, wrong, None, ReadOutcome.FINISHED)
    async with household.store.transaction() as connection:
        (right,) = await add_books(connection, (book(reader_id, "R"),), now=NOW)
        await add_reads(connection, (heard, typed), now=NOW)
        await set_decision(connection, link_id, LinkDecision(), now=NOW)
        await move_reads(connection, link_id, None)
        undone = await load_link(connection, link_id)
        left = await load_reads_of_book(connection, wrong)
        waiting = await load_reads_of_link(connection, link_id)
        decision = LinkDecision(
            right, 1.0, match_method="user", manually_confirmed=True
        )
        await set_decision(connection, link_id, decision, now=NOW)
        await move_reads(connection, link_id, right)
        confirmed = await load_link(connection, link_id)
        moved = await load_reads_of_book(connection, right)

    assert (None, False, None) == (
        undone.fields.book_id,
        undone.fields.manually_confirmed,
        undone.fields.match_confidence,
    )
    assert [typed] == [read.fields for read in left]
    assert [replace(heard, book_id=None)] == [read.fields for read in waiting]
    assert (right, True, "user", 1.0) == (
        confirmed.fields.book_id,
        confirmed.fields.manually_confirmed,
        confirmed.fields.match_method,
        confirmed.fields.match_confidence,
    )
    assert [replace(heard, book_id=right)] == [read.fields for read in moved]


async def test_title_that_another_account_brought_is_known(
    household: Household,
) -> None:
    """Two accounts feed one reader: the same title is one link, whoever syncs."""
    store = household.store
    async with store.transaction() as connection:
        second = await save_account(
            connection,
            store.vault,
            Credentials("second"),
            customer_id="amzn1.account.SECOND",
            marketplace="us",
            name="Anna",
            email=None,
            reader_id=household.reader_id,
            now=NOW,
        )
        ben = await add_reader(connection, "Ben", person=None, now=NOW)
        his = link(household, 1, reader_id=ben, account_id=None)
        await save_links(connection, (link(household, 1), his), now=NOW)
        found = await load_link_states(connection, second, [asin(1)])
        everything = [
            one async for one in stream_links(connection, household.reader_id)
        ]

    assert [household.reader_id] == [one.link.fields.reader_id for one in found]
    assert [one.link for one in found] == everything


async def test_same_book_of_two_marketplaces_is_found_by_its_sku(
    household: Household,
) -> None:
    """Two ASINs, one book; a link by hand counts more than an older one."""
    _, book_id = await linked_book(household, 1)
    _, other_book = await linked_book(household, 2)
    titles = (
        title(1, sku_lite="BK_SAME"),
        title(2, sku_lite="BK_SAME"),
        title(3, sku_lite="BK_UNLINKED"),
    )
    skus = ["BK_SAME", "BK_UNLINKED", "BK_UNKNOWN"]
    reader_id = household.reader_id
    async with household.store.transaction() as connection:
        await save_titles(connection, household.account_id, titles, now=NOW)
        await save_links(connection, (link(household, 3),), now=NOW)
        oldest = await load_twins(connection, reader_id, skus)
        (second,) = await load_links_of_title(connection, asin(2))
        decision = LinkDecision(other_book, 1.0, manually_confirmed=True)
        await set_decision(connection, second.link_id, decision, now=NOW)
        by_hand = await load_twins(connection, reader_id, skus)

    assert [{"BK_SAME": book_id}, {"BK_SAME": other_book}] == [oldest, by_hand]


async def test_books_and_their_newest_reads_by_number(household: Household) -> None:
    """What a plan has to see of the books that a sync touches."""
    link_id, book_id = await linked_book(household, 1)
    _, unread = await linked_book(household, 2)
    reads = [
        ReadFields(household.reader_id, book_id, link_id, outcome)
        for outcome in (ReadOutcome.FINISHED, ReadOutcome.UNDER_WAY)
    ]
    wanted = [book_id, unread, BookId(999)]
    async with household.store.transaction() as connection:
        await add_reads(connection, reads, now=NOW)
        books = await load_some_books(connection, wanted)
        newest = await load_newest_reads(connection, wanted)
        everything = [
            read async for read in stream_reads(connection, household.reader_id)
        ]

    assert {book_id, unread} == set(books)
    assert {book_id: reads[1]} == {key: read.fields for key, read in newest.items()}
    assert reads == [read.fields for read in everything]


async def test_sync_of_one_title_can_be_switched_off(household: Household) -> None:
    """With an interval of its own for those that stay on."""
    link_id, _ = await linked_book(household)
    async with household.store.transaction() as connection:
        await set_sync(connection, link_id, enabled=False, interval_minutes=240)
        found = await load_link(connection, link_id)

    assert (False, 240) == (
        found.fields.sync_enabled,
        found.fields.sync_interval_minutes,
    )


async def test_link_to_a_book_that_is_gone_is_refused(household: Household) -> None:
    """Foreign keys are watched over on both databases, and nothing is half done."""
    links = (link(household, 1), link(household, 2, book_id=BookId(99)))

    async def save_one_by_one() -> None:
        async with household.store.transaction() as connection:
            for one in links:
                await save_links(connection, (one,), now=NOW)

    with pytest.raises(StoreRefusedError):
        await save_one_by_one()

    async with household.store.reading() as connection:
        asins = [asin(1), asin(2)]
        assert () == await load_link_states(connection, household.account_id, asins)


async def test_reads_of_a_year(household: Household) -> None:
    """Only what was finished, on both edge days too, linked or not."""
    reader_id = household.reader_id
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), None)
    async with household.store.transaction() as connection:
        (link_id,) = (
            await save_links(connection, (link(household, 1),), now=NOW)
        ).values()
        reads = [
            ReadFields(reader_id, None, link_id, ReadOutcome.FINISHED, finished_on=day)
            for day in days
        ]
        await add_reads(connection, reads, now=NOW)
        found = await load_finished_reads(
            connection, reader_id, first=date(2026, 1, 1), last=date(2026, 12, 31)
        )

    assert [days[1], days[2]] == [read.fields.finished_on for read in found]


async def test_read_can_be_changed_and_deleted(household: Household) -> None:
    """Dates are the reader's to set."""
    _, book_id = await linked_book(household)
    fields = ReadFields(household.reader_id, book_id, None, ReadOutcome.UNDER_WAY)
    async with household.store.transaction() as connection:
        (read_id,) = await add_reads(connection, (fields,), now=NOW)
        done = replace(fields, outcome=ReadOutcome.STOPPED, stopped_on=NOW.date())
        await change_reads(connection, ((read_id, done),), now=NOW + DAY)
        read = await load_read(connection, read_id)
        await delete_read(connection, read_id)
        with pytest.raises(NotInStoreError, match=f"no read {read_id}"):
            await load_read(connection, read_id)

    assert (done, NOW, NOW + DAY) == (read.fields, read.created_at, read.updated_at)


async def test_one_open_conflict_for_each_title(household: Household) -> None:
    """Each sync renews the candidates; it does not ask the same question twice."""
    link_id, book_id = await linked_book(household)
    candidates = (
        Candidate(book_id, 0.8, (Evidence("title", "near", 0.7),)),
        Candidate(BookId(book_id + 1), 0.7),
    )
    async with household.store.transaction() as connection:
        for kind, found in (
            (ConflictType.NO_MATCH, ()),
            (ConflictType.AMBIGUOUS, candidates),
        ):
            conflict = FoundConflict(link_id, kind, found)
            await save_conflicts(connection, (conflict,), now=NOW)
        (open_one,) = await load_open_conflicts(connection)
        same = await load_open_conflict(connection, link_id)
        of_reader = await load_open_conflicts(connection, reader_id=household.reader_id)

    assert (ConflictType.AMBIGUOUS, candidates, False) == (
        open_one.conflict_type,
        open_one.candidates,
        open_one.resolved,
    )
    assert [open_one, open_one] == [same, *of_reader]


async def test_resolution_is_sticky(household: Household) -> None:
    """A decided conflict is decided; a later one is a new one."""
    link_id, book_id = await linked_book(household)
    conflict = FoundConflict(link_id, ConflictType.NO_MATCH, ())
    async with household.store.transaction() as connection:
        await save_conflicts(connection, (conflict,), now=NOW)
        (opened,) = await load_open_conflicts(connection)
        answers = [
            await resolve_conflict(
                connection,
                opened.conflict_id,
                how,
                book_id=book_id,
                resolver="person.anna",
                now=NOW + DAY,
            )
            for how in (Resolution.LINKED, Resolution.IGNORED)
        ]
        decided = await load_conflict(connection, opened.conflict_id)
        none_open = await load_open_conflicts(connection)
        await save_conflicts(connection, (conflict,), now=NOW + 2 * DAY)
        await close_conflicts(connection, (link_id,), now=NOW + 3 * DAY)
        all_of_them = await load_conflicts_of_link(connection, link_id)

    assert [True, False] == answers
    assert (True, Resolution.LINKED, "person.anna", book_id, NOW + DAY) == (
        decided.resolved,
        decided.resolution,
        decided.resolver,
        decided.resolved_book_id,
        decided.resolved_at,
    )
    assert () == none_open
    assert [Resolution.LINKED, Resolution.OBSOLETE] == [
        entry.resolution for entry in all_of_them
    ]


async def test_unknown_numbers_are_named(store: Store) -> None:
    """Deciding about what is gone gives a sentence."""
    async with store.transaction() as connection:
        with pytest.raises(NotInStoreError, match="no link 5"):
            await set_decision(connection, LinkId(5), LinkDecision(), now=NOW)
        with pytest.raises(NotInStoreError, match="no read 5"):
            await delete_read(connection, ReadId(5))
