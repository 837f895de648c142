"""One server writes a title's file, real processes on one PostgreSQL and one folder."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from audible_core.models import Asin
from audible_core.wire import SECRET_HEADER, BookState

from audible_server.downloads.byte_map import ByteMap
from audible_server.jobs.dispatch import HEARTBEAT_S
from audible_server.store.database import open_database
from audible_server.store.parts import PartStore
from tests.simulator import Simulator

from .conftest import SignedIn
from .patience import SOON_S
from .program import Program, running_program
from .server import SECRET

ASIN = Asin("B0VERWANDL")
NAME = f"{ASIN}.aaxc"
DOWNLOADING = BookState.DOWNLOADING


@asynccontextmanager
async def _pair(
    folder: Path, url: str, account: SignedIn
) -> AsyncIterator[tuple[Program, Program]]:
    """Run two servers that know the title; the first alone has begun to download it."""
    async with running_program(folder, DATABASE_URL=url) as first:
        await first.client.hand_over(*account)
        async with asyncio.timeout(SOON_S):
            while ASIN not in {b.asin for b in await first.client.fetch_books()}:
                await asyncio.sleep(0.05)
        await first.client.start_download(ASIN)
        await first.until(ASIN, lambda book: bool(book.downloaded_bytes))
        async with running_program(folder, DATABASE_URL=url) as second:
            yield first, second


def _writes(program: Program, path: Path) -> bool:
    """Tell whether a process has a file open for writing."""
    files = Path(f"/proc/{program.process.pid}")
    for link in (files / "fd").iterdir():
        try:
            if not link.samefile(path):
                continue
            flags = (files / "fdinfo" / link.name).read_text().splitlines()[1]
        except FileNotFoundError:
            continue
        if int(flags.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY:
            return True
    return False


async def _stored(shop: Simulator) -> bytes:
    return (await shop.books.content(shop.shop.titles[ASIN])).read_bytes()


async def _claims_only_the_truth(url: str, folder: Path, stored: bytes) -> None:
    """Check that what the map in the database claims is there and is the shop's."""
    engine = await open_database(url)
    try:
        known = await PartStore(engine).load(ASIN)
    finally:
        await engine.dispose()
    try:
        have = (folder / "library" / f"{NAME}.part").read_bytes()
    except FileNotFoundError:
        have = (folder / "library" / NAME).read_bytes()
    for start, end in ByteMap.from_text(known.spans).spans if known else ():
        assert stored[start:end] == have[start:end]


async def test_stream_of_one_server_leaves_the_file_to_the_other(
    shop: Simulator, account: SignedIn, postgres_url: str, tmp_path: Path
) -> None:
    """It plays what has come, and fetches the rest for itself; both are exact."""
    stored = await _stored(shop)
    shop.shop.settings.content_kbit_per_s = 4_000
    part = tmp_path / "library" / f"{NAME}.part"
    async with (
        _pair(tmp_path, postgres_url, account) as (first, second),
        aiohttp.ClientSession(headers={SECRET_HEADER: SECRET}) as session,
    ):
        middle = len(stored) // 2
        headers = {"Range": f"bytes={middle}-{middle + 200_000}"}
        url = f"{second.url}/stream/{ASIN}"
        async with session.get(url, headers=headers) as answer:
            assert 206 == answer.status
            heard = await answer.read()
        assert [True, False] == [_writes(of, part) for of in (first, second)]
        assert (await first.client.fetch_book(ASIN)).state is DOWNLOADING

        shop.shop.settings.content_kbit_per_s = None
        await second.until(ASIN, lambda book: book.is_downloaded)
        async with session.get(url, headers=headers) as answer:
            assert heard == await answer.read()
    assert stored == (tmp_path / "library" / NAME).read_bytes()


@pytest.mark.timeout(180)
async def test_server_that_stood_still_does_not_disturb_the_one_that_took_over(
    shop: Simulator, account: SignedIn, postgres_url: str, tmp_path: Path
) -> None:
    """Awake again, it writes no map and notes no failure; the file becomes whole."""
    stored = await _stored(shop)
    shop.shop.settings.content_kbit_per_s = 1_000
    async with _pair(tmp_path, postgres_url, account) as (first, second):
        first.process.send_signal(signal.SIGSTOP)
        async with asyncio.timeout(3 * HEARTBEAT_S):
            while not _writes(second, tmp_path / "library" / f"{NAME}.part"):
                await asyncio.sleep(0.05)
        first.process.send_signal(signal.SIGCONT)
        for _ in range(30):
            await _claims_only_the_truth(postgres_url, tmp_path, stored)
            await asyncio.sleep(0.1)
        shop.shop.settings.content_kbit_per_s = None
        book = await first.until(ASIN, lambda book: book.state is not DOWNLOADING)

        assert (BookState.DOWNLOADED, None) == (book.state, book.error)
        assert b"is downloaded" not in first.log
        assert b"is downloaded" in second.log
        assert b"Traceback" not in first.log + second.log
    assert stored == (tmp_path / "library" / NAME).read_bytes()
