"""What happens on one server is told to those who listen on the others.

PostgreSQL's notifications carry it. What is missed while the database is away is not
brought later: who needs every event reads those that are kept in the database.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.library.events import Event, Events
from audible_server.store.lines import opened_line

_LOGGER = logging.getLogger(__name__)
_CHANNEL: Final = "audible_events"
_MOST_BYTES: Final = 7_900
"""A notification holds no more than 8,000."""

_AGAIN_S: Final = 5.0


class Relay:
    """Passes the events of this server on, and tells here those of the others."""

    def __init__(self, engine: AsyncEngine, events: Events, server_id: str) -> None:
        """Use an open PostgreSQL; the name tells this server's events apart."""
        self._engine = engine
        self._events = events
        self._server_id = server_id
        self._received: dict[int, Mapping[str, Any]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Relay as long as the block lasts."""
        task = asyncio.create_task(self._keep_relaying(), name="relay")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _keep_relaying(self) -> None:
        while True:
            try:
                await self._relay()
            except Exception as err:
                # Whatever the driver raises: pages miss something until it is back.
                _LOGGER.warning("Events are not relayed: %s", type(err).__name__)
            await asyncio.sleep(_AGAIN_S)

    async def _relay(self) -> None:
        lost = asyncio.Event()
        async with opened_line(self._engine, lost.set) as driver:
            await driver.add_listener(_CHANNEL, self._hear)
            await self._pass_on_until(lost, driver)

    async def _pass_on_until(self, lost: asyncio.Event, driver: Any) -> None:
        """Pass events on; raise ConnectionError when the database is lost."""
        passing = asyncio.create_task(self._pass_on(driver))
        losing = asyncio.create_task(lost.wait())
        try:
            await asyncio.wait([passing, losing], return_when=asyncio.FIRST_COMPLETED)
            if losing.done():
                raise ConnectionError
            await passing
        finally:
            passing.cancel()
            losing.cancel()
            await asyncio.wait([passing, losing])

    def _hear(self, _driver: object, _pid: int, _channel: str, payload: str) -> None:
        sender, kind, data, event_id = json.loads(payload)
        if sender == self._server_id:
            return
        # Told here, it comes to our own subscription too, and must not go out again.
        self._received[id(data)] = data
        self._events.publish(kind, data, event_id=event_id)

    async def _pass_on(self, driver: Any) -> None:
        with self._events.subscribe() as subscription:
            # Left from an earlier subscription, they would never be taken.
            self._received.clear()
            while (event := await subscription.take()) is not None:
                if self._received.pop(id(event.data), None) is None:
                    await self._send(driver, event)

    async def _send(self, driver: Any, event: Event) -> None:
        members = [self._server_id, event.kind, dict(event.data), event.event_id]
        payload = json.dumps(members, separators=(",", ":"))
        if len(payload.encode()) > _MOST_BYTES:
            _LOGGER.warning("An event %s is too long for other servers", event.kind)
            return
        await driver.execute("SELECT pg_notify($1, $2)", _CHANNEL, payload)
