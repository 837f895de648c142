"""A recorded week and recorded statistics of a real account, through a whole engine."""

import json
from datetime import date, datetime, timedelta

from audible_core.audible.parse import parse_instant
from audible_core.errors import SyncTooSoonError
from audible_core.kinds import BookStatus, DateSource, ReadOutcome, SyncStatus
from audible_core.models import ListeningInterval
from audible_core.stats import days_moved_on
from audible_core.store.history import load_history
from audible_core.store.links import load_link_states
from audible_core.store.listening_days import load_listening_days

from tests.core.sync.home import Home
from tests.core.sync.paper import MINUTE_MS
from tests.core.sync.test_replay import FOLDER, LISTENED, read_recording, titles_of


async def _replay(home: Home) -> None:
    """Sync at each instant of the recording at which the limits allow it."""
    library = {item["asin"]: item for item in read_recording("library-baseline.json")}
    for snapshot in read_recording("library-replay.json"):
        for change in snapshot["changes"]:
            if change["asin"] in library:
                library[change["asin"]] |= change
        at = parse_instant(snapshot["pulled_at"])
        assert at is not None
        home.clock.at = at
        home.shop.add(*titles_of(list(library.values())))
        try:
            await home.engine.sync_library(is_automatic=True)
        except SyncTooSoonError:
            assert not snapshot["changes"]


async def test_recorded_week_gives_one_completion(home: Home) -> None:
    """Its date is kept though the flag falls back; each move is there once."""
    await _replay(home)
    assert [("book_finished", LISTENED)] == [
        (event.event_type, event.asin) for event in home.told
    ]
    async with home.store.reading() as connection:
        (state,) = await load_link_states(connection, home.account_id, (LISTENED,))
        history = await load_history(connection, state.link.link_id)
    assert state.link.fields.book_id is not None
    book = (await home.load_book(state.link.fields.book_id)).fields
    assert (BookStatus.FINISHED, date(2026, 8, 20), DateSource.STATUS, 96.0) == (
        book.status,
        book.finished_on,
        book.finished_source,
        book.percent_complete,
    )
    reads = [
        read.fields
        for read in await home.reads()
        if read.fields.book_id == state.link.fields.book_id
    ]
    assert [(ReadOutcome.FINISHED, date(2026, 8, 20))] == [
        (read.outcome, read.finished_on) for read in reads
    ]
    percentages = [entry.percentage for entry in reversed(history)]
    assert [53.0, 59.0, 95.0, 81.0, 99.0, 96.0] == percentages
    moved = [entry.heard_at for entry in reversed(history)][1:]
    days = days_moved_on([at for at in moved if at], home.store.time_zone)
    # In Berlin, where the recording's evenings are the next morning.
    assert 5 == len(moved)
    assert {date(2026, 8, day) for day in range(17, 22)} == days
    assert {SyncStatus.SUCCESS} == {log.status for log in await home.logs()}


async def _days(home: Home) -> dict[str, int]:
    today = home.clock().date()
    async with home.store.reading() as connection:
        (days,) = await load_listening_days(
            connection,
            (await home.account()).default_reader_id,
            first=today - timedelta(days=500),
            last=today,
        )
    return {day.identifier: day.listened_ms for day in days}


async def test_recorded_year_is_stored_day_by_day(home: Home) -> None:
    """To the minute; the days on which nothing was heard add nothing."""
    recorded = json.loads(
        (FOLDER / "listening-aggregates.json").read_text(encoding="utf-8")
    )["daily"]
    minutes = {day["date"]: day["min"] for day in recorded}
    home.shop.days = [
        ListeningInterval(day, heard * MINUTE_MS) for day, heard in minutes.items()
    ]
    home.clock.at = datetime.fromisoformat(f"{max(minutes)}T20:00:00+00:00")
    for _ in range(13):
        await home.engine.ask_listening_days()
    stored = {day: ms // MINUTE_MS for day, ms in (await _days(home)).items() if ms}
    assert {day: heard for day, heard in minutes.items() if heard} == stored


async def test_edges_and_nameless_days_are_counted_once(home: Home) -> None:
    """Windows repeat their edges, and Audible leaves an identifier empty at times."""
    today = home.clock().date()
    home.shop.days = [
        ListeningInterval("", 99 * MINUTE_MS),
        *(
            ListeningInterval((today - timedelta(days=day)).isoformat(), MINUTE_MS)
            for day in range(90)
        ),
    ]
    for _ in range(3):
        await home.engine.ask_listening_days()
    days = await _days(home)
    assert [MINUTE_MS] * 90 == [amount for amount in days.values() if amount]
    assert "" not in days


async def test_years_are_asked_for_three_windows_at_a_time(home: Home) -> None:
    """Each time the last 30 days and 90 before what is known, for five years."""
    for _ in range(25):
        await home.engine.ask_listening_days()
    today = home.clock().date()
    first = today - timedelta(days=29)
    asked = home.shop.asked_days
    starts = [first - timedelta(days=30 * number) for number in range(7)]
    first_days = [*starts[:4], starts[0], *starts[4:7]]
    assert [(start, 30) for start in first_days] == asked[:8]
    assert today == (await home.account()).days_asked_on
    oldest = min(start for start, _ in asked)
    assert timedelta(days=0) <= today - timedelta(days=5 * 365) - oldest
    assert today - timedelta(days=5 * 365) - oldest < timedelta(days=30)
    assert (first, 30) == asked[-1]
    assert (await home.account()).sync_count_today == len(asked)


async def test_day_that_grows_is_renewed(home: Home) -> None:
    """In the evening today is longer than at noon."""
    today = home.clock().date().isoformat()
    for minutes in (5, 50):
        home.shop.days = [ListeningInterval(today, minutes * MINUTE_MS)]
        await home.engine.ask_listening_days()
    assert 50 * MINUTE_MS == (await _days(home))[today]


async def test_empty_answer_takes_no_day_away(home: Home) -> None:
    """A day that is known stays, the first one of the window too."""
    today = home.clock().date()
    home.shop.days = [
        ListeningInterval((today - timedelta(days=day)).isoformat(), MINUTE_MS)
        for day in range(30)
    ]
    await home.engine.ask_listening_days()
    home.shop.days = []
    await home.engine.ask_listening_days()
    assert 30 * MINUTE_MS == sum((await _days(home)).values())


async def test_day_becomes_shorter_only_within_three_days(home: Home) -> None:
    """Audible corrects what it has just said; older days it only adds to."""
    today = home.clock().date()
    names = [(today - timedelta(days=day)).isoformat() for day in (0, 3, 4, 29)]
    found = []
    for minutes in (50, 20, 60):
        home.shop.days = [ListeningInterval(day, minutes * MINUTE_MS) for day in names]
        await home.engine.ask_listening_days()
        days = await _days(home)
        found.append([days[name] // MINUTE_MS for name in names])
    assert [[50] * 4, [20, 20, 50, 50], [60] * 4] == found
