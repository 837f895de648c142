"""What is told while a book is heard: each step, and each chapter once per pass."""

from dataclasses import replace
from datetime import timedelta

from audible_core.store.events import forget_events, load_events_of_title
from audible_core.sync.tracker_events import EventType

from tests.core.sync.hearing import look
from tests.core.sync.home import Home, novel
from tests.core.sync.paper import DAY, END_MS, HOUR_MS, asin
from tests.core.sync.paper_shop import CHAPTERS

MINUTE_MS = 60_000


async def _hear(home: Home, position_ms: int) -> None:
    home.clock.wait(minutes=5)
    home.shop.hear(position_ms)
    await home.poll(minutes=1)


async def _begin(home: Home) -> None:
    """Hear the first minutes, and learn which chapters there are."""
    home.clock.wait(minutes=1)
    home.shop.hear(10 * MINUTE_MS)
    await home.sync()
    await home.engine.ask_recordings(at_most=3)


def _chapters(home: Home) -> list[str]:
    return [
        event.data["chapter"]
        for event in home.told
        if event.event_type == EventType.CHAPTER_REACHED
    ]


async def test_chapter_is_told_when_it_is_reached(followed: Home) -> None:
    """With its name and number; while listening stays in it nothing is told."""
    await _begin(followed)
    await _hear(followed, 20 * MINUTE_MS)
    assert [] == _chapters(followed)
    await _hear(followed, HOUR_MS + MINUTE_MS)
    await _hear(followed, HOUR_MS + 2 * MINUTE_MS)

    reached = followed.told[-1]
    assert EventType.CHAPTER_REACHED == reached.event_type
    assert {"chapter": "Two", "chapter_number": 2, "chapters": 2} == {
        name: reached.data[name] for name in ("chapter", "chapter_number", "chapters")
    }
    assert ["Two"] == _chapters(followed)


async def test_chapter_is_told_once_however_often_one_goes_back(followed: Home) -> None:
    """Also after a restart."""
    await _begin(followed)
    for position_ms in (HOUR_MS + MINUTE_MS, 30 * MINUTE_MS, HOUR_MS + MINUTE_MS):
        await _hear(followed, position_ms)
        await followed.restart()
    assert ["Two"] == _chapters(followed)


async def test_chapter_is_told_again_when_the_book_is_read_again(home: Home) -> None:
    """Another pass, another chapter."""
    home.shop.add(novel(1))
    await home.sync()
    await look(home, HOUR_MS // 2)
    await home.engine.ask_recordings(at_most=3)
    await look(home, HOUR_MS + MINUTE_MS)
    await look(home, END_MS, is_finished=True, hours=9)
    await home.sync(days=30)
    for position_ms in (HOUR_MS // 6, HOUR_MS // 2, HOUR_MS + MINUTE_MS):
        await look(home, position_ms)

    assert 2 == home.told_types.count("book_started")
    assert ["Two", "Two"] == _chapters(home)


async def test_step_is_told_with_how_far_one_had_ever_been(followed: Home) -> None:
    """So whoever waits for the last hour hears of it once."""
    await _begin(followed)
    await _hear(followed, 2 * HOUR_MS)
    await _hear(followed, HOUR_MS)
    await _hear(followed, 3 * HOUR_MS)

    steps = [
        (move.data["previous_position_ms"], move.data["furthest_ms"])
        for move in followed.moves
    ]
    # The way back tells nothing.
    assert [
        (0, 0),
        (10 * MINUTE_MS, 10 * MINUTE_MS),
        (HOUR_MS, 2 * HOUR_MS),
    ] == steps
    assert 10 * HOUR_MS == followed.moves[-1].data["runtime_ms"]


async def test_finish_says_enough(followed: Home) -> None:
    """Nothing else is told of the look that finds the end."""
    await _begin(followed)
    before = len(followed.moves)
    followed.clock.wait(hours=10)
    followed.shop.hear(END_MS)
    await followed.poll(minutes=1)
    assert "book_finished" == followed.told_types[-1]
    assert before == len(followed.moves)


async def test_old_steps_are_forgotten_and_nothing_else(followed: Home) -> None:
    """They are many, and nobody asks for them again."""
    await _begin(followed)
    await _hear(followed, HOUR_MS + MINUTE_MS)
    async with followed.store.transaction() as connection:
        await forget_events(
            connection, EventType.PROGRESSED, before=followed.clock() + DAY
        )
        left = await load_events_of_title(connection, asin(1))
    assert EventType.PROGRESSED not in {event.event_type for event in left}
    assert EventType.CHAPTER_REACHED in {event.event_type for event in left}


async def test_what_was_found_is_kept_and_told_once(followed: Home) -> None:
    """Whoever finds it again finds it said."""
    await _begin(followed)
    found = replace(followed.told[-1], event_id="another", once_key="of this day")
    followed.told.clear()
    assert 1 == await followed.engine.tell_found([found])
    again = replace(found, event_id="a third", created_at=found.created_at + DAY)
    assert 0 == await followed.engine.tell_found([again])
    assert 0 == await followed.engine.tell_found([])
    assert [found] == followed.told


def test_chapters_of_the_shop_are_those_of_these_tests() -> None:
    """The second one begins after an hour."""
    assert HOUR_MS == CHAPTERS[1].start_ms
    assert timedelta(hours=1) == timedelta(milliseconds=HOUR_MS)
