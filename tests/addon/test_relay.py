"""Events that go from one server to another, also after the database went away."""

import asyncio

import pytest
from audible_core.store.engine import reading, writing
from sqlalchemy import text

from audible_server.library import relay
from audible_server.library.events import Events
from audible_server.library.relay import Relay
from audible_server.store.database import open_database
from tests.addon.patience import SOON_S

_LISTENERS = text(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
    "AND (query LIKE 'LISTEN%' OR query LIKE '%pg_notify%') "
    "AND pid <> pg_backend_pid()"
)
_END = text("SELECT pg_terminate_backend(:pid)")


async def test_first_event_after_a_lost_connection_is_relayed(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server notices by itself that it hears nothing any more."""
    monkeypatch.setattr(relay, "_AGAIN_S", 0.1)
    engine = await open_database(postgres_url)
    here, there = Events(), Events()

    async def listeners(but: set[int]) -> set[int]:
        async with asyncio.timeout(SOON_S):
            while True:
                async with reading(engine) as connection:
                    found = set(await connection.scalars(_LISTENERS)) - but
                if len(found) == 2:
                    return found
                await asyncio.sleep(0.05)

    async with (
        Relay(engine, here, "here").running(),
        Relay(engine, there, "there").running(),
    ):
        old = await listeners(set())
        for pid in old:
            async with writing(engine) as connection:
                await connection.execute(_END, {"pid": pid})
        await listeners(old)
        with there.subscribe() as news:
            here.publish("job", {"id": 1})
            async with asyncio.timeout(SOON_S):
                event = await news.take()
    await engine.dispose()

    assert event is not None
    assert {"id": 1} == event.data
