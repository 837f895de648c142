"""Actions about titles that need a person: list them, decide them, take that back."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import probatio
from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from sqlalchemy.ext.asyncio import AsyncConnection

from ..const import CONF_ASIN, CONF_READER
from ..core.decisions.conflicts import (
    BULK_MAX,
    BulkOutcome,
    OpenConflict,
    explain_conflict,
    in_words,
    list_conflicts,
    resolve_all,
    resolve_conflict,
    undo_resolution,
)
from ..core.decisions.settling import Choice, Settled
from ..core.decisions.unlinked import list_unlinked
from ..core.errors import InvalidValueError, MissingValueError
from ..core.kinds import Resolution
from ..core.store.conflicts import count_open_conflicts, load_conflict
from ..core.store.links import load_link
from ..core.store.readers import load_readers
from ..core.store.records import BookId, ConflictId, Link, ReaderId
from .answers import (
    Members,
    book_members,
    evidence_members,
    link_members,
    plain,
    title_members,
)
from .calls import (
    ACCOUNT,
    ASIN,
    BOOK,
    CONF_BOOK_ID,
    CONF_DRY_RUN,
    CONF_LIMIT,
    CONF_OFFSET,
    NUMBER,
    OFFSET,
    READER,
    Action,
    ActionCall,
    whole_number,
)

_CONF_ACCEPT: Final = "accept_above"
_CONF_CHOICE: Final = "choice"
_CONF_CONFLICT: Final = "conflict_id"
_CONF_CREATE: Final = "create_all"
_CONF_UNDO: Final = "undo"
_CONF_UNLINKED: Final = "unlinked"

_DRY_RUN_MAX: Final = 1000
"""A dry run is one transaction, in which nobody else can write."""

_CHOICES: Final = {
    "link": Resolution.LINKED,
    "create": Resolution.CREATED,
    "ignore": Resolution.IGNORED,
    "not_a_book": Resolution.NOT_A_BOOK,
}


class _DryRunError(Exception):
    """Takes back what a dry run has done."""


async def _async_list_conflicts(action: ActionCall) -> ServiceResponse:
    """Return what waits for a person, each title beside the books that it may be."""
    if action.data[_CONF_UNLINKED]:
        return await _async_list_unlinked(action)
    offset, limit = action.data[CONF_OFFSET], action.data[CONF_LIMIT]
    async with action.store.reading() as connection:
        if wanted := action.data.get(_CONF_CONFLICT):
            shown = [await _async_one(action, connection, number) for number in wanted]
            total = len(shown)
        else:
            reader = await action.async_named_reader(connection)
            reader_id = reader.reader_id if reader is not None else None
            hidden = await action.caller.async_hidden()
            total = await count_open_conflicts(
                connection, reader_id=reader_id, but=hidden
            )
            shown = [
                *await list_conflicts(
                    connection, reader_id, but=hidden, offset=offset, limit=limit
                )
            ]
        names = {one.reader_id: one.name for one in await load_readers(connection)}
    conflicts = [conflict_members(one, names) for one in shown]
    return {"total": total, CONF_OFFSET: offset, "conflicts": conflicts}


async def _async_one(
    action: ActionCall, connection: AsyncConnection, number: int
) -> OpenConflict:
    explained = await explain_conflict(connection, ConflictId(number))
    await action.caller.async_check(explained.shown.link.fields.reader_id)
    return explained.shown


async def _async_list_unlinked(action: ActionCall) -> ServiceResponse:
    """Return the titles that are no book and in no conflict."""
    if wanted := action.data.get(_CONF_CONFLICT):
        raise InvalidValueError(
            field=_CONF_CONFLICT, value=wanted, allowed=f"not with {_CONF_UNLINKED}"
        )
    offset, limit = action.data[CONF_OFFSET], action.data[CONF_LIMIT]
    async with action.store.reading() as connection:
        reader = await action.async_named_reader(connection)
        reader_id = reader.reader_id if reader is not None else None
        hidden = await action.caller.async_hidden()
        titles = await list_unlinked(connection, reader_id, but=hidden)
        names = {one.reader_id: one.name for one in await load_readers(connection)}
    return {
        "total": len(titles),
        CONF_OFFSET: offset,
        "titles": [
            {
                "asin": title.asin,
                "title": title.title,
                "reader": names[title.reader_id],
                "first_seen_at": plain(title.first_seen_at),
                "removed_at": plain(title.removed_at),
            }
            for title in titles[offset : offset + limit]
        ],
    }


def conflict_members(shown: OpenConflict, names: Mapping[ReaderId, str]) -> Any:
    """Return what a person needs to decide a conflict of one of the named readers."""
    conflict = shown.conflict
    return {
        "conflict_id": conflict.conflict_id,
        "reader": names[shown.link.fields.reader_id],
        "type": conflict.conflict_type.value,
        "created_at": plain(conflict.created_at),
        "resolved": conflict.resolved,
        "resolution": plain(conflict.resolution),
        "title": title_members(shown.link, shown.title),
        "candidates": [
            {
                "confidence": candidate.confidence,
                "evidence": evidence_members(candidate.evidence),
                "book": book_members(candidate.book),
            }
            for candidate in shown.candidates
        ],
        "words": list(in_words(shown)),
    }


async def _async_resolve_conflict(action: ActionCall) -> ServiceResponse:
    """Decide conflicts, one by one or all at once, or take decisions back."""
    data = action.data
    is_bulk = data[_CONF_CREATE] or _CONF_ACCEPT in data
    wanted: list[int] = data.get(_CONF_CONFLICT, [])
    if is_bulk == bool(wanted or CONF_ASIN in data):
        allowed = f"conflicts, or else {_CONF_CREATE} or {_CONF_ACCEPT}"
        if not is_bulk:
            raise MissingValueError(field=_CONF_CONFLICT, allowed=allowed)
        named = _CONF_CONFLICT if wanted else CONF_ASIN
        raise InvalidValueError(field=named, value=data[named], allowed=allowed)
    answer: Members = {}
    if is_bulk and not data[CONF_DRY_RUN]:
        return {CONF_DRY_RUN: False, **await _async_resolve_piecemeal(action)}
    with suppress(_DryRunError):
        async with action.changing() as connection:
            if is_bulk:
                outcomes = await _async_resolve_all(
                    action, connection, limit=min(data[CONF_LIMIT], _DRY_RUN_MAX)
                )
                answer = _outcome_members(outcomes)
            elif data[_CONF_UNDO]:
                answer = await _async_undo(action, connection)
            else:
                answer = await _async_resolve_some(action, connection)
            if data[CONF_DRY_RUN]:
                raise _DryRunError
    return {CONF_DRY_RUN: data[CONF_DRY_RUN], "resolved": [], "left": []} | answer


async def _async_resolve_some(
    action: ActionCall, connection: AsyncConnection
) -> Members:
    choice = _choice_of(action)
    wanted: Iterable[int] = action.data.get(_CONF_CONFLICT, ())
    actor = await action.async_actor()
    resolved = []
    for number in dict.fromkeys(wanted):
        conflict_id = ConflictId(number)
        await _async_check_reader(action, connection, conflict_id)
        settled = await resolve_conflict(
            connection, conflict_id, choice, actor=actor, now=action.now
        )
        resolved.append(settled_members(settled, choice.resolution))
    return {"resolved": resolved}


async def _async_check_reader(
    action: ActionCall, connection: AsyncConnection, conflict_id: ConflictId
) -> None:
    if CONF_READER not in action.data:
        return
    conflict = await load_conflict(connection, conflict_id)
    link = await load_link(connection, conflict.link_id)
    await action.async_check_owner(connection, link.fields.reader_id)


def _choice_of(action: ActionCall) -> Choice:
    data = action.data
    if CONF_ASIN in data:
        # A title has no conflict any more when it was decided: it can be undone.
        raise InvalidValueError(
            field=CONF_ASIN, value=data[CONF_ASIN], allowed=f"with {_CONF_UNDO} alone"
        )
    if _CONF_CHOICE not in data:
        raise MissingValueError(field=_CONF_CHOICE, allowed=", ".join(_CHOICES))
    book_id = data.get(CONF_BOOK_ID)
    if data[_CONF_CHOICE] == "link" and book_id is None:
        raise MissingValueError(field=CONF_BOOK_ID, allowed="the book that it is")
    return Choice(
        _CHOICES[data[_CONF_CHOICE]], None if book_id is None else BookId(book_id)
    )


async def _async_resolve_piecemeal(action: ActionCall) -> Members:
    """Resolve all in many short transactions; others can write between them."""
    outcomes: list[BulkOutcome] = []
    after: ConflictId | None = None
    left = action.data[CONF_LIMIT]
    try:
        while left > 0:
            limit = min(left, BULK_MAX)
            async with action.store.transaction() as connection:
                found = await _async_resolve_all(
                    action, connection, after=after, limit=limit
                )
            outcomes += found
            left -= len(found)
            if len(found) < limit:
                break
            after = found[-1].conflict_id
    finally:
        # Also what was resolved before an error stays.
        await action.async_show()
    return _outcome_members(outcomes)


async def _async_resolve_all(
    action: ActionCall,
    connection: AsyncConnection,
    *,
    after: ConflictId | None = None,
    limit: int,
) -> tuple[BulkOutcome, ...]:
    for name in (_CONF_UNDO, _CONF_CHOICE, CONF_BOOK_ID):
        if value := action.data.get(name):
            allowed = f"with {_CONF_CONFLICT} alone"
            raise InvalidValueError(field=name, value=value, allowed=allowed)
    reader = await action.async_reader(connection)
    return await resolve_all(
        connection,
        reader.reader_id,
        create=action.data[_CONF_CREATE],
        accept_from=action.data.get(_CONF_ACCEPT),
        actor=await action.async_actor(),
        now=action.now,
        after=after,
        limit=limit,
    )


def _outcome_members(outcomes: Sequence[BulkOutcome]) -> Members:
    return {
        "resolved": [
            settled_members(
                one.settled,
                Resolution.CREATED if one.settled.made_book else Resolution.LINKED,
            )
            for one in outcomes
            if one.settled is not None
        ],
        "left": [_left(one) for one in outcomes if one.settled is None],
    }


async def _async_undo(action: ActionCall, connection: AsyncConnection) -> Members:
    for name in (_CONF_CHOICE, CONF_BOOK_ID):
        if value := action.data.get(name):
            allowed = f"not with {_CONF_UNDO}"
            raise InvalidValueError(field=name, value=value, allowed=allowed)
    actor = await action.async_actor()
    links: list[Link] = []
    for number in dict.fromkeys(action.data.get(_CONF_CONFLICT, ())):
        conflict_id = ConflictId(number)
        await _async_check_reader(action, connection, conflict_id)
        links.append(
            await undo_resolution(
                connection, conflict_id=conflict_id, actor=actor, now=action.now
            )
        )
    if CONF_ASIN in action.data:
        link = await action.async_link(connection)
        links.append(
            await undo_resolution(
                connection, link_id=link.link_id, actor=actor, now=action.now
            )
        )
    return {"undone": [link_members(link) for link in links]}


def settled_members(settled: Settled, resolution: Resolution | None) -> Members:
    """Return what became of a title that a person has decided about."""
    return {
        "conflict_id": settled.conflict_id,
        "resolution": plain(resolution),
        "made_book": settled.made_book,
        "reads_moved": settled.reads_moved,
        "left_over_book_id": settled.left_over,
        "title": link_members(settled.link),
        "book": book_members(settled.book) if settled.book is not None else None,
    }


def _left(outcome: BulkOutcome) -> Members:
    fields = outcome.link.fields
    return {
        "conflict_id": outcome.conflict_id,
        "asin": fields.asin,
        "title": fields.audible_title,
        "reason": plain(outcome.left),
    }


_CONFLICTS: Final = probatio.All(cv.ensure_list, [NUMBER])

LIST_CONFLICTS: Final = Action(
    _async_list_conflicts,
    {
        **ACCOUNT,
        **READER,
        probatio.Optional(_CONF_CONFLICT): _CONFLICTS,
        probatio.Optional(CONF_OFFSET, default=0): OFFSET,
        probatio.Optional(CONF_LIMIT, default=20): whole_number(1, 200),
        probatio.Optional(_CONF_UNLINKED, default=False): cv.boolean,
    },
    SupportsResponse.ONLY,
)
RESOLVE_CONFLICT: Final = Action(
    _async_resolve_conflict,
    {
        **ACCOUNT,
        **READER,
        **ASIN,
        **BOOK,
        probatio.Optional(_CONF_CONFLICT): _CONFLICTS,
        probatio.Optional(_CONF_CHOICE): probatio.In([*_CHOICES]),
        probatio.Optional(_CONF_CREATE, default=False): cv.boolean,
        probatio.Optional(_CONF_ACCEPT): probatio.Coerce(float),
        probatio.Optional(_CONF_UNDO, default=False): cv.boolean,
        probatio.Optional(CONF_DRY_RUN, default=False): cv.boolean,
        probatio.Optional(CONF_LIMIT, default=1000): whole_number(1, 5000),
    },
    needs_admin=True,
    names={"accept_from": _CONF_ACCEPT},
)
