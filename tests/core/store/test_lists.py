"""Wishlists, what comes next, and passes as days."""

from dataclasses import replace
from datetime import date

import pytest
from audible_core.errors import NotInStoreError
from audible_core.kinds import ReadOutcome
from audible_core.models import Release, Wish
from audible_core.store.passes import load_passes
from audible_core.store.reads import add_reads
from audible_core.store.records import ReadFields, UpNextId
from audible_core.store.releases import (
    forget_releases,
    load_releases,
    save_releases,
)
from audible_core.store.up_next import (
    add_up_next,
    change_up_next,
    delete_up_next,
    load_up_next,
    move_up_next,
)
from audible_core.store.wishlist import load_wishes, save_wishes

from tests.core.store.household import DAY, NOW, Household, asin, linked_book

NEW = Wish(asin(1), "New", ("A. Writer",), date(2027, 1, 5), NOW)
OLD = Wish(asin(2), "Old", (), None, NOW - DAY)


async def test_wishlist_is_what_was_seen_last(household: Household) -> None:
    """What came, went or changed is counted; what is the same is not written."""
    account_id = household.account_id
    async with household.store.transaction() as connection:
        assert 2 == await save_wishes(connection, account_id, [OLD, NEW], now=NOW)
        assert (NEW, OLD) == await load_wishes(connection, account_id)
        assert 0 == await save_wishes(connection, account_id, [NEW, OLD], now=NOW)
        later = replace(NEW, release_on=date(2027, 2, 1))
        assert 2 == await save_wishes(connection, account_id, [later], now=NOW)
        assert (later,) == await load_wishes(connection, account_id)


async def test_releases_are_those_that_were_seen_last(household: Household) -> None:
    """Of each series by itself; a title of two series is there once."""
    account_id = household.account_id
    one = Release(asin(1), "Night", "Night 9", ("A. Writer",), date(2027, 1, 5))
    two = Release(asin(2), "Day", "Day 2", (), date(2026, 12, 1))
    both = replace(one, series="Day")
    async with household.store.transaction() as connection:
        assert 1 == await save_releases(connection, account_id, "Night", [one], now=NOW)
        assert 0 == await save_releases(connection, account_id, "Night", [one], now=NOW)
        await save_releases(connection, account_id, "Day", [two, both], now=NOW)
        assert (two, both) == await load_releases(connection, account_id)
        await forget_releases(connection, account_id, before=date(2026, 12, 2))
        assert (both,) == await load_releases(connection, account_id)
        assert 1 == await save_releases(connection, account_id, "Day", [], now=NOW)
        assert () == await load_releases(connection, account_id)


async def test_order_is_kept_and_changed(household: Household) -> None:
    """New ones come last; one is put behind another, or first."""
    reader_id = household.reader_id
    async with household.store.transaction() as connection:
        for name in ("Emma", "Dracula", "Ulysses"):
            await add_up_next(connection, reader_id, name, note="", now=NOW)
        first, _, third = await load_up_next(connection, reader_id)
        await move_up_next(connection, reader_id, third.item_id, after=None)
        await move_up_next(connection, reader_id, first.item_id, after=third.item_id)
        items = await load_up_next(connection, reader_id)
        assert ["Ulysses", "Emma", "Dracula"] == [item.title for item in items]

        done = replace(items[0], is_done=True, note="again")
        await change_up_next(connection, reader_id, done, now=NOW)
        await delete_up_next(connection, reader_id, [items[1].item_id])
        assert (done, items[2]) == await load_up_next(connection, reader_id)


async def test_entry_of_somebody_else_is_not_there(household: Household) -> None:
    """Nobody changes another reader's list."""
    reader_id = household.reader_id
    nobodys = UpNextId(99)
    async with household.store.transaction() as connection:
        await add_up_next(connection, reader_id, "Emma", note="", now=NOW)
        (item,) = await load_up_next(connection, reader_id)
        with pytest.raises(NotInStoreError):
            await move_up_next(connection, reader_id, nobodys, after=None)
        with pytest.raises(NotInStoreError):
            await change_up_next(
                connection, reader_id, replace(item, item_id=nobodys), now=NOW
            )
        await delete_up_next(connection, reader_id, [nobodys])
        assert (item,) == await load_up_next(connection, reader_id)


async def test_passes_lie_on_their_days(household: Household) -> None:
    """One under way goes on; one of unknown days is on no calendar."""
    link_id, book_id = await linked_book(household)
    whose = (household.reader_id, book_id, link_id)
    reads = (
        ReadFields(*whose, ReadOutcome.FINISHED, finished_on=date(2026, 1, 5)),
        ReadFields(
            *whose,
            ReadOutcome.FINISHED,
            started_on=date(2026, 3, 1),
            finished_on=date(2026, 3, 9),
        ),
        ReadFields(*whose, ReadOutcome.UNDER_WAY, started_on=date(2026, 5, 1)),
        ReadFields(*whose, ReadOutcome.FINISHED),
    )
    async with household.store.transaction() as connection:
        await add_reads(connection, reads, now=NOW)

        async def days(first: date, last: date) -> list[tuple[date, date | None]]:
            found = await load_passes(
                connection, household.reader_id, first=first, last=last
            )
            return [(one.starts_on, one.ends_on) for one in found]

        year = await days(date(2026, 1, 1), date(2026, 12, 31))
        assert [
            (date(2026, 1, 5), date(2026, 1, 5)),
            (date(2026, 3, 1), date(2026, 3, 9)),
            (date(2026, 5, 1), None),
        ] == year
        assert year[1:2] == await days(date(2026, 3, 9), date(2026, 3, 10))
        assert [] == await days(date(2026, 3, 10), date(2026, 3, 20))
        assert year[2:] == await days(date(2027, 3, 10), date(2027, 3, 20))
