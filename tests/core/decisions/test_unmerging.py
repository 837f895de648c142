"""A merge taken back: two books again, each with its own history."""

import pytest
from audible_core.decisions.books import merge_books, rate_book
from audible_core.decisions.history import HistoryKind, get_history
from audible_core.decisions.unmerging import Unmerged, load_merge, undo_merge
from audible_core.errors import NothingToUndoError
from audible_core.kinds import BookStatus, ConflictType, ReadOutcome
from audible_core.store.events import load_events_of_book
from audible_core.store.records import BookId, Candidate
from audible_core.store.schema import LINKS
from sqlalchemy import delete

from tests.core.decisions.home import ACTOR, DAY, HOUR, HOUR_MS, Home, place, title
from tests.core.decisions.test_books import day, heard_book, merge
from tests.core.store.household import NOW


async def take_apart(home: Home, kept: BookId) -> Unmerged:
    """Take the last merge into a book back."""
    async with home.household.store.transaction() as connection:
        return await undo_merge(connection, kept, actor=ACTOR, now=NOW + 2 * HOUR)


async def two_books(home: Home) -> tuple[BookId, BookId]:
    """Return a book by hand that was read, and that of a title that is finished."""
    heard = await heard_book(home)
    await home.sync(title(1), places=(place(10 * HOUR_MS - 1, NOW - HOUR),), at=NOW)
    own = await home.add_book(
        "Night One", status=BookStatus.TO_READ, tags=("a",), rating=4.0
    )
    for begun, finished in ((day("2026-11-01"), day("2026-11-20")), (None, None)):
        await home.add_read(
            own, ReadOutcome.FINISHED, started_on=begun, finished_on=finished
        )
    return own, heard


async def events_of(home: Home, book_id: BookId) -> list[str]:
    """Return what was told of a book."""
    async with home.household.store.reading() as connection:
        return [one.event_id for one in await load_events_of_book(connection, book_id)]


async def test_all_is_as_it_was(home: Home) -> None:
    """Books, passes, links, conflicts and what was told; the decision stays known."""
    own, heard = await two_books(home)
    before, told = await home.state(), await events_of(home, heard)
    await merge(home, own, heard)
    apart = await take_apart(home, own)

    assert (apart.kept.book_id, apart.restored.book_id) == (own, heard)
    assert await home.state() == before
    assert await events_of(home, heard) == told
    async with home.household.store.reading() as connection:
        history = await get_history(connection, book_id=own)
        assert await load_merge(connection, own) is None
    undo, merged = [one for one in history if one.kind is HistoryKind.DECISION]
    assert undo.data["undone"] == merged.sync_log_id
    assert (merged.data["action"], merged.data["is_undone"]) == ("merge_books", True)
    with pytest.raises(NothingToUndoError):
        await take_apart(home, own)


async def test_merges_come_apart_one_by_one(home: Home) -> None:
    """The last one first."""
    one, two, three = [await home.add_book(name) for name in ("A", "B", "C")]
    before = await home.state()
    await merge(home, one, two)
    middle = await home.state()
    await merge(home, one, three)

    await take_apart(home, one)
    assert await home.state() == middle
    await take_apart(home, one)
    assert await home.state() == before


async def test_conflicts_offer_both_books_again(home: Home) -> None:
    """As far as they are still open."""
    one, two, three = [await home.add_book(name) for name in ("A", "B", "C")]
    await home.unsure(title(1))
    await home.conflict(
        1,
        Candidate(one, 0.8),
        Candidate(two, 0.7),
        Candidate(three, 0.6),
        conflict_type=ConflictType.AMBIGUOUS,
    )
    before = await home.state()
    await merge(home, two, one)

    await take_apart(home, two)

    assert await home.state() == before


async def test_conflict_that_went_with_its_title_is_not_missed(home: Home) -> None:
    """The import that had brought the title was undone meanwhile."""
    one, two = [await home.add_book(name) for name in ("A", "B")]
    before = await home.state()
    await home.unsure(title(1))
    await home.conflict(1, Candidate(one, 0.8), Candidate(two, 0.7))
    await merge(home, two, one)
    async with home.household.store.transaction() as connection:
        await connection.execute(delete(LINKS))

    await take_apart(home, two)

    assert await home.state() == before


async def test_what_was_heard_since_goes_along(home: Home) -> None:
    """The title's book stands where its title does; the other one where it stood."""
    heard = await heard_book(home)
    own = await home.add_book("Night One", status=BookStatus.TO_READ)
    was = await home.book(own)
    await merge(home, own, heard)
    at = NOW + DAY
    await home.sync(title(1), places=(place(7 * HOUR_MS, at),), at=at)
    assert (await home.book(own)).current_position_ms == 7 * HOUR_MS

    apart = await take_apart(home, own)

    assert apart.restored.fields.current_position_ms == 7 * HOUR_MS
    assert apart.restored.fields.status is BookStatus.READING
    assert apart.kept.fields == was
    assert (await home.link()).fields.book_id == heard
    assert [read.fields.link_id for read in await home.reads_of_book(own)] == []
    assert len(await events_of(home, heard)) > 0
    assert await events_of(home, own) == []
    plan = await home.sync(title(1), places=(place(7 * HOUR_MS, at),), at=at + HOUR)
    assert plan.is_empty, str(plan)


async def test_what_a_person_said_since_stays(home: Home) -> None:
    """At the book that was kept."""
    own, heard = await two_books(home)
    await merge(home, own, heard)
    async with home.household.store.transaction() as connection:
        await rate_book(connection, own, 2.5, actor=ACTOR, now=NOW + HOUR)

    apart = await take_apart(home, own)

    assert apart.kept.fields.rating == 2.5
    assert apart.kept.fields.asin is None
    assert apart.restored.fields.rating is None


async def test_books_that_were_merged_on_come_apart_from_the_last_one(
    home: Home,
) -> None:
    """What is no more cannot be taken apart before."""
    one, two, three = [await home.add_book(name) for name in ("A", "B", "C")]
    before = await home.state()
    await merge(home, two, three)
    async with home.household.store.transaction() as connection:
        await merge_books(connection, one, two, actor=ACTOR, now=NOW)

    await take_apart(home, one)
    await take_apart(home, two)

    assert await home.state() == before
