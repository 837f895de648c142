"""Of what is around: the accounts at Audible, Home Assistant, the speakers."""

from datetime import timedelta
from typing import Final

import aiohttp
from audible_core.errors import MediaServerError
from audible_core.media_server import MediaServerClient

from audible_server.discovery import Announcement
from audible_server.self_check.contact import Contact
from audible_server.self_check.report import Finding
from audible_server.settings import Settings
from audible_server.store.accounts import AccountStore, StoredAccount
from audible_server.store.clock import now_ms

_STALE: Final = timedelta(days=2)
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)


async def accounts(store: AccountStore) -> Finding:
    """Look whether an account is linked, and what Audible last said to it."""
    stored = await store.load_all()
    if not stored:
        return Finding.warning(
            "No account yet: open the Audible Tracker integration in Home Assistant "
            "and link this server. Files in the library folder play without one."
        )
    for account in stored:
        if account.error_text is not None:
            return Finding.failed(f"{account.name}: {account.error_text}")
    return Finding.ok(f"{', '.join(account.name for account in stored)}.")


async def last_sync(store: AccountStore) -> Finding:
    """Look how long ago each library was fetched."""
    stored = await store.load_all()
    if not stored:
        return Finding.ok("There is no library to fetch.")
    ages = [_age(account) for account in stored]
    if None in ages:
        return Finding.warning("A library was never fetched.")
    oldest = max(age for age in ages if age is not None)
    sentence = f"Fetched {_ago(oldest)}."
    return Finding.ok(sentence) if oldest < _STALE else Finding.warning(sentence)


async def home(
    settings: Settings, contact: Contact, announcement: Announcement
) -> Finding:
    """Look whether Home Assistant knows this server, and when it last asked."""
    if contact.last_call_at_ms is not None:
        ago = _ago(_since(contact.last_call_at_ms))
        return Finding.ok(f"Home Assistant, or whoever knows the secret, asked {ago}.")
    if not settings.is_supervised:
        return Finding.warning(
            "Home Assistant has not asked since the start. Link this server in the "
            "integration by its address and its secret."
        )
    if announcement.host is None:
        why = announcement.failure or "not yet"
        return Finding.failed(f"The Supervisor was not told of this server: {why}.")
    return Finding.warning(
        "The Supervisor was told of this server, but Home Assistant has not asked yet: "
        "accept what it discovered under Settings, Devices and services."
    )


async def speakers(settings: Settings) -> Finding:
    """Look whether the address that players are given leads here."""
    if not settings.base_url:
        return Finding.ok(
            "Players get the sound through Home Assistant; no address of this server "
            "is set for them."
        )
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        client = MediaServerClient(
            session, url=settings.base_url, secret=settings.secret
        )
        try:
            await client.check()
        except MediaServerError as err:
            return Finding.failed(f"{err} So speakers cannot reach it there either.")
    return Finding.ok(
        f"This server reached itself at {settings.base_url}. A speaker in another "
        "network may still not."
    )


def _age(account: StoredAccount) -> timedelta | None:
    if account.library_fetched_at is None:
        return None
    return _since(account.library_fetched_at)


def _since(at_ms: int) -> timedelta:
    return timedelta(milliseconds=now_ms() - at_ms)


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{age.days} days ago"
