"""Recorded answers of Audible become models; anything may be missing or null."""

import itertools
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from audible_core.audible.license import denial
from audible_core.audible.parse import (
    parse_content_metadata,
    parse_instant,
    parse_library_item,
    parse_library_page,
    parse_positions,
    parse_revoked,
    parse_wishes,
)
from audible_core.errors import (
    AudibleResponseError,
    LicenseDeniedError,
    LicenseError,
    LicenseTemporarilyDeniedError,
    LicenseThrottledError,
)
from audible_core.models import Asin, Position, SeriesPlace, Wish
from hypothesis import given
from hypothesis import strategies as st

FIXTURES = Path(__file__).parents[1] / "fixtures" / "audible"

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def _recorded(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def test_recorded_library_page() -> None:
    """Texts, people, series, lengths and instants come out as they were sent."""
    first, *others = parse_library_page(_recorded("library-3-items-many-groups"))
    assert first.asin == "B0BLZNZ47B"
    assert first.title == "Azarinth Healer: Book One"
    assert first.series == (SeriesPlace("Azarinth Healer", "1"),)
    assert first.runtime_ms == 1493 * 60_000
    assert first.purchased_at == datetime(2026, 1, 2, 12, 57, 43, 960_000, UTC)
    assert first.cover_url is not None
    assert len(others) == 2


def test_the_percentage_in_the_listening_status_wins() -> None:
    """The recorded item says 0.0 at the top and 10.0 inside."""
    first = parse_library_page(_recorded("library-3-items-many-groups"))[0]
    assert first.percent_complete == 10.0


def test_few_response_groups_leave_unknown_unknown() -> None:
    """What was not asked for is null, and null is neither zero nor empty text."""
    titles = parse_library_page(_recorded("library-10-items-two-groups"))
    assert len(titles) == 10
    assert {title.title for title in titles} == {None}
    assert {title.percent_complete for title in titles} == {None}
    assert titles[0].name == titles[0].asin


def test_empty_library() -> None:
    """An empty list is an answer."""
    assert parse_library_page(_recorded("library-preorders-empty")) == ()


def test_numbers_that_are_none_are_unknown() -> None:
    """Python's JSON reader accepts NaN and Infinity; they are no lengths."""
    item = _recorded("library-1-item-all-groups")["items"][0]
    item |= {"runtime_length_min": float("inf"), "percent_complete": float("nan")}
    item["listening_status"] = None
    (title,) = parse_library_page({"items": [item]})
    assert title.runtime_ms is None
    assert title.percent_complete is None


@pytest.mark.parametrize("minutes", [10**12 + 1, -(10**13), "9" * 5000, 10**400, 1e300])
def test_numbers_that_no_database_holds_are_unknown(minutes: Any) -> None:
    """A length of a million years is none; nor is a percentage of a googol."""
    item = _recorded("library-1-item-all-groups")["items"][0]
    item |= {"runtime_length_min": minutes, "percent_complete": 10**400}
    item["listening_status"] = None
    (title,) = parse_library_page({"items": [item]})
    assert title.runtime_ms is None
    assert title.percent_complete == 100.0


def test_book_may_be_older_than_its_shop() -> None:
    """The year of a book is no instant that anything is reckoned from."""
    item = _recorded("library-1-item-all-groups")["items"][0]
    item["release_date"] = "1923-05-01"
    (title,) = parse_library_page({"items": [item]})
    assert title.year == 1923


@pytest.mark.parametrize("body", [None, [], "", {}, {"items": None}])
def test_malformed_page_is_refused(body: Any) -> None:
    """A page that is none raises the error for that."""
    with pytest.raises(AudibleResponseError):
        parse_library_page(body)
    with pytest.raises(AudibleResponseError):
        parse_revoked(body)
    with pytest.raises(AudibleResponseError):
        parse_library_item(body)


def test_what_was_taken_away_is_no_title() -> None:
    """A page of changes holds both; a title alone is none when it was taken away."""
    item = _recorded("library-1-item-all-groups")["items"][0]
    gone = item | {"asin": "B0GONE0001", "status": "Revoked"}
    odd = gone | {"asin": None}
    body = {"items": [item, gone, odd, None]}
    assert [title.asin for title in parse_library_page(body)] == [item["asin"]]
    assert parse_revoked(body) == {"B0GONE0001"}
    assert parse_library_item({"item": gone}) is None
    found = parse_library_item({"item": item})
    assert found is not None
    assert found.asin == item["asin"]


def _members_of_a_recorded_item() -> list[str]:
    return list(_recorded("library-1-item-all-groups")["items"][0])


@given(member=st.sampled_from(_members_of_a_recorded_item()), value=json_values)
def test_no_value_of_any_member_breaks_the_page(member: str, value: Any) -> None:
    """Audible changes without notice: one odd member costs at most its own item."""
    item = _recorded("library-1-item-all-groups")["items"][0]
    good = dict(item)
    item[member] = value
    body = {"items": [item, good, None, 7]}
    assert len(parse_library_page(body)) in (1, 2)
    assert parse_revoked(body) <= {good["asin"]}


def test_recorded_positions() -> None:
    """A blank-separated instant without a zone is UTC."""
    positions = parse_positions(_recorded("lastpositions-get"))
    assert positions == {
        "B01L790CUU": Position(
            Asin("B01L790CUU"),
            221_643,
            datetime(2026, 8, 30, 10, 54, 0, 671_000, UTC),
        )
    }


def test_titles_never_heard_have_no_position() -> None:
    """An annotation that says so has no other members."""
    annotation = {
        "asin": "B0NEVERHRD",
        "last_position_heard": {"status": "DoesNotExist"},
    }
    body = {"asin_last_position_heard_annots": [annotation, None]}
    assert parse_positions(body) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T12:57:43.960Z", datetime(2026, 1, 2, 12, 57, 43, 960_000, UTC)),
        ("2022-12-08T08:00:00Z", datetime(2022, 12, 8, 8, tzinfo=UTC)),
        ("2026-08-30 10:54:00.6", datetime(2026, 8, 30, 10, 54, 0, 600_000, UTC)),
        (
            "2021-12-12T20:51:00.00051Z",
            datetime(2021, 12, 12, 20, 51, 0, 510, UTC),
        ),
        ("2025-08-28T13:25:26+0200", datetime(2025, 8, 28, 11, 25, 26, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", None),
        ("2200-01-01T00:00:00Z", None),
        ("1989-12-31T23:59:59Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-05:00", None),
        ("soon", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_instants_of_every_form(text: Any, expected: datetime | None) -> None:
    """All forms that were seen, and what is none."""
    assert parse_instant(text) == expected


@pytest.mark.parametrize(
    "name",
    [
        "content-metadata-1774248182-adrm",
        "content-metadata-B0CTXKB2R6-adrm",
        "content-metadata-B0F154ZCSN-adrm",
        "content-metadata-chapters-B017V4IM1G",
        "content-metadata-chapters-B08C6YJ1LS",
    ],
)
def test_recorded_chapters_are_gap_free(name: str) -> None:
    """Offsets begin at 0, and lengths sum to the runtime exactly."""
    metadata = parse_content_metadata(_recorded(name), Asin("B000000000"))
    chapters = metadata.chapters
    assert chapters[0].start_ms == 0
    for before, after in itertools.pairwise(chapters):
        assert before.start_ms + before.length_ms == after.start_ms
    assert sum(chapter.length_ms for chapter in chapters) == metadata.runtime_ms
    assert metadata.is_accurate


def test_no_break_spaces_in_chapter_titles_become_spaces() -> None:
    """The recorded title holds one."""
    body = _recorded("content-metadata-B0F154ZCSN-adrm")
    assert "\N{NO-BREAK SPACE}" in json.dumps(body, ensure_ascii=False)
    chapters = parse_content_metadata(body, Asin("B0F154ZCSN")).chapters
    assert not any("\N{NO-BREAK SPACE}" in chapter.title for chapter in chapters)


def test_recorded_denials_are_told_apart() -> None:
    """Each recorded set of reasons leads to what a person has to do."""
    kinds: dict[type[LicenseError], int] = {}
    for entry in _recorded("license-denied-reasons"):
        error = denial(entry["license_denial_reasons"], Asin("B0DT7MTK9V"))
        kinds[type(error)] = kinds.get(type(error), 0) + 1
    assert set(kinds) == {
        LicenseDeniedError,
        LicenseTemporarilyDeniedError,
        LicenseThrottledError,
    }


@given(reasons=json_values)
def test_no_reasons_break_the_denial(reasons: Any) -> None:
    """A refusal without understandable reasons is still a refusal."""
    assert isinstance(denial(reasons, Asin("B0DT7MTK9V")), LicenseError)


def test_recorded_wishlist_becomes_wishes() -> None:
    """Titles that are not out yet have the day on which they will be."""
    wishes, total = parse_wishes(_recorded("wishlist-5-of-7"))

    assert (5, 7) == (len(wishes), total)
    assert wishes[0] == Wish(
        Asin("B0F14PK33J"),
        "Harry Potter and the Prisoner of Azkaban (Full-Cast Edition)",
        ("J.K. Rowling",),
        date(2026, 1, 13),
        datetime(2025, 10, 9, 2, 12, 30, tzinfo=UTC),
    )


def test_wish_without_a_title_or_with_an_endless_day_is_no_trouble() -> None:
    """What is unknown is left out; 9999 is no day."""
    body = {
        "products": [
            {"asin": "B0F14PK33J", "title": None},
            {"asin": None, "title": "Nameless"},
            "nonsense",
            {"asin": "B0F14PB6WN", "title": "A", "release_date": "9999-12-31"},
        ],
        "total_results": "4",
    }
    wishes, total = parse_wishes(body)

    assert [Wish(Asin("B0F14PB6WN"), "A", (), None, None)] == [*wishes]
    assert total == 4


@pytest.mark.parametrize("body", [None, [], {}, {"products": None}])
def test_wishlist_without_products_is_malformed(body: Any) -> None:
    """It is not taken for an empty one: that would take all wishes away."""
    with pytest.raises(AudibleResponseError):
        parse_wishes(body)
