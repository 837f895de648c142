"""Which servers use the database at present, and of which version they are.

A newer server changes the tables only when no older one is left, and an older one that
was away too long notices that they were changed.
"""

from dataclasses import dataclass
from typing import Final

from audible_core.errors import ServerInUseError, StoreTooNewError
from audible_core.store.engine import MIGRATION_LOCK, reading, writing
from audible_core.store.statements import Upsert
from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    delete,
    inspect,
    select,
    table,
)
from sqlalchemy import column as named
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from audible_server.store.clock import clock_of, now_at
from audible_server.store.schema import REPLICAS

BEAT_EVERY_S: Final = 10.0
ALIVE_S: Final = 45
"""Who was not seen for so long is taken for gone."""

VERSION_TABLE: Final = "alembic_version"
_REVISION: Final = select(named("version_num", Text)).select_from(table(VERSION_TABLE))
_BEAT: Final = Upsert(
    REPLICAS, keys=("replica_id",), renew=("version", "revision", "seen_at")
)


@dataclass(frozen=True, slots=True)
class Replica:
    """One server: its version, and the revision of the tables that it was made for."""

    replica_id: str
    version: str
    revision: str


class ReplicaStore:
    """Queries on the servers."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def beat(self, replica: Replica) -> None:
        """Note that a server is there; raise StoreTooNewError if it is too old."""
        async with writing(self._engine) as connection:
            # In the same transaction: who changes the tables then sees this server.
            await _lock(connection)
            found = await load_revision(connection)
            if found is not None and found > replica.revision:
                raise StoreTooNewError(found=found)
            values = {
                "replica_id": replica.replica_id,
                "version": replica.version,
                "revision": replica.revision,
                "seen_at": await now_at(connection),
            }
            await connection.execute(_BEAT.on(connection), values)
            old = _seen_at_age(connection.dialect.name) > ALIVE_S * 1000
            await connection.execute(delete(REPLICAS).where(old))

    async def leave(self, replica_id: str) -> None:
        """Note that a server has ended."""
        gone = delete(REPLICAS).where(REPLICAS.c.replica_id == replica_id)
        async with writing(self._engine) as connection:
            await connection.execute(gone)

    async def load_alive(self) -> tuple[Replica, ...]:
        """Return the servers that were seen lately."""
        async with reading(self._engine) as connection:
            is_alive = _seen_at_age(connection.dialect.name) <= ALIVE_S * 1000
            rows = await connection.execute(
                select(REPLICAS.c.replica_id, REPLICAS.c.version, REPLICAS.c.revision)
                .where(is_alive)
                .order_by(REPLICAS.c.replica_id)
            )
            return tuple(Replica(*row) for row in rows)


def refuse_while_older_ones_run(connection: Connection) -> None:
    """Raise ServerInUseError if a server uses the tables that are to be changed."""
    if not inspect(connection).has_table(REPLICAS.name):
        return
    is_alive = _seen_at_age(connection.dialect.name) <= ALIVE_S * 1000
    rows = connection.execute(select(REPLICAS.c.version).where(is_alive))
    versions = [version for (version,) in rows]
    if versions:
        raise ServerInUseError(
            count=len(versions),
            versions=", ".join(sorted(set(versions))),
            alive_s=ALIVE_S,
        )


def _seen_at_age(dialect: str) -> ColumnElement[int]:
    return clock_of(dialect) - REPLICAS.c.seen_at


async def load_revision(connection: AsyncConnection) -> str | None:
    """Return the revision of the tables."""
    revision: str | None = await connection.scalar(_REVISION)
    return revision


async def _lock(connection: AsyncConnection) -> None:
    """Wait for who reads or changes the version of the tables."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(
            f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"
        )
