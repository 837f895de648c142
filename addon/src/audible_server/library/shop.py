"""The way to Audible for the accounts that were handed over."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from math import ceil
from typing import TYPE_CHECKING, Final

from audible_core.audible.pace import Line, Pace
from audible_core.errors import (
    AudibleAuthError,
    AudiblePaceError,
    LicenseThrottledError,
    NoAccountError,
    RegistrationTooOldError,
    SealError,
    TrackerError,
    UnknownAccountError,
)
from audible_core.models import (
    Account,
    Asin,
    AudibleTitle,
    ContentMetadata,
    Credentials,
    Description,
    License,
    Position,
)

from audible_server.library.events import Events
from audible_server.library.refusals import is_registration_too_old
from audible_server.store.accounts import AccountStore
from audible_server.store.books import Book
from audible_server.store.clock import now_ms

if TYPE_CHECKING:
    from audible_core.audible.auth import SignIn
    from audible_core.audible.client import AudibleClient

_LOGGER = logging.getLogger(__name__)
_PATIENCE_S: Final = 20.0
"""Who listens is told to come back rather than kept waiting for longer."""

_WITHOUT_AUDIO: Final = ("PodcastParent", "PodcastSeason", "Periodical", "BookSeries")


class Shop:
    """What is asked of Audible; every method raises AudibleError or LicenseError.

    A sign-in that is refused is noted with its account, and told: only its owner can
    make a new one.
    """

    def __init__(self, accounts: AccountStore, pace: Pace, events: Events) -> None:
        """Take the credentials from the store; all accounts share the pace."""
        self._accounts = accounts
        self._pace = pace
        self._events = events

    async def check_turn(self) -> None:
        """Raise AudiblePaceError if a listener would wait too long for a license."""
        wait_s = await self._pace.first_wait_s()
        if wait_s > _PATIENCE_S:
            raise AudiblePaceError(retry_after_s=ceil(wait_s))

    async def begin_sign_in(self, country_code: str) -> SignIn:
        """Return a new sign-in for one country's shop; no request is made."""
        await _load_library()
        from audible_core.audible.auth import SignIn

        return SignIn.begin(country_code)

    async def complete_sign_in(
        self, begun: str, landing_url: str
    ) -> tuple[Account, Credentials]:
        """Return the account of a sign-in, whose text is given; raise SignInError."""
        await _load_library()
        from audible_core.audible.auth import SignIn, complete_sign_in

        return await complete_sign_in(SignIn.from_text(begun), landing_url)

    async def adopt(
        self, account: Account, credentials: Credentials, *, is_fresh: bool = False
    ) -> bool:
        """Keep an account; tell whether it was signed in again since the last time.

        ``is_fresh`` is a sign-in of this moment. Raises AudibleAuthError if its
        credentials are damaged.
        """
        client = await self._opened(credentials)
        await client.close()
        is_other = is_fresh or await self._is_other(account.account_id, credentials)
        await self._accounts.save(
            account, credentials, signed_in_at=now_ms() if is_other else None
        )
        return is_other

    async def _is_other(self, account_id: str, credentials: Credentials) -> bool:
        from audible_core.audible.auth import is_same_registration

        try:
            known = await self._accounts.load_credentials(account_id)
        except UnknownAccountError:
            return False
        except SealError:
            # Its key file was lost.
            return True
        return not is_same_registration(known, credentials)

    async def fetch_library(
        self, account_id: str
    ) -> tuple[tuple[AudibleTitle, ...], frozenset[Asin]]:
        """Return the titles that have audio, and which have a companion PDF."""
        async with self._client(account_id) as client:
            library = await client.fetch_library()
        titles = tuple(
            title
            for title in library.titles
            if title.content_delivery_type not in _WITHOUT_AUDIO
        )
        return titles, library.with_pdf

    async def fetch_pdf_url(self, book: Book) -> str | None:
        """Return the address of the title's companion PDF, if there is one."""
        async with self._client(_owner(book)) as client:
            return await client.fetch_pdf_url(book.asin)

    async def fetch_positions(
        self, account_id: str, asins: Sequence[Asin]
    ) -> dict[Asin, Position]:
        """Return where listening stands at Audible, for those that were ever heard."""
        async with self._client(account_id) as client:
            return await client.fetch_positions(asins)

    async def fetch_metadata(self, book: Book) -> ContentMetadata:
        """Return chapters, called by their parts too, and facts of the recording.

        It costs no license.
        """
        async with self._client(_owner(book)) as client:
            return await client.fetch_metadata(book.asin, is_nested=True)

    async def refresh_token(self, account_id: str) -> None:
        """Fetch a new access token and keep it.

        Raises UnknownAccountError, and AudibleAuthError for an ended registration.
        """
        account = await self._accounts.load(account_id)
        credentials = await self._accounts.load_credentials(account_id)
        await _load_library()
        from audible_core.audible.auth import refreshed

        try:
            fresh = await refreshed(credentials)
        except AudibleAuthError as err:
            await self._note_refused(account_id, credentials, err)
            raise
        await self._accounts.save(
            Account(account_id, account.name, account.country_code), fresh
        )

    async def request_license(
        self, book: Book, on_sending: Callable[[], None], *, licenses_lately: int
    ) -> License:
        """Return a license; each call that was sent counts against a limit.

        A sign-in that is too old is not asked with again. ``licenses_lately`` is how
        many the account was granted.
        """
        account = await self._accounts.load(_owner(book))
        if account.error == RegistrationTooOldError.key:
            raise RegistrationTooOldError
        async with self._client(account.account_id, self._pace.first) as client:
            try:
                return await client.request_license(book.asin, on_sending)
            except LicenseThrottledError as err:
                if is_registration_too_old(
                    licenses_lately=licenses_lately,
                    signed_in_at=account.signed_in_at,
                    now_ms=now_ms(),
                ):
                    raise RegistrationTooOldError from err
                raise

    async def fetch_aax_url(self, book: Book) -> str:
        """Return the address of the title's AAX file."""
        async with self._client(_owner(book), self._pace.first) as client:
            return await client.fetch_aax_url(book.as_title())

    async def fetch_description(self, book: Book) -> Description:
        """Return what the shop tells of a title at length."""
        async with self._client(_owner(book)) as client:
            return await client.fetch_description(book.asin)

    async def activation_bytes(self, book: Book) -> bytes:
        """Return the key to the account's AAX files; asked for once per account."""
        account_id = _owner(book)
        known = await self._accounts.load_activation_bytes(account_id)
        if known is not None:
            return known
        async with self._client(account_id, self._pace.first) as client:
            fetched = await client.fetch_activation_bytes()
        await self._accounts.save_activation_bytes(account_id, fetched)
        return fetched

    @asynccontextmanager
    async def _client(
        self, account_id: str, line: Line | None = None
    ) -> AsyncGenerator[AudibleClient]:
        credentials = await self._accounts.load_credentials(account_id)
        try:
            async with await self._opened(credentials, line) as client:
                yield client
        except (AudibleAuthError, RegistrationTooOldError) as err:
            await self._note_refused(account_id, credentials, err)
            raise

    async def _note_refused(
        self,
        account_id: str,
        credentials: Credentials,
        error: AudibleAuthError | RegistrationTooOldError,
    ) -> None:
        try:
            is_news = await self._accounts.mark_refused(account_id, credentials, error)
        except TrackerError as err:
            # Who asked is told why Audible refused; the next refusal is noted.
            _LOGGER.warning("A refused sign-in could not be noted: %s", err.key)
            return
        if is_news:
            _LOGGER.warning("Audible refuses a sign-in: %s", error.key)
            self._events.publish("account", {"account_id": account_id})

    async def _opened(
        self, credentials: Credentials, line: Line | None = None
    ) -> AudibleClient:
        await _load_library()
        from audible_core.audible.client import AudibleClient

        return await AudibleClient.open(credentials, line or self._pace)


async def _load_library() -> None:
    """Import what speaks with Audible, in a thread: it takes long, and 20 MB.

    A server that only plays what lies in its folder never needs it.
    """
    await asyncio.to_thread(import_module, "audible_core.audible.client")


def _owner(book: Book) -> str:
    if book.account_id is None:
        raise NoAccountError(asin=book.asin)
    return book.account_id
