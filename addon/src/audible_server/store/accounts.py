"""The accounts that were handed over; their secrets are sealed in the table."""

from dataclasses import dataclass
from typing import Final

from audible_core.errors import TrackerError, UnknownAccountError
from audible_core.models import Account, Credentials
from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert
from audible_core.vault import Vault
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.clock import now_ms
from audible_server.store.schema import ACCOUNTS

_COLUMNS = (
    ACCOUNTS.c.account_id,
    ACCOUNTS.c.country_code,
    ACCOUNTS.c.name,
    ACCOUNTS.c.created_at,
    ACCOUNTS.c.library_fetched_at,
    ACCOUNTS.c.error,
    ACCOUNTS.c.error_text,
)
_RENEWED: Final = ("country_code", "name", "credentials", "error", "error_text")
_SAVE: Final = Upsert(ACCOUNTS, keys=("account_id",), renew=_RENEWED)


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account without its secrets; instants in epoch milliseconds.

    ``error`` is the key and ``error_text`` the sentence of the last failed fetch of its
    library.
    """

    account_id: str
    country_code: str
    name: str
    created_at: int
    library_fetched_at: int | None
    error: str | None
    error_text: str | None


class AccountStore:
    """Queries on the accounts."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        """Use an open engine; the vault seals what is secret."""
        self._engine = engine
        self._vault = vault

    async def save(self, account: Account, credentials: Credentials) -> None:
        """Add an account, or renew its credentials."""
        values = {
            "account_id": account.account_id,
            "country_code": account.country_code,
            "name": account.name,
            "credentials": self._vault.seal(credentials.text),
            "created_at": now_ms(),
            "error": None,
            "error_text": None,
        }
        async with writing(self._engine) as connection:
            await connection.execute(_SAVE.on(connection), values)

    async def load_all(self) -> tuple[StoredAccount, ...]:
        """Return all accounts, oldest first."""
        statement = select(*_COLUMNS).order_by(ACCOUNTS.c.created_at)
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement)
            return tuple(StoredAccount(**row) for row in rows.mappings())

    async def load(self, account_id: str) -> StoredAccount:
        """Return one account; raise UnknownAccountError."""
        statement = select(*_COLUMNS).where(ACCOUNTS.c.account_id == account_id)
        async with reading(self._engine) as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        if row is None:
            raise UnknownAccountError(account_id=account_id)
        return StoredAccount(**row)

    async def load_credentials(self, account_id: str) -> Credentials:
        """Return the credentials; raise UnknownAccountError or SealError."""
        sealed = await self._load(account_id, ACCOUNTS.c.credentials.name)
        if sealed is None:
            raise UnknownAccountError(account_id=account_id)
        return Credentials(self._vault.unseal(sealed, what="credentials"))

    async def load_activation_bytes(self, account_id: str) -> bytes | None:
        """Return the activation bytes if they were fetched before."""
        sealed = await self._load(account_id, ACCOUNTS.c.activation_bytes.name)
        if sealed is None:
            return None
        return bytes.fromhex(self._vault.unseal(sealed, what="activation bytes"))

    async def save_activation_bytes(self, account_id: str, value: bytes) -> None:
        """Keep the activation bytes."""
        await self._update(account_id, activation_bytes=self._vault.seal(value.hex()))

    async def mark_fetched(self, account_id: str) -> None:
        """Note that the library was fetched now."""
        await self._update(
            account_id, library_fetched_at=now_ms(), error=None, error_text=None
        )

    async def mark_failed(self, account_id: str, error: TrackerError) -> None:
        """Note why the library could not be fetched."""
        await self._update(account_id, error=error.key, error_text=str(error))

    async def note_baseline(self, account_id: str, *, is_wanted: bool) -> int | None:
        """Return since when titles count as new purchases; from now on, if not yet.

        Forgotten when it is not wanted, so that wanting it again begins anew.
        """
        own = ACCOUNTS.c.account_id == account_id
        baseline = func.coalesce(ACCOUNTS.c.baseline_at, now_ms())
        statement = (
            update(ACCOUNTS)
            .where(own)
            .values(baseline_at=baseline if is_wanted else None)
            .returning(ACCOUNTS.c.baseline_at)
        )
        async with writing(self._engine) as connection:
            found: int | None = await connection.scalar(statement)
            return found

    async def delete(self, account_id: str) -> None:
        """Forget an account with its secrets; raise UnknownAccountError."""
        statement = delete(ACCOUNTS).where(ACCOUNTS.c.account_id == account_id)
        async with writing(self._engine) as connection:
            result = await connection.execute(statement)
        if not result.rowcount:
            raise UnknownAccountError(account_id=account_id)

    async def _load(self, account_id: str, column: str) -> str | None:
        statement = select(ACCOUNTS.c[column]).where(
            ACCOUNTS.c.account_id == account_id
        )
        async with reading(self._engine) as connection:
            value: str | None = await connection.scalar(statement)
            return value

    async def _update(self, account_id: str, **values: object) -> None:
        statement = update(ACCOUNTS).where(ACCOUNTS.c.account_id == account_id)
        async with writing(self._engine) as connection:
            await connection.execute(statement.values(values))
