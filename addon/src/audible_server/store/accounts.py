"""The accounts that were handed over; their secrets are sealed in the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audible_core.errors import (
    AudibleAuthError,
    RegistrationTooOldError,
    TrackerError,
    UnknownAccountError,
)
from audible_core.models import Account, Credentials
from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert
from audible_core.vault import Vault
from sqlalchemy import Column, ColumnElement, case, delete, func, select, update
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
    ACCOUNTS.c.signed_in_at,
)
_RENEWED: Final = ("country_code", "name", "credentials")
_FORGOTTEN: Final = ("error", "error_text", "signed_in_at")
_SAVE: Final = Upsert(ACCOUNTS, keys=("account_id",), renew=_RENEWED)
_SIGN_IN: Final = Upsert(ACCOUNTS, keys=("account_id",), renew=(*_RENEWED, *_FORGOTTEN))

REFUSALS: Final = (AudibleAuthError.key, RegistrationTooOldError.key)
"""Why an account has to be signed in again."""

_TOO_OLD: Final = (RegistrationTooOldError.key,)
"""What no answer of Audible takes back: only a new sign-in makes a difference."""


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account without its secrets; instants in epoch milliseconds.

    ``error`` is the key and ``error_text`` the sentence of why Audible refuses its
    sign-in, else of the last failed fetch of its library. ``signed_in_at`` is None
    where that was before the account came here.
    """

    account_id: str
    country_code: str
    name: str
    created_at: int
    library_fetched_at: int | None
    error: str | None
    error_text: str | None
    signed_in_at: int | None

    @property
    def needs_sign_in(self) -> bool:
        """Tell whether Audible refuses the sign-in."""
        return self.error in REFUSALS


class AccountStore:
    """Queries on the accounts."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        """Use an open engine; the vault seals what is secret."""
        self._engine = engine
        self._vault = vault

    async def save(
        self,
        account: Account,
        credentials: Credentials,
        *,
        signed_in_at: int | None = None,
    ) -> None:
        """Add an account, or renew its credentials.

        With the instant of a new sign-in, what was refused to the old one is forgotten.
        """
        values = {
            "account_id": account.account_id,
            "country_code": account.country_code,
            "name": account.name,
            "credentials": self._vault.seal(credentials.text),
            "created_at": now_ms(),
            "error": None,
            "error_text": None,
            "signed_in_at": signed_in_at,
        }
        statement = _SAVE if signed_in_at is None else _SIGN_IN
        async with writing(self._engine) as connection:
            await connection.execute(statement.on(connection), values)

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
            account_id,
            library_fetched_at=now_ms(),
            error=_unless(_TOO_OLD, ACCOUNTS.c.error, None),
            error_text=_unless(_TOO_OLD, ACCOUNTS.c.error_text, None),
        )

    async def mark_failed(self, account_id: str, error: TrackerError) -> None:
        """Note why the library could not be fetched.

        A refused sign-in stays noted while Audible is out of reach.
        """
        await self._update(
            account_id,
            error=_unless(REFUSALS, ACCOUNTS.c.error, error.key),
            error_text=_unless(REFUSALS, ACCOUNTS.c.error_text, str(error)),
        )

    async def mark_refused(
        self, account_id: str, credentials: Credentials, error: TrackerError
    ) -> bool:
        """Note that Audible refuses these credentials; tell whether that is news.

        It is not where others were handed over meanwhile.
        """
        sealed = await self._load(account_id, ACCOUNTS.c.credentials.name)
        if sealed is None:
            return False
        if self._vault.unseal(sealed, what="credentials") != credentials.text:
            return False
        statement = update(ACCOUNTS).where(
            ACCOUNTS.c.account_id == account_id,
            ACCOUNTS.c.credentials == sealed,
            ACCOUNTS.c.error.is_distinct_from(error.key),
        )
        async with writing(self._engine) as connection:
            result = await connection.execute(
                statement.values(error=error.key, error_text=str(error))
            )
        return result.rowcount > 0

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


def _unless(
    errors: Sequence[str], column: Column[str], value: str | None
) -> ColumnElement[str]:
    """Return a new value, unless one of these errors is noted, which stays."""
    return case((ACCOUNTS.c.error.in_(errors), column), else_=value)
