"""Fixtures: a server, a shop that it can reach, a customer's account, a plain book."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import aiosqlite
import pytest
from audible_core.audible.auth import SignIn, complete_sign_in
from audible_core.models import Account, Credentials

from audible_server.app import build_app
from tests.core.store.postgres import PostgresServer, running_postgres
from tests.simulator import Simulator, running_simulator
from tests.simulator.audio import ChapterMark, encrypt_aaxc, synthesize_book

from .server import Server, secret_headers, settings_in

_THREADS_END_WITHIN_S: Final = 5

type StartServer = Callable[..., Awaitable[Server]]
type SignedIn = tuple[Account, Credentials]
KEY, IV = bytes(range(16)), bytes(range(16, 32))


@pytest.fixture(autouse=True)
async def database_threads_end() -> AsyncIterator[None]:
    """Let the threads of databases end before the loop does that they answer to.

    A query that was cancelled is answered all the same, by a thread that nobody awaits.
    """
    yield
    threads = [
        thread
        for thread in threading.enumerate()
        if getattr(thread, "_target", None) is aiosqlite.core._connection_worker_thread
    ]
    deadline = time.monotonic() + _THREADS_END_WITHIN_S
    while any(thread.is_alive() for thread in threads):
        if time.monotonic() > deadline:
            return
        await asyncio.sleep(0.01)


@pytest.fixture
async def start_server(aiohttp_client: Any, tmp_path: Path) -> StartServer:
    """Return what starts a server in the test's folder; it ends with the test."""

    async def start(**changes: Any) -> Server:
        settings = settings_in(tmp_path, **changes)
        client = await aiohttp_client(build_app(settings), headers=secret_headers())
        # Another set of cookies and headers, the same server.
        stranger = await aiohttp_client(client.server)
        server = Server(client, stranger, settings)
        # A job that fails for a reason that passes is tried again after minutes only.
        server.worker._retry_waits_s = ()
        return server

    return start


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Run one PostgreSQL server for all tests."""
    with running_postgres() as server:
        yield server


@pytest.fixture
async def postgres_url(postgres: PostgresServer) -> AsyncIterator[str]:
    """Give the URL of an empty database."""
    name = await postgres.create_database()
    yield postgres.url(name)
    await postgres.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Give the place of an empty database of each kind."""
    if request.param == "sqlite":
        return tmp_path / "server.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def server(start_server: StartServer) -> Server:
    """Start a server with an empty library folder."""
    return await start_server()


@pytest.fixture(scope="session")
def shop_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder all tests share, so that each book is made once."""
    return tmp_path_factory.mktemp("shop")


@pytest.fixture
async def shop(
    shop_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Simulator]:
    """Run a fresh shop that everything in this process reaches."""
    async with running_simulator(shop_dir) as simulator:
        for name, value in simulator.environment().items():
            monkeypatch.setenv(name, value)
        yield simulator


@pytest.fixture
async def account(shop: Simulator) -> SignedIn:
    """Sign the demo customer in, as the integration does."""
    sign_in = await asyncio.to_thread(SignIn.begin, "us")
    return await complete_sign_in(sign_in, await shop.sign_in(sign_in.url))


@pytest.fixture
async def linked(
    shop: Simulator, account: SignedIn, start_server: StartServer
) -> Server:
    """Start a server that was handed the account and knows its library."""
    server = await start_server()
    await server.hand_over(*account)
    return server


@pytest.fixture(scope="session")
def long_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a plain M4B whose MP3 no buffer can swallow."""
    path = tmp_path_factory.mktemp("long") / "book.m4b"
    synthesize_book(
        path,
        runtime_ms=3_600_000,
        chapters=[ChapterMark("One", 0, 3_600_000)],
        title="A long book",
        author="Nobody",
    )
    return path


@pytest.fixture(scope="session")
def plain_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a plain M4B of one minute."""
    path = tmp_path_factory.mktemp("plain") / "book.m4b"
    synthesize_book(
        path,
        runtime_ms=60_000,
        chapters=[ChapterMark("One", 0, 60_000)],
        title="A plain book",
        author="Nobody",
    )
    return path


@pytest.fixture(scope="session")
def encrypted_book(plain_book: Path) -> Path:
    """Return the plain book as AAXC."""
    path = plain_book.with_suffix(".aaxc")
    encrypt_aaxc(plain_book, path, key=KEY, iv=IV)
    return path


@pytest.fixture(scope="session")
def long_encrypted_book(long_book: Path) -> Path:
    """Return the long book as AAXC."""
    path = long_book.with_suffix(".aaxc")
    encrypt_aaxc(long_book, path, key=KEY, iv=IV)
    return path
