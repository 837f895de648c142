"""What is told to automations: once, of what was kept, and after a crash too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from audible_core.errors import AudibleConnectionError, StoreUnavailableError
from audible_core.kinds import BookStatus, ReadOutcome
from audible_core.store import database
from audible_core.store.events import load_events_of_title, load_unpublished
from audible_core.store.records import TrackerEvent
from audible_core.sync import event_teller
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tests.core.sync.home import Home, is_move
from tests.core.sync.paper import END_MS, HOUR_MS, asin


class CrashError(Exception):
    """The process ends here."""


def crash(_event: TrackerEvent) -> None:
    """End before anybody hears the event."""
    raise CrashError


async def _hear_to_the_end(home: Home) -> None:
    home.clock.wait(minutes=1)
    home.shop.hear(HOUR_MS)
    await home.sync()
    home.clock.wait(hours=9)
    home.shop.hear(END_MS)


async def _stored(home: Home) -> list[TrackerEvent]:
    async with home.store.reading() as connection:
        events = await load_events_of_title(connection, asin(1))
    return [event for event in reversed(events) if not is_move(event)]


async def _waiting(home: Home) -> tuple[TrackerEvent, ...]:
    async with home.store.reading() as connection:
        waiting = await load_unpublished(connection)
    return tuple(event for event in waiting if not is_move(event))


async def test_start_and_finish_are_told_as_they_are_stored(followed: Home) -> None:
    """With reader, title, book and day."""
    await _hear_to_the_end(followed)
    report = await followed.sync(minutes=1)
    assert ["book_started", "book_finished"] == followed.told_types
    assert await _stored(followed) == followed.told
    finished = followed.told[-1]
    assert (finished,) == report.events
    assert (followed.reader_id, followed.account_id, asin(1)) == (
        finished.reader_id,
        finished.account_id,
        finished.asin,
    )
    assert (await followed.link()).book_id == finished.book_id
    assert "2026-11-21" == finished.data["finished_on"]
    assert () == await _waiting(followed)


async def test_finish_is_told_once_however_the_flag_flaps(followed: Home) -> None:
    """It rises, falls, rises again; Home Assistant restarts in between."""
    await _hear_to_the_end(followed)
    for is_finished in (True, False, True, None, True):
        followed.clock.wait(minutes=1)
        followed.shop.change(
            1, is_finished=is_finished, status_changed_at=followed.clock()
        )
        await followed.sync()
        await followed.poll()
        await followed.restart()
        assert 0 == await followed.engine.tell_waiting()
    assert 1 == followed.told_types.count("book_finished")
    reads = [read.fields for read in await followed.reads() if read.fields.link_id]
    book_id = (await followed.link()).book_id
    of_book = [read for read in reads if read.book_id == book_id]
    assert [ReadOutcome.FINISHED] == [read.outcome for read in of_book]
    assert BookStatus.FINISHED == (await followed.book()).status


@pytest.mark.parametrize("crashes", [1, 2])
async def test_event_that_a_crash_left_untold_is_told_at_the_next_start(
    followed: Home, crashes: int
) -> None:
    """Under the id under which it was stored, once."""
    await _hear_to_the_end(followed)
    followed.engine = followed.new_engine(tell=crash)
    with pytest.raises(CrashError):
        await followed.sync(minutes=1)
    (waiting,) = await _waiting(followed)
    for _ in range(crashes - 1):
        await followed.restart()
        followed.engine = followed.new_engine(tell=crash)
        with pytest.raises(CrashError):
            await followed.engine.tell_waiting()
    followed.told.clear()
    await followed.restart()
    assert 1 == await followed.engine.tell_waiting()
    assert [waiting] == followed.told
    assert 0 == await followed.engine.tell_waiting()
    await followed.sync()
    assert [waiting] == followed.told
    assert "book_finished" == waiting.event_type


async def test_events_of_a_sync_are_told_where_its_positions_failed(
    followed: Home,
) -> None:
    """What is kept is told, whatever comes after."""
    followed.clock.wait(hours=1)
    followed.shop.change(1, is_finished=True, status_changed_at=followed.clock())
    followed.shop.refuse("positions", AudibleConnectionError(reason="timeout"))
    with pytest.raises(AudibleConnectionError):
        await followed.engine.sync_library(is_automatic=True)
    assert "book_finished" in followed.told_types
    assert () == await _waiting(followed)


async def test_event_whose_telling_was_cut_short_is_told_with_the_next_poll(
    followed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody stops waiting for a sync when all of it is stored."""
    await _hear_to_the_end(followed)

    async def stop(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(event_teller.EventTeller, "tell", stop)
        with pytest.raises(asyncio.CancelledError):
            await followed.sync(minutes=1)
    assert 1 == await followed.engine.tell_waiting()
    assert ["book_started", "book_finished"] == followed.told_types
    assert () == await _waiting(followed)


async def test_event_of_a_lost_commit_is_told_with_the_next_poll(
    followed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database has stored it, and could not say so any more."""
    await _hear_to_the_end(followed)
    writing = database.writing

    @asynccontextmanager
    async def losing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        async with writing(engine) as connection:
            yield connection
        raise StoreUnavailableError(reason="the connection was lost")

    with monkeypatch.context() as patch:
        patch.setattr(database, "writing", losing)
        with pytest.raises(StoreUnavailableError):
            await followed.sync(minutes=1)
    assert 1 == await followed.engine.tell_waiting()
    assert ["book_started", "book_finished"] == followed.told_types


async def test_event_that_cannot_be_noted_as_told_is_told_once(
    followed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sync has not failed, and no poll tells it again."""
    await _hear_to_the_end(followed)

    async def fail(*_: object, **__: object) -> None:
        raise StoreUnavailableError(reason="it is locked")

    with monkeypatch.context() as patch:
        patch.setattr(event_teller, "mark_published", fail)
        await followed.sync(minutes=1)
        with pytest.raises(StoreUnavailableError):
            await followed.engine.tell_waiting()
    assert 0 == await followed.engine.tell_waiting()
    assert ["book_started", "book_finished"] == followed.told_types
    assert () == await _waiting(followed)


async def test_an_account_tells_its_own_events_alone(followed: Home) -> None:
    """Another one may be in the middle of telling its own."""
    await _hear_to_the_end(followed)
    followed.engine = followed.new_engine(tell=crash)
    with pytest.raises(CrashError):
        await followed.sync(minutes=1)
    other = await followed.second_account()
    assert 0 == await other.engine.tell_waiting()
    assert 1 == len(await _waiting(followed))
