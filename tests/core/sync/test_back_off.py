"""How long Audible is left alone after a refusal."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from audible_core.audible.connection import check_status
from audible_core.errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleRateLimitError,
    AudibleResponseError,
    LicenseThrottledError,
    TrackerError,
)
from audible_core.store.limits import PAUSE_MAX
from audible_core.sync.back_off import RefusalKind, kind_of, pause_after

from tests.core.sync.paper import NOW

NETWORK = AudibleConnectionError(reason="timeout")


def _minutes(error: TrackerError, failures: int, jitter: float = 0.0) -> float:
    pause = pause_after(error, failures=failures, now=NOW, jitter=jitter)
    return (pause.until - NOW) / timedelta(minutes=1)


def test_a_pause_doubles_up_to_a_most() -> None:
    """Half a minute at first, half an hour at most, also after a thousand failures."""
    waits = [_minutes(NETWORK, failures) for failures in (1, 2, 3, 7, 1000)]
    assert [0.5, 1.0, 2.0, 30.0, 30.0] == waits


@pytest.mark.parametrize(
    "error",
    [
        NETWORK,
        AudibleRateLimitError(retry_after_s=86_400),
        LicenseThrottledError(),
        AudibleAuthError(),
        AudibleResponseError(field="items"),
    ],
)
def test_no_pause_is_longer_than_is_believed(error: TrackerError) -> None:
    """A pause that ends later was noted by a clock that was far ahead."""
    pause = pause_after(error, failures=1000, now=NOW, jitter=1.0)

    assert pause.until <= NOW + PAUSE_MAX


def test_what_audible_asks_for_is_never_shortened() -> None:
    """Retry-After wins where it is longer."""
    error = AudibleRateLimitError(retry_after_s=3600)
    assert 60.0 == _minutes(error, 1)
    assert 61.0 == _minutes(error, 1, jitter=1.0)
    assert 1.0 == _minutes(AudibleRateLimitError(retry_after_s=5), 1)


@pytest.mark.parametrize(
    ("asked", "least_s", "most_s"),
    [
        ("7200", 7200, 7200),
        ("9" * 5000, 86400, 86400),
        ("Thu, 01 Jan 2015 00:00:00 GMT", 0, 0),
        ("soon", 60, 60),
        ("", 60, 60),
    ],
    ids=["seconds", "for ever", "past", "words", "nothing"],
)
def test_retry_after_is_seconds_or_a_date(
    asked: str, least_s: int, most_s: int
) -> None:
    """A day at most; a minute where nobody understands it."""
    answer = httpx.Response(429, headers={"Retry-After": asked})
    with pytest.raises(AudibleRateLimitError) as caught:
        check_status(answer, what="library")
    assert least_s <= caught.value.retry_after_s <= most_s


def test_retry_after_may_be_a_date() -> None:
    """Within the hour: the suite may stand still meanwhile."""
    at = format_datetime(datetime.now(UTC) + timedelta(hours=5), usegmt=True)
    with pytest.raises(AudibleRateLimitError) as caught:
        check_status(httpx.Response(429, headers={"Retry-After": at}), what="library")
    assert 4 * 3600 <= caught.value.retry_after_s <= 5 * 3600


def test_jitter_lengthens_by_a_quarter_at_most() -> None:
    """So that homes do not come back all at once."""
    assert [10.0, 11.25, 12.5] == [
        _minutes(AudibleResponseError(field="library.items"), 2, jitter)
        for jitter in (0.0, 0.5, 1.0)
    ]


@pytest.mark.parametrize(
    ("error", "kind", "first_minutes"),
    [
        (AudibleRateLimitError(retry_after_s=0), RefusalKind.RATE_LIMIT, 1),
        (LicenseThrottledError(), RefusalKind.THROTTLED, 360),
        (AudibleAuthError(), RefusalKind.AUTH, 15),
        (NETWORK, RefusalKind.NETWORK, 0.5),
        (AudibleResponseError(field="library.items"), RefusalKind.ANSWER, 5),
    ],
)
def test_each_kind_of_refusal_has_its_own_pause(
    error: TrackerError, kind: RefusalKind, first_minutes: float
) -> None:
    """And its key is the reason that is shown."""
    assert kind == kind_of(error)
    assert first_minutes == _minutes(error, 1)
    assert error.key == pause_after(error, failures=1, now=NOW, jitter=0.0).reason
