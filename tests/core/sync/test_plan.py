"""What a sync makes of listening: the past, passes, dates; and the plan itself."""

from datetime import date
from typing import Any

import pytest
from audible_core.kinds import (
    BookStatus,
    BookType,
    DateSource,
    ReadOutcome,
    SyncType,
)
from audible_core.models import AudibleTitle
from audible_core.sync.snapshot import MatchDecision, Remote

from tests.core.sync.paper import (
    DAY,
    END_MS,
    HOUR,
    HOUR_MS,
    NOW,
    PaperTracker,
    asin,
    position,
    title,
)


def test_the_first_sync_tells_nothing() -> None:
    """Whatever it finds is the past."""
    tracker = PaperTracker()
    tracker.sync(
        title(1, is_finished=True, percent_complete=99.0, status_changed_at=NOW - DAY),
        title(2, percent_complete=40.0),
        title(3),
    )
    assert [] == tracker.told
    assert 3 == len(tracker.books)


def test_a_finished_backlog_book_says_that_its_date_is_unknown() -> None:
    """The time of the last status change is not when it was finished."""
    tracker = PaperTracker()
    tracker.sync(title(is_finished=True, status_changed_at=NOW - DAY))
    (read,) = tracker.finished
    assert (None, DateSource.UNKNOWN) == (read.finished_on, read.finished_source)
    assert BookStatus.FINISHED == tracker.book.status
    assert DateSource.UNKNOWN == tracker.book.finished_source


def test_a_backlog_book_under_way_was_begun_on_an_unknown_day() -> None:
    """It is being read, since nobody knows when."""
    tracker = PaperTracker()
    tracker.sync(title(percent_complete=40.0, status_changed_at=NOW - DAY))
    assert BookStatus.READING == tracker.book.status
    assert None is tracker.book.started_on
    assert DateSource.UNKNOWN == tracker.book.started_source


def test_a_finished_import_is_joined_and_not_doubled() -> None:
    """The book came with its date from another tracker; the title adds no pass."""
    tracker = PaperTracker()
    book_id = tracker.add_book(
        status=BookStatus.FINISHED, finished_on=date(2024, 5, 1), page_count=300
    )
    read_id = tracker.add_read(
        book_id, outcome=ReadOutcome.FINISHED, finished_on=date(2024, 5, 1)
    )
    tracker.matching = lambda _: MatchDecision(book_id=book_id, confidence=0.99)
    tracker.sync(title(is_finished=True, percent_complete=99.0))
    assert [read_id] == list(tracker.reads)
    assert date(2024, 5, 1) == tracker.book.finished_on


def test_a_book_called_finished_needs_no_pass_to_be_finished() -> None:
    """Not every import has passes; the backlog adds none, and no place either."""
    tracker = PaperTracker()
    book_id = tracker.add_book(status=BookStatus.FINISHED, percent_complete=100.0)
    tracker.matching = lambda _: MatchDecision(book_id=book_id, confidence=0.99)
    tracker.sync(title(is_finished=True, percent_complete=6.0))
    assert {} == tracker.reads
    assert 100.0 == tracker.book.percent_complete


@pytest.mark.parametrize(
    ("status", "members"),
    [
        (BookStatus.PAUSED, {"percent_complete": 40.0}),
        (BookStatus.DID_NOT_FINISH, {"percent_complete": 40.0}),
        (BookStatus.DID_NOT_FINISH, {"is_finished": True}),
    ],
)
def test_what_a_reader_says_of_the_past_stays(
    status: BookStatus, members: dict[str, Any]
) -> None:
    """Audible's backlog knows less of a book that was put aside."""
    tracker = PaperTracker()
    book_id = tracker.add_book(status=status)
    tracker.matching = lambda _: MatchDecision(book_id=book_id, confidence=0.99)
    tracker.sync(title(**members))
    assert status == tracker.book.status


def test_an_import_under_way_goes_on_in_the_same_pass() -> None:
    """Begun elsewhere, finished here: one pass with both dates."""
    tracker = PaperTracker()
    book_id = tracker.add_book(status=BookStatus.READING, started_on=date(2026, 1, 2))
    tracker.add_read(
        book_id, outcome=ReadOutcome.UNDER_WAY, started_on=date(2026, 1, 2)
    )
    tracker.matching = lambda _: MatchDecision(book_id=book_id, confidence=0.99)
    tracker.sync(title(percent_complete=40.0), at=NOW - DAY)
    tracker.poll(position(END_MS, NOW), at=NOW)
    (read,) = tracker.finished
    assert (date(2026, 1, 2), date(2026, 11, 20)) == (read.started_on, read.finished_on)
    assert date(2026, 1, 2) == tracker.book.started_on


def test_a_book_read_years_ago_and_under_way_now_is_a_pass_of_its_own() -> None:
    """It was heard after the day on which it had been finished."""
    tracker = PaperTracker()
    book_id = tracker.add_book(status=BookStatus.FINISHED, finished_on=date(2020, 5, 1))
    tracker.matching = lambda _: MatchDecision(book_id=book_id, confidence=0.99)
    tracker.sync(title(percent_complete=40.0, status_changed_at=NOW - 2 * DAY))
    tracker.poll(position(END_MS, NOW + DAY), at=NOW + DAY)
    (read,) = tracker.finished
    assert date(2026, 11, 21) == read.finished_on


def test_a_book_is_begun_on_the_day_it_was_first_heard(tracker: PaperTracker) -> None:
    """In the reader's time zone: 23:30 UTC is the next day in Berlin."""
    late = NOW.replace(hour=23, minute=30)
    tracker.poll(position(HOUR_MS, late), at=late + HOUR)
    assert ["book_started"] == tracker.told
    assert date(2026, 11, 21) == tracker.book.started_on
    assert DateSource.HEARD == tracker.book.started_source


def test_a_book_is_finished_at_the_credits(tracker: PaperTracker) -> None:
    """One minute is left; Audible's flag comes later, and is the same finish."""
    tracker.hear_to_the_end()
    tracker.sync(title(is_finished=True, percent_complete=99.0), at=NOW + 12 * HOUR)
    assert ["book_started", "book_finished"] == tracker.told
    assert 1 == len(tracker.finished)


def test_a_flapping_flag_finishes_once(tracker: PaperTracker) -> None:
    """It rises, falls back, and rises again."""
    for day, flag in enumerate((True, False, True, None, False, True)):
        tracker.sync(title(is_finished=flag, percent_complete=99.0), at=NOW + day * DAY)
    assert 1 == tracker.told.count("book_finished")
    assert date(2026, 11, 20) == tracker.book.finished_on


def test_a_flag_set_by_hand_is_in_the_ledger(tracker: PaperTracker) -> None:
    """Somebody marked it as finished at the shop; its place did not move."""
    tracker.sync(title(is_finished=True))
    (row,) = tracker.ledger
    assert (True, 0.0) == (row[1].is_finished, row[1].percentage)
    assert BookStatus.FINISHED == tracker.book.status


def test_a_rewind_keeps_the_finish(tracker: PaperTracker) -> None:
    """A favorite chapter heard again does not change the date."""
    tracker.hear_to_the_end()
    later = NOW + 2 * DAY
    tracker.poll(position(7 * HOUR_MS, later), at=later)
    tracker.poll(position(8 * HOUR_MS, later + HOUR), at=later + HOUR)
    assert BookStatus.FINISHED == tracker.book.status
    assert date(2026, 11, 21) == tracker.book.finished_on
    assert [HOUR_MS, END_MS, 7 * HOUR_MS, 8 * HOUR_MS] == tracker.places


def test_a_reread_is_a_pass_of_its_own(tracker: PaperTracker) -> None:
    """Back to the start, heard for an hour, and to the end: finished twice."""
    tracker.hear_to_the_end()
    again = NOW + 10 * DAY
    for hours, place in ((0, 0), (1, HOUR_MS), (9, 9 * HOUR_MS), (10, END_MS)):
        at = again + hours * HOUR
        tracker.poll(position(place, at), at=at)
    first, second = tracker.finished
    assert (date(2026, 11, 21), date(2026, 12, 1)) == (
        first.finished_on,
        second.finished_on,
    )
    assert ["book_started", "book_finished"] * 2 == tracker.told
    assert date(2026, 12, 1) == tracker.book.finished_on


def test_a_book_begun_and_finished_between_two_looks_is_one_pass(
    tracker: PaperTracker,
) -> None:
    """A day's listening arrived at once."""
    tracker.sync(
        title(is_finished=True, percent_complete=99.0, status_changed_at=NOW - HOUR)
    )
    assert ["book_started", "book_finished"] == tracker.told
    (read,) = tracker.reads.values()
    assert ReadOutcome.FINISHED == read.fields.outcome


def test_a_paused_book_is_read_again_when_it_is_heard(tracker: PaperTracker) -> None:
    """What a reader puts aside stays so until listening is seen."""
    tracker.poll(position(HOUR_MS, NOW), at=NOW)
    (book_id,) = tracker.books
    tracker.set_book(book_id, status=BookStatus.PAUSED)
    tracker.poll(position(HOUR_MS // 2, NOW + HOUR), at=NOW + HOUR)
    assert BookStatus.PAUSED == tracker.book.status
    tracker.poll(position(HOUR_MS, NOW + 2 * HOUR), at=NOW + 2 * HOUR)
    assert BookStatus.READING == tracker.book.status


def test_a_finish_date_given_by_hand_stays(tracker: PaperTracker) -> None:
    """Audible's flag comes days after the reader has said so."""
    tracker.poll(position(HOUR_MS, NOW), at=NOW)
    (book_id,) = tracker.books
    tracker.set_book(
        book_id,
        status=BookStatus.FINISHED,
        finished_on=date(2026, 11, 19),
        finished_source=DateSource.USER,
    )
    tracker.sync(title(is_finished=True), at=NOW + 3 * DAY)
    assert (date(2026, 11, 19), DateSource.USER) == (
        tracker.book.finished_on,
        tracker.book.finished_source,
    )


def test_pages_stand_beside_minutes() -> None:
    """An hour of ten is page 30 of 300, and the hour stays an hour."""
    tracker = PaperTracker()
    book_id = tracker.add_book(page_count=300, book_type=BookType.AUDIOBOOK)
    tracker.matching = lambda _: MatchDecision(book_id=book_id, confidence=0.99)
    tracker.sync(title(), at=NOW - DAY)
    tracker.poll(position(HOUR_MS, NOW))
    assert (30, HOUR_MS) == (
        tracker.book.current_page,
        tracker.book.current_position_ms,
    )


def test_an_unchanged_library_changes_nothing(tracker: PaperTracker) -> None:
    """Only the log has a row for it."""
    plan = tracker.sync(title(), positions=[])
    assert plan.is_empty
    assert (1, 0) == (plan.changes.log.titles_seen, plan.changes.log.titles_changed)


def test_a_position_of_an_unknown_title_is_left_alone(tracker: PaperTracker) -> None:
    """The library has to bring it first."""
    assert tracker.poll(position(HOUR_MS, NOW, number=9)).is_empty


def test_a_library_sync_is_noted_and_a_poll_is_not(tracker: PaperTracker) -> None:
    """Only the former counts as the account's last sync."""
    library = Remote(SyncType.LIBRARY, NOW, titles=(title(),), state_token="1")
    noted = tracker.plan(library, NOW).changes.noted
    assert noted is not None
    assert (NOW, date(2026, 11, 20), "1") == (noted.at, noted.today, noted.state_token)
    poll = Remote(SyncType.POSITIONS, NOW)
    assert None is tracker.plan(poll, NOW).changes.noted


def test_a_plan_reads_as_text() -> None:
    """A dry run is shown, not done."""
    tracker = PaperTracker()
    sent = (title(percent_complete=40.0), AudibleTitle(asin(2), None))
    plan = tracker.plan(
        Remote(SyncType.LIBRARY, NOW, titles=sent, is_complete=True), NOW
    )
    counts, *lines = str(plan).splitlines()
    assert counts.startswith("2 titles seen: 2 new, 0 changed, 0 removed; 1 places")
    assert [
        "make book: Night 1 (reading)",
        "place: Night 1: 40.0 %",
        "read: Night 1: under_way, day unknown",
        "ask again, sent without a name: B000000002",
    ] == lines
    assert {} == tracker.books
