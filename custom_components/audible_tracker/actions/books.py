"""Actions about the tracker's own books."""

from typing import Any, Final, cast

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from ..const import CONF_ASIN, CONF_READER
from ..core.decisions.books import (
    add_book,
    delete_book,
    edit_book,
    merge_books,
    rate_book,
    search_books,
    set_book_status,
)
from ..core.decisions.checking import BookEdit
from ..core.decisions.links import create_book_for
from ..core.decisions.unmerging import undo_merge
from ..core.errors import InvalidValueError, MissingValueError
from ..core.kinds import BookStatus, BookType
from ..core.models import SeriesPlace
from ..core.store.links import load_some_links
from ..core.store.records import BookId
from .answers import book_members
from .calls import (
    ACCOUNT,
    CONF_BOOK_ID,
    CONF_LIMIT,
    INTEGER,
    NUMBER,
    READER,
    THING,
    Action,
    ActionCall,
    Fields,
    day,
    text,
    whole_number,
)

_CONF_CLEAR: Final = "clear"
_CONF_DATE: Final = "date"
_CONF_DROPPED: Final = "dropped_book_id"
_CONF_IGNORE_TITLES: Final = "ignore_titles"
_CONF_NOTE: Final = "note"
_CONF_QUERY: Final = "query"
_CONF_RATING: Final = "rating"
_CONF_RUNTIME: Final = "runtime_minutes"
_CONF_SEQUENCE: Final = "series_sequence"
_CONF_SERIES: Final = "series"
_CONF_STATUS: Final = "status"
_CONF_TITLE: Final = "title"
_CONF_UNDO: Final = "undo"

_MS_PER_MINUTE: Final = 60_000
_MINUTES_MAX: Final = 160_000
_LISTS: Final = ("authors", "narrators", "tags")
_TEXTS: Final = ("subtitle", "isbn", "publisher", "language", "cover_url", "review")
_NUMBERS: Final = ("year", "page_count")
_PLAIN: Final = (_CONF_TITLE, *_TEXTS, *_NUMBERS, *_LISTS, "book_type")
_CLEARABLE: Final = (
    *(*_TEXTS, *_NUMBERS, *_LISTS),
    *(_CONF_SERIES, _CONF_RUNTIME, _CONF_NOTE),
)
_CORE_NAMES: Final = {_CONF_NOTE: "private_notes", _CONF_RUNTIME: "runtime_ms"}


async def _async_search_books(action: ActionCall) -> ServiceResponse:
    """Return a reader's books by words of title or persons."""
    async with action.store.reading() as connection:
        reader = await action.async_reader(connection)
        books = await search_books(
            connection,
            reader.reader_id,
            action.data[_CONF_QUERY],
            limit=action.data[CONF_LIMIT],
        )
    return {"reader": reader.name, "books": [book_members(book) for book in books]}


async def _async_add_book(action: ActionCall) -> ServiceResponse:
    """Add a book by hand, or of a title of the library."""
    data = action.data
    edit = _edit(data)
    status = BookStatus(data.get(_CONF_STATUS, BookStatus.TO_READ))
    actor, now = await action.async_actor(), action.now
    async with action.changing() as connection:
        if CONF_ASIN in data:
            wrong = sorted(data.keys() - {CONF_ASIN, CONF_READER, ATTR_CONFIG_ENTRY_ID})
            if wrong:
                raise InvalidValueError(
                    field=wrong[0],
                    value=str(data[wrong[0]]),
                    allowed="not with an ASIN",
                )
            link = await action.async_link(connection)
            settled = await create_book_for(
                connection,
                link.fields.reader_id,
                link.fields.asin,
                actor=actor,
                now=now,
            )
            made = settled.book
            return {} if made is None else book_members(made)
        reader = await action.async_reader(connection)
        book = await add_book(
            connection,
            reader.reader_id,
            edit,
            status=status,
            on=data.get(_CONF_DATE),
            rating=data.get(_CONF_RATING),
            actor=actor,
            now=now,
            time_zone=action.store.time_zone,
        )
    return book_members(book)


async def _async_edit_book(action: ActionCall) -> ServiceResponse:
    """Correct what is said of a book."""
    edit = _edit(action.data)
    if not edit:
        fields = (*_PLAIN, *_CORE_NAMES, _CONF_SERIES, _CONF_CLEAR)
        raise MissingValueError(field=", ".join(fields), allowed="one of them at least")
    async with action.changing() as connection:
        book = await action.async_book(connection)
        changed = await edit_book(
            connection,
            book.book_id,
            edit,
            actor=await action.async_actor(),
            now=action.now,
        )
    return book_members(changed)


async def _async_set_book_status(action: ActionCall) -> ServiceResponse:
    """Say where a reader stands with a book."""
    async with action.changing() as connection:
        book = await action.async_book(connection)
        changed = await set_book_status(
            connection,
            book.book_id,
            BookStatus(action.data[_CONF_STATUS]),
            action.data.get(_CONF_DATE),
            actor=await action.async_actor(),
            now=action.now,
        )
    return book_members(changed)


async def _async_rate_book(action: ActionCall) -> ServiceResponse:
    """Rate a book, or take its rating back."""
    rating: float | None = action.data.get(_CONF_RATING)
    if (rating is None) != action.data[_CONF_CLEAR]:
        raise _neither_or_both(_CONF_RATING, rating, "a rating")
    async with action.changing() as connection:
        book = await action.async_book(connection)
        changed = await rate_book(
            connection,
            book.book_id,
            rating,
            actor=await action.async_actor(),
            now=action.now,
        )
    return book_members(changed)


async def _async_merge_books(action: ActionCall) -> ServiceResponse:
    """Make one book of two that are the same, or two again of the last two that were.

    Answers the book that stays; beside it ``restored``, the other one, if it is back.
    """
    dropped: int | None = action.data.get(_CONF_DROPPED)
    if (dropped is None) != action.data[_CONF_UNDO]:
        allowed = f"the other book, or {_CONF_UNDO}"
        if dropped is None:
            raise MissingValueError(field=_CONF_DROPPED, allowed=allowed)
        raise InvalidValueError(
            field=_CONF_DROPPED, value=dropped, allowed=f"{allowed}, not both"
        )
    actor, now = await action.async_actor(), action.now
    async with action.changing() as connection:
        kept = (await action.async_book(connection)).book_id
        if dropped is None:
            apart = await undo_merge(connection, kept, actor=actor, now=now)
            restored = book_members(apart.restored)
            return {**book_members(apart.kept), "restored": restored}
        book = await merge_books(
            connection, kept, BookId(dropped), actor=actor, now=now
        )
    return book_members(book)


async def _async_delete_book(action: ActionCall) -> ServiceResponse:
    """Delete a book; its titles keep their history."""
    async with action.changing() as connection:
        book = await action.async_book(connection)
        deleted = await delete_book(
            connection,
            book.book_id,
            actor=await action.async_actor(),
            now=action.now,
            ignore_titles=action.data[_CONF_IGNORE_TITLES],
        )
        links = await load_some_links(connection, deleted.link_ids)
    return {
        "deleted": book_members(deleted.book),
        "titles": [
            {"asin": link.fields.asin, "title": link.fields.audible_title}
            for link in links.values()
        ],
    }


def _edit(data: Any) -> BookEdit:
    """Return what a call says of a book."""
    edit: dict[str, Any] = {name: data[name] for name in _PLAIN if name in data}
    if _CONF_RUNTIME in data:
        edit["runtime_ms"] = data[_CONF_RUNTIME] * _MS_PER_MINUTE
    if _CONF_NOTE in data:
        edit["private_notes"] = data[_CONF_NOTE]
    if _CONF_SERIES in data:
        edit[_CONF_SERIES] = (_series(data),)
    elif _CONF_SEQUENCE in data:
        allowed = f"the series that {_CONF_SEQUENCE} is of"
        raise MissingValueError(field=_CONF_SERIES, allowed=allowed)
    for name in data.get(_CONF_CLEAR, ()):
        if name in data:
            allowed = f"a value, or its name in {_CONF_CLEAR}, not both"
            raise InvalidValueError(field=name, value=data[name], allowed=allowed)
        key = _CORE_NAMES.get(name, name)
        edit[key] = () if name in (*_LISTS, _CONF_SERIES) else None
    return cast("BookEdit", edit)


def _series(data: Any) -> SeriesPlace:
    title, sequence = data[_CONF_SERIES].strip(), data.get(_CONF_SEQUENCE)
    if not title:
        raise InvalidValueError(
            field=_CONF_SERIES, value=data[_CONF_SERIES], allowed="a text"
        )
    return SeriesPlace(title, sequence.strip() or None if sequence else None)


def _neither_or_both(
    field: str, value: object, what: str
) -> InvalidValueError | MissingValueError:
    allowed = f"{what}, or {_CONF_CLEAR}"
    if value is None:
        return MissingValueError(field=field, allowed=allowed)
    return InvalidValueError(field=field, value=value, allowed=f"{allowed}, not both")


_WORDS: Final = probatio.All(cv.ensure_list, [text])
_STATUSES: Final = probatio.In([status.value for status in BookStatus])
_DESCRIPTION: Final[Fields] = {
    **{probatio.Optional(name): text for name in _TEXTS},
    **{probatio.Optional(name): INTEGER for name in _NUMBERS},
    **{probatio.Optional(name): _WORDS for name in _LISTS},
    probatio.Optional(_CONF_SERIES): text,
    probatio.Optional(_CONF_SEQUENCE): text,
    probatio.Optional("book_type"): probatio.In([kind.value for kind in BookType]),
    probatio.Optional(_CONF_NOTE): text,
    probatio.Optional(_CONF_RUNTIME): whole_number(1, _MINUTES_MAX),
}

_NAMES: Final = {"on": _CONF_DATE, "private_notes": _CONF_NOTE}

SEARCH_BOOKS: Final = Action(
    _async_search_books,
    {
        **ACCOUNT,
        **READER,
        probatio.Required(_CONF_QUERY): text,
        probatio.Optional(CONF_LIMIT, default=20): INTEGER,
    },
    SupportsResponse.ONLY,
)
ADD_BOOK: Final = Action(
    _async_add_book,
    {
        **ACCOUNT,
        **READER,
        probatio.Optional(CONF_ASIN): text,
        probatio.Optional(_CONF_TITLE): text,
        **_DESCRIPTION,
        probatio.Optional(_CONF_STATUS): _STATUSES,
        probatio.Optional(_CONF_DATE): day,
        probatio.Optional(_CONF_RATING): probatio.Coerce(float),
    },
    names=_NAMES,
)
EDIT_BOOK: Final = Action(
    _async_edit_book,
    {
        **THING,
        probatio.Optional(_CONF_TITLE): text,
        **_DESCRIPTION,
        probatio.Optional(_CONF_CLEAR): probatio.All(
            cv.ensure_list, [probatio.In(_CLEARABLE)]
        ),
    },
    names=_NAMES,
)
SET_BOOK_STATUS: Final = Action(
    _async_set_book_status,
    {
        **THING,
        probatio.Required(_CONF_STATUS): _STATUSES,
        probatio.Optional(_CONF_DATE): day,
    },
    names=_NAMES,
)
RATE_BOOK: Final = Action(
    _async_rate_book,
    {
        **THING,
        probatio.Optional(_CONF_RATING): probatio.Coerce(float),
        probatio.Optional(_CONF_CLEAR, default=False): cv.boolean,
    },
)
MERGE_BOOKS: Final = Action(
    _async_merge_books,
    {
        **ACCOUNT,
        **READER,
        probatio.Required(CONF_BOOK_ID): NUMBER,
        probatio.Optional(_CONF_DROPPED): NUMBER,
        probatio.Optional(_CONF_UNDO, default=False): cv.boolean,
    },
    needs_admin=True,
    names={"dropped": _CONF_DROPPED},
)
DELETE_BOOK: Final = Action(
    _async_delete_book,
    {**THING, probatio.Optional(_CONF_IGNORE_TITLES, default=True): cv.boolean},
    needs_admin=True,
)
