"""Passes by hand: every day can be corrected, and the book follows the newest."""

import pytest
from audible_core.decisions.checking import ReadEdit
from audible_core.decisions.reads import add_read, delete_read, edit_read, list_reads
from audible_core.errors import (
    InvalidValueError,
    NotInStoreError,
    ReadUnderWayError,
)
from audible_core.kinds import BookStatus, DateSource, ReadOutcome, Source
from audible_core.store.records import BookId, Read, ReadId

from tests.core.decisions.home import (
    ACTOR,
    DAY,
    HOUR,
    HOUR_MS,
    Home,
    day,
    place,
    title,
)
from tests.core.store.household import NOW

THREE = place(3 * HOUR_MS, NOW - DAY)
OLD = day("2019-03-01")


async def edit(home: Home, read_id: ReadId, changes: ReadEdit) -> Read:
    """Correct a pass."""
    async with home.household.store.transaction() as connection:
        return await edit_read(connection, read_id, changes, actor=ACTOR, now=NOW)


async def add(home: Home, book_id: BookId, changes: ReadEdit) -> Read:
    """Add a pass."""
    async with home.household.store.transaction() as connection:
        return await add_read(connection, book_id, changes, actor=ACTOR, now=NOW)


async def finished_book(home: Home) -> tuple[BookId, ReadId]:
    """Sync a title that is heard to its end while everybody looks."""
    await home.sync(title(1), at=NOW - 4 * DAY)
    await home.sync(title(1), places=(THREE,), at=NOW - DAY + HOUR)
    end = place(10 * HOUR_MS - 1, NOW - HOUR)
    await home.sync(title(1), places=(end,), at=NOW)
    book_id = (await home.link()).fields.book_id
    assert book_id is not None
    (read,) = await home.reads_of_book(book_id)
    return book_id, read.read_id


async def test_corrected_days_are_the_books_days(home: Home) -> None:
    """They come from a person now, and the instant was that of another day."""
    book_id, read_id = await finished_book(home)
    changes: ReadEdit = {
        "started_on": day("2026-11-05"),
        "finished_on": day("2026-11-12"),
    }
    read = await edit(home, read_id, changes)
    book = await home.book(book_id)
    assert (
        day("2026-11-05"),
        DateSource.USER,
        day("2026-11-12"),
        DateSource.USER,
        None,
        Source.AUDIBLE,
    ) == (
        read.fields.started_on,
        read.fields.started_source,
        read.fields.finished_on,
        read.fields.finished_source,
        read.fields.finished_at,
        read.fields.source,
    )
    assert (day("2026-11-05"), day("2026-11-12"), BookStatus.FINISHED) == (
        book.started_on,
        book.finished_on,
        book.status,
    )
    said = await home.state()
    await home.sync(
        title(1, is_finished=True, cover_url="new"),
        places=(place(10 * HOUR_MS - 1, NOW - HOUR),),
        at=NOW + DAY,
    )
    now = await home.state()
    assert (said["reads"], said["books"]) == (now["reads"], now["books"])


async def test_day_can_be_made_unknown(home: Home) -> None:
    """None says that nobody knows; what is not named stays."""
    book_id, read_id = await finished_book(home)
    read = await edit(home, read_id, {"finished_on": None})
    assert (None, DateSource.UNKNOWN, ReadOutcome.FINISHED) == (
        read.fields.finished_on,
        read.fields.finished_source,
        read.fields.outcome,
    )
    assert (None, day("2026-11-19")) == (
        (await home.book(book_id)).finished_on,
        read.fields.started_on,
    )


async def test_older_pass_moves_no_book(home: Home) -> None:
    """The book's own days are those of the newest pass."""
    book_id, _ = await finished_book(home)
    before = await home.book(book_id)
    old = await add(home, book_id, {"finished_on": OLD})
    await edit(home, old.read_id, {"started_on": day("2019-02-01")})
    assert before == await home.book(book_id)
    assert None is old.fields.link_id
    async with home.household.store.reading() as connection:
        listed = await list_reads(connection, book_id)
    assert [OLD, day("2026-11-20")] == [read.fields.finished_on for read in listed]


async def test_pass_added_to_an_unread_book_makes_it_read(home: Home) -> None:
    """One of no known day too."""
    book_id = await home.add_book("Print", status=BookStatus.TO_READ)
    await add(home, book_id, {})
    assert (BookStatus.FINISHED, None) == (
        (await home.book(book_id)).status,
        (await home.book(book_id)).finished_on,
    )


async def test_deleted_pass_is_not_begun_again(home: Home) -> None:
    """A title that stands in its middle begins nothing until it is heard."""
    await home.sync(title(1), at=NOW - 4 * DAY)
    await home.sync(title(1), places=(THREE,), at=NOW - DAY + HOUR)
    book_id = (await home.link()).fields.book_id
    assert book_id is not None
    (read,) = await home.reads_of_book(book_id)
    async with home.household.store.transaction() as connection:
        await delete_read(connection, read.read_id, actor=ACTOR, now=NOW)
    await home.sync(title(1, cover_url="new"), places=(THREE,), at=NOW + HOUR)
    assert () == await home.reads_of_book(book_id)
    assert (BookStatus.TO_READ, None) == (
        (await home.book(book_id)).status,
        (await home.book(book_id)).started_on,
    )
    later = place(4 * HOUR_MS, NOW + DAY)
    await home.sync(title(1), places=(later,), at=NOW + DAY + HOUR)
    assert 1 == len(await home.reads_of_book(book_id))


async def test_deleted_finish_leaves_the_one_before(home: Home) -> None:
    """The book was finished then; the flag brings nothing back."""
    book_id, read_id = await finished_book(home)
    await add(home, book_id, {"finished_on": OLD})
    async with home.household.store.transaction() as connection:
        await delete_read(connection, read_id, actor=ACTOR, now=NOW)
    await home.sync(
        title(1, cover_url="new"),
        places=(place(10 * HOUR_MS - 1, NOW - HOUR),),
        at=NOW + DAY,
    )
    (left,) = await home.reads_of_book(book_id)
    book = await home.book(book_id)
    assert (OLD, OLD, BookStatus.FINISHED) == (
        left.fields.finished_on,
        book.finished_on,
        book.status,
    )


async def test_outcome_is_corrected_with_its_days(home: Home) -> None:
    """Finished, given up, under way: each has only the days that belong to it."""
    book_id, read_id = await finished_book(home)
    stopped = await edit(home, read_id, {"stopped_on": day("2026-11-20")})
    given_up = await home.book(book_id)
    open_again = await edit(home, read_id, {"outcome": ReadOutcome.UNDER_WAY})
    reading = await home.book(book_id)
    over = await edit(home, read_id, {"finished_on": day("2026-11-20")})
    assert [
        (ReadOutcome.STOPPED, None, day("2026-11-20")),
        (ReadOutcome.UNDER_WAY, None, None),
        (ReadOutcome.FINISHED, day("2026-11-20"), None),
    ] == [
        (read.fields.outcome, read.fields.finished_on, read.fields.stopped_on)
        for read in (stopped, open_again, over)
    ]
    assert [BookStatus.DID_NOT_FINISH, BookStatus.READING, BookStatus.FINISHED] == [
        book.status for book in (given_up, reading, await home.book(book_id))
    ]


WRONG: list[ReadEdit] = [
    {"started_on": day("2026-11-21"), "finished_on": day("2026-11-20")},
    {"finished_on": day("2026-11-01")},
    {"finished_on": day("2026-11-25")},
    {"outcome": ReadOutcome.STOPPED, "finished_on": day("2026-11-20")},
    {"outcome": ReadOutcome.UNKNOWN},
    {"finished": day("2026-11-20")},  # type: ignore[typeddict-unknown-key]
    {"started_on": NOW},
]


async def test_days_that_cannot_be_are_refused(home: Home) -> None:
    """The end is not before the beginning, and not to come; nothing is half done."""
    _, read_id = await finished_book(home)
    before = await home.everything()
    async with home.household.store.transaction() as connection:
        for changes in WRONG:
            with pytest.raises(InvalidValueError):
                await edit_read(connection, read_id, changes, actor=ACTOR, now=NOW)
    assert before == await home.everything()


async def test_only_one_pass_is_under_way(home: Home) -> None:
    """And only the newest of a title can be: syncs look at no other."""
    book_id, read_id = await finished_book(home)
    running = await add(home, book_id, {"outcome": ReadOutcome.UNDER_WAY})
    assert (await home.link()).link_id == running.fields.link_id
    for work in (add(home, book_id, {"outcome": ReadOutcome.UNDER_WAY}),):
        with pytest.raises(ReadUnderWayError, match="is being read already"):
            await work
    with pytest.raises(ReadUnderWayError):
        await edit(home, read_id, {"outcome": ReadOutcome.UNDER_WAY})
    await edit(home, running.read_id, {"finished_on": day("2026-11-20")})
    with pytest.raises(InvalidValueError, match="a later read"):
        await edit(home, read_id, {"outcome": ReadOutcome.UNDER_WAY})


async def test_pass_of_an_unlinked_title_is_corrected_too(home: Home) -> None:
    """There is no book to follow it."""
    await home.unsure(title(1, is_finished=True))
    (read,) = await home.reads_of_link((await home.link()).link_id)
    changed = await edit(home, read.read_id, {"finished_on": OLD})
    assert (OLD, None) == (changed.fields.finished_on, changed.fields.book_id)


async def test_unknown_passes_are_named(home: Home) -> None:
    """Or their books."""
    async with home.household.store.transaction() as connection:
        with pytest.raises(NotInStoreError, match="read 9"):
            await delete_read(connection, ReadId(9), actor=None, now=NOW)
        with pytest.raises(NotInStoreError, match="book 9"):
            await list_reads(connection, BookId(9))
