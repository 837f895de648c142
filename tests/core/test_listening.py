"""Audible's listening statistics: windows to ask for, and sums that may be odd."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from audible_core.audible.listening import (
    each_once,
    parse_days,
    window_parameters,
    windows,
)
from audible_core.errors import AudibleResponseError
from audible_core.models import ListeningInterval
from hypothesis import given
from hypothesis import strategies as st

FIXTURES = Path(__file__).parents[1] / "fixtures" / "audible"
DAILY = "aggregated_daily_listening_stats"


@pytest.mark.parametrize(
    ("told", "listened_ms"),
    [(60_000.7, 60_000), (5, 5), ("9.17769829E8", 917_769_829), (0.0, 0), ("12", 12)],
)
def test_sums_are_numbers_or_texts_that_hold_one(told: Any, listened_ms: int) -> None:
    """Whole milliseconds, cut down."""
    entry = {"interval_identifier": "2026-08-20", "aggregated_sum": told}
    assert parse_days({DAILY: [entry]}) == (
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
    assert parse_days({DAILY: [entry, good]}) == (ListeningInterval("2026-08-21", 8),)


@pytest.mark.parametrize("body", [{}, {DAILY: None}, {DAILY: []}])
def test_an_answer_without_intervals_has_none(body: Any) -> None:
    """Nobody listened, or Audible left the member out."""
    assert parse_days(body) == ()


@pytest.mark.parametrize("body", [None, [], "x"])
def test_an_answer_that_is_none_is_refused(body: Any) -> None:
    """No statistics without an object."""
    with pytest.raises(AudibleResponseError):
        parse_days(body)


def test_another_unit_is_refused_rather_than_misread() -> None:
    """Seconds taken for milliseconds would be a lie."""
    entry = {"interval_identifier": "x", "aggregated_sum": 7.0, "unit": "Seconds"}
    with pytest.raises(AudibleResponseError, match="unit"):
        parse_days({DAILY: [entry]})


def test_windows_are_as_long_as_may_be() -> None:
    """Thirty days; the last is what is left."""
    assert windows(date(2026, 1, 31), 70) == (
        (date(2026, 1, 31), 30),
        (date(2026, 3, 2), 30),
        (date(2026, 4, 1), 10),
    )
    assert windows(date(2026, 1, 31), 0) == ()


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_windows_follow_each_other_without_a_gap(first: date, days: int) -> None:
    """Together they are as long as was asked for, whatever the first day."""
    at = first
    for start, length in windows(first, days):
        assert at == start
        at += timedelta(days=length)
    assert at == first + timedelta(days=days)


def test_days_are_asked_for_by_the_first_and_how_many() -> None:
    """The names are Audible's."""
    parameters = window_parameters(date(2026, 8, 1), 3)
    assert {
        "daily_listening_interval_start_date": "2026-08-01",
        "daily_listening_interval_duration": "3",
    }.items() <= parameters.items()


def test_a_day_of_two_windows_counts_once() -> None:
    """The border belongs to both; the later look at a day that grew is the larger."""
    days = [
        ListeningInterval("2026-08-22", 3),
        ListeningInterval("2026-08-21", 2),
        ListeningInterval("2026-08-22", 5),
        ListeningInterval("2026-08-22", 4),
    ]
    assert each_once(days) == (days[1], days[2])
