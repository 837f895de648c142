"""What is heard on a speaker begins, reaches and ends passes as what a sync sees."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from audible_core.decisions.books import set_book_status
from audible_core.decisions.hearing import hear_at_home
from audible_core.decisions.links import unlink_title
from audible_core.decisions.statistics import load_listened
from audible_core.kinds import BookStatus, ReadOutcome, Source
from audible_core.models import Position
from audible_core.store.accounts import load_account
from audible_core.store.listening_days import (
    add_heard_at_home,
    load_first_day,
    save_listening_days,
)
from audible_core.store.overview import load_under_way
from audible_core.store.records import ListeningDay
from audible_core.sync.hearing import HeardHere, Judge
from audible_core.sync.look import Playing
from audible_core.sync.time_left import left_when_passed
from audible_core.sync.tracker_events import EventMaker

from tests.core.sync.hearing import finished, outcomes, passes
from tests.core.sync.home import Home
from tests.core.sync.paper import END_MS, HOUR_MS, MINUTE_MS, asin
from tests.core.sync.paper_shop import CHAPTERS

RUNTIME_MS = 10 * HOUR_MS
FAR_MS = 9 * HOUR_MS + 30 * MINUTE_MS


@dataclass(slots=True)
class Speaker:
    """A speaker of the house, on which one title plays since it was last begun."""

    home: Home
    number: int = 1
    began_at: datetime | None = None
    ids: count[int] = field(default_factory=count)

    def begin(self) -> None:
        """Begin to play."""
        self.began_at = self.home.clock()

    async def play(self, *places_ms: int, is_over: bool = False) -> None:
        """Play on, as long as it is from one place to the next."""
        for before_ms, place_ms in zip((0, *places_ms), places_ms, strict=False):
            self.home.clock.wait(milliseconds=max(0, place_ms - before_ms))
            is_last = place_ms == places_ms[-1]
            await self.tell(place_ms, is_over=is_over and is_last)

    async def tell(self, place_ms: int, *, is_over: bool = False) -> None:
        """Tell where it is."""
        home = self.home
        number = next(self.ids)
        maker = EventMaker(
            home.account_id, home.clock(), lambda: f"speaker-{number}-{next(self.ids)}"
        )
        playing = Playing(f"radio:{self.began_at}", self.began_at, is_over)
        place = Position(asin(self.number), place_ms, home.clock())
        async with home.store.transaction() as connection:
            told = await hear_at_home(
                connection,
                home.account_id,
                home.reader_id,
                HeardHere(place, playing, CHAPTERS, RUNTIME_MS),
                Judge(home.rules, UTC, maker),
                known=None,
                writes_back=False,
            )
        for event in told:
            home.hear(event)


async def under_way(home: Home) -> list[str]:
    """Return what is being heard."""
    since = home.clock() - timedelta(days=30)
    async with home.store.reading() as connection:
        found = await load_under_way(connection, home.account_id, since=since)
    return [str(one.title.asin) for one in found]


async def test_book_that_is_heard_again_on_a_speaker_is_read_again(home: Home) -> None:
    """It is under way meanwhile, its end is told, and both reads are counted."""
    await finished(home)
    speaker = Speaker(home)
    speaker.begin()
    await speaker.play(MINUTE_MS, 10 * MINUTE_MS)
    assert [] == await under_way(home)
    await speaker.play(17 * MINUTE_MS, 2 * HOUR_MS, FAR_MS)
    assert [ReadOutcome.FINISHED, ReadOutcome.UNDER_WAY] == await outcomes(home)
    assert [str(asin(1))] == await under_way(home)
    left_ms = left_when_passed(
        threshold_ms=HOUR_MS,
        runtime_ms=RUNTIME_MS,
        position_ms=FAR_MS,
        furthest_ms=home.moves[-1].data["furthest_ms"],
    )
    assert 30 * MINUTE_MS == left_ms
    await speaker.play(RUNTIME_MS, is_over=True)

    assert 2 == await passes(home)
    begun_and_ended = [kind for kind in home.told_types if kind.startswith("book_")]
    assert ["book_started", "book_finished"] * 2 == begun_and_ended
    assert "finished" == (await home.book()).status
    last = (await home.reads())[-1].fields
    assert (Source.PLAYER, home.clock()) == (last.source, last.finished_at)


async def test_paused_book_that_is_heard_slowly_is_read_on(followed: Home) -> None:
    """Told every minute, at half the speed, each step is half a minute."""
    speaker = Speaker(followed)
    speaker.begin()
    await speaker.play(10 * MINUTE_MS)
    book_id = (await followed.link()).book_id
    assert book_id is not None
    async with followed.store.transaction() as connection:
        await set_book_status(
            connection, book_id, BookStatus.PAUSED, actor=None, now=followed.clock()
        )
    for number in range(1, 3):
        followed.clock.wait(milliseconds=MINUTE_MS)
        await speaker.tell(10 * MINUTE_MS + number * MINUTE_MS // 2)
    assert BookStatus.READING == (await followed.book()).status


async def test_moment_of_a_finished_book_is_no_read(home: Home) -> None:
    """A chapter of it is told once an evening, and nothing is begun by it."""
    await finished(home)
    home.told.clear()
    speaker = Speaker(home)
    speaker.begin()
    await speaker.tell(HOUR_MS - MINUTE_MS)
    await speaker.play(HOUR_MS + MINUTE_MS)
    assert [ReadOutcome.FINISHED] == await outcomes(home)
    assert set() == {"book_started", "book_finished"} & set(home.told_types)


async def test_leap_to_the_end_of_a_reread_does_not_end_it(home: Home) -> None:
    """As where Audible tells of it; who hears it out ends it."""
    await finished(home)
    speaker = Speaker(home)
    speaker.begin()
    await speaker.play(MINUTE_MS, 20 * MINUTE_MS)
    await speaker.tell(RUNTIME_MS, is_over=True)
    assert [ReadOutcome.FINISHED, ReadOutcome.UNDER_WAY] == await outcomes(home)


async def test_end_of_a_title_without_a_book_is_told(followed: Home) -> None:
    """Events never wait for a link; the read is the title's until it is a book."""
    async with followed.store.transaction() as connection:
        await unlink_title(
            connection, followed.reader_id, asin(1), actor=None, now=followed.clock()
        )
    speaker = Speaker(followed)
    speaker.begin()
    await speaker.play(MINUTE_MS, HOUR_MS + MINUTE_MS, END_MS, RUNTIME_MS, is_over=True)

    assert ["book_started", "chapter_reached", "book_finished"] == followed.told_types
    assert {None} == {event.book_id for event in followed.told}
    link_id = (await followed.state()).link.link_id
    [read] = [
        one.fields for one in await followed.reads() if one.fields.link_id == link_id
    ]
    assert (ReadOutcome.FINISHED, None) == (read.outcome, read.book_id)


async def test_end_is_told_once_whoever_sees_it(followed: Home) -> None:
    """Audible's flag and its place come later, and say nothing new."""
    speaker = Speaker(followed)
    speaker.begin()
    await speaker.play(MINUTE_MS, 9 * HOUR_MS, RUNTIME_MS, is_over=True)
    told = list(followed.told_types)
    assert ["book_started", "chapter_reached", "book_finished"] == told
    followed.shop.hear(RUNTIME_MS)
    await followed.poll()
    followed.shop.change(1, is_finished=True, status_changed_at=followed.clock())
    await followed.sync()
    assert told == followed.told_types
    # The other one is of a book that was finished before anybody looked.
    assert 2 == await passes(followed)


async def test_title_that_audible_is_not_asked_for_is_heard_all_the_same(
    followed: Home,
) -> None:
    """Its sync is off, and its place is the speaker's; no log is written of it."""
    await followed.set_sync(enabled=False)
    logs = len(await followed.logs())
    speaker = Speaker(followed)
    speaker.begin()
    await speaker.play(MINUTE_MS)
    assert MINUTE_MS == (await followed.link()).last_position_ms
    assert ["book_started"] == followed.told_types
    assert logs == len(await followed.logs())


async def listened(home: Home) -> list[int]:
    """Return the milliseconds of each day with listening, oldest first."""
    async with home.store.reading() as connection:
        by_day, is_known = await load_listened(connection, home.reader_id)
    assert is_known
    return [by_day[day] for day in sorted(by_day)]


async def test_what_is_heard_at_home_is_listening_time(followed: Home) -> None:
    """As long as it played: no leap, no pause, no step back, and each day by itself."""
    speaker = Speaker(followed)
    speaker.begin()
    await speaker.play(MINUTE_MS, 2 * MINUTE_MS)
    followed.clock.wait(minutes=1)
    await speaker.tell(5 * HOUR_MS)
    assert [3 * MINUTE_MS] == await listened(followed)
    followed.clock.wait(hours=3)
    await speaker.tell(5 * HOUR_MS)
    followed.clock.wait(minutes=1)
    await speaker.tell(HOUR_MS)
    assert [3 * MINUTE_MS] == await listened(followed)
    followed.clock.wait(hours=24)
    speaker.begin()
    followed.clock.wait(seconds=30)
    await speaker.tell(HOUR_MS + MINUTE_MS)
    assert [3 * MINUTE_MS, MINUTE_MS // 2] == await listened(followed)


async def test_day_at_home_and_day_at_audible_add_up(followed: Home) -> None:
    """Audible counts nothing of the house; what it is asked for stays the same."""
    today = followed.clock().date()
    days = (ListeningDay(today.isoformat(), today, 7 * MINUTE_MS),)
    async with followed.store.transaction() as connection:
        account = await load_account(connection, followed.account_id)
        await add_heard_at_home(
            connection,
            followed.account_id,
            followed.reader_id,
            today - timedelta(days=9),
            MINUTE_MS,
            now=followed.clock(),
        )
        assert None is await load_first_day(connection, followed.account_id)
        await save_listening_days(
            connection, account, days, renewed_from=today, now=followed.clock()
        )
    speaker = Speaker(followed)
    speaker.begin()
    await speaker.play(MINUTE_MS)

    assert [MINUTE_MS, 8 * MINUTE_MS] == await listened(followed)
    async with followed.store.reading() as connection:
        assert today == await load_first_day(connection, followed.account_id)
