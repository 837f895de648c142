"""Streaming: exact HTTP for plain files and virtual M4B, MP3 made on the way."""

import asyncio
import os
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from random import Random

import aiohttp
import pytest
from audible_core.models import Asin

from audible_server.library.files import look_at
from audible_server.media.keys import ContentKey
from audible_server.media.virtual import VirtualM4b
from audible_server.store.grants import FileKind, Grant
from audible_server.store.job import JobKind
from tests.simulator.audio import synthesize_mp3

from .conftest import IV, KEY
from .patience import SOON_S
from .server import Server, error_of

ASIN = Asin("B0STREAM01")
PATH = f"/stream/{ASIN}"
SEED = 20261121
# For so long what is open is trusted.
UNSEEN_S = 0.15


@pytest.fixture(params=["plain", "virtual"])
async def stocked(
    request: pytest.FixtureRequest,
    server: Server,
    plain_book: Path,
    encrypted_book: Path,
) -> Server:
    """Return a server that holds the book, once plain and once encrypted."""
    if request.param == "plain":
        shutil.copy(plain_book, server.settings.library_dir / f"{ASIN}.m4b")
    else:
        await put_encrypted(server, encrypted_book)
    return server


async def put_encrypted(server: Server, path: Path, key: bytes = KEY) -> Path:
    """Put an AAXC into the library folder, as a download leaves it."""
    target = server.settings.library_dir / f"{ASIN}.aaxc"
    shutil.copy(path, target)
    books = server.services.books
    await books.add_found(ASIN)
    grant = Grant(
        kind=FileKind.AAXC,
        url="https://cdn.example/x",
        key=ContentKey(key, IV),
        size_bytes=target.stat().st_size,
        codec="mp4a.40.2",
        requested_at=0,
    )
    await books.save_grant(ASIN, grant, is_license=True)
    return target


async def _whole(server: Server) -> bytes:
    status, body = await server.body(PATH)
    assert 200 == status
    return body


async def test_whole_book_arrives_with_all_headers(stocked: Server) -> None:
    """Without a Range the whole book comes, and says what can be asked for."""
    async with stocked.client.get(PATH) as answer:
        body = await answer.read()
        headers = answer.headers

    assert 200 == answer.status
    assert len(body) == int(headers["Content-Length"])
    assert "bytes" == headers["Accept-Ranges"]
    assert "audio/mp4" == headers["Content-Type"]
    assert f'inline; filename="{ASIN}.m4b"' == headers["Content-Disposition"]
    assert headers["ETag"].startswith('"')
    assert b"ftypM4A " == body[4:12]
    assert b"aavd" not in body[: body.index(b"mdat")]


async def test_virtual_book_decodes_to_the_sound_of_the_plain_one(
    server: Server, plain_book: Path, encrypted_book: Path, tmp_path: Path
) -> None:
    """What a player hears is bit for bit what was encrypted."""
    await put_encrypted(server, encrypted_book)
    streamed = tmp_path / "streamed.m4b"
    streamed.write_bytes(await _whole(server))

    assert _sound(plain_book) == _sound(streamed)


def _sound(path: Path) -> bytes:
    return subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-f", "md5", "-"],
        check=True,
        capture_output=True,
    ).stdout


async def test_head_is_the_same_without_a_body(stocked: Server) -> None:
    """HEAD tells what GET would bring."""
    async with stocked.client.get(PATH) as answer:
        expected = dict(answer.headers)
        await answer.read()
    async with stocked.client.head(PATH) as answer:
        assert b"" == await answer.read()
        actual = dict(answer.headers)

    expected.pop("Date"), actual.pop("Date")
    assert expected == actual


RANGES = [
    ("bytes=0-0", 0, 1),
    ("bytes=0-", 0, None),
    ("bytes=100-199", 100, 200),
    ("bytes=-1", -1, None),
    ("bytes=-500", -500, None),
    ("bytes=5-99999999999", 5, None),
    ("bytes=-99999999999", 0, None),
    ("BYTES=3-4", 3, 5),
    ("bytes= 7-8 ", 7, 9),
]


@pytest.mark.parametrize(("header", "start", "end"), RANGES)
async def test_single_range_is_exact(
    stocked: Server, header: str, start: int, end: int | None
) -> None:
    """A range brings exactly its bytes, and says which they are."""
    whole = await _whole(stocked)
    expected = whole[start:end]
    first = start % len(whole)
    async with stocked.client.get(PATH, headers={"Range": header}) as answer:
        body = await answer.read()

    assert 206 == answer.status
    assert expected == body
    last = first + len(expected) - 1
    assert f"bytes {first}-{last}/{len(whole)}" == answer.headers["Content-Range"]


async def test_random_ranges_are_pieces_of_the_whole(stocked: Server) -> None:
    """Wherever a player seeks to, the bytes fit the whole."""
    whole = await _whole(stocked)
    random = Random(SEED)
    for _ in range(100):
        start = random.randrange(len(whole))
        end = random.randrange(start, len(whole)) + 1
        status, body = await stocked.body(PATH, Range=f"bytes={start}-{end - 1}")
        assert (206, whole[start:end]) == (status, body), (SEED, start, end)


@pytest.mark.parametrize(
    "header",
    ["bytes=5-3", "bytes=a-b", "bytes=", "bytes=-", "seconds=0-5", "0-5", "bytes=1"],
)
async def test_range_without_a_meaning_is_ignored(stocked: Server, header: str) -> None:
    """An unknown unit, or bad syntax, brings the whole."""
    async with stocked.client.get(PATH, headers={"Range": header}) as answer:
        assert 200 == answer.status
        assert int(answer.headers["Content-Length"]) == len(await answer.read())


@pytest.mark.parametrize("header", ["bytes=99999999999-", "bytes=-0"])
async def test_range_past_the_end_says_how_long_the_book_is(
    stocked: Server, header: str
) -> None:
    """A range outside of the book is refused with the allowed one."""
    size = len(await _whole(stocked))
    async with stocked.client.get(PATH, headers={"Range": header}) as answer:
        assert 416 == answer.status
        assert f"bytes */{size}" == answer.headers["Content-Range"]
        error = await error_of(answer)

    assert ("Range", f"bytes=0-{size - 1}") == (error["field"], error["allowed"])


async def test_several_ranges_come_as_parts(stocked: Server) -> None:
    """Several ranges come as multipart/byteranges with exact lengths."""
    whole = await _whole(stocked)
    async with stocked.client.get(
        PATH, headers={"Range": "bytes=0-9,100-149,-5"}
    ) as answer:
        body = await answer.read()

    assert 206 == answer.status
    kind, _, boundary = answer.headers["Content-Type"].partition("; boundary=")
    assert "multipart/byteranges" == kind
    parts = body.split(b"--" + boundary.encode())[1:-1]
    assert [whole[0:10], whole[100:150], whole[-5:]] == [
        part.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n") for part in parts
    ]


async def test_validators_are_obeyed(stocked: Server) -> None:
    """A kept copy is confirmed; a range of another version is never spliced in."""
    async with stocked.client.get(PATH) as answer:
        etag = answer.headers["ETag"]
        size = len(await answer.read())
    cases: list[tuple[dict[str, str], int, int]] = [
        ({"If-None-Match": etag}, 304, 0),
        ({"If-None-Match": "*"}, 304, 0),
        ({"If-None-Match": f'"x", W/{etag}'}, 304, 0),
        ({"If-None-Match": '"x"'}, 200, size),
        ({"If-Match": etag}, 200, size),
        ({"Range": "bytes=0-9", "If-Range": etag}, 206, 10),
        ({"Range": "bytes=0-9", "If-Range": '"x"'}, 200, size),
        ({"Range": "bytes=0-9", "If-Range": f"W/{etag}"}, 200, size),
        (
            {"Range": "bytes=0-9", "If-Range": "Sat, 21 Nov 2026 00:00:00 GMT"},
            200,
            size,
        ),
    ]
    for headers, status, length in cases:
        actual, body = await stocked.body(PATH, **headers)
        assert (status, length) == (actual, len(body)), headers
    status, _ = await stocked.body(PATH, **{"If-Match": '"x"'})
    assert 412 == status


async def test_converted_file_is_preferred(
    server: Server, plain_book: Path, encrypted_book: Path
) -> None:
    """A plain file beside the encrypted one is served as it is."""
    await put_encrypted(server, encrypted_book)
    await _whole(server)
    # As seen by a listener who comes later.
    server.services.sources._kept.clear()
    shutil.copy(plain_book, server.settings.library_dir / f"{ASIN}.m4b")

    assert plain_book.read_bytes() == await _whole(server)


async def test_file_that_is_gone_falls_through_to_the_next(
    server: Server, plain_book: Path, encrypted_book: Path
) -> None:
    """A deleted plain file makes way for the encrypted one, then for nothing."""
    encrypted = await put_encrypted(server, encrypted_book)
    plain = server.settings.library_dir / f"{ASIN}.m4b"
    shutil.copy(plain_book, plain)
    assert "completed" == (await server.book(ASIN))["state"]
    await _whole(server)

    plain.unlink()
    await asyncio.sleep(UNSEEN_S)
    assert b"ftypM4A " == (await _whole(server))[4:12]
    assert "downloaded" == (await server.book(ASIN))["state"]
    encrypted.unlink()
    await asyncio.sleep(UNSEEN_S)

    async with server.client.get(PATH) as answer:
        assert 409 == answer.status
        assert "not_downloaded" == (await error_of(answer))["code"]
    book = await server.book(ASIN)
    assert ("new", False) == (book["state"], book["is_downloaded"])


async def test_replaced_file_gets_another_validator(
    server: Server, plain_book: Path, long_book: Path
) -> None:
    """A player that goes on with a range notices that the file is another one."""
    target = server.settings.library_dir / f"{ASIN}.m4b"
    shutil.copy(plain_book, target)
    async with server.client.get(PATH) as answer:
        etag = answer.headers["ETag"]
    shutil.copy(long_book, target)
    await asyncio.sleep(UNSEEN_S)
    async with server.client.get(
        PATH, headers={"Range": "bytes=0-1", "If-Range": etag}
    ) as answer:
        assert 200 == answer.status
        assert etag != answer.headers["ETag"]


async def test_wrong_key_is_an_error_and_never_noise(
    server: Server, encrypted_book: Path
) -> None:
    """A key that does not fit gives a sentence, not a hissing book."""
    await put_encrypted(server, encrypted_book, key=bytes(16))
    async with server.client.get(PATH) as answer:
        assert 422 == answer.status
        assert "media_key_wrong" == (await error_of(answer))["code"]


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.5, 0.99])
async def test_truncated_file_is_an_error(
    server: Server, encrypted_book: Path, share: float
) -> None:
    """A file that ends too early gives a sentence at once, not a book that stops."""
    target = await put_encrypted(server, encrypted_book)
    os.truncate(target, int(target.stat().st_size * share))
    for query in ("", "?format=mp3"):
        async with server.client.get(PATH + query) as answer:
            assert 422 == answer.status
            assert "media_file_damaged" == (await error_of(answer))["code"]


async def test_file_without_sound_is_an_error_as_mp3(server: Server) -> None:
    """What ffmpeg cannot read gives a sentence, not an empty answer."""
    target = server.settings.library_dir / f"{ASIN}.m4b"
    target.write_bytes(b"this is no audio" * 1000)
    async with server.client.get(f"{PATH}?format=mp3") as answer:
        assert 422 == answer.status
        assert "media_unsupported" == (await error_of(answer))["code"]


async def test_file_that_shrinks_meanwhile_breaks_the_stream_off(
    server: Server, long_encrypted_book: Path
) -> None:
    """Nobody takes the part that came for the whole."""
    target = await put_encrypted(server, long_encrypted_book)
    opened = await server.services.sources.open(ASIN)
    os.truncate(target, target.stat().st_size // 2)
    # As for a listener who began before.
    now = look_at(target, FileKind.AAXC)
    assert now is not None
    kept = server.services.sources._kept[ASIN]
    kept.audio = replace(opened, file=now)

    with pytest.raises(aiohttp.ClientError):
        await _whole(server)


async def test_mp3_file_is_served_as_mp3(server: Server) -> None:
    """An episode that is an MP3 has the right type and name."""
    target = server.settings.library_dir / f"{ASIN}.mp3"
    synthesize_mp3(target, runtime_ms=5_000, title="Episode")
    async with server.client.get(PATH) as answer:
        assert target.read_bytes() == await answer.read()

    assert "audio/mpeg" == answer.headers["Content-Type"]
    assert f'inline; filename="{ASIN}.mp3"' == answer.headers["Content-Disposition"]
    async with server.client.get(f"/api/books/{ASIN}") as answer:
        assert "audio/mpeg" == (await answer.json())["data"]["content_type"]


async def test_length_comes_from_the_file(server: Server, plain_book: Path) -> None:
    """A file that lies in the folder is recognized, and its length is found out."""
    shutil.copy(plain_book, server.settings.library_dir / f"{ASIN}.m4b")
    await server.services.shelf.load_all()
    book = (await server.json("/api/books"))["books"][0]
    assert (ASIN, "completed", True) == (
        book["asin"],
        book["state"],
        book["is_downloaded"],
    )
    await server.finished(JobKind.PROBE, ASIN)

    assert 60_000 == pytest.approx((await server.book(ASIN))["runtime_ms"], abs=100)


async def test_disk_that_hangs_stops_nobody_else(
    server: Server, encrypted_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one listener waits for the disk, others are answered."""
    await put_encrypted(server, encrypted_book)
    await server.services.sources.open(ASIN)
    is_awake, read = threading.Event(), VirtualM4b.read

    def hang(book: VirtualM4b, start: int, end: int) -> bytes:
        assert is_awake.wait(SOON_S)
        return read(book, start, end)

    monkeypatch.setattr(VirtualM4b, "read", hang)
    monkeypatch.setattr(VirtualM4b, "read_now", lambda *_: None)
    waiting = asyncio.create_task(_whole(server))
    async with asyncio.timeout(SOON_S):
        for _ in range(20):
            assert 200 == (await server.body("/health"))[0]
    assert not waiting.done()
    is_awake.set()

    assert b"ftypM4A " == (await waiting)[4:12]


@pytest.mark.parametrize("share", [0.01, 0.05])
async def test_noise_in_the_middle_never_reaches_a_listener(
    server: Server, long_encrypted_book: Path, share: float
) -> None:
    """Random bytes in a book end a stream there, and give a sentence to who asks."""
    target = await put_encrypted(server, long_encrypted_book)
    size = target.stat().st_size
    noise = Random(SEED).randbytes(int(size * share))
    with target.open("r+b") as file:
        file.seek(size // 2)
        file.write(noise)
    inside = f"bytes={size // 2 + 1000}-{size // 2 + 9000}"
    async with server.client.get(PATH, headers={"Range": inside}) as answer:
        assert 422 == answer.status
        assert "media_file_damaged" == (await error_of(answer))["code"]
    for query in ("", "?format=mp3"):
        with pytest.raises(aiohttp.ClientError):
            await server.body(PATH + query)

    book = await server.book(ASIN)
    assert ("failed", "media_file_damaged", False) == (
        book["state"],
        book["error"],
        book["is_downloaded"],
    )
    # Nobody can fetch another one, so the rest of it is played.
    assert 206 == (await server.body(PATH, Range="bytes=0-99999"))[0]
