"""Which title comes next in a series."""

import pytest
from audible_core.models import Asin, AudibleTitle, SeriesPlace
from audible_core.series import next_in_series


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
