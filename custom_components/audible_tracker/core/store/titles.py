"""Titles: an account's library as last seen, compared by fingerprints."""

import hashlib
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Final

from sqlalchemy import bindparam, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..models import Asin, AudibleTitle, Chapter, Position
from .records import AccountId, LinkFields, Recording, StoredTitle
from .schema import TITLES
from .statements import (
    Upsert,
    Values,
    columns_of,
    execute_in_slices,
    names_of,
    select_some,
    streamed,
    values_of,
)

_TITLE_FIELDS: Final = names_of(AudibleTitle)
_VALUES_OF: Final = attrgetter(*_TITLE_FIELDS)
_TITLE_COLUMNS: Final = columns_of(TITLES, AudibleTitle)
_OF_ACCOUNT: Final = TITLES.c.account_id == bindparam("wanted_account")
_IS_TITLE: Final = _OF_ACCOUNT & (TITLES.c.asin == bindparam("wanted_asin"))

_FINGERPRINTS: Final = select(*columns_of(TITLES, StoredTitle)).where(_OF_ACCOUNT)
_SOME_FINGERPRINTS: Final = _FINGERPRINTS.where(
    TITLES.c.asin.in_(bindparam("some", expanding=True))
)
_TITLES: Final = select(*_TITLE_COLUMNS).where(_OF_ACCOUNT)
_IN_LIBRARY: Final = _TITLES.where(TITLES.c.removed_at.is_(None))
_SOME_TITLES: Final = _TITLES.where(
    TITLES.c.asin.in_(bindparam("some", expanding=True))
)
_ENDING: Final = _IN_LIBRARY.where(
    TITLES.c.is_plus.is_(true()), TITLES.c.consumable_until.is_not(None)
)
_CHAPTERS: Final = select(TITLES.c.asin, TITLES.c.chapters).where(
    _OF_ACCOUNT,
    TITLES.c.chapters.is_not(None),
    TITLES.c.asin.in_(bindparam("some", expanding=True)),
)
_HOLDERS: Final = (
    select(TITLES.c.account_id)
    .where(TITLES.c.asin == bindparam("wanted_asin"))
    .order_by(TITLES.c.removed_at.is_not(None), TITLES.c.account_id)
)
_SAVE: Final = Upsert(
    TITLES,
    keys=("account_id", "asin"),
    renew=(
        *(name for name in _TITLE_FIELDS if name != "asin"),
        "fingerprint",
        "updated_at",
        "removed_at",
    ),
)
_REMOVE: Final = (
    update(TITLES)
    .where(_IS_TITLE, TITLES.c.removed_at.is_(None))
    .values(removed_at=bindparam("at"))
)
# Answers may cross: an older position never replaces a newer one.
_MOVE: Final = (
    update(TITLES)
    .where(
        _IS_TITLE,
        TITLES.c.position_at.is_(None)
        | (
            TITLES.c.position_at
            <= bindparam("position_at_now", type_=TITLES.c.position_at.type)
        ),
    )
    .values(
        position_ms=bindparam("position_ms_now"),
        position_at=bindparam("position_at_now"),
    )
)
_NO_FINGERPRINT: Final = 0
_LOOK_ANEW: Final = update(TITLES).where(_IS_TITLE).values(fingerprint=_NO_FINGERPRINT)
_ASKED: Final = update(TITLES).where(_IS_TITLE).values(asked_at=bindparam("at"))
_RECORD: Final = update(TITLES).where(_IS_TITLE)
_FORGET_RECORDING: Final = _RECORD.values(acr=None, version=None, chapters=None)
_RECORDING: Final = select(*columns_of(TITLES, Recording)).where(_IS_TITLE)


def fingerprint_of(title: AudibleTitle) -> int:
    """Return a number that changes when anything that Audible says of a title does.

    Eight bytes, signed, as the database keeps it; equal in every process.
    """
    values = repr(list(_VALUES_OF(title)))
    digest = hashlib.blake2b(values.encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), signed=True)


async def load_fingerprints(
    connection: AsyncConnection, account_id: AccountId
) -> dict[Asin, StoredTitle]:
    """Return what a sync compares, of all titles ever seen. One statement."""
    known: dict[Asin, StoredTitle] = {}
    wanted = {"wanted_account": account_id}
    async for rows in streamed(connection, _FINGERPRINTS, wanted):
        known.update((row[0], StoredTitle(*row)) for row in rows)
    return known


async def load_some_fingerprints(
    connection: AsyncConnection, account_id: AccountId, asins: Iterable[Asin]
) -> dict[Asin, StoredTitle]:
    """Return what a sync compares, of the named titles; a statement for each 250."""
    known: dict[Asin, StoredTitle] = {}
    wanted = {"wanted_account": account_id}
    async for rows in select_some(connection, _SOME_FINGERPRINTS, asins, wanted):
        known.update((row[0], StoredTitle(*row)) for row in rows)
    return known


async def load_titles(
    connection: AsyncConnection, account_id: AccountId, *, with_removed: bool = False
) -> tuple[AudibleTitle, ...]:
    """Return the whole library as last seen. One statement."""
    found: list[AudibleTitle] = []
    wanted = {"wanted_account": account_id}
    statement = _TITLES if with_removed else _IN_LIBRARY
    async for rows in streamed(connection, statement, wanted):
        found.extend(AudibleTitle(*row) for row in rows)
    return tuple(found)


async def load_accounts_with_title(
    connection: AsyncConnection, asin: Asin
) -> tuple[AccountId, ...]:
    """Return the accounts whose libraries hold a title, or once did, those last."""
    rows = await connection.scalars(_HOLDERS, {"wanted_asin": asin})
    return tuple(AccountId(account_id) for account_id in rows)


async def load_some_titles(
    connection: AsyncConnection, account_id: AccountId, asins: Iterable[Asin]
) -> tuple[AudibleTitle, ...]:
    """Return the named titles that are known; a statement for each 250."""
    found: list[AudibleTitle] = []
    wanted = {"wanted_account": account_id}
    async for rows in select_some(connection, _SOME_TITLES, asins, wanted):
        found.extend(AudibleTitle(*row) for row in rows)
    return tuple(found)


async def load_title_of(
    connection: AsyncConnection, account_id: AccountId | None, link: LinkFields
) -> AudibleTitle:
    """Return a link's title; of one that is not known, what the link says."""
    if account_id is not None:
        for title in await load_some_titles(connection, account_id, (link.asin,)):
            return title
    return AudibleTitle(link.asin, link.audible_title)


async def load_ending(
    connection: AsyncConnection, account_id: AccountId
) -> tuple[AudibleTitle, ...]:
    """Return the Plus titles of the library of which is known how long they stay."""
    rows = await connection.execute(_ENDING, {"wanted_account": account_id})
    return tuple(AudibleTitle(*row) for row in rows)


async def load_some_chapters(
    connection: AsyncConnection, account_id: AccountId, asins: Iterable[Asin]
) -> dict[Asin, tuple[Chapter, ...]]:
    """Return the chapters of the named titles that are known."""
    found: dict[Asin, tuple[Chapter, ...]] = {}
    wanted = {"wanted_account": account_id}
    async for rows in select_some(connection, _CHAPTERS, asins, wanted):
        found.update((asin, chapters) for asin, chapters in rows)
    return found


async def save_titles(
    connection: AsyncConnection,
    account_id: AccountId,
    titles: Iterable[AudibleTitle],
    *,
    now: datetime,
) -> None:
    """Add or renew titles; one that had been removed is in the library again."""

    def row(title: AudibleTitle) -> Values:
        return values_of(title, _TITLE_FIELDS) | {
            "account_id": account_id,
            "fingerprint": fingerprint_of(title),
            "first_seen_at": now,
            "updated_at": now,
            "removed_at": None,
        }

    await execute_in_slices(connection, _SAVE.on(connection), map(row, titles))


async def look_anew(
    connection: AsyncConnection, account_id: AccountId, asin: Asin
) -> None:
    """Let the next sync look at a title as at one of which something changed."""
    wanted = {"wanted_account": account_id, "wanted_asin": asin}
    await connection.execute(_LOOK_ANEW, wanted)


async def mark_removed(
    connection: AsyncConnection,
    account_id: AccountId,
    asins: Iterable[Asin],
    *,
    at: datetime,
) -> None:
    """Note that titles are in the library no more; all that is known of them stays."""
    rows = (
        {"wanted_account": account_id, "wanted_asin": asin, "at": at} for asin in asins
    )
    await execute_in_slices(connection, _REMOVE, rows)


async def save_positions(
    connection: AsyncConnection, account_id: AccountId, positions: Iterable[Position]
) -> None:
    """Keep positions; an older one than the stored one is left out."""
    rows = (
        {
            "wanted_account": account_id,
            "wanted_asin": position.asin,
            "position_ms_now": position.position_ms,
            "position_at_now": position.updated_at,
        }
        for position in positions
    )
    await execute_in_slices(connection, _MOVE, rows)


async def note_asked(
    connection: AsyncConnection,
    account_id: AccountId,
    asins: Iterable[Asin],
    *,
    at: datetime,
) -> None:
    """Note when positions were asked for, so that own intervals outlive a restart."""
    rows = (
        {"wanted_account": account_id, "wanted_asin": asin, "at": at} for asin in asins
    )
    await execute_in_slices(connection, _ASKED, rows)


async def save_recording(
    connection: AsyncConnection, account_id: AccountId, recording: Recording
) -> None:
    """Keep chapters and version of a title's recording, for offline and write-back."""
    wanted = {"wanted_account": account_id, "wanted_asin": recording.asin}
    kept = [member.name for member in fields(Recording) if member.name != "asin"]
    statement = _RECORD.values(**values_of(recording, kept))
    await connection.execute(statement, wanted)


async def forget_recordings(
    connection: AsyncConnection, account_id: AccountId, asins: Iterable[Asin]
) -> None:
    """Forget what belonged to recordings that titles had before."""
    rows = ({"wanted_account": account_id, "wanted_asin": asin} for asin in asins)
    await execute_in_slices(connection, _FORGET_RECORDING, rows)


async def load_recording(
    connection: AsyncConnection, account_id: AccountId, asin: Asin
) -> Recording | None:
    """Return what is known of a title's recording; None for an unknown title."""
    wanted = {"wanted_account": account_id, "wanted_asin": asin}
    row = (await connection.execute(_RECORDING, wanted)).one_or_none()
    if row is None:
        return None
    found, acr, version, chapters = row
    return Recording(found, acr, version, chapters or ())
