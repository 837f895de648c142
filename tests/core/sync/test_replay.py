"""A recorded week of a real account, replayed: finished once, dated right."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from audible_core.audible.parse import parse_instant, parse_library_page
from audible_core.kinds import BookStatus, DateSource
from audible_core.models import Asin, AudibleTitle
from audible_core.stats import days_moved_on

from tests.core.sync.paper import PaperTracker

FOLDER = Path(__file__).parents[2] / "fixtures" / "imports" / "audible-account"
LISTENED = Asin("B00K7POMVG")


def read_recording(name: str) -> list[dict[str, Any]]:
    """Return one file of the recording."""
    loaded: list[dict[str, Any]] = json.loads((FOLDER / name).read_text("utf-8"))
    return loaded


def titles_of(items: list[dict[str, Any]]) -> tuple[AudibleTitle, ...]:
    """Give the recording the service's own shape and parse it as the product does."""
    sent = [
        item
        | {
            "authors": [{"name": name} for name in item.get("authors") or ()],
            "narrators": [{"name": name} for name in item.get("narrators") or ()],
            "listening_status": {
                "percent_complete": item["percent_complete"],
                "is_finished": item["is_finished"],
                "finished_at_timestamp": item["finished_at_timestamp"],
            },
        }
        for item in items
    ]
    return parse_library_page({"items": sent})


def _replayed(time_zone: str) -> tuple[PaperTracker, list[dict[str, Any]]]:
    tracker = PaperTracker(time_zone)
    library = {item["asin"]: item for item in read_recording("library-baseline.json")}
    snapshots = read_recording("library-replay.json")
    for snapshot in snapshots:
        for change in snapshot["changes"]:
            if change["asin"] in library:
                library[change["asin"]] |= change
        at = parse_instant(snapshot["pulled_at"])
        assert at is not None
        tracker.sync(*titles_of(list(library.values())), at=at)
    return tracker, snapshots


@pytest.fixture(scope="module")
def week() -> PaperTracker:
    """Replay the week at the listener's home."""
    return _replayed("America/New_York")[0]


def _book(tracker: PaperTracker) -> Any:
    (link,) = (link for link in tracker.links.values() if link.fields.asin == LISTENED)
    assert link.fields.book_id is not None
    return tracker.books[link.fields.book_id].fields


def test_the_week_gives_exactly_one_completion(week: PaperTracker) -> None:
    """The flag rises once and falls back the next day."""
    finished = [event for event in week.events if event.event_type == "book_finished"]
    assert [LISTENED] == [event.asin for event in finished]


def test_the_finish_survives_the_flag_that_falls_back(week: PaperTracker) -> None:
    """On the next day it stands at 96 percent and "not finished" again."""
    book = _book(week)
    assert BookStatus.FINISHED == book.status
    assert date(2026, 8, 20) == book.finished_on
    assert DateSource.STATUS == book.finished_source
    assert 96.0 == book.percent_complete


def test_the_finish_date_is_the_day_at_home() -> None:
    """It was finished at 05:20 UTC, which in California is the evening before."""
    tracker, _ = _replayed("America/Los_Angeles")
    assert date(2026, 8, 19) == _book(tracker).finished_on


def test_rewinds_and_leaps_are_all_in_the_ledger(week: PaperTracker) -> None:
    """53, then each change of the week, once each."""
    (link_id,) = (
        link.link_id for link in week.links.values() if link.fields.asin == LISTENED
    )
    percentages = [entry.percentage for owner, entry in week.ledger if owner == link_id]
    assert [53.0, 59.0, 95.0, 81.0, 99.0, 96.0] == percentages


def test_no_day_is_counted_twice(week: PaperTracker) -> None:
    """Five changes in twelve snapshots; at home they fell on three days."""
    (link_id,) = (
        link.link_id for link in week.links.values() if link.fields.asin == LISTENED
    )
    moved = [entry.heard_at for owner, entry in week.ledger if owner == link_id][1:]
    assert 5 == len(moved)
    expected = {date(2026, 8, day) for day in (16, 18, 20)}
    assert expected == days_moved_on(moved, week.time_zone)


def test_the_backlog_is_finished_without_dates(week: PaperTracker) -> None:
    """Audible's time of the last status change is no finish date."""
    backlog = [read for read in week.finished if read.finished_at is None]
    assert backlog
    assert {None} == {read.finished_on for read in backlog}
    assert {DateSource.UNKNOWN} == {read.finished_source for read in backlog}


def test_the_first_sync_tells_nothing() -> None:
    """Seventy books are no news; what the week brought is."""
    tracker, snapshots = _replayed("UTC")
    first = parse_instant(snapshots[0]["pulled_at"])
    assert isinstance(first, datetime)
    assert ["book_finished"] == tracker.told
    assert all(event.created_at > first for event in tracker.events)
