"""The small decisions that a plan is made of, where a whole sync hides them."""

from datetime import UTC, date

import pytest
from audible_core.kinds import BookStatus, DateSource, ReadOutcome
from audible_core.models import AudibleTitle
from audible_core.store.records import AccountId, BookFields, BookId, ReadFields
from audible_core.sync.linking import book_from, decide_link, new_link
from audible_core.sync.passes import Day, Standing, Turn, standing_of, turn_of
from audible_core.sync.rules import Heard, Rules, has_risen, heard_again
from audible_core.sync.snapshot import MatchDecision
from audible_core.sync.tracked_book import resumed, with_pass, with_turn

from tests.core.sync.paper import ANNA, DAY, HOUR, HOUR_MS, MINUTE_MS, NOW, title

RULES = Rules()
YESTERDAY = (NOW - DAY).date()
SURE = MatchDecision(book_id=BookId(7), confidence=0.99, method="matching")


def _linked(sent: AudibleTitle, **members: bool) -> BookId | str | None:
    link = new_link(sent, ANNA, AccountId(1))
    settled = type(link)(
        **{name: getattr(link, name) for name in link.__slots__} | members
    )
    twins = {"BK_ROE_1": BookId(8)}
    return decide_link(settled, sent, SURE, twins, RULES).book


def test_matching_decides_what_nobody_has_decided() -> None:
    """And a twin decides before it."""
    assert BookId(7) == _linked(title())
    assert BookId(8) == _linked(title(sku_lite="BK_ROE_1"))


@pytest.mark.parametrize(
    "sent",
    [
        title(content_type="Podcast", sku_lite="BK_ROE_1"),
        title(title=None, sku_lite="BK_ROE_1"),
    ],
    ids=["podcast", "hollow"],
)
def test_what_is_no_book_or_has_no_name_is_never_linked(sent: AudibleTitle) -> None:
    """Not even to a twin, and not if somebody asked matching."""
    assert None is _linked(sent)


def test_a_hand_decision_against_all_books_holds() -> None:
    """Taken off a book by hand, or ignored."""
    assert None is _linked(title(), manually_confirmed=True)
    assert None is _linked(title(), is_ignored=True)


def test_a_damaged_isbn_is_left_out_of_a_new_book() -> None:
    """A checked one goes in as 13 digits."""
    assert None is book_from(title(isbn="9783161484101"), ANNA, time_zone=UTC).isbn13
    assert (
        "9783161484100"
        == book_from(title(isbn="9783161484100"), ANNA, time_zone=UTC).isbn13
    )


def test_a_title_that_was_finished_before_has_been_read() -> None:
    """Also where its pass was never stored, as for a title that was ignored."""
    finished = Heard(None, 99.0, is_finished=True)
    assert Standing.FINISHED == standing_of(None, finished, None)
    assert Standing.NONE == standing_of(None, Heard(), BookStatus.READING)
    assert Standing.STOPPED == standing_of(None, Heard(), BookStatus.DID_NOT_FINISH)


def _turn(
    standing: Standing, before: Heard, now: Heard, runtime_ms: int = 10 * HOUR_MS
) -> Turn:
    return turn_of(
        standing,
        before,
        now,
        runtime_ms,
        RULES,
        is_flagged=has_risen(before, now),
        again=heard_again(before, now, runtime_ms, RULES),
    )


def test_a_short_title_heard_again_at_one_go_is_a_whole_pass() -> None:
    """From its beginning to its end between two looks."""
    runtime_ms = 40 * MINUTE_MS
    before = Heard(0, 0.0, is_finished=True, at=NOW)
    now = Heard(runtime_ms, 100.0, is_finished=True, at=NOW + HOUR)
    turn = _turn(Standing.FINISHED, before, now, runtime_ms)
    assert Turn.WHOLE == turn


def test_the_flag_of_an_earlier_finish_ends_no_later_pass() -> None:
    """It may stay up while the title is heard again."""
    before = Heard(HOUR_MS, 10.0, is_finished=True, at=NOW)
    now = Heard(2 * HOUR_MS, 20.0, is_finished=True, at=NOW + HOUR)
    turn = _turn(Standing.UNDER_WAY, before, now)
    assert Turn.NONE == turn


def test_a_stopped_book_begins_anew_when_it_is_heard() -> None:
    """Not when Audible's flag rises: many clear their shelf that way."""
    before = Heard(5 * HOUR_MS, 50.0, is_finished=False, at=NOW)
    heard = Heard(6 * HOUR_MS, 60.0, is_finished=False, at=NOW + HOUR)
    flagged = Heard(5 * HOUR_MS, 50.0, is_finished=True, at=NOW)
    for now, turn in ((heard, Turn.BEGIN), (flagged, Turn.NONE)):
        assert turn == _turn(Standing.STOPPED, before, now)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (BookStatus.PAUSED, BookStatus.READING),
        (BookStatus.TO_READ, BookStatus.READING),
        (BookStatus.DID_NOT_FINISH, BookStatus.DID_NOT_FINISH),
    ],
)
def test_listening_resumes_a_book(status: BookStatus, expected: BookStatus) -> None:
    """But not one that its reader gave up: that is a pass of its own."""
    book = BookFields(reader_id=ANNA, title="Night 1", status=status)
    assert expected == resumed(book).status


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (BookStatus.TO_READ, BookStatus.FINISHED),
        (BookStatus.PAUSED, BookStatus.FINISHED),
        (BookStatus.DID_NOT_FINISH, BookStatus.DID_NOT_FINISH),
    ],
)
def test_a_finished_pass_meets_its_book_later(
    status: BookStatus, expected: BookStatus
) -> None:
    """A person linked the title; what the reader gave up stays given up."""
    book = BookFields(reader_id=ANNA, title="Night 1", status=status)
    read = ReadFields(ANNA, None, None, ReadOutcome.FINISHED, finished_on=NOW.date())
    joined = with_pass(book, read)
    assert expected == joined.status
    is_finished = expected is BookStatus.FINISHED
    assert (NOW.date() if is_finished else None) == joined.finished_on


@pytest.mark.parametrize("outcome", [ReadOutcome.STOPPED, ReadOutcome.UNKNOWN])
@pytest.mark.parametrize("status", list(BookStatus))
def test_a_pass_that_led_nowhere_says_nothing_of_its_book(
    outcome: ReadOutcome, status: BookStatus
) -> None:
    """Whoever stopped listening may have read on, on paper."""
    book = BookFields(
        reader_id=ANNA, title="Night 1", status=status, started_on=YESTERDAY
    )
    read = ReadFields(ANNA, None, None, outcome, started_on=NOW.date())
    assert book == with_pass(book, read)


@pytest.mark.parametrize(
    ("status", "started_on"),
    [
        (BookStatus.TO_READ, YESTERDAY),
        (BookStatus.PAUSED, YESTERDAY),
        (BookStatus.FINISHED, NOW.date()),
        (BookStatus.DID_NOT_FINISH, NOW.date()),
    ],
)
def test_what_was_begun_on_paper_is_not_begun_by_listening(
    status: BookStatus, started_on: date
) -> None:
    """The day that its reader gave stays; a book that was over is begun anew."""
    book = BookFields(
        reader_id=ANNA,
        title="Night 1",
        status=status,
        started_on=YESTERDAY,
        started_source=DateSource.USER,
    )
    heard = Day(NOW.date(), DateSource.HEARD)
    begun = with_turn(book, Turn.BEGIN, heard, heard, is_watched=True)
    assert (BookStatus.READING, started_on) == (begun.status, begun.started_on)
    is_kept = started_on == YESTERDAY
    kept_source = DateSource.USER if is_kept else DateSource.HEARD
    assert kept_source is begun.started_source
