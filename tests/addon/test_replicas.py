"""Several servers, real processes, on one PostgreSQL and one folder of books."""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from audible_core.models import Asin
from audible_core.wire import SECRET_HEADER, BookState

from audible_server.jobs.dispatch import HEARTBEAT_S
from audible_server.store.database import newest_revision
from tests.core.store.postgres import PostgresServer
from tests.simulator import Simulator
from tests.simulator.catalog import SHORT_ASIN, UNDER_WAY_ASIN
from tests.simulator.faults import Fault, FaultKind

from .conftest import SignedIn
from .patience import SOON_S
from .program import Program, running_program
from .server import SECRET

ASIN = Asin(SHORT_ASIN)
# The library and two licenses: the shop is asked four times a minute at most.
SEVERAL = [Asin(SHORT_ASIN), Asin(UNDER_WAY_ASIN)]


async def _listed(program: Program, account: SignedIn, *asins: Asin) -> None:
    await program.client.hand_over(*account)
    async with asyncio.timeout(SOON_S):
        while not set(asins) <= {
            book.asin for book in await program.client.fetch_books()
        }:
            await asyncio.sleep(0.05)


async def _kill(program: Program) -> None:
    program.process.kill()
    await program.process.wait()


async def _downloaded(program: Program, asin: Asin, patience_s: float = 60) -> None:
    async with asyncio.timeout(patience_s):
        while (await program.client.fetch_book(asin)).state is not BookState.DOWNLOADED:
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _asked(
    program: Program, path: str, **headers: str
) -> AsyncIterator[aiohttp.ClientResponse]:
    async with (
        aiohttp.ClientSession(headers={SECRET_HEADER: SECRET}) as session,
        session.get(f"{program.client.url}{path}", headers=headers) as answer,
    ):
        yield answer


def _licenses(shop: Simulator, asin: Asin) -> int:
    return len(shop.requests(f"/1.0/content/{asin}/licenserequest"))


async def _ended(program: Program, kind: str) -> list[dict[str, Any]]:
    """Return the jobs of a kind, once none is open."""
    async with asyncio.timeout(SOON_S):
        while True:
            async with _asked(program, "/api/jobs") as answer:
                listed = (await answer.json())["data"]["jobs"]
            jobs = [job for job in listed if job["kind"] == kind]
            if all(job["ended_at"] for job in jobs):
                return jobs
            await asyncio.sleep(0.1)


async def test_servers_share_one_look_at_the_folder(
    postgres_url: str, tmp_path: Path, plain_book: Path
) -> None:
    """Whoever is asked, one of them scans; both know what was found, and who did."""
    made = tmp_path / "Found [B0SCANNED1]"
    made.mkdir()
    shutil.copy(plain_book, made / "Found.m4b")
    os.utime(made / "Found.m4b", (1_700_000_000, 1_700_000_000))
    async with (
        running_program(tmp_path, DATABASE_URL=postgres_url) as first,
        running_program(tmp_path, DATABASE_URL=postgres_url) as second,
    ):
        # At once, as nobody may look at half of it.
        made.rename(tmp_path / "library" / made.name)
        async with aiohttp.ClientSession(headers={SECRET_HEADER: SECRET}) as session:
            for program in (first, second):
                await session.post(f"{program.url}/api/scan")
        scans = await _ended(first, "scan")
        for program in (first, second):
            assert (await program.client.fetch_book(Asin("B0SCANNED1"))).is_downloaded
    found = [bytes(of.log).count(b"Scan: 1 files, 1 changed") for of in (first, second)]

    assert {"done"} == {job["state"] for job in scans}
    assert 1 == sum(found)


async def test_servers_share_jobs_books_and_events(
    shop: Simulator, account: SignedIn, postgres_url: str, tmp_path: Path
) -> None:
    """What one was asked for is known, seen and played on both; nothing is done twice.

    A stream begun on one goes on at the other, with the same tag and the same bytes.
    """
    async with (
        running_program(tmp_path, DATABASE_URL=postgres_url) as first,
        running_program(tmp_path, DATABASE_URL=postgres_url) as second,
        _asked(second, "/api/events") as news,
    ):
        await _listed(first, account, *SEVERAL)
        for asin in SEVERAL:
            await first.client.start_download(asin)
        for asin in SEVERAL:
            await _downloaded(second, asin)
        told = b""
        async with asyncio.timeout(SOON_S):
            while b'"kind": "download"' not in told or b'"done"' not in told:
                told += await news.content.readany()

        assert [1, 1] == [_licenses(shop, asin) for asin in SEVERAL]
        done = [bytes(of.log).count(b"is downloaded") for of in (first, second)]
        assert len(SEVERAL) == sum(done)

        path = f"/stream/{ASIN}"
        async with _asked(first, path) as answer:
            tag = answer.headers["ETag"]
            begun = await answer.content.readexactly(50_000)
            await _kill(first)
        rest = f"bytes={len(begun)}-"
        async with _asked(second, path, **{"Range": rest, "If-Range": tag}) as answer:
            assert 206 == answer.status
            assert tag == answer.headers["ETag"]
            ended = await answer.read()
        async with _asked(second, path) as answer:
            assert begun + ended == await answer.read()


async def test_jobs_of_a_killed_server_are_done_by_another(
    shop: Simulator, account: SignedIn, postgres_url: str, tmp_path: Path
) -> None:
    """A download that was under way ends elsewhere within the heartbeat."""
    async with running_program(tmp_path, DATABASE_URL=postgres_url) as first:
        await _listed(first, account, ASIN)
        shop.shop.faults.append(Fault(FaultKind.STALL, f"/{ASIN}/"))
        await first.client.start_download(ASIN)
        async with asyncio.timeout(SOON_S):
            while not _licenses(shop, ASIN):
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        async with running_program(tmp_path, DATABASE_URL=postgres_url) as second:
            shop.shop.faults.clear()
            await _kill(first)
            killed_at = time.monotonic()
            await _downloaded(second, ASIN)
            took_s = time.monotonic() - killed_at

    assert 1 == _licenses(shop, ASIN)
    # Twice: the last beat may be just gone, and who looks looks every ten seconds.
    assert took_s <= 2 * HEARTBEAT_S + 5


@pytest.mark.parametrize("is_shared", [False, True], ids=["sqlite", "postgresql"])
async def test_server_killed_at_any_moment_loses_no_work(
    shop: Simulator,
    account: SignedIn,
    postgres_url: str,
    tmp_path: Path,
    is_shared: bool,
) -> None:
    """However often it dies, what was asked for is done, and done once."""
    options = {"DATABASE_URL": postgres_url} if is_shared else {}
    async with running_program(tmp_path, **options) as program:
        await _listed(program, account, *SEVERAL)
        for asin in SEVERAL:
            await program.client.start_download(asin)
        await asyncio.sleep(0.05)
        await _kill(program)
    for lives_s in (0.0, 0.2, 0.6):
        async with running_program(tmp_path, **options) as program:
            await asyncio.sleep(lives_s)
            await _kill(program)
    async with running_program(tmp_path, **options) as program:
        for asin in SEVERAL:
            await _downloaded(program, asin)
        downloads = await _ended(program, "download")

    assert sorted(SEVERAL) == sorted(job["subject"] for job in downloads)
    assert {"done"} == {job["state"] for job in downloads}
    names = {path.name for path in (tmp_path / "library").iterdir() if path.is_file()}
    assert {f"{asin}.aaxc" for asin in SEVERAL} == names


async def test_newer_server_is_refused_while_an_older_one_runs(
    shop: Simulator, postgres_url: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    """It ends with a sentence; the older one goes on."""
    name = postgres_url.rsplit("/", 1)[-1]
    async with running_program(tmp_path, DATABASE_URL=postgres_url) as older:
        # To a newer server the tables look like this.
        await postgres.execute("UPDATE alembic_version SET version_num = '0002'", name)
        with pytest.raises(AssertionError, match="in use by 1 server"):
            async with running_program(tmp_path, DATABASE_URL=postgres_url):
                pass
        restored = f"UPDATE alembic_version SET version_num = '{newest_revision()}'"
        await postgres.execute(restored, name)
        await older.client.check()


async def test_server_outlives_its_database(
    shop: Simulator,
    account: SignedIn,
    postgres_url: str,
    postgres: PostgresServer,
    tmp_path: Path,
) -> None:
    """While the database is away it says so; when it is back, jobs go on."""
    async with running_program(tmp_path, DATABASE_URL=postgres_url) as program:
        await _listed(program, account, ASIN)
        await asyncio.to_thread(postgres.stop)
        async with _asked(program, "/api/books") as answer:
            assert 503 == answer.status
        await asyncio.to_thread(postgres.start)
        async with asyncio.timeout(60):
            while True:
                async with _asked(program, "/api/books") as answer:
                    if answer.status == 200:
                        break
                await asyncio.sleep(0.2)
        await program.client.start_download(ASIN)
        await _downloaded(program, ASIN)
