"""Telling the database that this server uses it, and noticing that it is too old."""

import asyncio
import logging
import secrets
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from audible_core.errors import StoreError, StoreTooNewError

from audible_server.store.replicas import BEAT_EVERY_S, Replica, ReplicaStore

_LOGGER = logging.getLogger(__name__)
_LONGEST_HOST: Final = 60


def new_replica(version: str, revision: str) -> Replica:
    """Return this process under a name of its own."""
    host = socket.gethostname()[:_LONGEST_HOST]
    return Replica(f"{host}-{secrets.token_hex(4)}", version, revision)


@asynccontextmanager
async def present(
    replicas: ReplicaStore, me: Replica, stop: Callable[[], None]
) -> AsyncGenerator[None]:
    """Be known as a server that is alive; ``stop`` is called when it is too old.

    That happens to one that was cut off so long that a newer one took over. Raises
    StoreTooNewError if that is known at once.
    """
    await replicas.beat(me)
    beating = asyncio.create_task(_keep_beating(replicas, me, stop))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait([beating])
        with suppress(StoreError):
            await replicas.leave(me.replica_id)


async def _keep_beating(
    replicas: ReplicaStore, me: Replica, stop: Callable[[], None]
) -> None:
    while True:
        await asyncio.sleep(BEAT_EVERY_S)
        try:
            await replicas.beat(me)
        except StoreTooNewError as err:
            _LOGGER.critical("This server stops: %s", err)
            stop()
            return
        except StoreError as err:
            _LOGGER.warning("The database was not told of this server: %s", err.key)
