"""The shelf: what is being listened to, and where it stands."""

from datetime import datetime
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceResponse, SupportsResponse

from ..actions.answers import Members, plain
from ..actions.calls import ACCOUNT, READER, Action, ActionCall
from ..const import CONF_READER
from ..core.matching.persons import written_by
from ..core.store.overview import UnderWay
from ..core.store.records import AccountId
from ..household import household_of
from .covers import title_cover


async def _async_shelf(action: ActionCall) -> ServiceResponse:
    """Return the titles under way, newest first, out of what is in memory."""
    # Checked before the database: there may be no account.
    entries = action.entries
    async with action.store.reading() as connection:
        # An account's titles are shown whoever of its readers listens.
        is_named = CONF_READER in action.data
        reader = await action.async_reader(connection) if is_named else None
        names = {r.reader_id: r.name for r in await action.async_readers(connection)}
    found = [
        (entry, heard)
        for entry in entries
        for heard in entry.runtime_data.coordinator.data.under_way
        if heard.reader_id in names
        and (reader is None or heard.reader_id == reader.reader_id)
    ]
    found.sort(key=lambda pair: pair[1].moved_at, reverse=True)
    return {
        "has_server": household_of(action.hass).link is not None,
        "readers": plain(sorted(names.values())),
        "titles": [
            {
                "config_entry_id": entry.entry_id,
                "reader": names[heard.reader_id],
                **_title(action.hass, entry.runtime_data.account_id, heard),
            }
            for entry, heard in found
        ],
    }


def _title(hass: HomeAssistant, account_id: AccountId, heard: UnderWay) -> Members:
    title = heard.title
    chapter = heard.chapter
    series: list[Any] = plain(title.series)
    moved_at: datetime = heard.moved_at
    return {
        "asin": title.asin,
        "book_id": heard.book_id,
        "title": title.title or title.asin,
        "subtitle": title.subtitle,
        "authors": list(written_by(title.authors)),
        "narrators": list(title.narrators),
        "series": series,
        "runtime_ms": title.runtime_ms,
        "position_ms": heard.position_ms,
        "percent_complete": heard.percentage,
        "chapter": chapter.title if chapter else None,
        "last_heard_at": plain(moved_at),
        **title_cover(hass, account_id, title.asin),
    }


SHELF: Final = Action(_async_shelf, {**ACCOUNT, **READER}, SupportsResponse.ONLY)
