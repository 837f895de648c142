"""Questions about titles that need a person, and what was decided lately."""

from collections.abc import Collection
from typing import Any, Final

import probatio
from homeassistant.core import ServiceResponse, SupportsResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from ..actions.answers import Members, plain
from ..actions.calls import CONF_LIMIT, READER, Action, ActionCall, whole_number
from ..actions.conflicts import conflict_members
from ..core.decisions.conflicts import list_conflicts
from ..core.decisions.journal import Action as Decided
from ..core.decisions.journal import Decision, load_decisions
from ..core.store.conflicts import count_open_conflicts
from ..core.store.links import load_some_links
from ..core.store.records import ReaderId
from ..core.store.sync_logs import DecisionsWanted
from .covers import async_add_covers, title_cover

_LATELY_MAX: Final = 10


async def _async_conflicts(action: ActionCall) -> ServiceResponse:
    """Return the oldest questions, how many there are, and the last answers."""
    async with action.store.reading() as connection:
        reader = await action.async_named_reader(connection)
        reader_id = reader.reader_id if reader is not None else None
        hidden = await action.caller.async_hidden()
        shown = await list_conflicts(
            connection, reader_id, but=hidden, limit=action.data[CONF_LIMIT]
        )
        names = {r.reader_id: r.name for r in await action.async_readers(connection)}
        conflicts: list[Any] = [conflict_members(one, names) for one in shown]
        for conflict, one in zip(conflicts, shown, strict=True):
            link = one.link.fields
            conflict["title"] |= title_cover(action.hass, link.account_id, link.asin)
        candidates = [one for conflict in conflicts for one in conflict["candidates"]]
        books = [candidate["book"] for candidate in candidates]
        await async_add_covers(action.hass, connection, books)
        return {
            "total": await count_open_conflicts(
                connection, reader_id=reader_id, but=hidden
            ),
            "readers": plain(sorted(names.values())),
            "may_decide": await action.caller.async_is_admin(),
            "conflicts": conflicts,
            "decided": await _async_decided(connection, hidden),
        }


async def _async_decided(
    connection: AsyncConnection, hidden: Collection[ReaderId]
) -> list[Any]:
    """Return the last answers that still stand and can be taken back."""
    wanted = DecisionsWanted(
        actions=(Decided.RESOLVE_CONFLICT.value,), is_standing=True
    )
    decisions = await load_decisions(connection, wanted, limit=_LATELY_MAX)
    link_ids = [one.about.link_id for one in decisions if one.about.link_id]
    links = await load_some_links(connection, link_ids)
    return [
        _decided(one, links[one.about.link_id].fields.audible_title)
        for one in decisions
        if one.about.link_id in links and one.about.reader_id not in hidden
    ]


def _decided(decision: Decision, title: str) -> Members:
    return {
        "conflict_id": decision.about.conflict_id,
        "title": title,
        "actor": decision.actor,
        "decided_at": plain(decision.decided_at),
    }


CONFLICTS: Final = Action(
    _async_conflicts,
    {**READER, probatio.Optional(CONF_LIMIT, default=10): whole_number(1, 50)},
    SupportsResponse.ONLY,
)
