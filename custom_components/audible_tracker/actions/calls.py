"""What all actions share: whose call it is, and which account, reader, title, book."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import service
from homeassistant.util import dt as dt_util
from sqlalchemy.ext.asyncio import AsyncConnection

from ..const import CONF_ASIN, CONF_READER, DOMAIN, LOGGER
from ..coordinator import AudibleConfigEntry
from ..core.audible.parse import is_asin
from ..core.decisions.links import find_link
from ..core.errors import (
    InvalidValueError,
    MissingValueError,
    NotInStoreError,
    ReadingHiddenError,
    TrackerError,
)
from ..core.models import Asin
from ..core.store.accounts import load_account
from ..core.store.books import load_book
from ..core.store.database import Store
from ..core.store.links import load_links_of_book, load_links_of_title
from ..core.store.readers import load_reader, load_readers
from ..core.store.records import Book, BookId, Link, Reader, ReaderId
from .caller import Caller

CONF_BOOK_ID: Final = "book_id"
CONF_DRY_RUN: Final = "dry_run"
CONF_LIMIT: Final = "limit"
CONF_OFFSET: Final = "offset"

NUMBER_MAX: Final = 2**63 - 1
"""What the database keeps as a whole number."""

type Fields = Mapping[probatio.Marker, Any]


def whole_number(least: int, most: int) -> Callable[[Any], int]:
    """Return a check of a whole number in a range, however it is written."""

    def check(value: Any) -> int:
        allowed = f"expected a whole number, {least} to {most}"
        try:
            number = int(value)
        except TypeError, ValueError, OverflowError:
            raise probatio.Invalid(allowed) from None
        is_whole = not isinstance(value, float) or number == value
        if isinstance(value, bool) or not is_whole or not least <= number <= most:
            raise probatio.Invalid(allowed)
        return number

    return check


def text(value: Any) -> str:
    """Check a text, which no database keeps a null character of."""
    checked = cv.string(value)
    if "\0" in checked:
        raise probatio.Invalid("expected a text without a null character")
    return checked


def day(value: Any) -> date:
    """Check a day, also where a template gives an instant."""
    return cv.date(value.date() if isinstance(value, datetime) else value)


NUMBER: Final = whole_number(1, NUMBER_MAX)
"""The number of a book, a read, a conflict or an import."""
INTEGER: Final = whole_number(-NUMBER_MAX, NUMBER_MAX)
"""A whole number whose own bounds are checked where they are known."""
OFFSET: Final = whole_number(0, NUMBER_MAX)

ACCOUNT: Final[Fields] = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): text}
READER: Final[Fields] = {probatio.Optional(CONF_READER): text}
ASIN: Final[Fields] = {probatio.Optional(CONF_ASIN): text}
BOOK: Final[Fields] = {probatio.Optional(CONF_BOOK_ID): NUMBER}
THING: Final[Fields] = {**ACCOUNT, **READER, **ASIN, **BOOK}
"""A title or a book, and whose it is."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action: what does it, what it takes, whether it answers, and whose it is."""

    run: Callable[[ActionCall], Awaitable[ServiceResponse]]
    fields: Fields
    supports_response: SupportsResponse = SupportsResponse.OPTIONAL
    needs_admin: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    """What a caller calls the fields that core names otherwise."""

    @property
    def schema(self) -> probatio.Schema:
        """Return what a call may hold."""
        return probatio.Schema(dict(self.fields))

    async def async_run(self, call: ActionCall) -> ServiceResponse:
        """Do it; a wrong value is told by the caller's own word for it."""
        try:
            return await self.run(call)
        except (InvalidValueError, MissingValueError) as err:
            name = err.placeholders["field"]
            err.placeholders["field"] = self.names.get(name, name)
            raise


class ActionCall:
    """One call. What it names is looked up here, and nowhere else."""

    def __init__(self, call: ServiceCall) -> None:
        """Read the call; nothing is looked up yet."""
        self._call = call
        self.hass: HomeAssistant = call.hass
        self.data: Mapping[str, Any] = call.data
        self.wants_answer: bool = call.return_response
        self.caller: Final = Caller.of(call.hass, call.context)
        self.now: datetime = dt_util.utcnow()

    async def async_actor(self) -> str:
        """Return the name of who called."""
        return await self.caller.async_name()

    @property
    def today(self) -> date:
        """Return the day that it is for the tracker."""
        return self.now.astimezone(self.store.time_zone).date()

    # --- accounts ---------------------------------------------------------------------

    @cached_property
    def entries(self) -> tuple[AudibleConfigEntry, ...]:
        """Return the named account, or all that are loaded; there is at least one."""
        wanted = self.data.get(ATTR_CONFIG_ENTRY_ID)
        if wanted is None:
            found = tuple(self.hass.config_entries.async_loaded_entries(DOMAIN))
            if found:
                return found
        return (service.async_get_config_entry(self.hass, DOMAIN, wanted),)

    @property
    def entry(self) -> AudibleConfigEntry:
        """Return the named account, or the only one."""
        wanted = self.data.get(ATTR_CONFIG_ENTRY_ID)
        found: AudibleConfigEntry = service.async_get_config_entry(
            self.hass, DOMAIN, wanted
        )
        return found

    @property
    def store(self) -> Store:
        """Return the open database, which all accounts share."""
        return self.entries[0].runtime_data.store

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[AsyncConnection]:
        """Yield a transaction; what it changed is shown at once."""
        async with self.store.transaction() as connection:
            yield connection
        await self.async_show()

    async def async_show(self) -> None:
        """Show what the database knows by now, in the entities of all accounts."""
        await async_show(self.hass)

    # --- readers ----------------------------------------------------------------------

    async def async_readers(self, connection: AsyncConnection) -> tuple[Reader, ...]:
        """Return the readers whose reading is shown to the caller, by name."""
        hidden = await self.caller.async_hidden()
        readers = await load_readers(connection)
        return tuple(one for one in readers if one.reader_id not in hidden)

    async def async_reader(self, connection: AsyncConnection) -> Reader:
        """Return the named reader, that of the named account, the only one, the caller.

        Else it is that of the only account: the default reader of its options.
        """
        found = await self.async_named_reader(connection)
        if found is not None:
            return found
        readers = await self.async_readers(connection)
        if not readers:
            raise ReadingHiddenError
        if len(readers) == 1:
            return readers[0]
        return await self._async_reader_among(connection, readers)

    async def _async_reader_among(
        self, connection: AsyncConnection, among: Sequence[Reader]
    ) -> Reader:
        """Return the caller, else the default reader of the only account."""
        callers = self.caller.own_readers()
        own = [reader for reader in among if reader.reader_id in callers]
        if len(own) == 1:
            return own[0]
        if len(self.entries) == 1:
            account_id = self.entries[0].runtime_data.account_id
            account = await load_account(connection, account_id)
            for reader in among:
                if reader.reader_id == account.default_reader_id:
                    return reader
        raise _unknown_reader(None, among)

    async def async_named_reader(self, connection: AsyncConnection) -> Reader | None:
        """Return the named reader, or the named account's; None if neither is.

        Raises ReadingHiddenError for one whose reading is not shown to the caller.
        """
        name = self.data.get(CONF_READER)
        if name is not None:
            reader = await self._async_reader_of_name(connection, name)
        elif ATTR_CONFIG_ENTRY_ID in self.data:
            account_id = self.entry.runtime_data.account_id
            account = await load_account(connection, account_id)
            reader = await load_reader(connection, account.default_reader_id)
        else:
            return None
        await self.caller.async_check(reader.reader_id)
        return reader

    async def _async_reader_of_name(
        self, connection: AsyncConnection, name: str
    ) -> Reader:
        wanted = " ".join(name.split()).casefold()
        for reader in await load_readers(connection):
            if reader.name.casefold() == wanted:
                return reader
        raise _unknown_reader(name, await self.async_readers(connection))

    # --- titles and books -------------------------------------------------------------

    @property
    def asin(self) -> Asin | None:
        """Return the title that is named; raise InvalidValueError for no ASIN."""
        text = self.data.get(CONF_ASIN)
        return None if text is None else parse_asin(text)

    async def async_link(self, connection: AsyncConnection) -> Link:
        """Return the reader's title that is named, by its ASIN or its book.

        Raises InvalidValueError where both are named and are not the same.
        """
        if (asin := self.asin) is not None:
            link = await self.async_title(connection, asin)
            self._check_book(link)
            return link
        if (book_id := self.data.get(CONF_BOOK_ID)) is None:
            raise _nothing_named()
        return await self._async_title_of(connection, BookId(book_id))

    async def async_title(self, connection: AsyncConnection, asin: Asin) -> Link:
        """Return what a title is to the reader who is named, or meant."""
        if (reader := await self.async_named_reader(connection)) is not None:
            return await find_link(connection, reader.reader_id, asin)
        links = await load_links_of_title(connection, asin)
        if not links:
            raise NotInStoreError(what="title", number=asin)
        readers = await self.async_readers(connection)
        shown = {one.reader_id for one in readers}
        links = tuple(link for link in links if link.fields.reader_id in shown)
        if not links:
            raise ReadingHiddenError
        if len(links) == 1:
            return links[0]
        listeners = {link.fields.reader_id for link in links}
        reader = await self._async_reader_among(
            connection, [one for one in readers if one.reader_id in listeners]
        )
        return await find_link(connection, reader.reader_id, asin)

    def _check_book(self, link: Link) -> None:
        """Refuse a title and a book that are not the same."""
        book_id = self.data.get(CONF_BOOK_ID)
        if book_id is not None and book_id != link.fields.book_id:
            is_book = link.fields.book_id
            allowed = f"the book of {link.fields.asin}"
            allowed += f", {is_book}" if is_book is not None else ", which has none"
            raise InvalidValueError(field=CONF_BOOK_ID, value=book_id, allowed=allowed)

    async def async_book(self, connection: AsyncConnection) -> Book:
        """Return the book that is named, by its number or by a title that it is.

        Raises InvalidValueError where both are named and are not the same.
        """
        book_id = self.data.get(CONF_BOOK_ID)
        if CONF_ASIN in self.data or book_id is None:
            link = await self.async_link(connection)
            book_id = link.fields.book_id
            if book_id is None:
                allowed = "a title that is linked to a book"
                raise InvalidValueError(
                    field=CONF_ASIN, value=link.fields.asin, allowed=allowed
                )
        book = await load_book(connection, BookId(book_id))
        await self.async_check_owner(connection, book.fields.reader_id)
        return book

    async def async_check_owner(
        self, connection: AsyncConnection, owner_id: ReaderId
    ) -> None:
        """Refuse what is not shown to the caller, or is not the named reader's."""
        await self.caller.async_check(owner_id)
        if CONF_READER not in self.data:
            return
        reader = await self.async_reader(connection)
        if reader.reader_id != owner_id:
            owner = await load_reader(connection, owner_id)
            raise InvalidValueError(
                field=CONF_READER, value=reader.name, allowed=owner.name
            )

    async def _async_title_of(
        self, connection: AsyncConnection, book_id: BookId
    ) -> Link:
        book = await load_book(connection, book_id)
        await self.async_check_owner(connection, book.fields.reader_id)
        links = await load_links_of_book(connection, book_id)
        if len(links) != 1:
            asins = ", ".join(link.fields.asin for link in links)
            raise MissingValueError(
                field=CONF_ASIN, allowed=asins or "a title of the library"
            )
        return links[0]


async def async_match_again(hass: HomeAssistant) -> None:
    """Match the titles without a book with books that have come or gone; show all."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        try:
            await entry.runtime_data.sync.match_again()
        except TrackerError as err:
            # The import is done; the titles stay questions until somebody answers.
            LOGGER.debug("Titles were not matched anew: %s", err.key)
    await async_show(hass)


async def async_show(hass: HomeAssistant) -> None:
    """Show what the database knows by now, in the entities of all accounts."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        try:
            await entry.runtime_data.coordinator.async_show()
        except TrackerError as err:
            # What was asked for is done; the next poll shows it.
            LOGGER.debug("The entities are not up to date yet: %s", err.key)


def parse_asin(text: str) -> Asin:
    """Return the ASIN in what was typed; raise InvalidValueError."""
    asin = text.strip().upper()
    if not is_asin(asin):
        raise InvalidValueError(
            field=CONF_ASIN, value=text, allowed="ten letters and digits"
        )
    return Asin(asin)


def _nothing_named() -> MissingValueError:
    return MissingValueError(
        field=f"{CONF_ASIN}, {CONF_BOOK_ID}", allowed="one of the two"
    )


def _unknown_reader(
    name: str | None, readers: Sequence[Reader]
) -> InvalidValueError | MissingValueError:
    names = ", ".join(reader.name for reader in readers)
    if name is None:
        return MissingValueError(field=CONF_READER, allowed=names)
    return InvalidValueError(field=CONF_READER, value=name, allowed=names)
