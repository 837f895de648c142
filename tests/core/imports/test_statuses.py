"""What shelves, dates and counts say about reads; nothing is guessed."""

from datetime import date

import pytest
from audible_core.imports import (
    ImportedRead,
)
from audible_core.imports.statuses import Dates, reads_of, status_of
from audible_core.kinds import BookStatus, ReadOutcome
from hypothesis import given
from hypothesis import strategies as st

from tests.core.imports.made import books_of

DAY_1, DAY_2, DAY_3 = date(2020, 1, 1), date(2020, 2, 1), date(2021, 3, 1)
FINISHED, UNDER_WAY = ReadOutcome.FINISHED, ReadOutcome.UNDER_WAY
STOPPED, UNKNOWN = ReadOutcome.STOPPED, ReadOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("shelf", "status"),
    [
        ("read", BookStatus.FINISHED),
        ("Already Read", BookStatus.FINISHED),
        ("Gelesen", BookStatus.FINISHED),
        ("currently-reading", BookStatus.READING),
        ("in_progress", BookStatus.READING),
        ("Want to Read", BookStatus.TO_READ),
        ("on-hold", BookStatus.PAUSED),
        ("Did not finish", BookStatus.DID_NOT_FINISH),
        ("did-not-finish", BookStatus.DID_NOT_FINISH),
        ("abandoned", BookStatus.DID_NOT_FINISH),
        ("abandonné", BookStatus.DID_NOT_FINISH),
        ("waiting", None),
        ("Your library", None),
    ],
)
def test_shelf_names_are_understood(shelf: str, status: BookStatus | None) -> None:
    """Case, hyphens and some languages; what is no status stays open."""
    assert status is status_of(shelf)


def test_finished_without_any_date_is_one_read_without_dates() -> None:
    """The status alone says that there was a read."""
    assert (ImportedRead(None, None, FINISHED),) == reads_of(BookStatus.FINISHED, [])


def test_three_reads_and_one_date_are_one_dated_and_two_undated() -> None:
    """The count is believed, the dates are not made up."""
    assert (
        ImportedRead(None, DAY_1, FINISHED),
        ImportedRead(None, None, FINISHED),
        ImportedRead(None, None, FINISHED),
    ) == reads_of(BookStatus.FINISHED, [Dates(None, DAY_1)], 3)


def test_more_dates_than_the_count_are_all_kept() -> None:
    """Dates are history and win over a count."""
    dated = [Dates(DAY_2, DAY_3), Dates(None, DAY_1)]

    assert (
        ImportedRead(None, DAY_1, FINISHED),
        ImportedRead(DAY_2, DAY_3, FINISHED),
    ) == reads_of(BookStatus.FINISHED, dated, 1)


def test_a_book_under_way_counts_itself() -> None:
    """A count of two on it is one earlier read and the one under way."""
    assert (
        ImportedRead(None, DAY_1, FINISHED),
        ImportedRead(None, None, UNDER_WAY),
    ) == reads_of(BookStatus.READING, [Dates(None, DAY_1)], 2)
    assert (ImportedRead(None, None, UNDER_WAY),) == reads_of(BookStatus.READING, [], 1)
    assert (ImportedRead(DAY_2, None, UNDER_WAY),) == reads_of(
        BookStatus.PAUSED, [Dates(DAY_2, None)]
    )


def test_a_given_up_book_was_stopped_on_its_last_date() -> None:
    """It is never finished; what else the count tells stays unknown."""
    assert (
        ImportedRead(None, DAY_1, FINISHED),
        ImportedRead(None, None, UNKNOWN),
        ImportedRead(DAY_2, None, STOPPED, DAY_3),
    ) == reads_of(
        BookStatus.DID_NOT_FINISH, [Dates(DAY_2, DAY_3), Dates(None, DAY_1)], 3
    )


def test_a_given_up_book_without_dates_is_one_stopped_read() -> None:
    """The status alone says so."""
    assert (ImportedRead(None, None, STOPPED),) == reads_of(
        BookStatus.DID_NOT_FINISH, [], 0
    )


def test_a_book_to_read_has_no_reads_unless_dates_or_count_say_so() -> None:
    """Wanting to read it again does not undo the first time."""
    assert () == reads_of(BookStatus.TO_READ, [], 0)
    assert (ImportedRead(None, DAY_1, FINISHED),) == reads_of(
        BookStatus.TO_READ, [Dates(None, DAY_1)], 1
    )


def test_without_status_a_start_alone_leaves_the_outcome_open() -> None:
    """Started once; whether it is still under way, nobody knows."""
    assert (ImportedRead(DAY_1, None, UNKNOWN),) == reads_of(None, [Dates(DAY_1)])
    assert () == reads_of(None, [])


@given(
    st.sampled_from([*BookStatus, None]),
    st.lists(
        st.builds(Dates, st.none() | st.dates(), st.none() | st.dates()), max_size=5
    ),
    st.none() | st.integers(min_value=0, max_value=20),
)
def test_reads_hold_all_dates_and_no_others(
    status: BookStatus | None, dated: list[Dates], count: int | None
) -> None:
    """No date is lost and none is invented; the count is a lower bound."""
    reads = reads_of(status, dated, count)

    sent = {day for dates in dated for day in (dates.started_on, dates.ended_on)}
    kept = {
        day
        for read in reads
        for day in (read.started_on, read.finished_on, read.stopped_on)
    }
    assert sent - {None} == kept - {None}
    assert len(reads) >= (count or 0)


@pytest.mark.parametrize(
    ("content", "shelf"),
    [
        ("Title,Author,Exclusive Shelf,Date Read\nA,J R,german,2020/05/05\n", "german"),
        ("Title,Authors,Read Status,Dates Read\nA,J R,german,2020/05/05\n", "german"),
        ("Title,Author,Date Read\nA,J R,2020/05/05\n", None),
    ],
)
def test_a_day_of_reading_says_that_a_book_on_an_own_shelf_was_read(
    content: str, shelf: str | None
) -> None:
    """Its status is no secret: nothing is to be remarked on."""
    (book,) = books_of(content)

    assert (BookStatus.FINISHED, shelf, ()) == (book.status, book.shelf, book.notes)
    assert (ImportedRead(None, date(2020, 5, 5), ReadOutcome.FINISHED),) == book.reads
