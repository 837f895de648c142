"""Playing what is not, or not wholly, on disk: at once, anywhere, for one license."""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from audible_core.audible.pace import Pace
from audible_core.models import Asin

from audible_server.downloads import remote
from audible_server.downloads.byte_map import ByteMap
from audible_server.downloads.licensing import Licensing
from audible_server.downloads.part import Parts
from audible_server.downloads.remote import RemoteBytes, RemoteShop
from audible_server.media.keys import ContentKey
from audible_server.media.virtual import VirtualM4b
from audible_server.store.job import JobKind
from audible_server.store.parts import PartStore
from audible_server.store.turns import Turns
from tests.simulator import Simulator
from tests.simulator.catalog import (
    AAX_ASIN,
    EPISODE_ASIN,
    LAPSED_ASIN,
    SHORT_ASIN,
    THROTTLED_ASIN,
    WIDEVINE_ASIN,
)
from tests.simulator.faults import Fault, FaultKind

from .patience import SOON_S
from .server import Server, error_of

ASIN = Asin(SHORT_ASIN)
LONG = Asin("B0VERWANDL")
KBIT_PER_S = 10_000
SEEK_S = 2.0


def _licenses(shop: Simulator, asin: str = ASIN) -> int:
    return len(shop.requests(f"/1.0/content/{asin}/licenserequest"))


def _asked(shop: Simulator, asin: str = LONG) -> int:
    """Return how often the CDN was asked for a title."""
    return len(shop.requests(f"/{asin}/"))


def _slow(shop: Simulator) -> None:
    shop.shop.settings.content_kbit_per_s = KBIT_PER_S


async def _clear(shop: Simulator, asin: str) -> bytes:
    """Return what a listener must get, all of it."""
    title = shop.shop.titles[asin]
    path = await shop.books.content(title)
    key = ContentKey(title.content_key, title.content_iv)
    book = await asyncio.to_thread(VirtualM4b.open, path, key)
    return await asyncio.to_thread(book.read, 0, book.size_bytes)


async def _stored(shop: Simulator, asin: str) -> bytes:
    path = await shop.books.content(shop.shop.titles[asin])
    return path.read_bytes()


async def _range(server: Server, start: int, count: int) -> bytes:
    last = start + count - 1
    status, body = await server.body(f"/stream/{LONG}", Range=f"bytes={start}-{last}")
    assert 206 == status, body
    return body


@asynccontextmanager
async def _listening(
    server: Server, start: int = 0
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Keep a listener there who has heard the first second from a place on."""
    headers = {"Range": f"bytes={start}-"}
    async with server.client.get(f"/stream/{LONG}", headers=headers) as answer:
        assert 206 == answer.status
        await answer.content.readexactly(8_000)
        yield answer


async def test_title_that_is_not_here_plays_and_is_kept(
    linked: Server, shop: Simulator
) -> None:
    """The first sound costs one license, and the book stays."""
    async with linked.client.get(f"/stream/{ASIN}") as answer:
        body = await answer.read()
        before = answer.headers
    await linked.finished(JobKind.DOWNLOAD, ASIN)
    async with linked.client.get(f"/stream/{ASIN}") as answer:
        again = await answer.read()
        after = answer.headers

    assert await _clear(shop, ASIN) == body == again
    for name in ("ETag", "Content-Length", "Content-Type"):
        assert before[name] == after[name], name
    kept = linked.settings.library_dir / f"{ASIN}.aaxc"
    assert await _stored(shop, ASIN) == kept.read_bytes()
    assert "downloaded" == (await linked.book(ASIN))["state"]
    assert 1 == _licenses(shop)


@pytest.mark.parametrize("asin", [EPISODE_ASIN, AAX_ASIN])
async def test_other_forms_play_before_they_are_here(
    linked: Server, shop: Simulator, asin: str
) -> None:
    """Episodes and older titles play at once, too, with one and the same tag."""
    async with linked.client.get(f"/stream/{asin}") as answer:
        assert 200 == answer.status
        before = answer.headers["ETag"], await answer.read()
    await linked.finished(JobKind.DOWNLOAD, asin)
    assert (await linked.book(asin))["state"] in {"downloaded", "completed"}
    async with linked.client.get(f"/stream/{asin}") as answer:
        assert before == (answer.headers["ETag"], await answer.read())


async def test_seek_into_the_unread_part_plays_within_two_seconds(
    linked: Server, shop: Simulator
) -> None:
    """The writer goes where the listener is, and comes back for what it left out."""
    clear = await _clear(shop, LONG)
    _slow(shop)
    async with _listening(linked) as first:
        tag = first.headers["ETag"]
        seeks_s: list[float] = []
        for share in (0.5, 0.9, 0.3):
            start = int(len(clear) * share)
            asked, sent = _asked(shop), shop.shop.content_bytes_sent
            began = time.monotonic()
            assert clear[start : start + 32_768] == await _range(linked, start, 32_768)
            seeks_s.append(time.monotonic() - began)
            assert _asked(shop) - asked <= 2
            patience_s = max(SEEK_S, seeks_s[-1])
            assert shop.shop.content_bytes_sent - sent < patience_s * KBIT_PER_S * 125
        # The machine may have other work in one moment or another.
        assert min(seeks_s) < SEEK_S
    assert "downloading" == (await linked.book(LONG))["state"]

    shop.shop.settings.content_kbit_per_s = None
    await linked.finished(JobKind.DOWNLOAD, LONG)
    kept = linked.settings.library_dir / f"{LONG}.aaxc"
    assert await _stored(shop, LONG) == kept.read_bytes()
    assert 1 == _licenses(shop, LONG)
    async with linked.client.get(f"/stream/{LONG}") as answer:
        assert tag == answer.headers["ETag"]


async def test_listeners_at_several_places_all_hear_their_place(
    linked: Server, shop: Simulator
) -> None:
    """Four places of one book, at once, each the right bytes, none twice from afar."""
    clear = await _clear(shop, LONG)
    _slow(shop)

    async def listen(share: float) -> None:
        start = int(len(clear) * share)
        for at in range(start, start + 5 * 65_536, 65_536):
            assert clear[at : at + 65_536] == await _range(linked, at, 65_536)

    async with asyncio.timeout(SOON_S), asyncio.TaskGroup() as group:
        for share in (0.0, 0.25, 0.6, 0.8):
            group.create_task(listen(share))

    assert "downloading" == (await linked.book(LONG))["state"]


async def test_hls_and_mp3_play_while_the_book_comes(
    linked: Server, shop: Simulator
) -> None:
    """Whatever a player asks for, the middle is there before the file is."""
    _slow(shop)
    status, playlist = await linked.body(f"/stream/{LONG}/hls/index.m3u8")
    assert 200 == status
    segments = [line for line in playlist.decode().splitlines() if line[:1] != "#"]
    middle = segments[len(segments) // 2]
    status, sound = await linked.body(f"/stream/{LONG}/hls/{middle}")
    assert (200, b"ID3") == (status, sound[:3])
    runtime_ms = shop.shop.titles[LONG].runtime_ms or 0
    path = f"/stream/{LONG}?format=mp3&start_ms={runtime_ms * 2 // 3}"
    async with linked.client.get(path) as answer:
        assert 200 == answer.status
        assert await answer.content.readexactly(4_000)
    assert "downloading" == (await linked.book(LONG))["state"]


async def test_full_disk_keeps_nothing_and_still_plays(
    linked: Server, shop: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not fit is heard straight from the shop."""
    usage = shutil._ntuple_diskusage(10**9, 10**9, 0)  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    status, body = await linked.body(f"/stream/{ASIN}")
    book = await linked.waits(ASIN)

    assert (200, await _clear(shop, ASIN)) == (status, body)
    assert ("queued", "no_space") == (book["state"], book["error"])
    assert [] == list(linked.settings.library_dir.iterdir())
    assert 1 == _licenses(shop)


async def test_other_server_reads_what_is_there_and_fetches_the_rest_itself(
    linked: Server, shop: Simulator
) -> None:
    """Without a writer of its own it takes the map from the database."""
    stored = await _stored(shop, LONG)
    _slow(shop)
    async with _listening(linked):
        await _until_stored(linked, 4_096)
        remote = await _elsewhere(linked)
        asked = _asked(shop)
        await remote.fetch(0, 4_096)
        assert stored[:4_096] == remote.read_at(0, 4_096)
        assert asked == _asked(shop)
        middle = len(stored) // 2
        await remote.fetch(middle, middle + 4_096)

        assert stored[middle : middle + 4_096] == remote.read_at(middle, 4_096)
        assert asked + 1 == _asked(shop)
    assert 1 == _licenses(shop, LONG)


async def _until_stored(server: Server, size_bytes: int) -> None:
    """Wait until the table knows that the start of the long title has come."""
    store = server.services.downloader._parts._store
    async with asyncio.timeout(SOON_S):
        while True:
            part = await store.load(LONG)
            if part and ByteMap.from_text(part.spans).has(0, size_bytes):
                return
            await asyncio.sleep(0.05)


async def _elsewhere(server: Server) -> RemoteBytes:
    """Open the title as another process on the same database does."""
    services = server.services
    store = services.downloader._parts._store
    parts = Parts(PartStore(store._engine), server.settings.library_dir)
    licensing = Licensing(services.books, services.shop, Turns(store._engine))
    cdn = services.downloader._cdn
    return await RemoteShop(cdn, licensing, parts).open(await services.books.load(LONG))


@pytest.mark.parametrize(
    ("asin", "code"),
    [
        (LAPSED_ASIN, "license_lapsed"),
        (WIDEVINE_ASIN, "license_no_form"),
        (THROTTLED_ASIN, "license_registration_old"),
    ],
)
async def test_what_cannot_be_played_says_why(
    linked: Server, shop: Simulator, asin: str, code: str
) -> None:
    """However often a player asks, the shop is asked once."""
    for _ in range(3):
        async with linked.client.get(f"/stream/{asin}") as answer:
            assert 403 == answer.status
            error = await error_of(answer)
        assert code == error["code"]
        assert error["message"].endswith(".")
    assert 1 == _licenses(shop, asin)
    book = await linked.book(asin)
    assert ("failed", code) == (book["state"], book["error"])


async def test_title_that_left_the_library_is_unknown(
    linked: Server, shop: Simulator
) -> None:
    """Nothing of it is here, and nobody owns it."""
    async with linked.client.get("/stream/B0NOTTHERE") as answer:
        assert 404 == answer.status
        assert "unknown_book" == (await error_of(answer))["code"]


async def test_shop_that_is_away_is_told_and_asked_again(
    linked: Server, shop: Simulator
) -> None:
    """A failure that passes stands in nobody's way."""
    path = f"/1.0/content/{ASIN}/licenserequest"
    shop.shop.faults.append(Fault(FaultKind.UNAVAILABLE, path))
    async with linked.client.get(f"/stream/{ASIN}") as answer:
        assert 503 == answer.status
        assert "audible_unreachable" == (await error_of(answer))["code"]
    shop.shop.faults.clear()

    assert 206 == (await linked.body(f"/stream/{ASIN}", Range="bytes=0-9"))[0]


async def test_file_server_that_fails_is_asked_again_later(
    linked: Server, shop: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Players come again after a 503, and never after a 422."""
    monkeypatch.setattr(remote, "_RETRY_WAITS_S", ())
    linked.services.downloader._retry_waits_s = ()
    fault = Fault(FaultKind.UNAVAILABLE, f"/{ASIN}/")
    shop.shop.faults.append(fault)
    async with linked.client.get(f"/stream/{ASIN}") as answer:
        assert 503 == answer.status
        assert 0 < int(answer.headers["Retry-After"]) < 60
        error = await error_of(answer)
    assert "download_incomplete" == error["code"]
    assert "the shop's file server has a fault" in error["message"]


async def test_download_that_failed_is_tried_again_by_playing(
    linked: Server, shop: Simulator
) -> None:
    """A cut line leaves "failed" behind; whoever plays it has the rest fetched."""
    linked.services.downloader._retry_waits_s = ()
    cut = Fault(FaultKind.CUT_DOWNLOAD, count=1, after_bytes=100_000)
    shop.shop.faults.append(cut)
    assert "failed" == (await linked.download(ASIN))["state"]
    status, body = await linked.body(f"/stream/{ASIN}")
    await linked.finished(JobKind.DOWNLOAD, ASIN)

    assert (200, await _clear(shop, ASIN)) == (status, body)
    assert "downloaded" == (await linked.book(ASIN))["state"]
    assert 1 == _licenses(shop)


async def test_file_that_breaks_in_the_middle_is_gone_on_with_from_the_shop(
    linked: Server, shop: Simulator
) -> None:
    """A listener who has begun gets the same bytes to the end."""
    await linked.download(LONG)
    clear = await _clear(shop, LONG)
    path = linked.settings.library_dir / f"{LONG}.aaxc"
    async with linked.client.get(f"/stream/{LONG}") as answer:
        got = await answer.content.readexactly(100_000)
        os.truncate(path, path.stat().st_size // 2)
        got += await answer.read()

    assert clear == got
    assert 1 == _licenses(shop, LONG)


async def test_broken_plain_file_makes_way_for_the_encrypted_one(
    linked: Server, shop: Simulator
) -> None:
    """It is kept, with its reason, and tried again when it is another one."""
    await linked.download(ASIN)
    plain = linked.settings.library_dir / f"{ASIN}.m4b"
    clear = await _clear(shop, ASIN)
    plain.write_bytes(clear[:50_000])
    for _ in range(2):
        assert (200, clear) == await linked.body(f"/stream/{ASIN}")
    assert "downloaded" == (await linked.book(ASIN))["state"]
    assert 50_000 == plain.stat().st_size
    plain.write_bytes(clear)
    await linked.book(ASIN)

    assert "completed" == (await linked.book(ASIN))["state"]
    assert (200, clear) == await linked.body(f"/stream/{ASIN}")


async def test_map_claims_only_what_is_on_disk(linked: Server, shop: Simulator) -> None:
    """Every span of the map in the database is the shop's, byte for byte."""
    stored = await _stored(shop, LONG)
    _slow(shop)
    part = linked.settings.library_dir / f"{LONG}.aaxc.part"
    store = linked.services.downloader._parts._store
    async with _listening(linked):
        await _range(linked, len(stored) // 2, 100_000)
        spans: tuple[tuple[int, int], ...] = ()
        async with asyncio.timeout(SOON_S):
            while not spans or spans[-1][1] <= len(stored) // 2:
                await asyncio.sleep(0.1)
                known = await store.load(LONG)
                spans = () if known is None else ByteMap.from_text(known.spans).spans
        have = part.read_bytes()

    for start, end in spans:
        assert stored[start:end] == have[start:end]


async def test_head_of_a_title_that_is_not_here_costs_nothing(
    linked: Server, shop: Simulator
) -> None:
    """No license and no download; once it plays, HEAD knows its length."""
    path = f"/stream/{LONG}"
    async with linked.client.head(path) as answer:
        assert (200, "audio/mp4") == (answer.status, answer.content_type)
        assert "Content-Length" not in answer.headers
    async with linked.client.head(f"{path}?format=flac") as answer:
        assert (200, "audio/flac") == (answer.status, answer.content_type)
    async with linked.client.head("/stream/B0UNKNOWN1") as answer:
        assert 404 == answer.status

    assert (0, 0) == (_licenses(shop, LONG), _asked(shop))
    assert None is await linked.services.desk.find_open(JobKind.DOWNLOAD, LONG)

    await _range(linked, 0, 1000)
    clear = await _clear(shop, LONG)
    async with linked.client.head(path) as answer:
        assert str(len(clear)) == answer.headers["Content-Length"]


async def test_listener_is_told_when_the_pace_is_too_slow(
    linked: Server, shop: Simulator
) -> None:
    """With a sentence and a time, instead of silence; a moment later it plays."""
    slow = linked.services.sources._shop
    slow._pace = Pace(1)
    await slow._pace.wait_turn()

    async with linked.client.get(f"/stream/{LONG}") as answer:
        assert 503 == answer.status
        assert 50 < int(answer.headers["Retry-After"]) <= 60
        assert "audible_pace" == (await error_of(answer))["code"]
    assert 0 == _licenses(shop, LONG)

    slow._pace = Pace(60)
    assert 1000 == len(await _range(linked, 0, 1000))
