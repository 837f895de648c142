"""Audible's listening statistics: windows to ask for, and sums that may be odd."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from audible_core.audible.listening import (
    IntervalKind,
    each_once,
    parse_intervals,
    parse_total,
    window_parameters,
    windows,
)
from audible_core.errors import AudibleResponseError
from audible_core.models import ListeningInterval
from hypothesis import given
from hypothesis import strategies as st

FIXTURES = Path(__file__).parents[1] / "fixtures" / "audible"
DAILY = "aggregated_daily_listening_stats"


def test_recorded_total() -> None:
    """The sum is a float of milliseconds."""
    body = json.loads((FIXTURES / "stats-aggregates-total.json").read_text())
    assert parse_total(body) == 917_769_829


@pytest.mark.parametrize(
    ("told", "listened_ms"),
    [(60_000.7, 60_000), (5, 5), ("9.17769829E8", 917_769_829), (0.0, 0), ("12", 12)],
)
def test_sums_are_numbers_or_texts_that_hold_one(told: Any, listened_ms: int) -> None:
    """Whole milliseconds, cut down."""
    entry = {"interval_identifier": "2026-08-20", "aggregated_sum": told}
    assert parse_intervals({DAILY: [entry]}, IntervalKind.DAY) == (
        ListeningInterval("2026-08-20", listened_ms),
    )


@pytest.mark.parametrize(
    "entry",
    [
        {"interval_identifier": "", "aggregated_sum": 7.0},
        {"interval_identifier": None, "aggregated_sum": 7.0},
        {"aggregated_sum": 7.0},
        {"interval_identifier": "2026-08-20"},
        {"interval_identifier": "2026-08-20", "aggregated_sum": None},
        {"interval_identifier": "2026-08-20", "aggregated_sum": True},
        {"interval_identifier": "2026-08-20", "aggregated_sum": float("nan")},
        {"interval_identifier": "2026-08-20", "aggregated_sum": -1.0},
        {"interval_identifier": "2026-08-20", "aggregated_sum": "much"},
        None,
        7,
    ],
)
def test_what_has_no_name_or_no_sum_is_left_out(entry: Any) -> None:
    """One odd entry costs only itself."""
    good = {"interval_identifier": "2026-08-21", "aggregated_sum": 8.0}
    assert parse_intervals({DAILY: [entry, good]}, IntervalKind.DAY) == (
        ListeningInterval("2026-08-21", 8),
    )


@pytest.mark.parametrize("body", [{}, {DAILY: None}, {DAILY: []}])
def test_an_answer_without_intervals_has_none(body: Any) -> None:
    """Nobody listened, or Audible left the member out."""
    assert parse_intervals(body, IntervalKind.DAY) == ()


@pytest.mark.parametrize("body", [None, [], "x"])
def test_an_answer_that_is_none_is_refused(body: Any) -> None:
    """No statistics without an object."""
    with pytest.raises(AudibleResponseError):
        parse_intervals(body, IntervalKind.DAY)
    with pytest.raises(AudibleResponseError):
        parse_total(body)


def test_another_unit_is_refused_rather_than_misread() -> None:
    """Seconds taken for milliseconds would be a lie."""
    entry = {"interval_identifier": "x", "aggregated_sum": 7.0, "unit": "Seconds"}
    with pytest.raises(AudibleResponseError, match="unit"):
        parse_intervals({DAILY: [entry]}, IntervalKind.DAY)


def test_windows_are_as_long_as_may_be() -> None:
    """Thirty days, twelve months, five years; the last is what is left."""
    assert windows(IntervalKind.DAY, date(2026, 1, 31), 70) == (
        (date(2026, 1, 31), 30),
        (date(2026, 3, 2), 30),
        (date(2026, 4, 1), 10),
    )
    assert windows(IntervalKind.MONTH, date(2025, 11, 5), 14) == (
        (date(2025, 11, 1), 12),
        (date(2026, 11, 1), 2),
    )
    assert windows(IntervalKind.YEAR, date(2020, 2, 29), 6) == (
        (date(2020, 1, 1), 5),
        (date(2025, 1, 1), 1),
    )
    assert windows(IntervalKind.DAY, date(2026, 1, 31), 0) == ()


@given(
    st.sampled_from(IntervalKind),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(0, 400),
)
def test_windows_follow_each_other_without_a_gap(
    kind: IntervalKind, first: date, count: int
) -> None:
    """Together they are as long as was asked for, whatever the first day."""
    found = windows(kind, first, count)
    assert count == sum(length for _, length in found)
    assert sorted({start for start, _ in found}) == [start for start, _ in found]


def test_parameters_are_those_of_the_kind() -> None:
    """Names and dates have one form for each kind."""
    asked = [
        {
            name: value
            for name, value in window_parameters(kind, date(2026, 8, 1), 3).items()
            if "interval" in name
        }
        for kind in IntervalKind
    ]
    assert asked == [
        {
            f"{kind}_listening_interval_start_date": start,
            f"{kind}_listening_interval_duration": "3",
        }
        for kind, start in (
            ("daily", "2026-08-01"),
            ("monthly", "2026-08"),
            ("yearly", "2026"),
        )
    ]


def test_an_interval_of_two_windows_counts_once() -> None:
    """The border belongs to both windows."""
    days = [
        ListeningInterval("2026-08-22", 3),
        ListeningInterval("2026-08-21", 2),
        ListeningInterval("2026-08-22", 3),
    ]
    assert each_once(days) == (days[1], days[0])
