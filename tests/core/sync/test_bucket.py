"""Ten requests a minute, and no more, in any order of asking."""

from datetime import timedelta

from audible_core.sync.bucket import full_bucket, take
from hypothesis import given
from hypothesis import strategies as st

from tests.core.sync.paper import NOW

NO_WAIT = timedelta(0)
STEP = timedelta(seconds=6)


def test_ten_requests_go_at_once_and_the_eleventh_waits_six_seconds() -> None:
    """The bucket is full at first."""
    bucket = full_bucket(NOW)
    waits = []
    for _ in range(12):
        bucket, wait = take(bucket, NOW)
        waits.append(wait)
    assert [NO_WAIT] * 10 + [STEP, 2 * STEP] == waits


def test_after_a_minute_it_is_full_again_and_never_fuller() -> None:
    """A quiet night saves up nothing."""
    bucket = full_bucket(NOW)
    for _ in range(10):
        bucket, _ = take(bucket, NOW)
    morning = NOW + timedelta(hours=8)
    waits = []
    for _ in range(11):
        bucket, wait = take(bucket, morning)
        waits.append(wait)
    assert [NO_WAIT] * 10 + [STEP] == waits


def test_a_share_of_the_bucket_is_a_smaller_bucket() -> None:
    """The server's part is four a minute."""
    bucket = full_bucket(NOW, per_minute=4)
    for _ in range(4):
        bucket, wait = take(bucket, NOW)
        assert NO_WAIT == wait
    _, wait = take(bucket, NOW)
    assert timedelta(seconds=15) == wait


def test_a_clock_that_was_set_back_gives_no_tokens() -> None:
    """And loses none."""
    bucket, _ = take(full_bucket(NOW), NOW)
    bucket, wait = take(bucket, NOW - timedelta(days=1))
    assert (NO_WAIT, 8.0) == (wait, bucket.tokens)


@given(st.lists(st.integers(0, 90), max_size=60))
def test_no_minute_sees_more_than_a_full_bucket_and_its_refill(
    gaps: list[int],
) -> None:
    """Whoever waits as told keeps the promise: at most 10 + 10 in any minute."""
    bucket, now = full_bucket(NOW), NOW
    sent = []
    for gap in gaps:
        now += timedelta(seconds=gap)
        bucket, wait = take(bucket, now)
        sent.append(now + wait)
    assert sorted(sent) == sent
    for first in sent:
        minute = [at for at in sent if first <= at < first + timedelta(minutes=1)]
        assert len(minute) <= 20
