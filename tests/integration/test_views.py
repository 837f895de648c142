"""The stream as players see it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from homeassistant.components.http.auth import async_sign_path
from homeassistant.config_entries import ConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.audible_tracker.core import media_server as core_media_server
from custom_components.audible_tracker.household import household_of
from custom_components.audible_tracker.server_link import ServerLink, async_set_link
from tests.integration.fake_media_server import (
    AUDIO,
    ENDLESS_ASIN,
    GRANT,
    FakeMediaServer,
    running_media_server,
)
from tests.integration.steps import Household
from tests.simulator.catalog import SHORT_ASIN, UNSTARTED_ASIN


@pytest.fixture
async def client(
    linked_entry: ConfigEntry, hass_client: ClientSessionGenerator
) -> TestClient:
    """Return a player that is signed in."""
    return await hass_client()


@pytest.fixture
def url(linked_entry: ConfigEntry) -> str:
    """Return the address of a book's audio."""
    return f"/api/audible_tracker/stream/{linked_entry.entry_id}/{SHORT_ASIN}"


async def test_whole_file(client: TestClient, url: str) -> None:
    """Without a range all bytes come, with their number and kind."""
    answer = await client.get(url)

    assert answer.status == 200
    assert await answer.read() == AUDIO
    assert answer.headers["Content-Length"] == str(len(AUDIO))
    assert answer.headers["Content-Type"] == "audio/mp4"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["ETag"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-70099", 100, 70_099),
        ("bytes=511999-", 511_999, 511_999),
        ("bytes=-10", len(AUDIO) - 10, len(AUDIO) - 1),
    ],
)
async def test_range(
    client: TestClient, url: str, asked: str, first: int, last: int
) -> None:
    """A range is answered with exactly its bytes."""
    answer = await client.get(url, headers={"Range": asked})

    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(AUDIO)}"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert await answer.read() == AUDIO[first : last + 1]


async def test_head_has_the_headers_and_no_body(client: TestClient, url: str) -> None:
    """Players that ask first learn the size, also of a range."""
    whole = await client.head(url)
    part = await client.head(url, headers={"Range": "bytes=0-99"})

    assert whole.status == 200
    assert whole.headers["Content-Length"] == str(len(AUDIO))
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert await whole.read() == b""
    assert part.status == 206
    assert part.headers["Content-Length"] == "100"


async def test_range_that_does_not_exist(client: TestClient, url: str) -> None:
    """What lies behind the end is refused, with the size."""
    answer = await client.get(url, headers={"Range": "bytes=9999999-"})

    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(AUDIO)}"


async def test_unchanged_file_is_not_sent_again(client: TestClient, url: str) -> None:
    """Conditions reach the server."""
    first = await client.head(url)
    tag = first.headers["ETag"]

    again = await client.get(url, headers={"If-None-Match": tag})
    assert again.status == 304
    assert await again.read() == b""
    changed = await client.get(
        url,
        headers={"Range": "bytes=0-9", "If-Range": "Mon, 01 Jan 2001 00:00:00 GMT"},
    )
    assert changed.status == 200


async def test_servers_refusal_comes_through(client: TestClient, url: str) -> None:
    """Status, words and the time to wait are the server's."""
    answer = await client.get(url.replace(SHORT_ASIN, "B0NOTTHERE"))

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "7"
    assert (await answer.json())["error"]["code"] == "too_many_streams"


async def test_wrong_secret_is_not_the_players_fault(
    client: TestClient, url: str, media_server: FakeMediaServer
) -> None:
    """A 401 would make a browser sign out."""
    media_server.secret = "another"

    answer = await client.get(url)

    assert answer.status == 502
    assert (await answer.json())["error"]["code"] == "media_server_secret"


@pytest.mark.parametrize(
    ("entry_id", "asin", "message"),
    [
        ("unknown", SHORT_ASIN, "entry_id: 'unknown' is not allowed."),
        (None, "short", "asin: 'short' is not allowed."),
    ],
)
async def test_wrong_path_is_named(
    client: TestClient,
    linked_entry: ConfigEntry,
    entry_id: str | None,
    asin: str,
    message: str,
) -> None:
    """The answer says which part, what came and what is allowed."""
    for kind in ("stream", "cover"):
        answer = await client.get(
            f"/api/audible_tracker/{kind}/{entry_id or linked_entry.entry_id}/{asin}"
        )

        assert answer.status == 400
        assert (await answer.json())["error"]["message"].startswith(message)


async def test_cover_that_the_server_does_not_have_is_the_shops(
    client: TestClient, linked_entry: ConfigEntry
) -> None:
    """It learns of a library only some time after it was linked."""
    url = f"/api/audible_tracker/cover/{linked_entry.entry_id}/{UNSTARTED_ASIN}"

    answer = await client.get(url)

    assert (answer.status, answer.content_type) == (200, "image/jpeg")
    unknown = await client.get(url.replace(UNSTARTED_ASIN, "B0NOTHINGX"))
    assert unknown.status == 404


async def test_without_a_server_there_is_nothing(
    household: Household, client: TestClient, url: str
) -> None:
    """An account without a link says so."""
    await async_set_link(household.hass, None)

    answer = await client.get(url)

    assert answer.status == 404
    assert (await answer.json())["error"]["code"] == "media_server_missing"
    await household.settle()


async def test_server_that_is_away_is_named(
    household: Household, client: TestClient, linked_entry: ConfigEntry, url: str
) -> None:
    """No traceback when nothing listens."""
    link = ServerLink("http://127.0.0.1:1", "x")
    await household_of(household.hass).async_use_server(link)

    answer = await client.get(url)

    assert answer.status == 502
    assert (await answer.json())["error"]["code"] == "media_server_unreachable"


async def test_stream_is_for_users_only(
    url: str, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Without a token or a signature there is nothing."""
    stranger = await hass_client_no_auth()

    assert (await stranger.get(url)).status == 401
    assert (await stranger.head(url)).status == 401


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_player_that_leaves_ends_the_servers_stream(
    household: Household,
    client: TestClient,
    url: str,
    media_server: FakeMediaServer,
    is_cancelled: bool,
) -> None:
    """Nothing is sent to nobody, however Home Assistant notices."""
    path = async_sign_path(
        household.hass,
        url.replace(SHORT_ASIN, ENDLESS_ASIN),
        timedelta(hours=1),
        use_content_user=True,
    )
    runner = web.AppRunner(household.hass.http.app, handler_cancellation=is_cancelled)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        async with aiohttp.ClientSession() as player:
            answer = await player.get(
                f"http://127.0.0.1:{runner.addresses[0][1]}{path}"
            )
            await answer.content.readexactly(100_000)
            assert not media_server.stream_ended.is_set()

            answer.close()

            async with asyncio.timeout(5):
                await media_server.stream_ended.wait()
    finally:
        await runner.cleanup()


async def test_server_that_breaks_off_breaks_the_answer_off(
    client: TestClient, url: str, media_server: FakeMediaServer
) -> None:
    """A player must not take half a book for a whole one."""
    media_server.breaks_off = True

    answer = await client.get(url.replace(SHORT_ASIN, ENDLESS_ASIN))

    with pytest.raises(Exception, match=r"(?i)payload|disconnected|reset"):
        await answer.read()


async def test_server_that_falls_silent_breaks_the_answer_off(
    client: TestClient,
    url: str,
    media_server: FakeMediaServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A connection on which nothing comes any more is not held for ever."""
    usual = core_media_server._STREAM_TIMEOUT.sock_read
    assert usual is not None
    hasty = aiohttp.ClientTimeout(total=None, sock_read=usual / 300)
    monkeypatch.setattr(core_media_server, "_STREAM_TIMEOUT", hasty)
    media_server.stalls_until = asyncio.Event()

    answer = await client.get(url.replace(SHORT_ASIN, ENDLESS_ASIN))

    try:
        async with asyncio.timeout(10):
            with pytest.raises(Exception, match=r"(?i)payload|disconnected|reset"):
                await answer.read()
    finally:
        media_server.stalls_until.set()


@pytest.mark.parametrize("kind", ["stream", "cover"])
async def test_secret_does_not_follow_a_redirect(
    client: TestClient,
    url: str,
    media_server: FakeMediaServer,
    tmp_path: Path,
    kind: str,
) -> None:
    """What sends elsewhere is not the server, and elsewhere learns nothing."""
    async with running_media_server(tmp_path) as elsewhere:
        media_server.redirects_to = elsewhere.url

        answer = await client.get(url.replace("stream", kind))

    assert answer.status == 502
    assert (await answer.json())["error"]["code"] == "media_server_unreachable"
    assert elsewhere.calls == []


async def test_hls_needs_no_other_signature_than_the_servers(
    linked_entry: ConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Playlist and segments go through; what nobody signed, and other paths, do not."""
    player = await hass_client_no_auth()
    playlist = (
        f"/api/audible_tracker/signed/audio/{GRANT}/stream/{SHORT_ASIN}/hls/index.m3u8"
    )

    answer = await player.get(playlist)
    assert (200, "#EXTM3U index.m3u8") == (answer.status, await answer.text())
    assert 200 == (await player.head(playlist)).status
    segment = await player.get(playlist.replace("index.m3u8", "12.aac"))
    assert "#EXTM3U 12.aac" == await segment.text()

    assert 403 == (await player.get(playlist.replace(GRANT, "another"))).status
    for bad in ("..%2F..%2Fapi", "a%20b", "%00"):
        refused = await player.get(playlist.replace("index.m3u8", bad))
        assert 400 == refused.status
