"""What a sync makes of titles that come, go, come back or change."""

from dataclasses import replace

import pytest
from audible_core.kinds import (
    BookStatus,
)
from audible_core.models import AudibleTitle

from tests.core.sync.paper import (
    DAY,
    HOUR,
    HOUR_MS,
    MINUTE_MS,
    NOW,
    PaperTracker,
    asin,
    position,
    title,
)


def test_a_new_title_is_told_and_tracked(tracker: PaperTracker) -> None:
    """Bought since the last sync."""
    tracker.sync(title(), title(2))
    assert ["title_added"] == tracker.told
    assert 2 == len(tracker.books)


def test_a_removed_title_keeps_its_history_and_says_so(tracker: PaperTracker) -> None:
    """It is missing from the whole library."""
    tracker.sync(title(), title(2, percent_complete=40.0), at=NOW)
    tracker.sync(title(), at=NOW + HOUR)
    assert "removed" == tracker.events[-1].data["reason"]
    assert [asin(2)] == list(tracker.removed)
    assert 2 == len(tracker.books)
    assert {NOW + HOUR, None} == {
        link.fields.removed_at for link in tracker.links.values()
    }


@pytest.mark.parametrize(
    ("members", "reason"), [({}, "returned"), ({"is_plus": True}, "plus_ended")]
)
def test_a_revoked_title_says_why(members: dict[str, bool], reason: str) -> None:
    """A return is told apart from a title that left Plus."""
    tracker = PaperTracker()
    tracker.sync(title(), title(2, **members), at=NOW - DAY)
    tracker.sync(title(), revoked=[asin(2)], is_complete=False)
    assert [reason] == [event.data["reason"] for event in tracker.events]


def test_a_lapsed_plus_title_stays_in_the_library_and_is_told_once() -> None:
    """It can only not be heard any more."""
    tracker = PaperTracker()
    plus = title(is_plus=True, is_consumable=True, percent_complete=40.0)
    lapsed = replace(plus, is_consumable=False)
    tracker.sync(plus, at=NOW - DAY)
    for hours in range(3):
        tracker.sync(lapsed, at=NOW + hours * HOUR)
    tracker.sync(plus, at=NOW + DAY)
    assert ["title_unavailable", "title_available"] == tracker.told
    assert "plus_ended" == tracker.events[0].data["reason"]


def test_a_title_that_reappears_is_the_same(tracker: PaperTracker) -> None:
    """With its book, its passes and its place."""
    tracker.sync(title(2), title(percent_complete=40.0), at=NOW)
    books = dict(tracker.books)
    tracker.sync(title(2), at=NOW + HOUR)
    tracker.sync(title(2), title(percent_complete=40.0), at=NOW + 2 * HOUR)
    assert ["title_unavailable", "title_available"] == tracker.told[-2:]
    assert books.keys() == tracker.books.keys()
    assert {} == tracker.removed
    assert {None} == {link.fields.removed_at for link in tracker.links.values()}


def test_an_empty_answer_removes_nothing(tracker: PaperTracker) -> None:
    """A fault of the shop must not empty a tracker."""
    plan = tracker.sync()
    assert plan.is_empty
    assert True is plan.changes.log.details["is_answer_suspicious"]


def test_an_incomplete_answer_removes_nothing(tracker: PaperTracker) -> None:
    """A delta has only what changed."""
    assert tracker.sync(is_complete=False).is_empty


def test_a_rerecorded_title_keeps_its_place_and_says_so(tracker: PaperTracker) -> None:
    """Half an hour shorter, another voice; nothing is finished by that."""
    tracker.poll(position(9 * HOUR_MS + 31 * MINUTE_MS, NOW), at=NOW)
    tracker.sync(title(runtime_ms=9 * HOUR_MS + 32 * MINUTE_MS), at=NOW + HOUR)
    assert ["book_started", "title_rerecorded"] == tracker.told
    assert BookStatus.READING == tracker.book.status
    assert 1 == len(tracker.ledger)


def test_a_hollow_title_keeps_its_name_and_is_asked_again(
    tracker: PaperTracker,
) -> None:
    """After a long pause Audible sends titles without facts, but with progress."""
    hollow = AudibleTitle(asin(1), None, percent_complete=20.0, is_finished=False)
    plan = tracker.sync(hollow)
    assert (asin(1),) == plan.ask_again
    assert "Night 1" == tracker.titles[asin(1)].title
    assert 20.0 == tracker.link.last_percentage


def test_a_new_hollow_title_is_matched_when_it_has_a_name() -> None:
    """Until then it is a link without a book, and no conflict."""
    tracker = PaperTracker()
    hollow = AudibleTitle(asin(1), None, runtime_ms=10 * HOUR_MS)
    tracker.sync(hollow)
    assert ({}, {}) == (tracker.books, tracker.conflicts)
    tracker.sync(title(), at=NOW + HOUR)
    assert "Night 1" == tracker.book.title
    assert tracker.link.book_id is not None
