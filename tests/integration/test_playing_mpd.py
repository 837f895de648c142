"""A book on a real player, by Home Assistant's own integration of it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from custom_components.audible_tracker.core.playing.choosing import rewind_ms
from custom_components.audible_tracker.core.playing.session import Phase
from custom_components.audible_tracker.playing.sessions import sessions_of
from tests.integration.listening_house import (
    MINUTE_MS,
    RUNTIME_MS,
    START_MS,
    House,
)
from tests.integration.mpd import Mpd, running_mpd
from tests.simulator.audio import synthesize_book
from tests.simulator.catalog import UNDER_WAY_ASIN

NEAR_MS = 5_000


async def play(house: House, player: str, **data: Any) -> dict[str, Any]:
    """Let a player play what is being read."""
    answer: dict[str, Any] = await house.household.act("play", entity_id=player, **data)
    return answer


async def elapsed_ms(mpd: Mpd) -> int:
    """Return where the player says that it is."""
    return round(float((await mpd.ask())["elapsed"]) * 1_000)


async def test_book_goes_on_where_the_reader_is_and_is_followed(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """Once it is heard the player is at the place; what it plays goes to the ledger."""
    answer = await play(house, kitchen)

    assert (UNDER_WAY_ASIN, "playing", "m4b") == (
        answer["asin"],
        answer["state"],
        answer["format"],
    )
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)
    assert abs(await elapsed_ms(mpd) - START_MS) < NEAR_MS

    await mpd.command("seekcur", 420)
    await mpd.command("pause", 1)
    await house.until(kitchen, lambda: house.session(kitchen).phase is Phase.PAUSED)
    await house.household.settle()
    place_ms, _ = await house.place()
    assert abs(place_ms - 7 * MINUTE_MS) < NEAR_MS


async def test_pause_goes_back_when_it_goes_on(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """The longer it was, the further; the player keeps the title meanwhile."""
    await play(house, kitchen)
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)
    sessions = sessions_of(house.hass)
    paused = await sessions.async_pause(house.session(kitchen))
    assert "pause" == (await mpd.ask())["state"]
    before_ms = await elapsed_ms(mpd)

    await sessions.async_resume(paused, rewind_ms(timedelta(minutes=5)))

    assert "play" == (await mpd.ask())["state"]
    await house.until(kitchen, lambda: house.session(kitchen).phase is Phase.PLAYING)
    after_ms = await elapsed_ms(mpd)
    assert before_ms - 11_000 <= after_ms < before_ms - 5_000
    assert abs(house.session(kitchen).place_now(dt_util.utcnow()) - after_ms) < NEAR_MS


async def test_sleep_timer_ends_with_the_chapter(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """It gets quieter before, pauses at the place, and is as loud as before."""
    await mpd.command("setvol", 80)
    await play(house, kitchen, position="5:52")
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)

    await house.household.act("stop_after_chapter", entity_id=kitchen, fade_seconds=4)
    heard = []
    async with asyncio.timeout(60):
        while (await mpd.ask())["state"] == "play":
            heard.append(int((await mpd.ask())["volume"]))
            await asyncio.sleep(0.2)
    await house.household.settle()

    assert abs(await elapsed_ms(mpd) - 6 * MINUTE_MS) < 1_500
    assert 80 == heard[0] > min(heard)
    assert "80" == (await mpd.ask())["volume"]
    assert house.session(kitchen).sleep is None
    place_ms, _ = await house.place()
    assert abs(place_ms - 6 * MINUTE_MS) < 1_500


async def test_player_that_restarts_is_followed_on(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """It takes the title up again by itself, at its place."""
    await play(house, kitchen)
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)
    await asyncio.sleep(1.5)  # It notes its state each second.

    await mpd.stop()
    await house.until(kitchen, lambda: house.session(kitchen).phase is Phase.AWAY)
    await mpd.start()
    await house.until(kitchen, lambda: house.session(kitchen).phase is Phase.PLAYING)

    now_ms = house.session(kitchen).place_now(dt_util.utcnow())
    assert abs(now_ms - await elapsed_ms(mpd)) < NEAR_MS
    assert abs(now_ms - START_MS) < 4 * NEAR_MS


async def test_book_moves_to_another_room(
    house: House, kitchen: str, mpd: Mpd, tmp_path: Path
) -> None:
    """The first room falls silent, the second goes on at the place."""
    async with running_mpd(tmp_path / "bedroom") as other:
        bedroom = await house.add_mpd(other, "Bedroom")
        await play(house, kitchen)
        await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)
        await house.household.act("jump", entity_id=kitchen, chapters=2)
        await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)

        answer = await house.household.act("move_to", entity_id=bedroom)

        assert (bedroom, "playing") == (answer["player"], answer["state"])
        assert "play" != (await mpd.ask())["state"]
        await house.until(bedroom, lambda: house.session(bedroom).seek_ms is None)
        assert abs(await elapsed_ms(other) - 7 * MINUTE_MS) < 2 * NEAR_MS
        assert [bedroom] == [one.player for one in sessions_of(house.hass).all]
        await house.hass.config_entries.async_unload(
            er.async_get(house.hass).async_get(bedroom).config_entry_id
        )


async def test_announcement_does_not_lose_the_place(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """MPD forgets the title for it; it is given it again when the talk is over."""
    await play(house, kitchen)
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)
    talk = house.server.folder / "talk.m4b"
    await house.hass.async_add_executor_job(
        lambda: synthesize_book(
            talk, runtime_ms=2_000, chapters=(), title="Talk", author="Nobody"
        )
    )
    house.server.open_paths.add("/stream/TALK")
    (house.server.folder / "TALK.m4b").write_bytes(talk.read_bytes())

    await house.hass.services.async_call(
        "media_player",
        "play_media",
        {
            "entity_id": kitchen,
            "media_content_type": "music",
            "media_content_id": f"{house.server.url}/stream/TALK",
        },
        blocking=True,
    )
    await house.until(
        kitchen, lambda: house.session(kitchen).phase is Phase.INTERRUPTED
    )
    await house.until(kitchen, lambda: house.session(kitchen).phase is Phase.PLAYING)
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)

    assert abs(await elapsed_ms(mpd) - START_MS) < 4 * NEAR_MS


async def test_faster_reading_counts_in_the_books_minutes(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """The server makes an MP3 of it; a jump is one of the book."""
    answer = await play(house, kitchen, speed=1.5)
    assert ("mp3", 1.5) == (answer["format"], answer["speed"])
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)

    assert abs(await elapsed_ms(mpd) - START_MS / 1.5) < NEAR_MS
    assert {"format": "mp3", "start_ms": "0", "speed": "1.5"} in house.server.queries
    answer = await house.household.act("jump", entity_id=kitchen, position="3:00")
    assert abs(answer["position_ms"] - 3 * MINUTE_MS) < NEAR_MS
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)
    assert abs(await elapsed_ms(mpd) - 2 * MINUTE_MS) < NEAR_MS


async def test_restart_of_home_assistant_goes_on_with_what_is_heard(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """The player played on; its place is the one that counts."""
    await play(house, kitchen)
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert sessions_of(house.hass).all == ()
    await mpd.command("seekcur", 480)

    await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.until(kitchen, lambda: house.session(kitchen).phase is Phase.PLAYING)

    await house.until(
        kitchen,
        lambda: (
            abs(house.session(kitchen).place_now(dt_util.utcnow()) - 8 * MINUTE_MS)
            < NEAR_MS
        ),
    )


async def test_book_that_is_heard_out_is_finished(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """At its end the player stops, and nothing is heard any more."""
    await play(house, kitchen, position="9:55")
    async with asyncio.timeout(40):
        while sessions_of(house.hass).on(kitchen) is not None:
            await house.look(kitchen)
            await asyncio.sleep(0.2)
    await house.household.settle()

    place_ms, _ = await house.place()
    assert RUNTIME_MS == place_ms
    found = await house.household.act("search_books", query="Pride and Prejudice")
    assert ["finished"] == [book["status"] for book in found["books"]]


async def test_title_from_the_media_browser_is_followed_too(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """The player asks for the address itself; then it is sent to the place."""
    await house.hass.services.async_call(
        "media_player",
        "play_media",
        {
            "entity_id": kitchen,
            "media_content_type": "audio/mp4",
            "media_content_id": (
                f"media-source://audible_tracker/{house.entry.entry_id}"
                f"/title/{UNDER_WAY_ASIN}/3"
            ),
        },
        blocking=True,
    )
    await house.until(kitchen, lambda: house.session(kitchen).phase is Phase.PLAYING)
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)

    assert abs(await elapsed_ms(mpd) - 2 * MINUTE_MS) < NEAR_MS
