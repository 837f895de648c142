"""Places by hand and whole syncs: the hand's newer place stays, listening goes on."""

from audible_core.decisions.positions import set_position
from audible_core.kinds import Source
from audible_core.store.position_writes import count_waiting_positions
from audible_core.sync.position_sender import send_positions

from tests.core.sync.home import Home
from tests.core.sync.paper import HOUR_MS, MINUTE_MS, asin

HERE_MS = 5 * HOUR_MS


async def _put(home: Home, position_ms: int = HERE_MS) -> None:
    home.clock.wait(minutes=5)
    async with home.store.transaction() as connection:
        await set_position(
            connection,
            home.reader_id,
            asin(1),
            position_ms,
            writes_back=True,
            actor="Anna",
            now=home.clock(),
        )


async def _heard(home: Home) -> None:
    """Hear an hour elsewhere, and let a sync know."""
    home.shop.record(1, "right")
    home.shop.hear(HOUR_MS)
    await home.sync()


async def _send(home: Home) -> int:
    return await send_positions(
        home.store, home.account_id, home.shop, now=home.clock, sleep=home.clock.sleep
    )


async def test_syncs_do_not_bring_an_older_place_back(followed: Home) -> None:
    """Neither polls nor libraries, also where something else of the title changes."""
    await _heard(followed)
    await _put(followed)
    moves = len(await followed.ledger())
    await followed.poll()
    await followed.sync()
    followed.shop.change(1, publisher="Another House")
    await followed.sync()
    assert HERE_MS == (await followed.link()).last_position_ms
    assert HERE_MS == (await followed.book()).current_position_ms
    assert moves == len(await followed.ledger())


async def test_listening_elsewhere_goes_on_from_there(followed: Home) -> None:
    """A place that is newer at Audible is news, as always."""
    await _heard(followed)
    await _put(followed)
    followed.clock.wait(minutes=5)
    followed.shop.hear(2 * HOUR_MS)
    await followed.poll()
    assert 2 * HOUR_MS == (await followed.link()).last_position_ms
    sources = [entry.source for entry in await followed.ledger()]
    assert [Source.USER, Source.AUDIBLE] == sources[-2:]


async def test_place_is_told_and_comes_back_as_no_move(followed: Home) -> None:
    """What Audible then says of the title is the place that was told."""
    await _heard(followed)
    await _put(followed)
    assert 1 == await _send(followed)
    assert [(asin(1), "right", HERE_MS)] == followed.shop.written
    moves = len(await followed.ledger())
    followed.told.clear()
    await followed.poll()
    await followed.sync()
    assert HERE_MS == (await followed.link()).last_position_ms
    assert moves == len(await followed.ledger())
    assert [] == followed.told_types


async def test_place_is_asked_about_where_both_moved(followed: Home) -> None:
    """Audible's place is another than the one that was known when it was set."""
    await _heard(followed)
    followed.shop.hear(HOUR_MS + 20 * MINUTE_MS)
    await _put(followed)
    assert 0 == await _send(followed)
    async with followed.store.reading() as connection:
        waiting = await count_waiting_positions(connection, followed.account_id)
    assert ([], 0) == (followed.shop.written, waiting)
