"""Accounts: settings, limits, and the credentials, which are only here and sealed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import NotInStoreError, SealError
from ..models import Credentials
from ..vault import Vault
from .readers import share_account
from .records import AccountId, ReaderId, TrackedAccount
from .schema import ACCOUNTS
from .statements import Upsert, columns_of, values_of

_COLUMNS: Final = columns_of(ACCOUNTS, TrackedAccount, account_id="id")
_ALL: Final = select(*_COLUMNS).order_by(ACCOUNTS.c.id)
_ONE: Final = select(*_COLUMNS).where(ACCOUNTS.c.id == bindparam("wanted"))
_READER: Final = select(ACCOUNTS.c.default_reader_id).where(
    ACCOUNTS.c.id == bindparam("wanted")
)
_OF_CUSTOMER: Final = select(*_COLUMNS).where(
    ACCOUNTS.c.customer_id == bindparam("wanted_customer"),
    ACCOUNTS.c.marketplace == bindparam("wanted_marketplace"),
)
_SEALED: Final = select(ACCOUNTS.c.encrypted_credentials).where(
    ACCOUNTS.c.id == bindparam("wanted")
)
_ALL_SEALED: Final = select(ACCOUNTS.c.id, ACCOUNTS.c.encrypted_credentials).where(
    ACCOUNTS.c.encrypted_credentials.is_not(None)
)
_CHANGE: Final = update(ACCOUNTS).where(ACCOUNTS.c.id == bindparam("wanted"))
_SIGN_IN: Final = Upsert(
    ACCOUNTS,
    keys=("customer_id", "marketplace"),
    renew=("name", "email", "encrypted_credentials", "enabled"),
    returning=(ACCOUNTS.c.id,),
)
# A trigger starts the count anew on another day, on both databases (objects.py).
_COUNT: Final = _CHANGE.values(
    sync_count_today=ACCOUNTS.c.sync_count_today + bindparam("number"),
    sync_count_on=bindparam("today"),
)
_WHAT: Final = "account"


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """What a user decides about an account, besides who listens with it."""

    enabled: bool
    auto_sync_progress: bool
    sync_interval_minutes: int


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many accounts were sealed anew, and how many no key opens."""

    accounts: int
    unreadable: int


_SETTINGS: Final = (
    "enabled",
    "auto_sync_progress",
    "sync_interval_minutes",
)


async def save_account(
    connection: AsyncConnection,
    vault: Vault,
    credentials: Credentials,
    *,
    customer_id: str,
    marketplace: str,
    name: str,
    email: str | None,
    reader_id: ReaderId,
    now: datetime,
) -> AccountId:
    """Add an account, or sign a known one in again; settings and history stay."""
    row = {
        "customer_id": customer_id,
        "marketplace": marketplace,
        "name": name,
        "email": email,
        "encrypted_credentials": vault.seal(credentials.text),
        "default_reader_id": reader_id,
        "enabled": True,
        "created_at": now,
    }
    result = await connection.execute(_SIGN_IN.on(connection), row)
    account_id = AccountId(result.scalar_one())
    await share_account(connection, account_id, reader_id)
    return account_id


async def load_accounts(connection: AsyncConnection) -> tuple[TrackedAccount, ...]:
    """Return all accounts, the removed ones too."""
    rows = await connection.execute(_ALL)
    return tuple(TrackedAccount(*row) for row in rows)


async def load_account(
    connection: AsyncConnection, account_id: AccountId
) -> TrackedAccount:
    """Return one account; raise NotInStoreError if there is none."""
    row = (await connection.execute(_ONE, {"wanted": account_id})).one_or_none()
    if row is None:
        raise NotInStoreError(what=_WHAT, number=account_id)
    return TrackedAccount(*row)


async def load_default_reader(
    connection: AsyncConnection, account_id: AccountId
) -> ReaderId | None:
    """Return who listens with an account; None for one that is not there yet."""
    found: int | None = await connection.scalar(_READER, {"wanted": account_id})
    return None if found is None else ReaderId(found)


async def find_account(
    connection: AsyncConnection, *, customer_id: str, marketplace: str
) -> TrackedAccount | None:
    """Return a customer's account in one marketplace, if it was ever added."""
    wanted = {"wanted_customer": customer_id, "wanted_marketplace": marketplace}
    row = (await connection.execute(_OF_CUSTOMER, wanted)).one_or_none()
    return TrackedAccount(*row) if row is not None else None


async def load_credentials(
    connection: AsyncConnection, vault: Vault, account_id: AccountId
) -> Credentials:
    """Return the opened credentials.

    Raises NotInStoreError for a removed account, SealError if no key fits.
    """
    result = await connection.execute(_SEALED, {"wanted": account_id})
    sealed = result.scalar_one_or_none()
    if sealed is None:
        raise NotInStoreError(what=_WHAT, number=account_id)
    return Credentials(vault.unseal(sealed, what="credentials"))


async def reseal_credentials(connection: AsyncConnection, vault: Vault) -> Resealed:
    """Seal all credentials under the vault's newest key.

    What no key opens stays as it is: its account has to sign in again anyway.
    """
    rows = (await connection.execute(_ALL_SEALED)).all()
    unreadable = 0
    for account_id, sealed in rows:
        try:
            resealed = vault.resealed(sealed, what="credentials")
        except SealError:
            unreadable += 1
        else:
            await _change(connection, account_id, encrypted_credentials=resealed)
    return Resealed(len(rows) - unreadable, unreadable)


async def change_settings(
    connection: AsyncConnection, account_id: AccountId, settings: AccountSettings
) -> None:
    """Keep what the user decided."""
    await _change(connection, account_id, **values_of(settings, _SETTINGS))


async def note_default_reader(
    connection: AsyncConnection, account_id: AccountId, reader_id: ReaderId
) -> None:
    """Note who listens with an account; whose its titles are is hand_over.py's."""
    await _change(connection, account_id, default_reader_id=reader_id)
    await share_account(connection, account_id, reader_id)


async def forget_account(connection: AsyncConnection, account_id: AccountId) -> None:
    """Drop credentials and address of an account; its history stays."""
    await _change(
        connection,
        account_id,
        encrypted_credentials=None,
        email=None,
        state_token=None,
        enabled=False,
    )


async def count_requests(
    connection: AsyncConnection,
    account_id: AccountId,
    number: int,
    *,
    today: date,
    polled_at: datetime | None = None,
) -> None:
    """Count requests on a day of Home Assistant's time zone; note a poll's instant."""
    statement = _COUNT.values(polled_at=polled_at) if polled_at else _COUNT
    values = {"wanted": account_id, "number": number, "today": today}
    await connection.execute(statement, values)


async def note_sync(
    connection: AsyncConnection,
    account_id: AccountId,
    *,
    at: datetime,
    today: date,
    number: int = 1,
    state_token: str | None = None,
) -> None:
    """Note a library sync: its time, its place in the day's count, the next token."""
    statement = _COUNT.values(
        last_sync_at=at, state_token=state_token, wait_until=None, wait_reason=None
    )
    values = {"wanted": account_id, "number": number, "today": today}
    await connection.execute(statement, values)


async def note_wait(
    connection: AsyncConnection, account_id: AccountId, *, until: datetime, reason: str
) -> None:
    """Note that nothing is asked before an instant, and why."""
    await _change(connection, account_id, wait_until=until, wait_reason=reason)


async def clear_wait(connection: AsyncConnection, account_id: AccountId) -> None:
    """Note that Audible answers again."""
    await _change(connection, account_id, wait_until=None, wait_reason=None)


async def note_days_asked(
    connection: AsyncConnection, account_id: AccountId, *, today: date
) -> None:
    """Note that listening days were asked for on a day of Home Assistant's zone."""
    await _change(connection, account_id, days_asked_on=today)


async def note_purchases_asked(
    connection: AsyncConnection, account_id: AccountId, *, at: datetime
) -> None:
    """Note when Audible was asked what came and went, however it answers."""
    await _change(connection, account_id, purchases_asked_at=at)


async def load_sealed(connection: AsyncConnection) -> dict[AccountId, str]:
    """Return the credentials of all accounts that have any, as they are sealed."""
    return {
        AccountId(account_id): sealed
        for account_id, sealed in await connection.execute(_ALL_SEALED)
    }


async def drop_credentials(
    connection: AsyncConnection, account_id: AccountId, sealed: str
) -> None:
    """Drop the credentials of an account, if they are still these."""
    await connection.execute(
        _CHANGE.where(ACCOUNTS.c.encrypted_credentials == bindparam("sealed")).values(
            encrypted_credentials=None
        ),
        {"wanted": account_id, "sealed": sealed},
    )


async def note_state_token(
    connection: AsyncConnection, account_id: AccountId, state_token: str | None
) -> None:
    """Keep from where the next look at what came and went begins."""
    await _change(connection, account_id, state_token=state_token)


async def _change(
    connection: AsyncConnection, account_id: AccountId, **values: Any
) -> None:
    result = await connection.execute(_CHANGE.values(**values), {"wanted": account_id})
    if result.rowcount == 0:
        raise NotInStoreError(what=_WHAT, number=account_id)
