"""Counts for Prometheus: what was really sent, what runs, what waits; no titles."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import copyfile
from typing import Final

import pytest
from audible_core.vault import Vault
from prometheus_client.parser import text_string_to_metric_families

from audible_server.media.decrypting import ThreadTimes
from audible_server.store.books import BookStore
from audible_server.store.database import open_database
from audible_server.store.job import JobKind, JobState
from audible_server.store.jobs import JobStore
from audible_server.store.tallies import Tallies

from .conftest import StartServer
from .patience import SOON_S
from .server import Server, secret_headers
from .test_stream import ASIN, PATH, put_encrypted

MIB: Final = 1024 * 1024
_MOST_ON_THE_WAY_BYTES: Final = 12 * MIB
"""What kernels of this size collect between two programs on one machine."""


async def counted(server: Server) -> dict[str, float]:
    """Return every count by its name and labels, as Prometheus reads them."""
    async with server.client.get("/metrics") as answer:
        assert "text/plain" == answer.content_type
        text = await answer.text()
    return {
        f"{one.name}{''.join(f' {value}' for value in one.labels.values())}": one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


@pytest.fixture(params=["plain", "virtual"])
async def stocked(
    request: pytest.FixtureRequest,
    server: Server,
    long_book: Path,
    long_encrypted_book: Path,
) -> Server:
    """Return a server that holds a long book, once plain and once encrypted."""
    if request.param == "plain":
        copyfile(long_book, server.settings.library_dir / f"{ASIN}.m4b")
    else:
        await put_encrypted(server, long_encrypted_book)
    return server


async def test_counts_name_no_title(server: Server, plain_book: Path) -> None:
    """What is served, and how well."""
    copyfile(plain_book, server.settings.library_dir / f"{ASIN}.m4b")
    assert 200 == (await server.body(PATH))[0]
    assert 404 == (await server.body("/api/books/B0UNKNOWN1"))[0]

    found = await counted(server)
    assert found["audible_server_bytes_total direct"] == plain_book.stat().st_size
    assert found["audible_server_errors_total unknown_book"] == 1
    assert found["audible_server_answers_total direct 200"] == 1
    assert found["audible_server_open api"] == 1
    assert not [name for name in found if ASIN in name]


async def test_what_is_made_for_who_accepts_other_types_is_a_transcode(
    server: Server, plain_book: Path
) -> None:
    """The address does not tell it, what was sent does."""
    copyfile(plain_book, server.settings.library_dir / f"{ASIN}.m4b")
    _, flac = await server.body(PATH, Accept="audio/flac")

    found = await counted(server)
    assert flac.startswith(b"fLaC")
    assert found["audible_server_answers_total transcode 200"] == 1
    assert found["audible_server_bytes_total transcode"] == len(flac)
    assert found["audible_server_open transcode"] == 0
    assert found["audible_server_open direct"] == 0
    assert "audible_server_answers_total direct 200" not in found


async def test_every_byte_of_a_body_counts_once(stocked: Server) -> None:
    """Whole, in ranges, small or large, of a known length or not; none of a head."""
    async with stocked.client.head(PATH) as answer:
        size_bytes = int(answer.headers["Content-Length"])
    assert (await counted(stocked)).get("audible_server_bytes_total direct") == 0

    sent_bytes = 0
    for header in ("bytes=0-", "bytes=5-9", "bytes=100-3000100", "bytes=0-9,500000-"):
        _, body = await stocked.body(PATH, Range=header)
        sent_bytes += len(body)
    made = f"{PATH}?format=opus&bitrate=32&start_ms=3590000"
    status, opus = await stocked.body(made)
    assert (200, b"OggS") == (status, opus[:4])
    _, playlist = await stocked.body(f"{PATH}/hls/index.m3u8")
    _, segment = await stocked.body(f"{PATH}/hls/3.aac")

    found = await counted(stocked)
    assert sent_bytes > size_bytes
    assert found["audible_server_bytes_total direct"] == sent_bytes
    assert found["audible_server_bytes_total transcode"] == len(opus)
    packed_bytes = found["audible_server_bytes_total hls"] - len(segment)
    assert 0 < packed_bytes < len(playlist)


async def test_stream_that_is_broken_off_counts_what_was_taken(
    stocked: Server,
) -> None:
    """Not the whole, and nothing twice; it counts while it goes on."""
    async with stocked.client.head(PATH) as answer:
        size_bytes = int(answer.headers["Content-Length"])
    taken_bytes = size_bytes // 3
    async with listening(stocked, taken_bytes):
        found = await counted(stocked)
        assert found["audible_server_open direct"] == 1
        assert 0 < found["audible_server_bytes_total direct"]
    async with asyncio.timeout(SOON_S):
        while (await counted(stocked))["audible_server_open direct"]:
            await asyncio.sleep(0.01)

    found = await counted(stocked)
    sent_bytes = found["audible_server_bytes_total direct"]
    assert taken_bytes <= sent_bytes < taken_bytes + _MOST_ON_THE_WAY_BYTES
    assert sent_bytes < size_bytes


@asynccontextmanager
async def listening(server: Server, size_bytes: int) -> AsyncIterator[None]:
    """Take so many bytes of the audio and then no more, and leave without goodbye."""
    lines = [f"GET {PATH} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in secret_headers().items()]
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    with connection:
        await loop.sock_connect(connection, ("127.0.0.1", server.client.server.port))
        await loop.sock_sendall(connection, "\r\n".join([*lines, "", ""]).encode())
        left = size_bytes
        while left > 0:
            left -= len(await loop.sock_recv(connection, min(left, 64 * 1024)))
        yield


async def test_decrypting_takes_time(server: Server, long_encrypted_book: Path) -> None:
    """It is counted in whichever thread it was done; a plain file has none of it."""
    await put_encrypted(server, long_encrypted_book)
    name = "audible_server_decrypt_seconds_total"
    before_s = (await counted(server))[name]
    await server.body(PATH)

    assert 0 < (await counted(server))[name] - before_s < 10


def test_threads_add_without_losing_anything() -> None:
    """Each has its own place, and what it added stays when it has ended."""
    times = ThreadTimes()

    def add() -> None:
        for _ in range(10_000):
            times.add(0.5)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 8 * 5_000 == times.total_s


async def test_slots_in_use_and_those_who_wait(
    start_server: StartServer, long_book: Path
) -> None:
    """With one slot, the second listener waits."""
    server = await start_server(transcode_slots=1)
    copyfile(long_book, server.settings.library_dir / f"{ASIN}.m4b")
    found = await counted(server)
    assert (1, 0, 0) == slots(found)

    path = f"{PATH}?format=flac"
    async with server.client.get(path):
        second = asyncio.create_task(server.body(path))
        async with asyncio.timeout(SOON_S):
            while slots(await counted(server)) != (1, 1, 1):
                await asyncio.sleep(0.01)
        second.cancel()
    async with asyncio.timeout(SOON_S):
        while slots(await counted(server)) != (1, 0, 0):
            await asyncio.sleep(0.01)


def slots(found: dict[str, float]) -> tuple[float, float, float]:
    """Return how many there are, how many are in use, and how many wait."""
    return (
        found["audible_server_slots"],
        found["audible_server_slots_in_use"],
        found["audible_server_slots_waiting"],
    )


async def test_jobs_by_kind_and_state(linked: Server) -> None:
    """The library was fetched by one."""
    assert 1 == (await counted(linked))["audible_server_jobs library done"]


async def test_tables_are_counted_on_both_databases(
    target: str | Path, tmp_path: Path
) -> None:
    """Titles by state; jobs by kind and state."""
    engine = await open_database(target)
    jobs, tallies = JobStore(engine), Tallies(engine)
    assert ({}, {}) == (await tallies.count_books(), await tallies.count_jobs())
    for number in range(3):
        await jobs.add(JobKind.DOWNLOAD, f"B00000000{number}", priority=0, wish={})
    job, _ = await jobs.add(JobKind.CONVERT, "B000000001", priority=0, wish={})
    await jobs.move(job.number, (JobState.QUEUED,), JobState.CANCELLED)
    await BookStore(engine, Vault.open(tmp_path / "keys")).add_found(ASIN)

    assert {"new": 1} == await tallies.count_books()
    assert {("download", "queued"): 3, ("convert", "cancelled"): 1} == (
        await tallies.count_jobs()
    )
    await engine.dispose()
