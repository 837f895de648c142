"""Dates: read where they can only mean one day, else left open and reported."""

from datetime import date

import pytest
from audible_core.imports.dates import DateFlaw, DayOrder, OrderSurvey, read_date
from hypothesis import given
from hypothesis import strategies as st

from tests.core.imports.made import books_of, note_keys, one_book, table

AUGUST_14 = date(2026, 8, 14)


@pytest.mark.parametrize(
    "text",
    [
        "2026/08/14",
        "2026-08-14",
        "2026-8-14",
        "[2026-08-14]",
        "2026-08-14T22:41:16.123Z",
        "2026-08-14T22:41:16+01:00",
        "2026-08-14 22:41",
        "2026. 08. 14. 12:00:00",
        "2026-08-14 오후 12:00:00",
        "14.08.2026",
        "14.8.2026 12:00:00",
        "14 Aug 2026",
        "14-Aug-2026",
        "August 14, 2026",
        "Aug 14 2026",
        "14/08/2026",
        "8/14/2026 12:00:00 AM",
    ],
)
def test_dates_with_one_meaning_are_read(text: str) -> None:
    """No order needs to be known for these."""
    assert AUGUST_14 == read_date(text, DayOrder.UNKNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026",
        "2026-08",
        "2026-02-30",
        "8/14/26",
        "14/08/2569",
        "0101-01-01",
        "0001-01-01T00:00:00",
        "45123",
        "2026-08-14 - 2026-08-15",
        "14/13/2026",
        "14 Foo 2026",
    ],
)
def test_what_names_no_day_is_unreadable(text: str) -> None:
    """Other calendars, serial numbers, short years and placeholders are not guessed."""
    assert DateFlaw.UNREADABLE is read_date(text, DayOrder.UNKNOWN)


def test_the_order_of_a_column_decides_its_slashed_dates() -> None:
    """03/04/2026 is April or March, by what the column proves."""
    assert DateFlaw.AMBIGUOUS is read_date("03/04/2026", DayOrder.UNKNOWN)
    assert date(2026, 4, 3) == read_date("03/04/2026", DayOrder.DAY_FIRST)
    assert date(2026, 3, 4) == read_date("03/04/2026", DayOrder.MONTH_FIRST)
    assert date(2026, 5, 5) == read_date("05/05/2026", DayOrder.UNKNOWN)


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2026"], DayOrder.UNKNOWN),
        (["03/04/2026", "13/01/2026"], DayOrder.DAY_FIRST),
        (["01/13/2026-02/01/2026"], DayOrder.MONTH_FIRST),
        (["13/01/2026", "01/13/2026"], DayOrder.UNKNOWN),
        (["13.01.2026", "2026/13/01", "13/13/2026"], DayOrder.UNKNOWN),
    ],
)
def test_what_a_column_proves(cells: list[str], order: DayOrder) -> None:
    """A column that proves both orders, joined from two countries, proves none."""
    survey = OrderSurvey()
    for cell in cells:
        survey.look_at(cell)

    assert order is survey.order


@given(
    st.dates(min_value=date(1800, 1, 1), max_value=date(2200, 12, 31)),
    st.sampled_from(["%Y/%m/%d", "%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%B %d, %Y"]),
)
def test_every_clear_date_comes_back(day: date, form: str) -> None:
    """Whatever day is written in a clear form is read as that day."""
    assert day == read_date(day.strftime(form), DayOrder.UNKNOWN)


@given(st.text(max_size=50), st.sampled_from(DayOrder))
def test_any_text_is_a_date_or_a_flaw(text: str, order: DayOrder) -> None:
    """Nothing in a cell raises."""
    assert isinstance(read_date(text, order), date | DateFlaw)


def goodreads_row(read_on: str, title: str = "Dune") -> dict[str, str]:
    """Return a row with a date of reading."""
    return {
        "Title": title,
        "Author": "Frank Herbert",
        "Exclusive Shelf": "read",
        "Date Read": read_on,
    }


def test_us_dates_are_read_if_one_row_of_the_column_proves_them() -> None:
    """One 12/25 makes the whole column month first."""
    content = table(goodreads_row("03/04/2020"), goodreads_row("12/25/2020", "Emma"))

    dates = [book.reads[0].finished_on for book in books_of(content)]
    assert [date(2020, 3, 4), date(2020, 12, 25)] == dates


def test_us_dates_that_nothing_proves_are_reported_and_kept() -> None:
    """The read has no date, the cell survives, and the row says why."""
    book = one_book(goodreads_row("03/04/2020"))

    assert book.reads[0].finished_on is None
    assert ["date_ambiguous"] == note_keys(book)
    assert "03/04/2020" == book.extra["Date Read"]
    assert "03/04/2020" in book.notes[0].sentence


def test_another_column_proves_nothing_in_a_tracker_s_file() -> None:
    """Each column stands for itself: spreadsheets change single columns."""
    row = goodreads_row("03/04/2020") | {"Date Added": "12/25/2019"}
    book = one_book(row)

    assert date(2019, 12, 25) == book.added_on
    assert ["date_ambiguous"] == note_keys(book)


def test_a_finish_before_the_start_is_kept_and_reported() -> None:
    """Neither date is dropped or turned round."""
    book = one_book(
        {
            "Title": "Dune",
            "Authors": "Frank Herbert",
            "Read Status": "read",
            "Dates Read": "2020/05/01-2020/04/01",
        }
    )

    assert (date(2020, 5, 1), date(2020, 4, 1)) == (
        book.reads[0].started_on,
        book.reads[0].finished_on,
    )
    assert ["finish_before_start"] == note_keys(book)
