"""What happens between a look and the writing is not lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from audible_core.errors import SealError
from audible_core.models import Asin, AudibleTitle
from audible_core.store.engine import reading, writing
from audible_core.vault import Vault
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.books import BookStore
from audible_server.store.database import open_database
from audible_server.store.listening import ListeningStore, Place
from audible_server.store.resealing import KeyChange
from audible_server.store.schema import POSITIONS
from tests.addon.patience import SOON_S

ASIN = Asin("B000000001")


@pytest.fixture
async def postgres_engine(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    """Open an empty PostgreSQL."""
    engine = await open_database(postgres_url)
    yield engine
    await engine.dispose()


async def _until_somebody_waits(engine: AsyncEngine) -> None:
    statement = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(SOON_S):
        while True:
            async with reading(engine) as connection:
                if await connection.scalar(statement):
                    return
            await asyncio.sleep(0.02)


async def test_older_place_never_overtakes_a_newer_one(
    postgres_engine: AsyncEngine,
) -> None:
    """Two pages tell at once; the newer place wins, whoever comes last."""
    store = ListeningStore(postgres_engine)
    newer = {"asin": ASIN, "position_ms": 9000, "heard_at": 200, "told_at": 0}
    async with writing(postgres_engine) as connection:
        await connection.execute(insert(POSITIONS).values(newer))
        # It looks, finds nothing yet, and waits for the row.
        late = asyncio.create_task(
            store.save_place(Place(ASIN, 10, heard_at=100), is_playing=False)
        )
        await _until_somebody_waits(postgres_engine)

    assert (Place(ASIN, 9000, heard_at=200), None) == await late
    assert Place(ASIN, 9000, heard_at=200) == await store.load_place(ASIN)


class _BusyVault(Vault):
    """A vault with which a sign-in seals while everything is sealed anew."""

    meanwhile = ""

    def resealed(self, sealed: str, *, what: str) -> str:
        """Seal something first, as others do at any time."""
        self.meanwhile = self.seal("a new sign-in")
        return super().resealed(sealed, what=what)


async def test_failed_change_of_keys_keeps_both(
    target: str | Path, tmp_path: Path
) -> None:
    """What was sealed with the new key while the change failed still opens."""
    path = tmp_path / "keys"
    vault = _BusyVault.open(path)
    before = vault.seal("an old one")
    engine = await open_database(target)
    books = BookStore(engine, vault)
    await books.add_titles([AudibleTitle(asin=ASIN, title="One")])
    lost = Vault.open(tmp_path / "lost").seal("nobody opens this")
    await books.update(ASIN, voucher=lost)
    with pytest.raises(SealError):
        await KeyChange(engine, vault).run()
    await engine.dispose()

    assert "a new sign-in" == vault.unseal(vault.meanwhile, what="credentials")
    again = Vault.open(path)
    assert "a new sign-in" == again.unseal(vault.meanwhile, what="credentials")
    assert "an old one" == again.unseal(before, what="credentials")
