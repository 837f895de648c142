"""What holds for every order of answers that Audible could give."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby, pairwise

from audible_core.kinds import ReadOutcome
from audible_core.models import AudibleTitle, Position
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.sync.paper import (
    DAY,
    HOUR_MS,
    MINUTE_MS,
    NOW,
    PaperTracker,
    asin,
    position,
    title,
)

RUNTIME_MS = 10 * HOUR_MS
SYNC_INTERVAL = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Audible says of one title at one time; None is "not sent"."""

    percent: float | None
    flag: bool | None
    place_ms: int | None
    in_library: bool = True
    is_named: bool = True


def _answers() -> st.SearchStrategy[list[Answer]]:
    places = st.one_of(
        st.none(),
        st.integers(0, RUNTIME_MS),
        st.sampled_from((0, MINUTE_MS, 30 * MINUTE_MS, RUNTIME_MS - MINUTE_MS)),
    )
    percents = st.one_of(st.none(), st.integers(0, 100).map(float))
    flags = st.sampled_from((None, False, True))
    mostly = st.sampled_from((True, True, True, False))
    answer = st.builds(Answer, percents, flags, places, mostly, mostly)
    return st.lists(answer, max_size=12)


def _title(answer: Answer, at: int) -> AudibleTitle:
    facts: dict[str, object] = {} if answer.is_named else {"title": None, "authors": ()}
    return title(
        **facts,
        percent_complete=answer.percent,
        is_finished=answer.flag,
        status_changed_at=NOW + at * SYNC_INTERVAL,
    )


def _replay(
    answers: list[Answer], after_each: Callable[[PaperTracker], None] | None = None
) -> tuple[PaperTracker, list[int]]:
    """Sync one answer after another; return the positions that were sent."""
    tracker = PaperTracker()
    sent: list[int] = []
    other = title(2)
    for at, answer in enumerate(answers):
        now = NOW + at * SYNC_INTERVAL
        places: list[Position] = []
        if answer.in_library and answer.place_ms is not None:
            places.append(position(answer.place_ms, now))
            sent.append(answer.place_ms)
        titles = (other, _title(answer, at)) if answer.in_library else (other,)
        tracker.sync(*titles, positions=places, at=now)
        if after_each is not None:
            after_each(tracker)
    return tracker, sent


def _moves(places: list[int]) -> list[int]:
    """Return the places without those that only repeat the one before."""
    return [place for place, _ in groupby(places)]


@settings(deadline=None, max_examples=150)
@given(_answers())
def test_the_same_answer_again_changes_nothing(answers: list[Answer]) -> None:
    """A plan made on the result of itself is empty."""
    tracker, _ = _replay(answers)
    if not answers:
        return
    last, at = answers[-1], len(answers) - 1
    now = NOW + at * SYNC_INTERVAL
    titles = (title(2), _title(last, at)) if last.in_library else (title(2),)
    is_placed = last.in_library and last.place_ms is not None
    places = [position(last.place_ms or 0, now)] if is_placed else []
    plan = tracker.sync(*titles, positions=places, at=now + SYNC_INTERVAL)
    assert plan.is_empty, str(plan)


@settings(deadline=None, max_examples=300)
@given(_answers())
def test_no_pass_is_finished_twice(answers: list[Answer]) -> None:
    """A finished pass keeps its date for ever, and is told at most once."""
    finished: dict[int, object] = {}

    def remember(tracker: PaperTracker) -> None:
        for read_id, read in tracker.reads.items():
            if read.fields.outcome is ReadOutcome.FINISHED:
                end = (read.fields.finished_at, read.fields.finished_on)
                assert end == finished.setdefault(read_id, end)

    tracker, _ = _replay(answers, remember)
    told = [event for event in tracker.events if event.event_type == "book_finished"]
    assert len(told) <= len(finished)
    assert len({event.once_key for event in told}) == len(told)


@settings(deadline=None, max_examples=300)
@given(_answers())
def test_between_two_finishes_there_is_a_start(answers: list[Answer]) -> None:
    """Only who went back to the beginning can finish again."""
    tracker, _ = _replay(answers)
    ends = [read.finished_at for read in tracker.finished if read.finished_at]
    for first, second in pairwise(sorted(ends)):
        until = [row for _, row in tracker.ledger if (row.heard_at or NOW) <= second]
        before = [row for row in until if (row.heard_at or NOW) <= first]
        # Where it stood when it was finished first counts too: a flag that is set by
        # hand at the beginning is a finish, and what is heard then is another pass.
        heard = until[len(before) - 1 :]
        assert any((row.percentage or 0.0) <= 10.0 for row in heard)


@settings(deadline=None, max_examples=300)
@given(_answers())
def test_the_ledger_never_loses_a_move(answers: list[Answer]) -> None:
    """Every position that differs from the one before it is a row, in order."""
    tracker, sent = _replay(answers)
    rows = [place for place in tracker.places if place is not None]
    # A change of the flag alone is a row too, at the place where it was.
    assert _moves(sent) == _moves(rows)


@settings(deadline=None, max_examples=100)
@given(_answers())
def test_nothing_is_told_before_the_first_sync_is_over(answers: list[Answer]) -> None:
    """Whatever it brings."""
    tracker, _ = _replay(answers[:1])
    assert [] == tracker.told


@settings(deadline=None, max_examples=100)
@given(st.permutations(range(6)))
def test_answers_that_cross_leave_the_newest_place(order: list[int]) -> None:
    """An older position that comes late is not where listening stands."""
    tracker = PaperTracker()
    tracker.sync(title(), at=NOW - DAY)
    for step in order:
        heard_at = NOW + step * SYNC_INTERVAL
        tracker.poll(position(step * HOUR_MS, heard_at), at=NOW + DAY)
    assert 5 * HOUR_MS == tracker.link.last_position_ms
    assert 5 * HOUR_MS == tracker.positions[asin(1)].position_ms


@settings(deadline=None, max_examples=50)
@given(_answers())
def test_a_link_made_by_hand_outlives_everything(answers: list[Answer]) -> None:
    """Whatever Audible sends."""
    tracker = PaperTracker()
    tracker.sync(title(), at=NOW - DAY)
    (link_id,) = tracker.links
    chosen = tracker.add_book()
    tracker.set_link(link_id, book_id=chosen, manually_confirmed=True)
    for at, answer in enumerate(answers):
        sent = replace(_title(answer, at), title=f"Renamed {at}")
        tracker.sync(sent, at=NOW + at * SYNC_INTERVAL)
    assert (chosen, True) == (tracker.link.book_id, tracker.link.manually_confirmed)
