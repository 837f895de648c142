"""Stores a dump of the newest schema, once per release: ``python -m …make_dump``.

Afterwards the dump is never made again: it is what users have.
"""

import asyncio
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

from alembic.config import Config
from alembic.script import ScriptDirectory
from audible_core.store.changes import apply_changes
from audible_core.store.database import MIGRATIONS, Store
from audible_core.store.engine import create_engine_at, parse_address
from audible_core.store.migrate import migrate
from audible_core.vault import Vault

from tests.core.store.dying import first_sync
from tests.core.store.household import NOW, move_in
from tests.core.store.postgres import running_postgres
from tests.core.store.schemas import dump_of

DUMPS = Path(__file__).parent / "dumps"
# Made for this purpose; nothing else is sealed with it.
KEY = "c3RvcmVkIGR1bXBzIG9mIHJlbGVhc2VkIHNjaGVtYXM="


def versions() -> list[str]:
    """Return all versions of the schema, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS.folder))
    script = ScriptDirectory.from_config(config)
    return sorted(known.revision for known in script.walk_revisions())


async def fill(target: str | Path, version: str) -> None:
    """Bring a database to a version and put a household with one sync into it."""
    address = parse_address(target)
    await migrate(address, MIGRATIONS, target=version)
    engine = create_engine_at(address)
    store = Store(engine, address, Vault([KEY]), ZoneInfo("Europe/Berlin"))
    household = await move_in(store)
    async with store.transaction() as connection:
        await apply_changes(connection, first_sync(household), now=NOW)
    await store.close()


def main() -> None:
    """Write what is missing."""
    with tempfile.TemporaryDirectory() as folder, running_postgres() as postgres:
        for version in versions():
            for kind in ("sqlite", "postgresql"):
                file = DUMPS / f"{version}.{kind}.sql"
                if file.exists():
                    continue
                target: str | Path = Path(folder) / f"{version}.db"
                if kind == "postgresql":
                    target = postgres.url(asyncio.run(postgres.create_database()))
                asyncio.run(fill(target, version))
                file.write_text(dump_of(target, postgres), encoding="utf-8")


if __name__ == "__main__":
    main()
