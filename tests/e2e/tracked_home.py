"""A home whose tracker lives in PostgreSQL, and that logs everything it can."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from tests.core.store.postgres import PostgresServer, running_postgres
from tests.simulator.catalog import UNDER_WAY_ASIN

from .flows import sign_in_by_rest, use_database
from .home_assistant import HomeAssistant
from .household import Household, running_household
from .logs import WAITS_FOR_ITS_TURN
from .processes import wait_until
from .secret_search import watching_arguments
from .tracker_database import unseal
from .walk import DOMAIN, demo_titles, progress_state

_RECONNECT_S = 0.2


@dataclass(slots=True)
class TrackedHome:
    """The home; ``arguments`` and ``told`` are what was seen of it so far."""

    house: Household
    postgres: PostgresServer
    database: str
    entry_id: str
    arguments: set[bytes]
    told: list[str] = field(default_factory=list)

    @property
    def home_assistant(self) -> HomeAssistant:
        """Return Home Assistant's client."""
        return self.house.home_assistant

    async def count(self, table: str) -> int:
        """Return how many rows a table of the database has."""
        return int(await self.read(f"SELECT count(*) FROM {table}"))

    async def registration(self) -> str:
        """Return the account's registration, opened."""
        sealed = await self.read("SELECT encrypted_credentials FROM audible_config")
        return unseal(self.house.home_process.folder, sealed)

    async def read(self, statement: str) -> Any:
        """Return the first value that a statement finds in the database."""
        connection = await asyncpg.connect(self.postgres.url(self.database))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    async def move(self, share: float) -> None:
        """Move the position of the title under way, as a phone does."""
        runtime_ms = demo_titles()[UNDER_WAY_ASIN].runtime_ms
        body = {"asin": UNDER_WAY_ASIN, "position_ms": int(runtime_ms * share)}
        await self.house.shop_control("POST", "/positions", body)

    async def ask_for_update(self) -> None:
        """Ask for an update of a sensor, as anybody may at any time."""
        entity = {"entity_id": (await self.progress())["entity_id"]}
        self.house.may_log(WAITS_FOR_ITS_TURN)
        await self.home_assistant.call_action("homeassistant", "update_entity", entity)

    async def act(self, action: str, data: dict[str, Any]) -> Any:
        """Call one of the tracker's actions; return what it answers."""
        answer = await self.home_assistant.call_action(
            DOMAIN, action, data, response=True
        )
        return answer["service_response"]

    async def progress(self) -> dict[str, Any]:
        """Return the state of the progress sensor."""

        async def found() -> dict[str, Any] | None:
            return await progress_state(self.house, UNDER_WAY_ASIN)

        return await wait_until("the progress sensor", found, timeout_s=30)

    async def wait_for_progress(self, percent: float) -> None:
        """Ask for updates until the sensor shows a percentage.

        Audible is not asked about a title twice in a minute, whoever asks.
        """

        async def shown() -> bool | None:
            state = await self.progress()
            if abs(float(state["state"]) - percent) < 0.1:
                return True
            await self.ask_for_update()
            return None

        await wait_until(f"{percent} %", shown, timeout_s=90, every_s=3)

    async def try_database(self, url: str) -> None:
        """Enter a URL in the options; raise RuntimeError with what they say to it."""
        client = self.home_assistant
        menu = await client.start_options(self.entry_id)
        flow_id = menu["flow_id"]
        await client.continue_options(flow_id, {"next_step_id": "database"})
        answer = await client.continue_options(flow_id, {"database_url": url})
        raise RuntimeError(json.dumps(answer))

    async def restart(self) -> None:
        """Restart Home Assistant."""
        await self.house.home_process.stop()
        await self.house.home_process.start()


@asynccontextmanager
async def running_tracked_home(folder: Path) -> AsyncIterator[TrackedHome]:
    """Set up an account on SQLite, then move to PostgreSQL in the options."""
    with running_postgres() as postgres:
        async with (
            watching_arguments() as arguments,
            running_household(folder, log_level="debug") as house,
        ):
            told: list[str] = []
            listener = asyncio.ensure_future(_listen(house, told))
            try:
                entry_id = await sign_in_by_rest(house)
                database = await postgres.create_database()
                url = postgres.url(database)
                await use_database(house.home_assistant, entry_id, url)
                home = TrackedHome(house, postgres, database, entry_id, arguments, told)
                # Just started, it may ask Audible at once.
                await home.restart()
                yield home
            finally:
                listener.cancel()


async def _listen(house: Household, told: list[str]) -> None:
    """Note everything that is told on the bus, over all restarts."""
    home = house.home_assistant
    while True:
        try:
            async with home.messages({"type": "subscribe_events"}) as messages:
                async for message in messages:
                    told.append(message)
        except aiohttp.ClientError:
            # It is being restarted.
            await asyncio.sleep(_RECONNECT_S)
