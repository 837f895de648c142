"""A row in a later file: corrected, read again, or what a person has deleted."""

from dataclasses import replace
from datetime import date

import pytest
from audible_core.kinds import DateSource
from audible_core.transfer.import_plan import plan_import
from audible_core.transfer.records import StoredBook, StoredBooks
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.core.transfer.library import goodreads, rows_of
from tests.core.transfer.made import applied, passed, passes, recording, shelf

READ_2015 = (
    "7,The Hobbit,J.R.R. Tolkien,,,4,Paperback,310,2015/06/01,2014/01/02,,read,,,1"
)
READ_SOMETIME = "7,The Hobbit,J.R.R. Tolkien,,,4,Paperback,310,,,,read,,,1"
HARDCOVER = (
    "Title,Author,Status,Hardcover Book ID,Pages,Date Added,Date Started,Date Finished"
)
FIRST = ("2015-05-01", "2015-06-01")
SECOND = ("2024-08-01", "2024-08-20")
SOON = ("2015-06-03", "2015-06-20")


def hardcover(*days: tuple[str, str]) -> bytes:
    """Return a file with a row of one identity for each start and finish."""
    lines = [
        f"The Hobbit,J.R.R. Tolkien,Read,77,310,2014-01-02,{start},{finish}"
        for start, finish in days
    ]
    return "\n".join((HARDCOVER, *lines)).encode()


def imported(*files: bytes, shelved: StoredBooks | None = None) -> StoredBook:
    """Return the one book that there is after these files, a day apart."""
    stored = shelved or shelf()
    for place, data in enumerate(files):
        stored = applied(plan_import(rows_of(data), stored), stored, days=place)
    (book,) = stored.books.values()
    return book


def days_of(book: StoredBook) -> set[date | None]:
    """Return the days on which its passes ended; no day stands there twice."""
    days = [end for _, _, end in passes(book)]
    assert len(days) == len(set(days))
    return set(days)


READ_AGAIN = {
    "goodreads, not counted": (
        goodreads(READ_2015),
        goodreads(READ_2015.replace("2015/06/01", "2024/08/20")),
    ),
    "hardcover": (hardcover(("", FIRST[1])), hardcover(("", SECOND[1]))),
    "hardcover with starts": (hardcover(FIRST), hardcover(SECOND)),
    "both in two rows": (hardcover(FIRST), hardcover(FIRST, SECOND)),
    "both in two rows, the other first": (
        hardcover(FIRST),
        hardcover(SECOND, FIRST),
    ),
}


@pytest.mark.parametrize("files", READ_AGAIN.values(), ids=READ_AGAIN)
def test_another_day_of_a_known_row_is_another_pass(files: tuple[bytes, bytes]) -> None:
    """Few readers count, and some programs know one day: years apart are two."""
    book = imported(*files)

    assert {date(2015, 6, 1), date(2024, 8, 20)} == days_of(book)
    assert date(2024, 8, 20) == book.book.fields.finished_on
    # The older file and the newer one again, whichever comes last, bring nothing.
    again = imported(*files, *files, files[0])
    assert passes(book) == passes(again)


@pytest.mark.parametrize("second", [SECOND, SOON, ("", SOON[1])])
@pytest.mark.parametrize("is_turned", [False, True])
def test_two_rows_of_one_identity_bring_what_they_bring_at_once(
    second: tuple[str, str], *, is_turned: bool
) -> None:
    """The first pass was here before; a near day of the second does not move it."""
    both = (second, FIRST) if is_turned else (FIRST, second)

    later = imported(hardcover(FIRST), hardcover(*both))
    at_once = imported(hardcover(*both))

    assert sorted(passes(at_once), key=str) == sorted(passes(later), key=str)
    assert 2 == len(days_of(later))


def test_a_pass_begun_after_the_last_one_is_no_correction() -> None:
    """Read again within the month: its start says so."""
    book = imported(hardcover(FIRST), hardcover(SOON))

    assert {date(2015, 6, 1), date(2015, 6, 20)} == days_of(book)


@pytest.mark.parametrize(
    "line", [READ_2015, READ_2015.replace("2015/06/01", "2015/06/09"), READ_SOMETIME]
)
@pytest.mark.parametrize("first", [READ_2015, READ_SOMETIME])
def test_a_pass_that_a_person_deleted_does_not_come_back(first: str, line: str) -> None:
    """Neither as it was, nor with a day that was corrected, found, or taken out."""
    book = replace(imported(goodreads(first)), reads=())
    plan = plan_import(rows_of(goodreads(line)), shelf(book))

    assert ((), ()) == (plan.new_reads, plan.changed_reads)


def test_a_deleted_pass_stays_away_and_another_one_comes() -> None:
    """What the row says for the first time is new, also when the old one is gone."""
    book = replace(imported(goodreads(READ_2015)), reads=())
    later = READ_2015.replace("2015/06/01", "2024/08/20").replace(
        "read,,,1", "read,,,2"
    )
    stored = shelf(book)
    after = applied(plan_import(rows_of(goodreads(later)), stored), stored)

    assert [{date(2024, 8, 20)}] == [days_of(one) for one in after.books.values()]


def test_a_counted_pass_may_lie_close_to_the_last_one() -> None:
    """A higher count says that it is another one, however near its day is."""
    later = READ_2015.replace("2015/06/01", "2015/06/20").replace(
        "read,,,1", "read,,,2"
    )
    book = imported(goodreads(READ_2015), goodreads(later), goodreads(later))

    assert {date(2015, 6, 1), date(2015, 6, 20)} == days_of(book)


def test_a_corrected_day_moves_the_pass_of_its_own_edition() -> None:
    """Another edition's pass, of another day, stays where it is."""
    other = READ_2015.replace("7,", "8,", 1).replace("2015/06/01", "2015/06/20")
    book = imported(
        goodreads(READ_2015, other),
        goodreads(READ_2015.replace("2015/06/01", "2015/06/22"), other),
    )

    assert {date(2015, 6, 20), date(2015, 6, 22)} == days_of(book)


def test_a_day_that_is_found_close_to_a_known_one_is_no_other_pass() -> None:
    """The pass had no day here, and another program or Audible had one for it."""
    other = READ_2015.replace("7,", "8,", 1)
    found = READ_2015.replace("2015/06/01", "2015/06/09")
    book = imported(goodreads(READ_SOMETIME), goodreads(other), goodreads(found))
    heard = passed(finished_on=date(2015, 6, 1), finished_source=DateSource.HEARD)
    again = imported(
        goodreads(READ_SOMETIME), goodreads(found), shelved=shelf(recording(heard))
    )

    assert {date(2015, 6, 1)} == days_of(book) == days_of(again)


def test_a_day_far_from_a_known_one_is_another_pass() -> None:
    """The first one had no day in the file, and Audible had heard it."""
    heard = passed(finished_on=date(2015, 6, 1), finished_source=DateSource.HEARD)
    later = READ_2015.replace("2015/06/01", "2024/08/20")
    book = imported(
        goodreads(READ_SOMETIME), goodreads(later), shelved=shelf(recording(heard))
    )

    assert {date(2015, 6, 1), date(2024, 8, 20)} == days_of(book)


def test_a_row_of_which_no_days_were_kept_is_corrected_too() -> None:
    """So it is with books that an earlier version has imported."""
    book = imported(goodreads(READ_2015))
    fields = book.book.fields
    kept = {"imported": {"goodreads:key:7": {"ended": 1}}}
    old = replace(book, book=replace(book.book, fields=replace(fields, extra=kept)))
    found = READ_2015.replace("2015/06/01", "2015/06/09")

    assert {date(2015, 6, 9)} == days_of(imported(goodreads(found), shelved=shelf(old)))


LISTED = st.lists(
    st.sampled_from(
        [
            ("", "2015-06-01"),
            ("", "2015-06-20"),
            ("", "2020-02-02"),
            ("", ""),
            FIRST,
            SECOND,
            SOON,
        ]
    ),
    min_size=1,
    max_size=3,
)


@settings(derandomize=True)
@given(st.lists(LISTED, min_size=1, max_size=3))
@example([[("", "2015-06-20")], [("2015-05-01", "2015-06-01")]])
def test_a_file_that_was_imported_last_brings_nothing_again(
    files: list[list[tuple[str, str]]],
) -> None:
    """Whatever came before it, and however often its rows stand in it."""
    data = [hardcover(*rows) for rows in files]
    book = imported(*data)
    plan = plan_import(rows_of(data[-1]), shelf(book))

    assert ((), (), ()) == (plan.new_reads, plan.changed_reads, plan.changed_books)


@settings(derandomize=True)
@given(st.lists(LISTED, min_size=1, max_size=3))
def test_no_day_of_another_reading_is_lost(
    files: list[list[tuple[str, str]]],
) -> None:
    """Of each month that any file names there is a read."""
    book = imported(*(hardcover(*rows) for rows in files))
    named = {finish[:7] for rows in files for _, finish in rows if finish}

    assert named == {str(day)[:7] for day in days_of(book) if day}
