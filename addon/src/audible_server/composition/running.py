"""The order in which everything begins and ends."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from audible_core.vault import Vault
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server import __version__
from audible_server.composition.ground import Ground
from audible_server.composition.queue import queue_on
from audible_server.composition.services import services_on
from audible_server.downloads.cdn import Cdn
from audible_server.http.services import Services
from audible_server.library.presence import new_replica, present
from audible_server.library.relay import Relay
from audible_server.settings import Settings
from audible_server.store.database import newest_revision, open_database
from audible_server.store.replicas import Replica, ReplicaStore


@asynccontextmanager
async def running(settings: Settings) -> AsyncGenerator[Services]:
    """Open everything, and end it after the block.

    Raises TrackerError when the database or the keys cannot be used.
    """
    vault = await asyncio.to_thread(Vault.open, settings.data_dir / "keys")
    async with _database(settings) as engine:
        cdn = Cdn()
        try:
            ground = Ground.on(settings, engine, vault, cdn)
            async with _known(ground) as me, _working(ground, me) as services:
                yield services
        finally:
            await cdn.close()


@asynccontextmanager
async def _database(settings: Settings) -> AsyncGenerator[AsyncEngine]:
    engine = await open_database(settings.database_target)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def _known(ground: Ground) -> AsyncGenerator[Replica]:
    """Let other servers know of this one; a file has one program."""
    me = new_replica(__version__, await asyncio.to_thread(newest_revision))
    if not ground.is_shared:
        yield me
        return
    async with present(ReplicaStore(ground.engine), me, _stop):
        yield me


def _stop() -> None:
    """End the program as its supervisor would."""
    signal.raise_signal(signal.SIGTERM)


@asynccontextmanager
async def _relayed(ground: Ground, me: Replica) -> AsyncGenerator[None]:
    """Let events reach the pages of other servers."""
    if not ground.is_shared:
        yield
        return
    async with Relay(ground.engine, ground.events, me.replica_id).running():
        yield


@asynccontextmanager
async def _working(ground: Ground, me: Replica) -> AsyncGenerator[Services]:
    services = services_on(ground)
    queue, background = queue_on(ground, services), ground.background
    try:
        async with _relayed(ground, me):
            try:
                await services.conversions.converter.clean()
                await services.shelf.load_all()
                await services.downloads.resume()
                await queue.start()
                services.watch.start()
                background.start("libraries", services.libraries.watch())
                yield services
            finally:
                await background.close()
                await queue.close()
    finally:
        await services.workshop.close()
        await services.licensing.close()
