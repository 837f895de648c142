"""Scans as jobs: asked for by people and by watches, done by one server."""

import asyncio
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from audible_core.models import Asin

from audible_server.jobs.scans import ScanJobs
from audible_server.library.background import Background
from audible_server.scan import watch
from audible_server.scan.scanner import Scanner
from audible_server.store.job import JobKind, JobState
from tests.addon.server import Server

from .workshop import Bench, open_workshop

ASIN = Asin("B0SCANNED1")


async def _scanned_at_the_start(server: Server) -> None:
    """Wait for the scan that each start begins: what is asked meanwhile is that one."""
    async with asyncio.timeout(30):
        while server.services.watch.scanner.last is None:
            await asyncio.sleep(0.01)
    await server.finished(JobKind.SCAN, "folder")


async def _newest_scan(server: Server) -> dict[str, Any]:
    scans = [job for job in await server.jobs() if job["kind"] == "scan"]
    return max(scans, key=lambda job: int(job["id"]))


def _put(server: Server, source: Path) -> None:
    folder = server.settings.library_dir / f"Found [{ASIN}]"
    folder.mkdir()
    shutil.copy(source, folder / "Found.m4b")


async def test_scan_is_a_job_that_waits_for_files_to_settle(
    server: Server, plain_book: Path
) -> None:
    """It stands in the list of jobs, and ends when what was copied is a book."""
    await _scanned_at_the_start(server)
    server.services.watch.scanner.settle_s = 0.3
    _put(server, plain_book)
    async with server.client.post("/api/scan") as answer:
        assert 202 == answer.status
        assert (await answer.json())["data"]["is_running"]
    await server.finished(JobKind.SCAN, "folder")

    job = await _newest_scan(server)
    assert ("folder", "done", 1.0) == (job["subject"], job["state"], job["fraction"])
    assert (await server.book(ASIN))["is_downloaded"]
    told = await server.json("/api/scan")
    assert (False, 0, 1) == (
        told["is_running"],
        told["last"]["settling"],
        told["last"]["files"],
    )


async def test_scan_ends_although_a_file_is_being_written(
    server: Server, plain_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch finds the file when it is whole."""
    await _scanned_at_the_start(server)
    monkeypatch.setattr(watch, "_LOOK_EVERY_S", 0.1)
    scanner = server.services.watch.scanner
    scanner.settle_s = 2.0
    path = server.settings.library_dir / f"Growing [{ASIN}].m4b"
    is_begun, is_over = threading.Event(), threading.Event()

    def grow() -> None:
        """Write as another program does, however busy this one is."""
        with plain_book.open("rb") as whole, path.open("wb", buffering=0) as file:
            while not is_over.wait(0.02):
                file.write(whole.read(10))
                is_begun.set()
            file.write(whole.read())

    growing = asyncio.create_task(asyncio.to_thread(grow))
    try:
        assert await asyncio.to_thread(is_begun.wait, 30)
        async with server.client.post("/api/scan") as answer:
            assert 202 == answer.status
        await server.finished(JobKind.SCAN, "folder")
        job = await _newest_scan(server)
        told = await server.json("/api/scan")
    finally:
        is_over.set()
        await growing
    assert ("done", 1) == (job["state"], told["last"]["settling"])

    async with asyncio.timeout(30):
        while not (last := scanner.last) or last.settling:
            await asyncio.sleep(0.05)
    assert (await server.book(ASIN))["is_downloaded"]


async def test_watches_ask_for_one_scan(
    target: str | Path, bench: Bench, server: Server
) -> None:
    """What waits sees the change; what runs may not; the hour's is once for all."""
    async with open_workshop(target, bench) as shop:
        scans = ScanJobs(shop.desk, shop.store, server.services.watch.scanner)
        assert await scans.ask(0)
        await bench.until(1)
        assert not await scans.ask(0)
        bench.let_go.set()
        (job,) = await shop.desk.load_newest()
        await shop.until(job.number, JobState.DONE)

        assert await scans.ask(3600)
        assert 1 == len(await shop.desk.load_newest())
        assert await scans.ask(0)
        assert 2 == len(await shop.desk.load_newest())


async def test_watch_of_a_shared_folder_scans_nothing_itself(
    server: Server, plain_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks at the start, again where one ran already, on a change, each hour."""
    monkeypatch.setattr(watch, "_LOOK_EVERY_S", 0.01)
    asked: list[float] = []

    async def ask(fresh_s: float) -> bool:
        asked.append(fresh_s)
        return len(asked) > 1

    async def until(count: int) -> None:
        async with asyncio.timeout(10):
            while len(asked) < count:
                await asyncio.sleep(0.01)

    services, background = server.services, Background()
    scanner = Scanner(
        library_dir=server.settings.library_dir,
        files=services.files,
        books=services.books,
        settle_s=0.01,
    )
    try:
        shared = watch.Watch(scanner, background, every_s=3600, ask=ask)
        shared.start()
        await until(2)
        await asyncio.sleep(0.1)
        assert [0, 0] == asked
        _put(server, plain_book)
        await until(3)
        shared._every_s = 0.2
        await until(4)
    finally:
        await background.close()

    assert [0, 0, 0, 0.2] == asked[:4]
    assert scanner.last is None


async def test_scan_that_failed_is_told(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder without rights is an error of its job, with a sentence."""

    async def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Scanner, "scan", fail)
    async with server.client.post("/api/scan") as answer:
        assert 202 == answer.status
    await server.finished(JobKind.SCAN, "folder")
    (job,) = [of for of in await server.jobs() if of["kind"] == "scan"]

    assert ("failed", "storage_unwritable") == (job["state"], job["error"])
    assert "Permission denied" in job["error_text"]
