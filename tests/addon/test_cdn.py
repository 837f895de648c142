"""The CDN's odd answers: which end a download, which call for another try."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from audible_core.errors import DownloadError, StorageError
from audible_core.models import Asin

from audible_server.downloads.byte_map import ByteMap
from audible_server.downloads.cdn import Cdn, CutError, OtherFileError, RefusedError
from audible_server.downloads.part import PartFile
from audible_server.downloads.transfer import Transfer
from audible_server.store.grants import FileKind
from audible_server.store.parts import StoredPart

ASIN = Asin("B0ODDBOOK1")
BODY = bytes(range(256)) * 20_000
AUDIO = {"Content-Type": "audio/aax"}


class OddServer:
    """Answers as it is told, and notes what it was asked."""

    def __init__(self) -> None:
        self.answer = web.Response(body=BODY, headers=AUDIO)
        self.asked: list[web.BaseRequest] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return self.answer


@pytest.fixture
async def odd(aiohttp_server: Any) -> OddServer:
    """Run a server whose next answer the test decides."""
    odd = OddServer()
    app = web.Application()
    app.router.add_get("/file", odd.handle)
    odd.url = str((await aiohttp_server(app)).make_url("/file"))
    return odd


@pytest.fixture
async def cdn() -> AsyncIterator[Cdn]:
    """Open the client."""
    client = Cdn()
    yield client
    await client.close()


async def _fetch(
    cdn: Cdn, odd: OddServer, part: Path, size_bytes: int | None = len(BODY)
) -> list[int]:
    """Fetch the file; return what was safe after each save, and the size as the last.

    What lies in the part file already is known to have come.
    """
    file = PartFile(ASIN, FileKind.AAXC, part)
    if part.exists():
        have = ByteMap().with_span(0, part.stat().st_size)
        file.have = file.believed(StoredPart("aaxc", size_bytes, have.to_text()))
    file.size_bytes = size_bytes
    told: list[int] = []

    async def save() -> None:
        told.append(file.sync().total_bytes)

    size = await Transfer(file, cdn, save).run(odd.url)
    return [*told, size]


def _partial(start: int, end: int, total: int | str) -> web.Response:
    headers = {**AUDIO, "Content-Range": f"bytes {start}-{end - 1}/{total}"}
    return web.Response(status=206, body=BODY[start:end], headers=headers)


@pytest.mark.parametrize("size_bytes", [None, len(BODY)])
async def test_file_is_written_in_large_pieces(
    cdn: Cdn, odd: OddServer, tmp_path: Path, size_bytes: int | None
) -> None:
    """The first mebibyte is made safe at once, the rest not byte by byte."""
    part = tmp_path / "x.part"
    told = await _fetch(cdn, odd, part, size_bytes)

    assert BODY == part.read_bytes()
    assert 2**20 <= told[0] < len(BODY) == told[-1]
    assert len(told) < 5
    agent = odd.asked[0].headers["User-Agent"]
    assert agent.startswith("Audible/")
    assert "identity" == odd.asked[0].headers["Accept-Encoding"]


async def test_server_that_ignores_the_range_is_started_over(
    cdn: Cdn, odd: OddServer, tmp_path: Path
) -> None:
    """A whole file that comes instead of the rest replaces what was there."""
    part = tmp_path / "x.part"
    part.write_bytes(b"x" * 1000)
    await _fetch(cdn, odd, part)

    assert "bytes=1000-" == odd.asked[0].headers["Range"]
    assert BODY == part.read_bytes()


async def test_whole_part_is_not_asked_for_again(
    cdn: Cdn, odd: OddServer, tmp_path: Path
) -> None:
    """A part that has all its bytes needs no request."""
    part = tmp_path / "x.part"
    part.write_bytes(BODY)

    assert len(BODY) == (await _fetch(cdn, odd, part))[-1]
    assert [] == odd.asked


@pytest.mark.parametrize("total", [1000, 999])
async def test_end_of_a_file_of_unknown_size(
    cdn: Cdn, odd: OddServer, tmp_path: Path, total: int
) -> None:
    """A part of a file without a known size is whole if the CDN says so."""
    part = tmp_path / "x.part"
    part.write_bytes(bytes(1000))
    headers = {"Content-Range": f"bytes */{total}"}
    odd.answer = web.Response(status=416, headers=headers)

    if total == 1000:
        assert 1000 == (await _fetch(cdn, odd, part, None))[-1]
    else:
        with pytest.raises(OtherFileError):
            await _fetch(cdn, odd, part, None)


ODD_ANSWERS = [
    (web.Response(status=403), RefusedError, "403"),
    (web.Response(status=410), RefusedError, "410"),
    (web.Response(status=404), DownloadError, "404"),
    (
        web.Response(status=302, headers={"Location": "https://evil.example/"}),
        DownloadError,
        "302",
    ),
    (web.Response(status=429), CutError, "429"),
    (web.Response(status=408), CutError, "408"),
    (web.Response(status=503), CutError, "503"),
    (web.Response(text="<html>", content_type="text/html"), DownloadError, "text/html"),
    (web.Response(body=b"", headers=AUDIO), DownloadError, "0 bytes instead of"),
    (web.Response(body=BODY[:-1], headers=AUDIO), DownloadError, "instead of"),
    (_partial(0, 10, 10), DownloadError, "instead of"),
    (_partial(500, len(BODY), len(BODY)), DownloadError, "other bytes"),
    (_partial(1000, len(BODY), "*"), DownloadError, "Content-Range"),
    (
        web.Response(status=206, body=b"x", headers=AUDIO),
        DownloadError,
        "Content-Range",
    ),
]


@pytest.mark.parametrize(("answer", "error", "words"), ODD_ANSWERS)
async def test_odd_answer_is_an_error_and_costs_no_byte(
    cdn: Cdn,
    odd: OddServer,
    tmp_path: Path,
    answer: web.Response,
    error: type[DownloadError],
    words: str,
) -> None:
    """What is no part of the file is not written; what came before stays."""
    part = tmp_path / "x.part"
    part.write_bytes(BODY[:1000])
    odd.answer = answer
    with pytest.raises(DownloadError, match=words) as caught:
        await _fetch(cdn, odd, part)

    assert error is type(caught.value)
    assert BODY[:1000] == part.read_bytes()
    assert 1 == len(odd.asked)


async def test_server_that_is_away_calls_for_another_try(
    cdn: Cdn, odd: OddServer, tmp_path: Path
) -> None:
    """No answer at all is a fault that may pass."""
    odd.url = "http://127.0.0.1:1/file"
    with pytest.raises(CutError, match="cannot be reached"):
        await _fetch(cdn, odd, tmp_path / "x.part")


async def test_folder_that_is_gone_is_told(
    cdn: Cdn, odd: OddServer, tmp_path: Path
) -> None:
    """A library folder that vanished is named, not blamed on the network."""
    with pytest.raises(StorageError, match="No such file"):
        await _fetch(cdn, odd, tmp_path / "gone" / "x.part")


async def test_cancelled_fetch_keeps_every_byte_in_order(
    cdn: Cdn, odd: OddServer, aiohttp_server: Any, tmp_path: Path
) -> None:
    """However often a fetch is stopped, the part is a beginning of the file."""

    async def slow(request: web.Request) -> web.StreamResponse:
        start = int(request.headers.get("Range", "bytes=0-")[6:-1])
        answer = _partial(start, len(BODY), len(BODY))
        stream = web.StreamResponse(status=206, headers=answer.headers)
        await stream.prepare(request)
        for at in range(start, len(BODY), 50_000):
            await stream.write(BODY[at : at + 50_000])
            await asyncio.sleep(0)
        return stream

    app = web.Application()
    app.router.add_get("/file", slow)
    odd.url = str((await aiohttp_server(app)).make_url("/file"))
    part = tmp_path / "x.part"
    stops = 0
    while stops < 50:
        fetch = asyncio.create_task(_fetch(cdn, odd, part))
        done, _ = await asyncio.wait([fetch], timeout=0.01 + stops % 5 * 0.004)
        if done:
            break
        stops += 1
        fetch.cancel()
        await asyncio.wait([fetch])
        if part.exists():
            have = part.read_bytes()
            assert BODY[: len(have)] == have

    assert stops > 0
    assert len(BODY) == (await _fetch(cdn, odd, part))[-1]
    assert BODY == part.read_bytes()


@pytest.mark.parametrize(
    "answer",
    [web.Response(status=404), web.Response(body=bytes(1001))],
)
async def test_small_file_has_a_limit(
    cdn: Cdn, odd: OddServer, answer: web.Response
) -> None:
    """A cover that is no file, or a huge one, is refused."""
    odd.answer = answer
    with pytest.raises(DownloadError):
        await cdn.fetch_small(odd.url, most_bytes=1000)
