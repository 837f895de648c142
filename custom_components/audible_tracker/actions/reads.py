"""The action about single passes through a book."""

from typing import Any, Final, cast

import probatio
from homeassistant.core import ServiceResponse
from homeassistant.helpers import config_validation as cv
from sqlalchemy.ext.asyncio import AsyncConnection

from ..const import CONF_ASIN
from ..core.decisions.checking import ReadEdit
from ..core.decisions.reads import add_read, delete_read, edit_read, list_reads
from ..core.errors import InvalidValueError, MissingValueError
from ..core.kinds import ReadOutcome
from ..core.store.books import load_book
from ..core.store.reads import load_read
from ..core.store.records import BookId, ReadId
from .answers import Members, book_members, read_members
from .calls import CONF_BOOK_ID, NUMBER, THING, Action, ActionCall, day

_CONF_CLEAR: Final = "clear"
_CONF_DELETE: Final = "delete"
_CONF_READ_ID: Final = "read_id"
_DAYS: Final = ("started_on", "finished_on", "stopped_on")
_ENDS: Final = ("outcome", "finished_on", "stopped_on")
_OUTCOMES: Final = ("under_way", "finished", "stopped")


async def _async_edit_read(action: ActionCall) -> ServiceResponse:
    """Correct or delete a pass, or add one that nobody knew of."""
    edit = _edit(action.data)
    number: int | None = action.data.get(_CONF_READ_ID)
    actor, now = await action.async_actor(), action.now
    async with action.changing() as connection:
        if number is None:
            _check_new(action.data, edit)
            book = await action.async_book(connection)
            read = await add_read(connection, book.book_id, edit, actor=actor, now=now)
            return await _async_answer(connection, read.fields.book_id, read.read_id)
        read_id = ReadId(number)
        await _async_check_book(action, connection, read_id)
        if action.data[_CONF_DELETE]:
            read = await delete_read(connection, read_id, actor=actor, now=now)
            return await _async_answer(connection, read.fields.book_id, None)
        read = await edit_read(connection, read_id, edit, actor=actor, now=now)
        return await _async_answer(connection, read.fields.book_id, read_id)


def _check_new(data: Any, edit: ReadEdit) -> None:
    """Refuse to make up a pass of which nothing is said."""
    if data[_CONF_DELETE]:
        raise MissingValueError(field=_CONF_READ_ID, allowed="the read to delete")
    if not any(edit.get(name) for name in _ENDS):
        fields = ", ".join(_ENDS)
        allowed = f"one of them, or {_CONF_READ_ID} of the read to correct"
        raise MissingValueError(field=fields, allowed=allowed)


async def _async_check_book(
    action: ActionCall, connection: AsyncConnection, read_id: ReadId
) -> None:
    """Refuse a pass that is not the named reader's, or not of the named book."""
    read = await load_read(connection, read_id)
    await action.async_check_owner(connection, read.fields.reader_id)
    if CONF_ASIN not in action.data and CONF_BOOK_ID not in action.data:
        return
    book = await action.async_book(connection)
    if read.fields.book_id != book.book_id:
        allowed = f"a read of the book {book.book_id}"
        raise InvalidValueError(field=_CONF_READ_ID, value=read_id, allowed=allowed)


async def _async_answer(
    connection: AsyncConnection, book_id: BookId | None, read_id: ReadId | None
) -> Members:
    """Return the pass, and its book with all its passes, as they are now."""
    read = None if read_id is None else await load_read(connection, read_id)
    answer: Members = {
        "read": None if read is None else read_members(read),
        "book": None,
        "reads": [],
    }
    if book_id is not None:
        answer["book"] = book_members(await load_book(connection, book_id))
        reads = await list_reads(connection, book_id)
        answer["reads"] = [read_members(one) for one in reads]
    return answer


def _edit(data: Any) -> ReadEdit:
    edit: dict[str, Any] = {name: data[name] for name in _DAYS if name in data}
    if "outcome" in data:
        edit["outcome"] = ReadOutcome(data["outcome"])
    for name in data.get(_CONF_CLEAR, ()):
        if name in edit:
            allowed = f"a day, or its name in {_CONF_CLEAR}, not both"
            raise InvalidValueError(field=name, value=str(edit[name]), allowed=allowed)
        edit[name] = None
    return cast("ReadEdit", edit)


EDIT_READ: Final = Action(
    _async_edit_read,
    {
        **THING,
        probatio.Optional(_CONF_READ_ID): NUMBER,
        probatio.Optional("outcome"): probatio.In(_OUTCOMES),
        **{probatio.Optional(name): day for name in _DAYS},
        probatio.Optional(_CONF_CLEAR): probatio.All(
            cv.ensure_list, [probatio.In(_DAYS)]
        ),
        probatio.Optional(_CONF_DELETE, default=False): cv.boolean,
    },
)
