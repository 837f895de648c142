"""Transcodes over HTTP: what is asked for, lengths and ranges, and who pays for it."""

import asyncio
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from audible_server.http.accept import format_to_make
from tests.simulator.audio import encrypt_aaxc, synthesize_mp3

from .conftest import StartServer
from .media.sound import displacement, heard
from .patience import GONE_S, SOON_S
from .processes import ffmpegs
from .server import Server, error_of, secret_headers
from .test_stream import ASIN, IV, KEY, PATH, put_encrypted

type Children = Callable[[], set[int]]
type Headers = dict[str, str]


@pytest.fixture(params=["plain", "virtual"])
async def stocked(
    request: pytest.FixtureRequest, server: Server, plain_book: Path, tmp_path: Path
) -> Server:
    """Return a server that holds a book, once plain and once encrypted."""
    if request.param == "plain":
        shutil.copy(plain_book, server.settings.library_dir / f"{ASIN}.m4b")
    else:
        locked = tmp_path / "book.aaxc"
        encrypt_aaxc(plain_book, locked, key=KEY, iv=IV)
        await put_encrypted(server, locked)
    return server


@pytest.fixture
def children() -> Children:
    """Return what tells the ids of the ffmpegs that a test has started."""
    before = ffmpegs()
    return lambda: ffmpegs() - before


@pytest.fixture
async def endless(start_server: StartServer, long_book: Path) -> Server:
    """Return a server with one slot and a book that no buffer can swallow."""
    server = await start_server(transcode_slots=1)
    shutil.copy(long_book, server.settings.library_dir / f"{ASIN}.m4b")
    return server


@pytest.mark.parametrize("audio_format", ["mp3", "wav"])
async def test_constant_formats_have_a_length_and_answer_ranges(
    stocked: Server, audio_format: str
) -> None:
    """A player knows where it is, and seeks by bytes as in any file."""
    path = f"{PATH}?format={audio_format}"
    async with stocked.client.get(path) as answer:
        whole, headers = await answer.read(), answer.headers
    assert len(whole) == int(headers["Content-Length"])
    assert "bytes" == headers["Accept-Ranges"]
    assert headers["ETag"].startswith('W/"')

    at = len(whole) // 2 + 77
    async with stocked.client.get(path, headers={"Range": f"bytes={at}-"}) as answer:
        rest = await answer.read()
        assert 206 == answer.status
        shown = f"bytes {at}-{len(whole) - 1}/{len(whole)}"
        assert shown == answer.headers["Content-Range"]
    rate_hz = 22_050
    one = await heard(whole, rate_hz=rate_hz)
    other = await heard(whole[:at] + rest, rate_hz=rate_hz)
    assert len(one) == len(other)
    middle = len(one) // 2
    displaced, alike = displacement(other[middle:], one[middle:])
    assert (0, True) == (displaced, alike > 0.99)


async def test_head_tells_the_length_and_makes_nothing(stocked: Server) -> None:
    """HEAD and GET agree."""
    path = f"{PATH}?format=mp3&bitrate=48"
    async with stocked.client.head(path) as answer:
        expected = int(answer.headers["Content-Length"])
    status, body = await stocked.body(path)
    assert (200, expected) == (status, len(body))


@pytest.mark.parametrize(
    ("headers", "status", "is_whole"),
    [
        ({"Range": "bytes=0-9"}, 206, False),
        ({"Range": "bytes=-10"}, 206, False),
        ({"Range": "bytes=0-9,20-29"}, 200, True),
        ({"Range": "bytes=0-9", "If-Range": "ETAG"}, 200, True),
        ({"Range": "bytes=0-9", "If-Range": '"x"'}, 200, True),
        ({"Range": "bytes=99999999-"}, 416, False),
        ({"If-None-Match": "ETAG"}, 304, False),
        ({"If-Match": "ETAG"}, 412, False),
    ],
)
async def test_weak_validators_are_obeyed(
    stocked: Server, headers: Headers, status: int, is_whole: bool
) -> None:
    """No range under If-Range, since two encodings may differ (RFC 9110, 13.1.5)."""
    path = f"{PATH}?format=mp3"
    async with stocked.client.head(path) as answer:
        etag, size = answer.headers["ETag"], int(answer.headers["Content-Length"])
    sent = {name: value.replace("ETAG", etag) for name, value in headers.items()}
    async with stocked.client.get(path, headers=sent) as answer:
        body = await answer.read()
        assert status == answer.status
        assert is_whole == (len(body) == size)
        if status == 206:
            assert 10 == len(body)
        if status == 416:
            assert f"bytes */{size}" == answer.headers["Content-Range"]


@pytest.mark.parametrize("audio_format", ["opus", "flac", "aac"])
async def test_other_formats_come_without_a_length(
    stocked: Server, audio_format: str
) -> None:
    """A range is ignored, and it is said that there are none."""
    path = f"{PATH}?format={audio_format}&start_ms=50000&channels=mono"
    async with stocked.client.get(path, headers={"Range": "bytes=5-"}) as answer:
        body = await answer.read()

    assert 200 == answer.status
    assert "none" == answer.headers["Accept-Ranges"]
    assert "Content-Length" not in answer.headers
    assert 10 == pytest.approx(len(await heard(body, rate_hz=8_000)) / 8_000, abs=0.1)


async def test_speed_shortens_what_is_left(stocked: Server) -> None:
    """At double speed the last 20 seconds are ten."""
    query = "?format=mp3&start_ms=40000&speed=2.0&loudness=speech"
    _, body = await stocked.body(PATH + query)

    assert 10 == pytest.approx(len(await heard(body, rate_hz=8_000)) / 8_000, abs=0.1)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("format=ape", "format"),
        ("format=mp3&channels=3", "channels"),
        ("format=mp3&speed=0.4", "speed"),
        ("format=mp3&speed=3.01", "speed"),
        ("format=mp3&speed=fast", "speed"),
        ("format=mp3&speed=1/2", "speed"),
        ("format=mp3&speed=" + "1" * 99, "speed"),
        ("format=mp3&loudness=loud", "loudness"),
        ("format=mp3&start_ms=600000", "start_ms"),
        ("speed=2", "speed"),
        ("channels=1", "channels"),
    ],
)
async def test_a_wrong_wish_is_named(stocked: Server, query: str, field: str) -> None:
    """The answer says which, and what is allowed."""
    async with stocked.client.get(f"{PATH}?{query}") as answer:
        assert 400 == answer.status
        assert field == (await error_of(answer))["field"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, None),
        ("*/*", None),
        ("audio/*;q=0.1, audio/mpeg", None),
        ("audio/webm,audio/ogg,audio/wav,audio/*;q=0.9,*/*;q=0.5", None),
        ("audio/mpeg, audio/x-m4a;q=0.1", None),
        ("text/html", None),
        ("", None),
        ("audio/mpeg", "mp3"),
        ("audio/mpeg;q=0.5, audio/ogg", "opus"),
        ("AUDIO/FLAC ; q=0.3, audio/mp4;q=0", "flac"),
        ("audio/aacp", "aac"),
        ("audio/wav;q=x", "wav"),
    ],
)
def test_what_a_player_can_play_decides(
    accept: str | None, expected: str | None
) -> None:
    """Only who excludes what there is gets something else."""
    assert expected == format_to_make(accept, "audio/mp4")


async def test_accept_is_heard(stocked: Server) -> None:
    """Without a format in the address; with one, the address counts."""
    for accept, query, kind in (
        ("audio/mpeg", "", "audio/mpeg"),
        ("audio/mpeg", "?format=wav", "audio/wav"),
        ("*/*", "", "audio/mp4"),
    ):
        async with stocked.client.head(
            PATH + query, headers={"Accept": accept}
        ) as answer:
            assert (200, kind) == (answer.status, answer.content_type)


async def test_an_mp3_can_be_made_smaller(server: Server) -> None:
    """A podcast is no MP4; its frames are cut as a book's samples are."""
    target = server.settings.library_dir / f"{ASIN}.mp3"
    synthesize_mp3(target, runtime_ms=20_000, title="Episode")
    path = f"{PATH}?format=mp3&bitrate=32&channels=1&start_ms=10000"
    async with server.client.get(path) as answer:
        body = await answer.read()
        assert len(body) == int(answer.headers["Content-Length"])

    reference = await heard(target, "-ss", "10", rate_hz=8_000)
    displaced, alike = displacement(await heard(body, rate_hz=8_000), reference, 500)
    assert (True, True) == (abs(displaced) <= 1, alike > 0.95)


async def test_full_house_is_told_to_come_back(
    start_server: StartServer, plain_book: Path
) -> None:
    """When no transcode ends in time, the answer says when to try again."""
    server = await start_server(transcode_slots=1)
    shutil.copy(plain_book, server.settings.library_dir / f"{ASIN}.m4b")
    async with (
        server.services.slots.slot(),
        server.client.get(f"{PATH}?format=mp3") as answer,
    ):
        assert 503 == answer.status
        assert int(answer.headers["Retry-After"]) > 0
        assert "too_many_streams" == (await error_of(answer))["code"]
    assert 200 == (await server.body(f"{PATH}?format=mp3"))[0]


async def test_client_that_leaves_ends_its_ffmpeg(
    children: Children, endless: Server
) -> None:
    """A listener who goes away frees the slot and the processor within a second."""
    answer = await endless.client.get(f"{PATH}?format=mp3&bitrate=320")
    await answer.content.read(1000)
    # Another one may have been started ahead.
    assert 1 <= len(children()) <= 2
    assert 1 == endless.services.slots.in_use

    answer.close()
    async with asyncio.timeout(GONE_S):
        await _until(lambda: not children() and not endless.services.slots.in_use)


@pytest.mark.timeout(300)
async def test_listeners_who_are_cut_off_leave_no_ffmpeg(
    children: Children, start_server: StartServer, long_book: Path
) -> None:
    """Five hundred of them, at any moment, without a goodbye."""
    server = await start_server(transcode_slots=4)
    shutil.copy(long_book, server.settings.library_dir / f"{ASIN}.m4b")
    for number in range(25):
        await asyncio.gather(
            *(_cut_off(server, number * 20 + each) for each in range(20))
        )
    async with asyncio.timeout(SOON_S):
        await _until(lambda: not server.services.slots.waiting)
    async with asyncio.timeout(GONE_S):
        await _until(lambda: not children() and not server.services.slots.in_use)


async def _cut_off(server: Server, number: int) -> None:
    """Ask, and reset the connection after a while that is never the same."""
    url = server.client.make_url(f"{PATH}?format=mp3&start_ms={number * 1000}")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = "".join(f"{k}: {v}\r\n" for k, v in secret_headers().items())
    writer.write(f"GET {url.path_qs} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
    await asyncio.sleep(number % 20 / 100)
    if number % 3 == 0:
        async with asyncio.timeout(SOON_S):
            await reader.read(100)
    linger = b"\1\0\0\0\0\0\0\0"
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def test_paused_listener_gives_the_slot_back_and_goes_on(
    children: Children, endless: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nobody listens nothing is made; then it is taken up at the byte."""
    monkeypatch.setattr("audible_server.http.transcode._PATIENCE_S", 0.3)
    path = f"{PATH}?format=mp3&bitrate=320"
    async with endless.client.get(path) as answer:
        first = await answer.content.readexactly(1000)
        async with asyncio.timeout(SOON_S):
            await _until(lambda: not children() and not endless.services.slots.in_use)
        rest = await answer.content.readexactly(4_000_000)
        assert int(answer.headers["Content-Length"]) > len(first) + len(rest)
    sound = await heard(first + rest, rate_hz=22_050)
    book = endless.settings.library_dir / f"{ASIN}.m4b"
    reference = await heard(book, "-t", "110", rate_hz=22_050)
    end = len(sound) - 80_000
    displaced, alike = displacement(sound[end:], reference[end:])
    assert (True, True) == (abs(displaced) <= 3, alike > 0.99)


async def test_paused_listener_of_opus_is_let_go(
    children: Children, endless: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be taken up again is broken off, and nobody takes it for whole."""
    monkeypatch.setattr("audible_server.http.transcode._LONG_PATIENCE_S", 0.3)
    async with endless.client.get(f"{PATH}?format=flac") as answer:
        await answer.content.read(1000)
        async with asyncio.timeout(SOON_S):
            await _until(lambda: not children() and not endless.services.slots.in_use)
        with pytest.raises(aiohttp.ClientError):
            await answer.read()


async def _until(condition: Any) -> None:
    while not condition():
        await asyncio.sleep(0.01)
