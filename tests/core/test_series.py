"""What comes next in a series, and which series is asked for when."""

from datetime import date, timedelta

import pytest
from audible_core.models import Asin, AudibleTitle, SeriesPlace
from audible_core.series import ASKED_PER_DAY, next_in_series, series_of_day


def _title(number: int, *places: tuple[str, str | None]) -> AudibleTitle:
    series = tuple(SeriesPlace(name, sequence) for name, sequence in places)
    return AudibleTitle(Asin(f"B0000000{number:02}"), f"Title {number}", series=series)


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [("1", 2), ("2", 3), ("2.5", 4), ("1-3", 4), ("4", None), ("", None), (None, None)],
)
def test_next_is_the_nearest_later_one(
    sequence: str | None, expected: int | None
) -> None:
    """Halves and ranges are places; without a number there is none."""
    library = [
        _title(4, ("Night", "4")),
        _title(3, ("Night", "2.5")),
        _title(2, ("Night", "Book 2")),
        _title(5, ("Day", "9")),
        _title(6, ("Night", None)),
    ]
    title = _title(1, ("Night", sequence))
    found = next_in_series(title, [title, *library])
    assert expected == (int(found.asin[-2:]) if found else None)


def test_series_that_goes_on_counts() -> None:
    """Where the first one of a title ends, the second one may go on."""
    title = _title(1, ("Night", "9"), ("World", "1"))
    library = [title, _title(2, ("World", "2")), _title(3, ("Night", "8"))]
    found = next_in_series(title, library)
    assert found == library[1]


def test_series_are_asked_for_in_turn() -> None:
    """A few a day, and each comes round."""
    heard = [f"Series {number}" for number in range(10)]
    first = date(2026, 11, 30)
    days = [series_of_day(heard, first + timedelta(days=at)) for at in range(4)]

    assert series_of_day([], first) == ()
    assert series_of_day(heard[:2], first) == ("Series 0", "Series 1")
    assert {len(set(some)) for some in days} == {ASKED_PER_DAY}
    assert {name for some in days for name in some} == set(heard)
