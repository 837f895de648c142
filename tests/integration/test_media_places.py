"""Where in the tree of the media source titles lie."""

from datetime import UTC, datetime

import pytest

from custom_components.audible_tracker.core.models import (
    Asin,
    AudibleTitle,
    SeriesPlace,
)
from custom_components.audible_tracker.media_places import (
    RECENT_MAX,
    Place,
    Shelf,
    names_on,
    titles_under,
)


def title(number: int, *series: tuple[str, str | None]) -> AudibleTitle:
    """Return a title of some series."""
    return AudibleTitle(
        Asin(f"B{number:09}"),
        f"Title {number:02}",
        series=tuple(SeriesPlace(*one) for one in series),
        purchased_at=datetime(2026, 1, 1 + number % 28, tzinfo=UTC),
    )


def test_who_only_translated_has_no_shelf_of_authors() -> None:
    """A role is no part of a name."""
    names = ("Franz Kafka", "Ada Brook - translator")
    kafka = AudibleTitle(Asin("B000000001"), "Before the Law", authors=names)

    assert names_on(Shelf.AUTHORS, [kafka], {}) == ["Franz Kafka"]


def test_series_stand_in_their_own_order() -> None:
    """By number, also of halves and of several at once; without one at the end."""
    titles = [
        title(1, ("Sea", None)),
        title(2, ("Sea", "10")),
        title(3, ("Sea", "2.5")),
        title(4, ("Sea", "1-2")),
        title(5, ("Sea", "first")),
        title(6, ("Land", "1"), ("Sea", "3")),
        title(7, ("Land", "2")),
    ]
    place = Place("entry", Shelf.SERIES, "Sea")

    found = [int(one.name[-2:]) for one in titles_under(place, titles, {})]
    assert [4, 3, 6, 2, 1, 5] == found
    assert ["Land", "Sea"] == names_on(Shelf.SERIES, titles, {})


def test_newest_come_first_and_not_all() -> None:
    """What was bought last; what has no day is on no such shelf."""
    titles = [title(number) for number in range(RECENT_MAX + 9)]
    titles.append(AudibleTitle(Asin("B999999999"), "Without a day"))
    found = titles_under(Place("entry", Shelf.RECENT), titles, {})

    assert RECENT_MAX == len(found)
    days = [one.purchased_at for one in found]
    assert sorted(days, key=str, reverse=True) == days
    assert [] == names_on(Shelf.RECENT, titles, {})


@pytest.mark.parametrize(
    "place",
    [
        Place(),
        Place("entry"),
        Place("entry", Shelf.LIBRARY),
        Place("entry", Shelf.AUTHORS, "Jane / Austen?"),
        Place("entry", asin=Asin("B000000001")),
        Place("entry", asin=Asin("B000000001"), chapter=7),
    ],
)
def test_place_is_read_as_it_was_written(place: Place) -> None:
    """Whatever is in a name."""
    assert place == Place.parse(place.text)
