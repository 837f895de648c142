"""Licenses: asked for once a title, kept before use, renewed when they are too old."""

import asyncio
import logging
import weakref
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final

from audible_core.errors import (
    LicenseDeniedError,
    LicenseError,
    LicenseFormatError,
    LicenseLapsedError,
    LicenseTemporarilyDeniedError,
    LicenseThrottledError,
    RegistrationTooOldError,
    VoucherError,
)
from audible_core.models import Asin

from audible_server.library.refusals import LATELY
from audible_server.library.shop import Shop
from audible_server.media.keys import ActivationBytes
from audible_server.store.books import Book, BookStore
from audible_server.store.clock import now_ms
from audible_server.store.grants import FileKind, Grant
from audible_server.store.turns import Turns

_LOGGER = logging.getLogger(__name__)
_ANSWER_WITHIN_S: Final = 8.0
"""What supervisors leave a program for its end, less what else that takes."""

_DENIALS: Final[dict[str | None, type[LicenseError]]] = {
    error.key: error
    for error in (
        LicenseDeniedError,
        LicenseFormatError,
        LicenseLapsedError,
        LicenseTemporarilyDeniedError,
        LicenseThrottledError,
        RegistrationTooOldError,
        VoucherError,
    )
}


def denial_of(book: Book) -> LicenseError | None:
    """Return why the shop denied a title; only a person has it asked again."""
    denial = _DENIALS.get(book.error)
    return None if denial is None else denial(asin=book.asin)


@dataclass(slots=True)
class _Request:
    """A wish for a grant; once it was sent, its license is spent."""

    is_sent: bool = False

    def sending(self) -> None:
        self.is_sent = True


class Licensing:
    """The grants of all titles; who asks for the same one meanwhile gets the same.

    What was sent to the shop is waited for and kept, also when nobody wants it any
    more: the next wish finds it.
    """

    def __init__(self, books: BookStore, shop: Shop, turns: Turns) -> None:
        """Keep grants in the database; servers ask for the same title in turn."""
        self._books = books
        self._shop = shop
        self._turns = turns
        # A lock lives as long as somebody holds it or waits for it.
        self._locks: weakref.WeakValueDictionary[Asin, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )
        self._asking: set[asyncio.Task[Grant]] = set()
        # Licenses that the database would not take; it may the next time.
        self._unsaved: dict[Asin, Grant] = {}

    async def grant(self, book: Book) -> Grant:
        """Return the grant that is kept, else a new one, kept before it is used.

        Raises SealError, AudibleError, NoAccountError or the LicenseError that tells
        the refusals apart.
        """
        request = _Request()
        return await self._to_its_end(self._granted(book, request), request)

    async def renewed(self, book: Book, old: Grant) -> Grant:
        """Return a grant in place of one whose address is too old; raise as `grant`."""
        request = _Request()
        return await self._to_its_end(self._renewed(book, old, request), request)

    async def close(self) -> None:
        """Wait for answers that are on their way; call it when nobody asks any more."""
        if self._asking:
            await asyncio.wait(self._asking, timeout=_ANSWER_WITHIN_S)

    async def _to_its_end(
        self, asking: Coroutine[Any, Any, Grant], request: _Request
    ) -> Grant:
        task = asyncio.create_task(asking)
        self._asking.add(task)
        task.add_done_callback(self._ended)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not request.is_sent:
                task.cancel()
            raise

    def _ended(self, task: asyncio.Task[Grant]) -> None:
        self._asking.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Whoever still waits gets it; perhaps nobody does.
            _LOGGER.debug("No license: %s", type(error).__name__)

    async def _granted(self, book: Book, request: _Request) -> Grant:
        async with self._lock(book):
            if (kept := await self._kept(book)) is not None:
                return kept
            async with self._turns.of(_turn(book)):
                # Another server may have been faster.
                kept = await self._kept(book)
                return kept or await self._new_grant(book, request)

    async def _renewed(self, book: Book, old: Grant, request: _Request) -> Grant:
        async with self._lock(book), self._turns.of(_turn(book)):
            kept = await self._kept(book)
            if kept is not None and kept.url != old.url:
                # Somebody was faster.
                return kept
            _LOGGER.info("The address of %s is too old, it is asked for", book.asin)
            if old.kind is FileKind.AAX:
                return await self._aax_grant(book)
            return await self._new_grant(book, request)

    def _lock(self, book: Book) -> asyncio.Lock:
        return self._locks.setdefault(book.asin, asyncio.Lock())

    async def _kept(self, book: Book) -> Grant | None:
        unsaved = self._unsaved.get(book.asin)
        if unsaved is None:
            return await self._books.load_grant(book.asin)
        await self._save(book, unsaved)
        return unsaved

    async def _new_grant(self, book: Book, request: _Request) -> Grant:
        try:
            license_ = await self._shop.request_license(
                book, request.sending, licenses_lately=await self._count_lately(book)
            )
        except LicenseFormatError:
            return await self._aax_grant(book)
        except LicenseDeniedError as err:
            if book.is_plus:
                raise LicenseLapsedError(asin=book.asin) from err
            raise
        grant = Grant.of_license(license_, now_ms=now_ms())
        await self._save(book, grant)
        return grant

    async def _count_lately(self, book: Book) -> int:
        since_ms = now_ms() - int(LATELY.total_seconds() * 1000)
        return await self._books.count_licensed(book.account_id, since_ms=since_ms)

    async def _save(self, book: Book, grant: Grant) -> None:
        self._unsaved[book.asin] = grant
        await self._books.save_grant(book.asin, grant, is_license=True)
        del self._unsaved[book.asin]

    async def _aax_grant(self, book: Book) -> Grant:
        """Return the grant for the older form, which the account's own key opens."""
        url = await self._shop.fetch_aax_url(book)
        key = await self._shop.activation_bytes(book)
        grant = Grant(
            kind=FileKind.AAX,
            url=url,
            key=ActivationBytes(key),
            size_bytes=None,
            codec=None,
            requested_at=now_ms(),
        )
        await self._books.save_grant(book.asin, grant, is_license=False)
        return grant


def _turn(book: Book) -> str:
    return f"license {book.asin}"
