"""When little enough of a title is left for the first time."""

import pytest
from audible_core.sync.time_left import left_when_passed

from tests.core.sync.paper import HOUR_MS, MINUTE_MS

RUNTIME_MS = 10 * HOUR_MS
NEAR_MS = RUNTIME_MS - 30 * MINUTE_MS


@pytest.mark.parametrize(
    ("position_ms", "furthest_ms", "left_ms"),
    [
        (NEAR_MS, 0, 30 * MINUTE_MS),
        (RUNTIME_MS - HOUR_MS, NEAR_MS - HOUR_MS, HOUR_MS),
        (RUNTIME_MS + MINUTE_MS, 0, 0),
        (RUNTIME_MS - HOUR_MS - 1, 0, None),
        (NEAR_MS, RUNTIME_MS - HOUR_MS, None),
        (NEAR_MS, RUNTIME_MS, None),
    ],
    ids=["passed", "exactly", "past the end", "not yet", "before", "gone back"],
)
def test_an_hour_is_left_once(
    position_ms: int, furthest_ms: int, left_ms: int | None
) -> None:
    """Who goes back over the threshold passes it no second time."""
    assert left_ms == left_when_passed(
        threshold_ms=HOUR_MS,
        runtime_ms=RUNTIME_MS,
        position_ms=position_ms,
        furthest_ms=furthest_ms,
    )


@pytest.mark.parametrize("runtime_ms", [None, 20 * MINUTE_MS, HOUR_MS])
def test_title_of_unknown_or_short_length_never_passes_it(
    runtime_ms: int | None,
) -> None:
    """It has less left from its beginning on, or nobody knows."""
    assert None is left_when_passed(
        threshold_ms=HOUR_MS,
        runtime_ms=runtime_ms,
        position_ms=10 * MINUTE_MS,
        furthest_ms=0,
    )
