"""Places heard at home are told to Audible: each once, and never older over newer."""

from datetime import timedelta
from typing import Any

import pytest
from audible_core.errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleError,
    AudibleNotFoundError,
    AudibleResponseError,
)
from audible_core.kinds import Source, SyncStatus, SyncType
from audible_core.store.history import add_to_ledger
from audible_core.store.position_records import PositionWrite
from audible_core.store.position_writes import (
    count_waiting_positions,
    load_questions,
    queue_position,
)
from audible_core.store.records import LedgerEntry, Recording
from audible_core.store.titles import load_recording, save_recording
from audible_core.sync import position_sender
from audible_core.sync.position_sender import send_positions

from tests.core.sync.home import Home
from tests.core.sync.paper import HOUR_MS, MINUTE_MS, asin

HEARD_MS = 3 * HOUR_MS


async def _queue(home: Home, number: int = 1, **members: Any) -> None:
    values: dict[str, Any] = {
        "position_ms": HEARD_MS,
        "heard_at": home.clock(),
        "reader_id": home.reader_id,
        "source": Source.PLAYER,
    }
    write = PositionWrite(home.account_id, asin(number), **values | members)
    async with home.store.transaction() as connection:
        await queue_position(connection, write, now=home.clock())


async def _hear(home: Home, position_ms: int) -> None:
    """Let a speaker have said where the title is."""
    link = (await home.state(1)).link
    entry = LedgerEntry(
        link_id=link.link_id,
        position_ms=position_ms,
        percentage=None,
        is_finished=None,
        source=Source.PLAYER,
        sync_log_id=None,
        actor=None,
        heard_at=home.clock(),
        recorded_at=home.clock(),
    )
    async with home.store.transaction() as connection:
        await add_to_ledger(connection, (entry,))


async def _know(home: Home, acr: str | None) -> None:
    """Let the store know a recording from earlier."""
    async with home.store.transaction() as connection:
        recording = Recording(asin(1), acr, "1", ())
        await save_recording(connection, home.account_id, recording)


async def _send(home: Home) -> int:
    return await send_positions(
        home.store, home.account_id, home.shop, now=home.clock, sleep=home.clock.sleep
    )


async def _waiting(home: Home) -> int:
    async with home.store.reading() as connection:
        return await count_waiting_positions(connection, home.account_id)


@pytest.fixture
async def player(followed: Home) -> Home:
    """Give an account with a title whose recording Audible knows."""
    followed.shop.record(1, "right")
    followed.shop.record(2, "right")
    followed.clock.wait(hours=1)
    return followed


async def test_place_is_told_once(player: Home) -> None:
    """It is read before and after, it leaves the queue, and the log has numbers."""
    await _queue(player)
    before = (await player.account()).sync_count_today
    assert 1 == await _send(player)
    assert [(asin(1), "right", HEARD_MS)] == player.shop.written
    assert HEARD_MS == player.shop.places[asin(1)].position_ms
    assert (0, 0) == (await _waiting(player), await _send(player))
    log = (await player.logs())[0]
    assert (SyncType.WRITE_BACK, SyncStatus.SUCCESS, 1) == (
        log.sync_type,
        log.status,
        log.details["sent"],
    )
    asked = player.shop.requests["positions"] - 1 + player.shop.requests["write"]
    asked += player.shop.requests["metadata"]
    assert before + asked == (await player.account()).sync_count_today


async def test_known_recording_is_not_asked_for_again(player: Home) -> None:
    """Its key to positions is kept by version."""
    await _know(player, "right")
    await _queue(player)
    await _send(player)
    assert 0 == player.shop.requests["metadata"]
    assert 1 == len(player.shop.written)


async def test_place_that_shows_after_seconds_is_not_told_twice(player: Home) -> None:
    """Audible takes its time."""
    player.shop.write_takes_s = 8
    await _queue(player)
    assert 1 == await _send(player)
    assert 1 == len(player.shop.written)


async def test_stale_acr_is_asked_for_anew_and_the_place_told_again(
    player: Home,
) -> None:
    """Audible says yes to a wrong one, and nothing happens."""
    await _know(player, "stale")
    await _queue(player)
    assert 1 == await _send(player)
    assert ["stale", "right"] == [acr for _, acr, _ in player.shop.written]
    assert HEARD_MS == player.shop.places[asin(1)].position_ms
    async with player.store.reading() as connection:
        recording = await load_recording(connection, player.account_id, asin(1))
    assert recording is not None
    assert "right" == recording.acr


async def test_place_that_never_shows_is_given_up(player: Home) -> None:
    """With a log row that says so; it is not written for ever."""
    player.shop.write_takes_s = 3600
    await _queue(player)
    assert 0 == await _send(player)
    log = (await player.logs())[0]
    assert (SyncStatus.FAILED, position_sender.NOT_TAKEN) == (log.status, log.error_key)
    assert (0, 1) == (await _waiting(player), len(player.shop.written))


async def test_title_without_acr_waits(player: Home) -> None:
    """For hours, not for ever, and others are told meanwhile."""
    player.shop.record(1, None)
    await _queue(player)
    await _queue(player, 2)
    assert 1 == await _send(player)
    assert [asin(2)] == [told for told, _, _ in player.shop.written]
    assert (1, 0) == (await _waiting(player), await _send(player))
    player.shop.record(1, "right")
    player.clock.wait(hours=6)
    assert 1 == await _send(player)
    assert 0 == await _waiting(player)


async def test_title_without_recording_waits(player: Home) -> None:
    """Audible does not know it: of this title alone."""
    player.shop.refuse("metadata", AudibleNotFoundError(what="the recording"))
    await _queue(player)
    assert (0, 1) == (await _send(player), await _waiting(player))


async def test_older_place_never_goes_over_a_newer_one(player: Home) -> None:
    """Nearby it is dropped; far away a person is asked."""
    await _queue(player)
    await _queue(player, 2)
    player.clock.wait(minutes=1)
    player.shop.hear(HEARD_MS + MINUTE_MS // 2, 1)
    player.shop.hear(8 * HOUR_MS, 2)
    assert 0 == await _send(player)
    assert ([], 0) == (player.shop.written, await _waiting(player))
    async with player.store.reading() as connection:
        (question,) = await load_questions(connection, player.account_id)
    assert (asin(2), HEARD_MS, 8 * HOUR_MS) == (
        question.asin,
        question.ours_ms,
        question.theirs_ms,
    )


async def test_where_both_moved_a_person_is_asked(player: Home) -> None:
    """Ours is newer, but somebody listened elsewhere since listening began here."""
    known_at = player.clock()
    player.shop.hear(5 * HOUR_MS)
    player.clock.wait(minutes=10)
    await _queue(player, known_ms=HOUR_MS, known_at=known_at)
    assert 0 == await _send(player)
    async with player.store.reading() as connection:
        (question,) = await load_questions(connection, player.account_id)
    assert (HEARD_MS, 5 * HOUR_MS) == (question.ours_ms, question.theirs_ms)
    assert [] == player.shop.written


@pytest.mark.parametrize("is_there_already", [False, True])
async def test_place_that_both_have_leaves_nothing_to_ask(
    player: Home, *, is_there_already: bool
) -> None:
    """Who goes on at home has said that here counts."""
    known_at = player.clock()
    player.shop.hear(5 * HOUR_MS)
    player.clock.wait(minutes=10)
    await _queue(player, known_ms=HOUR_MS, known_at=known_at)
    await _send(player)
    async with player.store.reading() as connection:
        assert 1 == len(await load_questions(connection, player.account_id))

    further_ms = HEARD_MS + MINUTE_MS
    if is_there_already:
        player.shop.hear(further_ms)
    player.clock.wait(minutes=10)
    await _queue(
        player,
        position_ms=further_ms,
        known_ms=5 * HOUR_MS,
        known_at=player.clock(),
    )
    assert int(not is_there_already) == await _send(player)

    async with player.store.reading() as connection:
        assert () == await load_questions(connection, player.account_id)


async def test_place_that_was_told_from_here_is_nobody_elses(player: Home) -> None:
    """Pause, jump ahead, pause: the second place is told over the first, unasked.

    Also if the first one arrives, stamped by Audible, after the second was heard.
    """
    known = {"known_ms": HOUR_MS, "known_at": player.clock()}
    await _hear(player, 2 * HOUR_MS)
    await _queue(player, position_ms=2 * HOUR_MS, **known)

    async def heard_meanwhile() -> None:
        player.clock.wait(seconds=20)
        await _hear(player, HEARD_MS)
        await _queue(player, **known)
        player.clock.wait(seconds=5)

    player.shop.meanwhile("positions", heard_meanwhile)
    assert (1, 1) == (await _send(player), await _send(player))

    assert [2 * HOUR_MS, HEARD_MS] == [place for _, _, place in player.shop.written]
    async with player.store.reading() as connection:
        assert () == await load_questions(connection, player.account_id)


async def test_place_past_the_end_is_the_end(player: Home) -> None:
    """What Audible does with a place past it is unknown."""
    await _queue(player, position_ms=11 * HOUR_MS)
    assert 1 == await _send(player)
    assert [(asin(1), "right", 10 * HOUR_MS)] == player.shop.written


async def test_restart_after_telling_and_before_noting_it_tells_once(
    player: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place that Audible has by then is the same, so that it is only dropped."""

    class CrashError(Exception):
        pass

    async def crash(*_: object) -> None:
        raise CrashError

    await _queue(player)
    with monkeypatch.context() as patch:
        patch.setattr(position_sender, "drop_position", crash)
        with pytest.raises(CrashError):
            await _send(player)
    assert (1, 1) == (await _waiting(player), len(player.shop.written))
    await player.restart()
    assert 0 == await _send(player)
    assert (0, 1) == (await _waiting(player), len(player.shop.written))


async def test_queue_survives_a_refusal_and_what_was_asked_is_counted(
    player: Home,
) -> None:
    """The first place is told; the second one stays until Audible answers again."""
    await _queue(player, 1)
    await _queue(player, 2, heard_at=player.clock() + timedelta(seconds=1))
    player.clock.wait(seconds=2)

    async def refuse_next() -> None:
        player.shop.meanwhile("metadata", refuse_now)

    async def refuse_now() -> None:
        player.shop.refuse("metadata", AudibleAuthError())

    player.shop.meanwhile("metadata", refuse_next)
    before = (await player.account()).sync_count_today
    player.shop.requests.clear()
    with pytest.raises(AudibleAuthError):
        await _send(player)
    assert ([asin(1)], 1) == (
        [told for told, _, _ in player.shop.written],
        await _waiting(player),
    )
    # The one that failed is counted where its pause is noted.
    counted = (await player.account()).sync_count_today - before
    assert player.shop.requests.total() - 1 == counted
    assert 1 == await _send(player)


async def test_engine_sends_what_is_due_and_notes_a_refusal(player: Home) -> None:
    """As it does for all that it asks."""
    assert 0 == await player.engine.send_positions()
    player.shop.hear(HEARD_MS)
    await _queue(player)
    player.shop.refuse("positions", AudibleAuthError())
    with pytest.raises(AudibleAuthError):
        await player.engine.send_positions()
    log = (await player.logs())[0]
    assert (SyncType.WRITE_BACK, "audible_auth") == (log.sync_type, log.error_key)
    assert (0, 1) == (await player.engine.send_positions(), await _waiting(player))
    player.clock.wait(hours=1)
    assert 0 == await player.engine.send_positions()
    assert 0 == await _waiting(player)


@pytest.mark.parametrize(
    "error",
    [AudibleNotFoundError(what="the title"), AudibleResponseError(field="status 400")],
    ids=lambda error: error.key,
)
async def test_refused_place_is_in_no_other_ones_way(
    player: Home, error: AudibleError
) -> None:
    """It is tried again after hours; the log says what was in its way."""
    await _queue(player, 1)
    player.clock.wait(minutes=1)
    await _queue(player, 2)
    before = (await player.account()).sync_count_today
    player.shop.requests.clear()
    player.shop.refuse("write", error)
    assert 1 == await _send(player)
    assert [asin(2)] == [told for told, _, _ in player.shop.written]
    log = (await player.logs())[0]
    assert (SyncStatus.FAILED, error.key, 1) == (
        log.status,
        log.error_key,
        log.details["postponed"],
    )
    counted = (await player.account()).sync_count_today - before
    assert player.shop.requests.total() == counted
    assert (1, 0) == (await _waiting(player), await _send(player))
    player.clock.wait(hours=6)
    assert (1, 0) == (await _send(player), await _waiting(player))


async def test_place_that_is_always_refused_is_given_up(player: Home) -> None:
    """After two days, and the log says so."""
    await _queue(player)
    for _ in range(8):
        player.shop.refuse("write", AudibleNotFoundError(what="the title"))
        assert 0 == await _send(player)
        player.clock.wait(hours=6)
    assert 0 == await _waiting(player)
    log = (await player.logs())[0]
    assert (SyncStatus.FAILED, position_sender.NOT_TAKEN, 1) == (
        log.status,
        log.error_key,
        log.details["not_taken"],
    )


async def test_title_that_audible_stumbles_over_lets_others_pass(player: Home) -> None:
    """Whether it is this title or Audible shows when another one is told."""
    await _queue(player, 1)
    player.clock.wait(minutes=1)
    await _queue(player, 2)
    player.shop.refuse("write", AudibleConnectionError(reason="status 500"))
    with pytest.raises(AudibleConnectionError):
        await _send(player)
    player.clock.wait(minutes=5)
    assert 1 == await _send(player)
    assert [asin(2)] == [told for told, _, _ in player.shop.written]
    player.clock.wait(minutes=15)
    assert (1, 0) == (await _send(player), await _waiting(player))


async def test_place_that_a_phone_overtakes_has_not_failed(player: Home) -> None:
    """Whoever listens on there while it is read back knows better than we do."""
    player.shop.hear(HOUR_MS)
    player.clock.wait(minutes=1)
    await _queue(player)

    async def read_before() -> None:
        player.shop.meanwhile("write", begin_to_listen)

    async def begin_to_listen() -> None:
        player.shop.meanwhile("positions", listen_on)

    async def listen_on() -> None:
        player.shop.hear(HEARD_MS + 20_000)
        player.shop.forget_writes()

    player.shop.meanwhile("positions", read_before)
    await _send(player)
    log = (await player.logs())[0]
    assert (SyncStatus.SUCCESS, None) == (log.status, log.error_key)
    assert (0, 1) == (await _waiting(player), len(player.shop.written))


@pytest.mark.parametrize(
    "members",
    [{"auto_sync_progress": False}, {"sync_count_today": 520}],
    ids=["does not sync by itself", "polled a lot"],
)
async def test_place_is_told_where_nothing_is_polled(
    player: Home, members: dict[str, Any]
) -> None:
    """A person has set it; that is no poll."""
    today = player.clock().date()
    await player.set_account(sync_count_on=today, **members)
    player.shop.hear(HEARD_MS)
    await _queue(player)
    await player.engine.send_positions()
    assert 0 == await _waiting(player)


async def test_no_place_is_told_above_the_limit_of_a_day(player: Home) -> None:
    """Also where the library was synced a minute ago."""
    await player.sync()
    today = player.clock().date()
    await player.set_account(sync_count_on=today, sync_count_today=600)
    await _queue(player)
    await player.engine.send_positions()
    assert 1 == await _waiting(player)
