"""Actions about which book a title is, and who listens to it."""

from typing import Final

import probatio
from homeassistant.core import ServiceResponse
from homeassistant.helpers import config_validation as cv

from ..const import CONF_ASIN, CONF_READER
from ..core.decisions.links import (
    find_link,
    give_back,
    link_title,
    take_title,
    unlink_title,
)
from ..core.kinds import Resolution
from ..core.store.records import BookId
from .answers import link_members
from .calls import (
    ACCOUNT,
    CONF_BOOK_ID,
    NUMBER,
    READER,
    THING,
    Action,
    ActionCall,
    Fields,
    parse_asin,
    text,
)
from .conflicts import settled_members

_CONF_DELETE_LEFT_OVER: Final = "delete_left_over"
_CONF_GIVE_BACK: Final = "give_back"
_CONF_IGNORE: Final = "ignore"


async def _async_link_book(action: ActionCall) -> ServiceResponse:
    """Say which book a title is, for ever."""
    async with action.changing() as connection:
        # Its book may be another one so far.
        asin = parse_asin(action.data[CONF_ASIN])
        link = await action.async_title(connection, asin)
        settled = await link_title(
            connection,
            link.fields.reader_id,
            link.fields.asin,
            BookId(action.data[CONF_BOOK_ID]),
            actor=await action.async_actor(),
            now=action.now,
            delete_left_over=action.data[_CONF_DELETE_LEFT_OVER],
        )
    return settled_members(settled, Resolution.LINKED)


async def _async_unlink_book(action: ActionCall) -> ServiceResponse:
    """Take a title from its book, for ever."""
    is_ignored: bool = action.data[_CONF_IGNORE]
    async with action.changing() as connection:
        link = await action.async_link(connection)
        settled = await unlink_title(
            connection,
            link.fields.reader_id,
            link.fields.asin,
            actor=await action.async_actor(),
            now=action.now,
            ignore=is_ignored,
            delete_left_over=action.data[_CONF_DELETE_LEFT_OVER],
        )
    return settled_members(settled, Resolution.IGNORED if is_ignored else None)


async def _async_take_title(action: ActionCall) -> ServiceResponse:
    """Let a title of a shared account count for one of its readers, or no more."""
    change = give_back if action.data[_CONF_GIVE_BACK] else take_title
    async with action.changing() as connection:
        reader = await action.async_reader(connection)
        asin = parse_asin(action.data[CONF_ASIN])
        await change(
            connection,
            reader.reader_id,
            asin,
            actor=await action.async_actor(),
            now=action.now,
        )
        link = await find_link(connection, reader.reader_id, asin)
    return {"reader": reader.name, **link_members(link)}


_LEFT_OVER: Final[Fields] = {
    probatio.Optional(_CONF_DELETE_LEFT_OVER, default=False): cv.boolean
}

LINK_BOOK: Final = Action(
    _async_link_book,
    {
        **ACCOUNT,
        **READER,
        probatio.Required(CONF_ASIN): text,
        probatio.Required(CONF_BOOK_ID): NUMBER,
        **_LEFT_OVER,
    },
    needs_admin=True,
)
UNLINK_BOOK: Final = Action(
    _async_unlink_book,
    {
        **THING,
        probatio.Optional(_CONF_IGNORE, default=False): cv.boolean,
        **_LEFT_OVER,
    },
    needs_admin=True,
)
TAKE_TITLE: Final = Action(
    _async_take_title,
    {
        **ACCOUNT,
        probatio.Required(CONF_READER): text,
        probatio.Required(CONF_ASIN): text,
        probatio.Optional(_CONF_GIVE_BACK, default=False): cv.boolean,
    },
    needs_admin=True,
)
