"""The action about series."""

from typing import Final

from homeassistant.core import ServiceResponse, SupportsResponse

from ..core.series import next_in_series
from ..core.store.titles import load_titles
from .answers import title_facts
from .calls import THING, Action, ActionCall


async def _async_next_in_series(action: ActionCall) -> ServiceResponse:
    """Return the title of the library that comes after one in its series."""
    async with action.store.reading() as connection:
        link = await action.async_link(connection)
        account_id = link.fields.account_id
        library = await load_titles(connection, account_id) if account_id else ()
    by_asin = {title.asin: title for title in library}
    title = by_asin.get(link.fields.asin)
    found = next_in_series(title, library) if title is not None else None
    return {
        "asin": link.fields.asin,
        "title": link.fields.audible_title,
        "next": title_facts(found) if found is not None else None,
    }


NEXT_IN_SERIES: Final = Action(_async_next_in_series, THING, SupportsResponse.ONLY)
