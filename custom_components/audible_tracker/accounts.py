"""Accounts in the database, as the flows and the set-up need them."""

from collections.abc import Mapping
from datetime import datetime

from homeassistant.util import dt as dt_util
from sqlalchemy.ext.asyncio import AsyncConnection

from .core.decisions.listeners import set_default_reader
from .core.errors import AudibleAuthError, NotInStoreError, SealError
from .core.models import Account, Credentials
from .core.store.accounts import (
    AccountSettings,
    change_settings,
    clear_wait,
    drop_credentials,
    find_account,
    forget_account,
    load_accounts,
    load_credentials,
    load_sealed,
    save_account,
)
from .core.store.database import Store
from .core.store.readers import add_reader, load_readers
from .core.store.records import AccountId, ReaderId, TrackedAccount


async def async_known_account(store: Store, account: Account) -> TrackedAccount | None:
    """Return what the database holds of an account, removed or not."""
    async with store.reading() as connection:
        return await _find(connection, account)


async def async_credentials(
    store: Store, account: Account
) -> tuple[TrackedAccount, Credentials] | None:
    """Return an account with its credentials; None if it has to sign in again."""
    try:
        return await async_sign_in_of(store, account)
    except AudibleAuthError, SealError:
        return None


async def async_sign_in_of(
    store: Store, account: Account
) -> tuple[TrackedAccount, Credentials]:
    """Return an account with its credentials.

    Raises AudibleAuthError if there are none, SealError if no key opens them.
    """
    known = await async_known_account(store, account)
    if known is None:
        raise AudibleAuthError
    try:
        async with store.reading() as connection:
            credentials = await load_credentials(
                connection, store.vault, known.account_id
            )
    except NotInStoreError:
        raise AudibleAuthError from None
    return known, credentials


async def async_keep_account(
    store: Store,
    account: Account,
    credentials: Credentials,
    *,
    reader_name: str | None = None,
    replaces: Account | None = None,
) -> AccountId:
    """Add an account, or sign a known one in again.

    Without a name a known account keeps its reader, a new one has that of the account
    it replaces, and else one that is named after it.
    """
    now = dt_util.utcnow()
    async with store.transaction() as connection:
        known = await _find(connection, account)
        like = known or (await _find(connection, replaces) if replaces else None)
        if like is not None and reader_name is None:
            reader_id = like.default_reader_id
        else:
            name = reader_name or account.name
            reader_id = await async_reader(connection, name, now=now)
        account_id = await save_account(
            connection,
            store.vault,
            credentials,
            customer_id=account.account_id,
            marketplace=account.country_code,
            name=account.name,
            email=None,
            reader_id=reader_id,
            now=now,
        )
        await set_default_reader(connection, account_id, reader_id, actor=None, now=now)
        if known is not None:
            # Audible refused the old sign-in, not this one.
            await clear_wait(connection, account_id)
    return account_id


async def async_forget_account(store: Store, account: Account) -> None:
    """Drop the credentials of an account; its history stays."""
    known = await async_known_account(store, account)
    if known is not None:
        async with store.transaction() as connection:
            await forget_account(connection, known.account_id)


async def async_reader(
    connection: AsyncConnection, name: str, *, now: datetime
) -> ReaderId:
    """Return the reader of a name, who is added if there is none."""
    for reader in await load_readers(connection):
        if reader.name.casefold() == name.casefold():
            return reader.reader_id
    return await add_reader(connection, name, person=None, now=now)


def settings_of(account: TrackedAccount) -> AccountSettings:
    """Return what the user decided about an account."""
    return AccountSettings(
        enabled=account.enabled,
        auto_sync_progress=account.auto_sync_progress,
        sync_interval_minutes=account.sync_interval_minutes,
    )


async def _find(connection: AsyncConnection, account: Account) -> TrackedAccount | None:
    return await find_account(
        connection, customer_id=account.account_id, marketplace=account.country_code
    )


async def async_take_along(old: Store, new: Store) -> dict[AccountId, str]:
    """Copy accounts, credentials and settings into another database; no history.

    Return the sealed credentials that were copied, by account of the old one: all that
    open.
    """
    copied: dict[AccountId, str] = {}
    async with old.reading() as connection:
        sealed = await load_sealed(connection)
        accounts = await load_accounts(connection)
        readers = {
            reader.reader_id: reader.name for reader in await load_readers(connection)
        }
    for known in accounts:
        account = Account(known.customer_id, known.name, known.marketplace)
        found = await async_credentials(old, account)
        if found is None:
            continue
        _, credentials = found
        there = await async_known_account(new, account)
        name = readers[known.default_reader_id] if there is None else None
        account_id = await async_keep_account(
            new, account, credentials, reader_name=name
        )
        if there is None:
            async with new.transaction() as connection:
                await change_settings(connection, account_id, settings_of(known))
        copied[known.account_id] = sealed[known.account_id]
    return copied


async def async_leave(old: Store, copied: Mapping[AccountId, str]) -> None:
    """Drop credentials that another database holds by now; raise StoreError.

    Two addresses may lead to one database: what was sealed there anew stays.
    """
    async with old.transaction() as connection:
        for account_id, sealed in copied.items():
            await drop_credentials(connection, account_id, sealed)
