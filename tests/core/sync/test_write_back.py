"""Whether a place heard at home is told to Audible."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from audible_core.kinds import Source
from audible_core.models import Position
from audible_core.store.position_records import PositionWrite
from audible_core.store.records import AccountId
from audible_core.sync.write_back import (
    WriteAction,
    WriteDecision,
    WriteOutcome,
    WriteReason,
    decide_write,
    judge_write,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.core.sync.paper import ANNA, HOUR, HOUR_MS, MINUTE_MS, NOW, asin, position

RUNTIME_MS = 10 * HOUR_MS
OURS = PositionWrite(
    account_id=AccountId(1),
    asin=asin(1),
    position_ms=3 * HOUR_MS,
    heard_at=NOW,
    reader_id=ANNA,
    source=Source.PLAYER,
)


def _decide(
    remote: Position | None,
    *,
    write: PositionWrite = OURS,
    known: Position | None = None,
    now: datetime = NOW + HOUR,
    is_ours: bool = False,
) -> WriteDecision:
    return decide_write(
        write, remote, known=known, is_ours=is_ours, runtime_ms=RUNTIME_MS, now=now
    )


def test_a_newer_place_of_ours_is_sent() -> None:
    """Audible still stands where listening at home began."""
    known = position(2 * HOUR_MS, NOW - HOUR)
    decision = _decide(known, known=known)
    assert (
        WriteDecision(WriteAction.SEND, WriteReason.OURS_IS_NEWER, 3 * HOUR_MS)
        == decision
    )


def test_a_place_that_was_told_from_here_is_nobody_elses() -> None:
    """It is newer, or far from where listening began: it was ours all the same."""
    known = position(HOUR_MS, NOW - HOUR)
    told = position(2 * HOUR_MS, NOW + timedelta(seconds=5))
    assert WriteAction.ASK == _decide(told, known=known).action
    assert WriteAction.SEND == _decide(told, known=known, is_ours=True).action
    earlier = position(2 * HOUR_MS, NOW - timedelta(minutes=5))
    assert WriteAction.ASK == _decide(earlier, known=known).action
    assert WriteAction.SEND == _decide(earlier, known=known, is_ours=True).action


def test_the_first_place_of_a_title_is_sent() -> None:
    """Audible has none."""
    assert WriteReason.NOTHING_THERE == _decide(None).reason


def test_an_older_place_never_replaces_a_newer_one() -> None:
    """The phone was used meanwhile: a person is asked which it is."""
    decision = _decide(position(5 * HOUR_MS, NOW + 30 * timedelta(minutes=1)))
    assert (WriteAction.ASK, WriteReason.THEIRS_IS_NEWER) == (
        decision.action,
        decision.reason,
    )


@pytest.mark.parametrize(
    ("apart_ms", "action"),
    [(MINUTE_MS, WriteAction.DROP), (MINUTE_MS + 1, WriteAction.ASK)],
)
def test_a_minute_apart_is_one_place(apart_ms: int, action: WriteAction) -> None:
    """Nobody is asked about less; the newer one stays."""
    theirs = position(OURS.position_ms + apart_ms, NOW)
    assert action == _decide(theirs).action


def test_two_who_listened_at_once_are_a_question() -> None:
    """Ours is the newer one, but theirs moved as well since we began."""
    known = position(HOUR_MS, NOW - 3 * HOUR)
    remote = position(6 * HOUR_MS, NOW - HOUR)
    decision = _decide(remote, known=known)
    assert (WriteAction.ASK, WriteReason.BOTH_MOVED) == (
        decision.action,
        decision.reason,
    )


def test_two_who_listened_to_the_same_minute_are_no_question() -> None:
    """Both moved, but to one place."""
    known = position(HOUR_MS, NOW - 3 * HOUR)
    remote = position(OURS.position_ms - MINUTE_MS, NOW - HOUR)
    assert WriteAction.SEND == _decide(remote, known=known).action


@pytest.mark.parametrize("place_ms", [0, -1])
def test_no_place_is_never_sent(place_ms: int) -> None:
    """Zero would put the phone back to the start."""
    write = replace(OURS, position_ms=place_ms)
    assert WriteAction.DROP == _decide(None, write=write).action


def test_a_place_past_the_end_is_the_end() -> None:
    """Whether Audible takes more is unknown."""
    write = replace(OURS, position_ms=RUNTIME_MS + 500)
    assert RUNTIME_MS == _decide(None, write=write).position_ms


def test_what_was_sent_is_not_sent_again() -> None:
    """A replay after a crash finds its own place there."""
    sent = position(OURS.position_ms, NOW + HOUR)
    assert (WriteAction.DROP, WriteReason.SAME_PLACE) == (
        _decide(sent).action,
        _decide(sent).reason,
    )


def test_a_player_whose_clock_is_ahead_wins_nothing() -> None:
    """Its place counts as heard now, not next year."""
    write = replace(OURS, heard_at=NOW + 365 * 24 * HOUR)
    remote = position(5 * HOUR_MS, NOW)
    assert WriteReason.THEIRS_IS_NEWER == _decide(remote, write=write, now=NOW).reason


@given(
    st.integers(0, RUNTIME_MS),
    st.integers(0, RUNTIME_MS),
    st.integers(-5000, 5000),
)
def test_never_older_over_newer(ours_ms: int, theirs_ms: int, newer_s: int) -> None:
    """For all places and times: what is sent is newer than what is there."""
    remote = position(theirs_ms, NOW + timedelta(seconds=newer_s))
    decision = _decide(
        remote, write=replace(OURS, position_ms=ours_ms), now=NOW + 2 * HOUR
    )
    if decision.action is WriteAction.SEND:
        assert remote.updated_at < OURS.heard_at
        assert decision.position_ms > 0


@given(st.integers(1, RUNTIME_MS), st.integers(0, RUNTIME_MS))
def test_a_queue_is_replayed_once(ours_ms: int, theirs_ms: int) -> None:
    """A place that was sent and arrived is dropped the next time."""
    write = replace(OURS, position_ms=ours_ms)
    decision = _decide(position(theirs_ms, NOW - HOUR), write=write)
    if decision.action is WriteAction.SEND:
        arrived = position(decision.position_ms, NOW + HOUR)
        again = _decide(arrived, write=write, now=NOW + 2 * HOUR)
        assert WriteAction.DROP == again.action


@pytest.mark.parametrize(
    ("found_ms", "seconds", "is_fresh", "outcome"),
    [
        (3 * HOUR_MS, 3, False, WriteOutcome.WRITTEN),
        (2 * HOUR_MS, 3, False, WriteOutcome.NOT_YET),
        (2 * HOUR_MS, 10, False, WriteOutcome.WRONG_ACR),
        (2 * HOUR_MS, 10, True, WriteOutcome.GIVE_UP),
        (None, 10, False, WriteOutcome.WRONG_ACR),
    ],
)
def test_a_write_is_believed_when_it_is_read_back(
    found_ms: int | None, seconds: int, is_fresh: bool, outcome: WriteOutcome
) -> None:
    """A wrong acr is answered with yes and never shows; a right one takes seconds."""
    found = None if found_ms is None else position(found_ms, NOW)
    assert outcome == judge_write(
        3 * HOUR_MS,
        found,
        before=position(HOUR_MS, NOW),
        since_write=timedelta(seconds=seconds),
        has_fresh_acr=is_fresh,
    )


@pytest.mark.parametrize(
    ("before", "found", "outcome"),
    [
        (None, position(HOUR_MS, NOW), WriteOutcome.OVERTAKEN),
        (
            position(HOUR_MS, NOW),
            position(2 * HOUR_MS, NOW + HOUR),
            WriteOutcome.OVERTAKEN,
        ),
        (position(HOUR_MS, NOW), position(HOUR_MS, NOW + HOUR), WriteOutcome.WRONG_ACR),
        (position(2 * HOUR_MS, NOW), position(HOUR_MS, NOW), WriteOutcome.WRONG_ACR),
    ],
    ids=["first", "moved on", "only the time", "only the place"],
)
def test_whoever_listens_on_overtakes_a_write(
    before: Position | None, found: Position, outcome: WriteOutcome
) -> None:
    """A place that is newer than the one before the write is none of the past."""
    assert outcome == judge_write(
        3 * HOUR_MS,
        found,
        before=before,
        since_write=timedelta(seconds=10),
        has_fresh_acr=False,
    )
