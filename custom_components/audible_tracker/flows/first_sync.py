"""What a first sync would make of an account, before anything is created."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import probatio
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util

from ..accounts import async_known_account, async_sign_in_of
from ..const import CONF_CREATES_BOOKS, CONF_READER, LOGGER, READER_NAME_MAX
from ..core.audible.auth import sign_out
from ..core.errors import AudibleError, InvalidValueError, SealError, TrackerError
from ..core.models import Account, AudibleTitle, Credentials
from ..core.store.database import Store
from ..core.store.readers import load_readers
from ..core.store.records import Reader
from ..core.sync.preview import FirstSyncPreview, preview_first_sync
from ..core.sync.rules import Rules
from ..household import household_of
from .translated_texts import TextKind, TranslatedTexts

_OF_LIBRARY: Final = ("titles", "books", "not_books", "finished", "under_way")


@dataclass(frozen=True, slots=True)
class Registration:
    """A virtual device: that Amazon has just made, or that another program has."""

    account: Account
    credentials: Credentials = field(repr=False)
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """Who listens, and what becomes of titles that match no book."""

    reader: str
    creates_books: bool


@dataclass(frozen=True, slots=True)
class FirstSync:
    """An account that is signed in and not yet set up.

    ``reader`` is who is proposed, ``readers`` who is there already. The preview is for
    this reader, and for ``creates_books``.
    """

    registration: Registration
    reader: str
    readers: tuple[str, ...]
    preview: FirstSyncPreview
    titles: tuple[AudibleTitle, ...] = ()
    creates_books: bool = True

    def schema(self) -> probatio.Schema:
        """Return the form's fields."""
        return probatio.Schema(
            {
                probatio.Required(CONF_READER, default=self.reader): reader_selector(
                    self.readers
                ),
                probatio.Required(
                    CONF_CREATES_BOOKS, default=self.creates_books
                ): BooleanSelector(),
            }
        )

    def counted(self, texts: TranslatedTexts) -> dict[str, str]:
        """Return what there is, and what comes of it, as lists in Markdown."""
        lines = {
            name: f"- {texts.of(TextKind.FIRST_SYNC, name, count=count)}"
            for name, count in asdict(self.preview).items()
            if count
        }
        of_library = [lines.pop(name) for name in _OF_LIBRARY if name in lines]
        return {"library": "\n".join(of_library), "books": "\n".join(lines.values())}

    def is_about(self, answers: Answers) -> bool:
        """Tell whether the counts that were shown are those of the answers."""
        return (
            self.reader.casefold() == answers.reader.casefold()
            and self.creates_books == answers.creates_books
        )


def reader_selector(readers: tuple[str, ...]) -> SelectSelector:
    """Return a choice of the readers that are there, or of a new name."""
    return SelectSelector(
        SelectSelectorConfig(
            options=list(readers), mode=SelectSelectorMode.DROPDOWN, custom_value=True
        )
    )


async def async_prepare(
    hass: HomeAssistant,
    registration: Registration,
    titles: tuple[AudibleTitle, ...],
    answers: Answers | None = None,
    *,
    replaces: Account | None = None,
) -> FirstSync:
    """Return what there is to decide, or what comes of answers; nothing is written.

    Without answers the reader is proposed who is the account's already, or that of the
    account it replaces. Raises StoreError.
    """
    async with household_of(hass).async_opened() as store:
        async with store.reading() as connection:
            readers = await load_readers(connection)
        if answers is None:
            accounts = (registration.account, replaces)
            answers = await _proposed(store, accounts, readers)
        reader = _reader(readers, answers.reader)
        preview = await preview_first_sync(
            store,
            titles,
            reader_id=reader.reader_id if reader is not None else None,
            rules=Rules(creates_books=answers.creates_books),
            now=dt_util.utcnow(),
        )
    return FirstSync(
        registration,
        reader.name if reader is not None else answers.reader,
        tuple(reader.name for reader in readers),
        preview,
        titles,
        answers.creates_books,
    )


async def _proposed(
    store: Store, accounts: tuple[Account, Account | None], readers: Iterable[Reader]
) -> Answers:
    names = {reader.reader_id: reader.name for reader in readers}
    for account in accounts:
        known = await async_known_account(store, account) if account else None
        if known is not None:
            return Answers(names[known.default_reader_id], creates_books=True)
    return Answers(accounts[0].name, creates_books=True)


def _reader(readers: Iterable[Reader], name: str) -> Reader | None:
    return next(
        (reader for reader in readers if reader.name.casefold() == name.casefold()),
        None,
    )


def parse_answers(user_input: Mapping[str, Any]) -> Answers:
    """Return what was answered; raise InvalidValueError for a reader without a name."""
    return Answers(
        parse_reader(user_input[CONF_READER]), bool(user_input[CONF_CREATES_BOOKS])
    )


def parse_reader(text: str) -> str:
    """Return a reader's name; raise InvalidValueError for none."""
    name = " ".join(text.split())
    if not name or len(name) > READER_NAME_MAX:
        raise InvalidValueError(
            field=CONF_READER, value=text, allowed=f"1 to {READER_NAME_MAX} characters"
        )
    return name


async def async_is_locked(hass: HomeAssistant, account: Account) -> bool:
    """Tell whether an account's sign-in is there, but no key opens it."""
    try:
        async with household_of(hass).async_opened() as store:
            await async_sign_in_of(store, account)
    except TrackerError as err:
        return isinstance(err, SealError)
    return False


async def async_sign_out(credentials: Credentials) -> None:
    """Remove a registration that nobody uses any more, if Amazon answers."""
    try:
        await sign_out(credentials)
    except AudibleError as err:
        # Most often it is gone already: that is why somebody signs in again.
        LOGGER.info("A replaced registration could not be removed: %s", err)
