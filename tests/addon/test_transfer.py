"""The one writer of a file: where it goes when somebody waits, and when nobody does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web
from audible_core.models import Asin

from audible_server.downloads.cdn import Cdn, CutError
from audible_server.downloads.part import PartFile, Parts
from audible_server.downloads.transfer import Transfer
from audible_server.store.grants import FileKind
from audible_server.store.parts import StoredPart
from tests.addon.patience import SOON_S

BODY = Random(20261129).randbytes(8 * 1024 * 1024)
MIDDLE = len(BODY) // 2


@dataclass
class SlowServer:
    """Sends the body in small pieces, one each time it is told to."""

    asked: list[str] = field(default_factory=list)
    pieces: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        header = request.headers.get("Range", "bytes=0-")
        self.asked.append(header)
        first, _, last = header.removeprefix("bytes=").partition("-")
        start, end = int(first), int(last) + 1 if last else len(BODY)
        answer = web.StreamResponse(
            status=206,
            headers={
                "Content-Type": "audio/aax",
                "Content-Range": f"bytes {start}-{end - 1}/{len(BODY)}",
                "Content-Length": str(end - start),
            },
        )
        await answer.prepare(request)
        for at in range(start, end, 32_768):
            await self.pieces.acquire()
            await answer.write(BODY[at : min(at + 32_768, end)])
        return answer

    def send(self, pieces: int) -> None:
        for _ in range(pieces):
            self.pieces.release()


@pytest.fixture
async def slow(aiohttp_server: Any) -> SlowServer:
    """Run the server."""
    slow = SlowServer()
    app = web.Application()
    app.router.add_get("/file", slow.handle)
    slow.url = str((await aiohttp_server(app)).make_url("/file"))
    return slow


@pytest.fixture
async def cdn() -> AsyncIterator[Cdn]:
    """Open the client."""
    client = Cdn()
    yield client
    await client.close()


@pytest.fixture
def part(tmp_path: Path) -> PartFile:
    """Return an empty part file."""
    part = PartFile(Asin("B0TRANSFER"), FileKind.AAXC, tmp_path / "x.part")
    part.size_bytes = len(BODY)
    return part


async def _nothing() -> None:
    """Save nothing."""


async def _until(slow: SlowServer, requests: int) -> None:
    async with asyncio.timeout(SOON_S):
        while len(slow.asked) < requests:
            slow.send(1)
            await asyncio.sleep(0.005)


async def test_writer_goes_where_somebody_waits_and_fills_the_gaps(
    cdn: Cdn, slow: SlowServer, part: PartFile
) -> None:
    """One seek is two requests more: there, and back for the rest."""
    transfer = Transfer(part, cdn, _nothing)
    running = asyncio.create_task(transfer.run(slow.url))
    await _until(slow, 1)
    waiting = asyncio.create_task(transfer.bring(MIDDLE, MIDDLE + 1000))
    await _until(slow, 2)
    slow.send(10)
    assert await waiting
    assert BODY[MIDDLE : MIDDLE + 1000] == part.read(MIDDLE, 1000)
    assert part.read(MIDDLE - 1000, 1000) is None
    slow.send(10_000)

    assert len(BODY) == await running
    assert BODY == part.path.read_bytes()
    assert "bytes=0-" == slow.asked[0]
    assert f"bytes={MIDDLE}-" == slow.asked[1]
    assert 3 == len(slow.asked)
    assert slow.asked[2].endswith(f"-{MIDDLE - 1}")


async def test_what_comes_soon_anyway_is_waited_for(
    cdn: Cdn, slow: SlowServer, part: PartFile
) -> None:
    """A listener just ahead of the writer costs no request."""
    transfer = Transfer(part, cdn, _nothing)
    running = asyncio.create_task(transfer.run(slow.url))
    await _until(slow, 1)
    waiting = asyncio.create_task(transfer.bring(300_000, 301_000))
    slow.send(10_000)

    assert await waiting
    await running
    assert 1 == len(slow.asked)


async def test_listener_who_leaves_gives_the_place_away(
    cdn: Cdn, slow: SlowServer, part: PartFile
) -> None:
    """Nobody is fetched for who is not there; the next in line is served."""
    transfer = Transfer(part, cdn, _nothing)
    gone = asyncio.create_task(transfer.bring(MIDDLE, MIDDLE + 1000))
    stays = asyncio.create_task(transfer.bring(MIDDLE * 3 // 2, MIDDLE * 3 // 2 + 1000))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait([gone])
    running = asyncio.create_task(transfer.run(slow.url))
    await _until(slow, 1)
    slow.send(10_000)

    assert await stays
    await running
    assert f"bytes={MIDDLE * 3 // 2}-" == slow.asked[0]
    assert not [asked for asked in slow.asked if asked == f"bytes={MIDDLE}-"]


async def test_transfer_that_ends_keeps_nobody_waiting(
    cdn: Cdn, slow: SlowServer, part: PartFile
) -> None:
    """Whoever still waits is told to look elsewhere."""
    transfer = Transfer(part, cdn, _nothing)
    waiting = asyncio.create_task(transfer.bring(MIDDLE, MIDDLE + 1000))
    await asyncio.sleep(0)
    with pytest.raises(CutError):
        await transfer.run("http://127.0.0.1:1/file")

    assert await waiting is False
    assert part.writer is None


@dataclass
class StaleStore:
    """Knows of a part file only what was saved at first."""

    async def load(self, _asin: Asin) -> StoredPart:
        return StoredPart("aaxc", len(BODY), "[[0, 1000]]")


async def test_what_was_saved_before_the_end_does_not_overwrite_what_came(
    cdn: Cdn, slow: SlowServer, part: PartFile
) -> None:
    """Who reads while the last map is on its way to the database believes the file."""
    parts = Parts(StaleStore(), part.path.parent)  # type: ignore[arg-type]

    async def save() -> None:
        await parts.refresh(part)

    slow.send(10_000)
    await Transfer(part, cdn, save).run(slow.url)

    assert part.is_whole
    assert part.writer is None


def test_map_of_a_file_that_was_removed_is_not_believed(part: PartFile) -> None:
    """Who deletes a part file by hand has it fetched anew."""
    part.have = part.believed(StoredPart("aaxc", len(BODY), "[[0, 1000]]"))
    assert () == part.have.spans
    part.path.write_bytes(BODY[:500])
    part.have = part.believed(StoredPart("aaxc", len(BODY), "[[0, 1000]]"))
    assert () == part.have.spans
    part.path.write_bytes(BODY[:1000])
    part.have = part.believed(StoredPart("aaxc", len(BODY), "[[0, 1000]]"))
    assert ((0, 1000),) == part.have.spans
    assert BODY[:1000] == part.read(0, 1000)
