"""A Home Assistant in this process, and the simulated shop behind it."""

# The first import wins: Home Assistant mounts its own `custom_components` later.
import custom_components  # noqa: F401, I001

import logging
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from freezegun import freeze_time
from freezegun.api import TickingDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from pytest_socket import disable_socket, enable_socket

from custom_components.audible_tracker import household as household_module
from custom_components.audible_tracker.server_link import ServerLink, async_set_link
from tests.core.store.postgres import PostgresServer, running_postgres
from tests.integration.fake_media_server import (
    SECRET,
    FakeMediaServer,
    running_media_server,
)
from tests.integration.listening_house import House, furnish
from tests.integration.mpd import Mpd, running_mpd
from tests.integration.steps import Household
from tests.simulator import Simulator, running_simulator
from tests.simulator.catalog import SHORT_ASIN, TEN_HOUR_ASIN, UNDER_WAY_ASIN


# They would write every statement into every report.
for _name in ("sqlalchemy.engine", "aiosqlite"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_HOME_ASSISTANTS_OWN = (
    "ignore:It is recommended to use web.AppKey",
    "ignore:It is recommended to use web.RequestKey",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pass what Home Assistant itself is warned of."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for warning in _HOME_ASSISTANTS_OWN:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture
def hass_config_dir(tmp_path: Path, verify_cleanup: None) -> Iterator[str]:
    """Return a configuration folder of this test's own: the database is in it.

    It goes before all threads are counted.
    """
    folder = tmp_path / "config"
    folder.mkdir()
    before = set(threading.enumerate())
    yield str(folder)
    # Home Assistant has stopped. A connection's thread ends just after it was closed.
    for thread in set(threading.enumerate()) - before:
        if "_connection_worker_thread" in thread.name:
            thread.join(timeout=5)
            assert not thread.is_alive(), "a connection was left open"


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Let the loop run as usual: to note the stack of each call takes a third more."""


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the shop be asked as fast as anybody likes: the pace has its own tests."""
    monkeypatch.setattr(household_module, "INTEGRATION_REQUESTS_PER_MINUTE", 100_000)


@pytest.fixture(autouse=True)
def _custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant find the integration."""


@pytest.fixture(scope="session")
def simulator_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the simulators of this run keep their certificate authority."""
    return tmp_path_factory.mktemp("simulator")


@pytest.fixture
async def simulator(
    socket_enabled: None,
    simulator_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Simulator]:
    """Return the simulated shop; this process reaches it by its environment alone."""
    async with running_simulator(simulator_dir) as simulator:
        for name, value in simulator.environment().items():
            monkeypatch.setenv(name, value)
        yield simulator


@pytest.fixture
def household(hass: HomeAssistant, simulator: Simulator) -> Household:
    """Return what a user does."""
    return Household(hass, simulator)


@pytest.fixture
async def media_server(
    socket_enabled: None, tmp_path: Path
) -> AsyncIterator[FakeMediaServer]:
    """Return a stand-in for the server that downloads and plays."""
    async with running_media_server(tmp_path) as media_server:
        yield media_server


@pytest.fixture
async def linked_entry(
    household: Household, media_server: FakeMediaServer
) -> ConfigEntry:
    """Return an account with a server that knows three of its titles."""
    media_server.add_book(SHORT_ASIN, "A short one")
    media_server.add_book(UNDER_WAY_ASIN, "Pride and Prejudice")
    media_server.add_book(TEN_HOUR_ASIN, "A long one", is_playable=False)
    entry = await household.sign_up()
    await async_set_link(household.hass, ServerLink(media_server.url, SECRET))
    await household.settle()
    return entry


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Run one PostgreSQL server for all tests that ask for it."""
    # Before the first test has its sockets.
    enable_socket()
    with running_postgres() as server:
        disable_socket(allow_unix_socket=True)
        yield server
        enable_socket()


@pytest.fixture
async def postgres_url(
    socket_enabled: None, postgres: PostgresServer
) -> AsyncIterator[str]:
    """Return the address of an empty database."""
    name = await postgres.create_database()
    yield postgres.url(name)
    await postgres.drop_database(name)


@pytest.fixture
async def mpd(socket_enabled: None, tmp_path: Path) -> AsyncIterator[Mpd]:
    """Run the player in the kitchen."""
    async with running_mpd(tmp_path / "kitchen") as mpd:
        yield mpd


@pytest.fixture
def clock() -> Iterator[TickingDateTimeFactory]:
    """Return a clock that goes, and that is put forward."""
    with freeze_time(dt_util.utcnow(), tick=True, real_asyncio=True) as clock:
        yield clock


@pytest.fixture
async def house(
    household: Household,
    linked_entry: ConfigEntry,
    media_server: FakeMediaServer,
    hass_client_no_auth: ClientSessionGenerator,
) -> House:
    """Return a house whose speakers reach it."""
    # Its view has to be there before the first request.
    assert await async_setup_component(household.hass, "media_player", {})
    client = await hass_client_no_auth()
    await async_process_ha_core_config(
        household.hass, {"internal_url": str(client.make_url("")).rstrip("/")}
    )
    return await furnish(household, linked_entry, media_server)


@pytest.fixture
async def kitchen(house: House, mpd: Mpd) -> str:
    """Return the player's entity."""
    return await house.add_mpd(mpd, "Kitchen")
