"""The simulated shop as in production, and each kind of database, real ones."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from audible_core.audible.auth import SignIn, complete_sign_in
from audible_core.audible.client import AudibleClient
from audible_core.audible.pace import Pace
from audible_core.models import Account, Credentials
from audible_core.store.database import MIGRATIONS, Store, open_store
from audible_core.store.engine import parse_address
from audible_core.store.migrate import migrate
from audible_core.vault import Vault

from tests.core.store.household import Household, move_in
from tests.core.store.postgres import PostgresServer, running_postgres
from tests.simulator import Simulator, running_simulator

KINDS = ("sqlite", "postgresql")
# Fast enough not to matter; the pace has tests of its own.
PER_MINUTE = 6_000


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Run one PostgreSQL server for all tests."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def shared_database(postgres: PostgresServer) -> str:
    """Name a database on the server that is up to date, and emptied by each test."""

    async def make() -> str:
        name = await postgres.create_database()
        await migrate(parse_address(postgres.url(name)), MIGRATIONS)
        return name

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, make()).result()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Name the kind of database."""
    name: str = request.param
    return name


@pytest.fixture
async def target(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[str | Path]:
    """Give the path or the URL of a database that does not exist yet, or is empty."""
    if kind == "sqlite":
        yield tmp_path / "tracker.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    # Whoever asks for the open store does not ask how its schema came to be.
    if "store" in request.fixturenames:
        shared = request.getfixturevalue("shared_database")
        yield server.url(shared)
        await server.empty_database(shared)
        return
    name = await server.create_database()
    yield server.url(name)
    await server.drop_database(name)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Make an installation's keys."""
    return Vault.open(tmp_path / "keys")


@pytest.fixture
async def store(target: str | Path, vault: Vault) -> AsyncIterator[Store]:
    """Open an empty store."""
    store = await open_store(
        target, vault=vault, owner="here", time_zone=ZoneInfo("Europe/Berlin")
    )
    yield store
    await store.close()


@pytest.fixture
async def household(store: Store) -> Household:
    """Put one reader with one account into the store."""
    return await move_in(store)


@pytest.fixture(scope="session")
def shop_folder() -> Path:
    """Return where synthesized books are kept between runs."""
    return Path(__file__).parents[2] / ".cache" / "simulator"


@pytest.fixture
async def shop(
    shop_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Simulator]:
    """Run a fresh shop and lead this process to it."""
    async with running_simulator(shop_folder) as simulator:
        for name, value in simulator.environment().items():
            monkeypatch.setenv(name, value)
        yield simulator


@pytest.fixture
async def signed_in(shop: Simulator) -> tuple[Account, Credentials]:
    """Register a device of the demo customer in Germany."""
    sign_in = SignIn.begin("de")
    return await complete_sign_in(sign_in, await shop.sign_in(sign_in.url))


@pytest.fixture
async def client(
    signed_in: tuple[Account, Credentials],
) -> AsyncIterator[AudibleClient]:
    """Open a client of the signed-in account."""
    async with await AudibleClient.open(signed_in[1], Pace(PER_MINUTE)) as opened:
        yield opened
