"""Chapters and version of recordings, once for each: for players and write-back."""

from collections.abc import Callable
from datetime import datetime

from ..errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleError,
    AudibleRateLimitError,
)
from ..models import Asin
from ..store.accounts import count_requests
from ..store.database import Store
from ..store.overview import load_under_way
from ..store.records import AccountId, Recording
from ..store.titles import save_recording
from .audible_source import AudibleSource


async def ask_recordings(
    store: Store,
    account_id: AccountId,
    source: AudibleSource,
    *,
    since: datetime,
    at_most: int,
    now: Callable[[], datetime],
) -> int:
    """Ask for the recordings of titles under way that are not known; return how many.

    Raises AudibleError where Audible refuses more than one title.
    """
    async with store.reading() as connection:
        under_way = await load_under_way(connection, account_id, since=since)
    wanted = [entry.title.asin for entry in under_way if entry.chapters is None]
    for asin in wanted[:at_most]:
        recording = await fetch_recording(source, asin)
        await keep_recording(store, account_id, recording, now=now())
    return len(wanted[:at_most])


async def fetch_recording(source: AudibleSource, asin: Asin) -> Recording:
    """Return what Audible says of a recording; empty where it says nothing.

    Raises AudibleError where that is no answer about this title.
    """
    try:
        metadata = await source.fetch_metadata(asin)
    except AudibleAuthError, AudibleConnectionError, AudibleRateLimitError:
        raise
    except AudibleError:
        # Not found, or of a form that we do not know: of this title alone.
        return Recording(asin, None, None, ())
    return Recording(asin, metadata.acr, metadata.version, metadata.chapters)


async def keep_recording(
    store: Store, account_id: AccountId, recording: Recording, *, now: datetime
) -> None:
    """Keep it, and count the request."""
    today = now.astimezone(store.time_zone).date()
    async with store.transaction() as connection:
        await save_recording(connection, account_id, recording)
        await count_requests(connection, account_id, 1, today=today)
