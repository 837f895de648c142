"""The text of a dry run, line by line."""

from typing import Any

import pytest
from audible_core.kinds import (
    BookStatus,
    ConflictType,
    ReadOutcome,
    Source,
    SyncStatus,
    SyncType,
)
from audible_core.store.changes import (
    Changes,
    ConflictChange,
    EventChange,
    LedgerChange,
    LinkChange,
    NewBook,
    ReadChange,
)
from audible_core.store.records import (
    AccountId,
    BookFields,
    BookId,
    Candidate,
    LinkId,
    ReadFields,
    SyncLogFields,
    TrackerEvent,
)
from audible_core.sync.describe import describe
from audible_core.sync.linking import new_link
from audible_core.sync.tracker_events import EventType

from tests.core.sync.paper import ANNA, HOUR_MS, MINUTE_MS, NOW, asin, title

ACCOUNT = AccountId(1)
LINK = (ANNA, asin(1))


def lines(**changes: Any) -> list[str]:
    """Return what is said below the counts of a sync that knows one title."""
    log = SyncLogFields(ACCOUNT, SyncType.LIBRARY, SyncStatus.SUCCESS, NOW, 0)
    known = (LinkChange(new_link(title(), ANNA, ACCOUNT)),)
    return describe(Changes(ACCOUNT, log, links=known, **changes)).splitlines()[1:]


def test_counts_stand_first_and_what_is_asked_again_last() -> None:
    """A sync with nothing new says so in one line."""
    log = SyncLogFields(
        ACCOUNT,
        SyncType.LIBRARY,
        SyncStatus.SUCCESS,
        NOW,
        0,
        titles_seen=9,
        titles_new=1,
        titles_changed=2,
        titles_removed=3,
        positions_moved=4,
        links_made=5,
        books_made=6,
        conflicts_made=7,
    )
    assert describe(Changes(ACCOUNT, log), (asin(1), asin(2))).splitlines() == [
        (
            "9 titles seen: 1 new, 2 changed, 3 removed; 4 places moved, 5 links, "
            "6 books to make, 7 for you to decide"
        ),
        "ask again, sent without a name: B000000001, B000000002",
    ]


def test_books_that_are_made_and_changed_are_named() -> None:
    """With what becomes of them."""
    made = BookFields(ANNA, "Night 1", status=BookStatus.READING)
    changed = BookFields(ANNA, "Night 2", status=BookStatus.FINISHED)
    assert lines(
        new_books=(NewBook("1", made),), changed_books=((BookId(2), changed),)
    ) == ["make book: Night 1 (reading)", "change book: Night 2 (finished)"]


@pytest.mark.parametrize(
    ("candidates", "words"),
    [
        ((), "no_match, 0 books"),
        ((Candidate(BookId(1), 0.8), Candidate(BookId(2), 0.7)), "no_match, 2 books"),
    ],
)
def test_what_a_person_has_to_decide_is_said_by_name(
    candidates: tuple[Candidate, ...], words: str
) -> None:
    """With how many books there are to choose from."""
    conflict = ConflictChange(LINK, ConflictType.NO_MATCH, candidates)
    assert lines(conflicts=(conflict,)) == [f"decide: Night 1: {words}"]


@pytest.mark.parametrize(
    ("event_type", "said"),
    [
        (EventType.TITLE_RERECORDED, ["note: Night 1 is another recording now"]),
        (EventType.TITLE_AVAILABLE, ["note: Night 1 can be heard again"]),
        (EventType.TITLE_UNAVAILABLE, ["note: Night 1 cannot be heard any more"]),
        (EventType.PROGRESSED, []),
    ],
)
def test_title_that_comes_or_goes_is_noted(
    event_type: EventType, said: list[str]
) -> None:
    """What other lines say already is not said again."""
    event = TrackerEvent(
        "e", event_type, ACCOUNT, ANNA, asin(1), None, NOW, {"title": "Night 1"}
    )
    assert lines(events=(EventChange(event),)) == said


@pytest.mark.parametrize(
    ("position_ms", "percentage", "words"),
    [
        (HOUR_MS + 2 * MINUTE_MS, 10.04, "1:02 h, 10.0 %"),
        (59 * MINUTE_MS, None, "0:59 h, unknown"),
        (None, 43.0, "43.0 %"),
        (None, None, "unknown"),
    ],
)
def test_place_is_said_as_far_as_it_is_known(
    position_ms: int | None, percentage: float | None, words: str
) -> None:
    """In hours and minutes, as a player shows it."""
    entry = LedgerChange(LINK, position_ms, percentage, None, Source.AUDIBLE)
    assert lines(ledger=(entry,)) == [f"place: Night 1: {words}"]


def test_passes_are_said_with_the_day_that_matters() -> None:
    """The last one of a finished pass, the first one of others."""
    days = {"started_on": NOW.date(), "finished_on": NOW.date().replace(day=30)}
    said = [
        (ReadOutcome.FINISHED, days, "finished, 2026-11-30"),
        (ReadOutcome.UNDER_WAY, days, "under_way, 2026-11-20"),
        (ReadOutcome.FINISHED, {}, "finished, day unknown"),
    ]
    reads = tuple(
        ReadChange(ReadFields(ANNA, None, None, outcome, **known), link=LINK)
        for outcome, known, _ in said
    )
    assert lines(reads=reads) == [f"read: Night 1: {words}" for *_, words in said]


def test_title_whose_name_does_not_come_along_has_its_number() -> None:
    """A place of a title whose link stays as it is."""
    entry = LedgerChange(LinkId(7), None, 5.0, None, Source.AUDIBLE)
    assert lines(ledger=(entry,)) == ["place: 7: 5.0 %"]
