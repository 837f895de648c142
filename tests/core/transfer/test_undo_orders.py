"""Imports that share rows, undone in any order: nothing of them is left."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from audible_core.decisions.reads import edit_read
from audible_core.kinds import BookStatus, ReadOutcome, Source
from audible_core.store.books import add_books, change_books
from audible_core.store.database import open_store
from audible_core.store.reads import add_reads, load_reads_of_book
from audible_core.store.records import BookFields, BookId, ReadFields, SyncLogId
from audible_core.transfer.row_decisions import decide_waiting_rows
from audible_core.transfer.undo import undo_import
from audible_core.vault import Vault
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.store.household import NOW, Household, move_in
from tests.core.transfer.library import (
    all_rows,
    book_of,
    goodreads,
    import_file,
    passes_of,
    synced_book,
)

DAY = timedelta(days=1)
ORDERS = list(itertools.permutations(range(3)))
STATES = ("new", "on the list", "heard")


def hobbit(
    day: str = "", *, shelf: str = "read", count: int = 1, number: int = 7, **cells: str
) -> str:
    """Return a row of Goodreads."""
    rating, tags = cells.get("rating", "0"), cells.get("tags", "")
    pages, review = cells.get("pages", ""), cells.get("review", "")
    return (
        f"{number},The Hobbit,J.R.R. Tolkien,,,{rating},Paperback,{pages},{day},"
        f'2014/01/02,"{tags}",{shelf},"{review}",,{count}'
    )


async def stand(household: Household, state: str) -> None:
    """Let the book be there before the first import, or not."""
    if state == "heard":
        await synced_book(household)
    if state == "on the list":
        fields = BookFields(
            household.reader_id, "The Hobbit", authors=("J.R.R. Tolkien",)
        )
        async with household.store.transaction() as connection:
            await add_books(connection, (fields,), now=NOW)


async def imports(household: Household, files: Sequence[bytes]) -> list[SyncLogId]:
    """Import files a day apart; return those that can be undone."""
    done = []
    for place, data in enumerate(files, start=1):
        result = await import_file(household, data, now=NOW + place * DAY)
        done.append(result.sync_log_id)
    return done


async def undo_all(household: Household, imported: Sequence[SyncLogId]) -> None:
    """Undo imports in this order."""
    for place, number in enumerate(imported):
        await undo_import(household.store, number, now=NOW + (20 + place) * DAY)


FILES = {
    "days": [[hobbit("2015/06/01")], [hobbit("2015/06/03")], [hobbit("2015/06/05")]],
    "found": [[hobbit()], [hobbit("2015/06/01")], [hobbit("2015/06/04", rating="4")]],
    "there and back": [
        [hobbit("2015/06/01")],
        [hobbit("2015/06/05")],
        [hobbit("2015/06/01")],
    ],
    "read again": [
        [hobbit("2024/06/01", rating="4", tags="a")],
        [hobbit("2015/06/01", tags="b")],
        [hobbit("2025/06/01", count=2, tags="c", review="Good.")],
    ],
    "begun and ended": [
        [hobbit(shelf="to-read")],
        [hobbit(shelf="currently-reading")],
        [hobbit("2015/06/01", number=8, pages="310")],
    ],
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
async def test_imports_are_undone_in_any_order(
    household: Household, files: list[list[str]], state: str
) -> None:
    """All is as it was before the first, to the time of the last change."""
    await stand(household, state)
    before = await all_rows(household.store)
    for order in ORDERS:
        done = await imports(household, [goodreads(*rows) for rows in files])
        await undo_all(household, [done[place] for place in order])

        assert before == await all_rows(household.store), order


UNSURE = "9,The Lord of the Rings (Omnibus),J.R.R. Tolkien,,,0,,,,,,read,,,1"
DATED = "9,The Lord of the Rings (Omnibus),J.R.R. Tolkien,,,0,,,2016/01/01,,,read,,,1"


@pytest.mark.parametrize("order", ORDERS)
async def test_decisions_are_undone_in_any_order(
    household: Household, order: Sequence[int]
) -> None:
    """What was decided of a waiting row, and a later file that dated its read."""
    fields = BookFields(
        household.reader_id, "The Lord of the Rings", authors=("J.R.R. Tolkien",)
    )
    async with household.store.transaction() as connection:
        (book_id,) = await add_books(connection, (fields,), now=NOW)
    before = await all_rows(household.store)
    first = await import_file(household, goodreads(UNSURE), now=NOW + DAY)
    decided = await decide_waiting_rows(
        household.store, first.sync_log_id, {1: book_id}, now=NOW + 2 * DAY
    )
    third = await import_file(household, goodreads(DATED), now=NOW + 3 * DAY)
    dated = await passes_of(household, book_id)
    numbers = [one.sync_log_id for one in (first, decided, third)]
    wanted = [numbers[place] for place in order]
    if order.index(0) < order.index(1):
        wanted.remove(decided.sync_log_id)  # It went with the import.
    await undo_all(household, wanted)

    assert [("finished", None, date(2016, 1, 1))] == dated
    assert before == await all_rows(household.store)


async def the_book(household: Household) -> BookId:
    """Return the only book that there is."""
    (row,) = (await all_rows(household.store))["books"]
    number: BookId = row[0]
    return number


async def test_undo_of_an_older_import_leaves_a_corrected_read(
    household: Household,
) -> None:
    """The younger file says it too; what only the older one said is gone."""
    rows = [
        goodreads(hobbit("2015/06/01", rating="4", tags="a")),
        goodreads(hobbit("2015/06/03", tags="b")),
    ]
    first, second = await imports(household, rows)
    await undo_import(household.store, first, now=NOW + 20 * DAY)
    book_id = await the_book(household)
    left = await book_of(household, book_id)

    assert [("finished", None, date(2015, 6, 3))] == await passes_of(household, book_id)
    assert (None, ()) == (left.rating, left.tags)
    assert date(2015, 6, 3) == left.finished_on
    await undo_import(household.store, second, now=NOW + 21 * DAY)
    assert [] == (await all_rows(household.store))["books"]


async def test_an_undone_file_can_be_imported_again(household: Household) -> None:
    """A read that an undo took is none that a person deleted."""
    older, newer = goodreads(hobbit("2015/06/01")), goodreads(hobbit("2024/08/20"))
    first, second = await imports(household, [older, newer])
    await undo_import(household.store, first, now=NOW + 20 * DAY)
    book_id = await the_book(household)
    left = await passes_of(household, book_id)
    again = await import_file(household, older, now=NOW + 21 * DAY)
    both = await passes_of(household, book_id)
    await undo_all(household, [again.sync_log_id, second])

    assert [("finished", None, date(2024, 8, 20))] == left
    assert {date(2015, 6, 1), date(2024, 8, 20)} == {end for _, _, end in both}
    assert [] == (await all_rows(household.store))["books"]


async def test_what_a_person_says_between_two_undos_stays(household: Household) -> None:
    """A title that was set by hand, and with it the book."""
    rows = [goodreads(hobbit(day)) for day in ("2015/06/01", "2015/06/03")]
    first, second = await imports(household, rows)
    await undo_import(household.store, first, now=NOW + 20 * DAY)
    book_id = await the_book(household)
    own = replace(await book_of(household, book_id), title="Hobbit", rating=5.0)
    async with household.store.transaction() as connection:
        await change_books(connection, ((book_id, own),), now=NOW + 21 * DAY)
    await undo_import(household.store, second, now=NOW + 22 * DAY)
    after = await book_of(household, book_id)

    assert ("Hobbit", 5.0) == (after.title, after.rating)
    assert [] == await passes_of(household, book_id)


async def ended_by_a_file(household: Household) -> tuple[BookId, SyncLogId]:
    """Import the end of a book that the first sync has found in its middle."""
    book_id = await synced_book(
        household,
        outcome=ReadOutcome.UNDER_WAY,
        status=BookStatus.READING,
        heard={"last_position_at": NOW - 4000 * DAY, "last_percentage": 40.0},
    )
    (number,) = await imports(household, [goodreads(hobbit("2024/06/01"))])
    return book_id, number


async def test_undo_opens_no_read_of_a_title_that_is_heard_again(
    household: Household,
) -> None:
    """A sync knows of one read under way for each title."""
    book_id, number = await ended_by_a_file(household)
    async with household.store.transaction() as connection:
        (ended,) = await load_reads_of_book(connection, book_id)
        again = ReadFields(
            household.reader_id,
            book_id,
            ended.fields.link_id,
            ReadOutcome.UNDER_WAY,
            source=Source.AUDIBLE,
        )
        await add_reads(connection, (again,), now=NOW + 2 * DAY)
    await undo_import(household.store, number, now=NOW + 20 * DAY)

    assert [
        ("finished", None, date(2024, 6, 1)),
        ("under_way", None, None),
    ] == await passes_of(household, book_id)


async def test_undo_opens_no_read_whose_end_a_person_has_dated(
    household: Household,
) -> None:
    """It is finished, as the person says; nobody is in the middle of what has ended."""
    book_id, number = await ended_by_a_file(household)
    day = date(2024, 6, 5)
    async with household.store.transaction() as connection:
        (ended,) = await load_reads_of_book(connection, book_id)
        await edit_read(
            connection, ended.read_id, {"finished_on": day}, actor="anna", now=NOW
        )
    await undo_import(household.store, number, now=NOW + 20 * DAY)

    assert [("finished", None, day)] == await passes_of(household, book_id)


DAYS = st.sampled_from(
    ("", "2015/06/01", "2015/06/03", "2015/06/20", "2015/08/01", "2024/08/20")
)
ROWS = st.builds(
    hobbit,
    DAYS,
    shelf=st.sampled_from(("read", "read", "to-read", "currently-reading", "dnf")),
    count=st.integers(1, 3),
    number=st.integers(7, 8),
    rating=st.sampled_from(("0", "4", "5")),
    tags=st.sampled_from(("", "a", "b", "a, b")),
    pages=st.sampled_from(("", "310", "312")),
    review=st.sampled_from(("", "Good.")),
)
FILE = st.lists(ROWS, min_size=1, max_size=3).map(lambda rows: goodreads(*rows))


@asynccontextmanager
async def opened() -> AsyncIterator[Household]:
    """Give an empty tracker that is gone afterwards."""
    with TemporaryDirectory() as folder:
        store = await open_store(
            Path(folder, "tracker.db"),
            vault=Vault.open(Path(folder, "keys")),
            owner="here",
            time_zone=ZoneInfo("Europe/Berlin"),
        )
        try:
            yield await move_in(store)
        finally:
            await store.close()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    state=st.sampled_from(STATES),
    files=st.lists(FILE, min_size=2, max_size=3),
    order=st.permutations(range(3)),
)
def test_nothing_is_left_whatever_was_imported(
    state: str, files: list[bytes], order: list[int]
) -> None:
    """Files that share rows, imported one after the other and undone in any order."""

    async def run() -> None:
        async with opened() as household:
            await stand(household, state)
            before = await all_rows(household.store)
            numbers = await imports(household, files)
            await undo_all(household, [numbers[at] for at in order if at < len(files)])
            assert before == await all_rows(household.store)

    asyncio.run(run())


async def test_an_import_that_was_undone_and_made_again_is_undone_too(
    household: Household,
) -> None:
    """The second import of the file found what the undo of the first had left."""
    plain, reviewed = goodreads(hobbit()), goodreads(hobbit(review="Good."))
    first, second = await imports(household, [plain, reviewed])
    await undo_import(household.store, first, now=NOW + 4 * DAY)
    third = await import_file(household, plain, now=NOW + 5 * DAY)
    await undo_all(household, [second, third.sync_log_id])

    assert [] == (await all_rows(household.store))["books"]
