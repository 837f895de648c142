"""Licenses: asked for once a title, kept before use, renewed when they are too old."""

import asyncio
import logging
import weakref
from typing import Final

from audible_core.errors import (
    LicenseDeniedError,
    LicenseError,
    LicenseFormatError,
    LicenseLapsedError,
    LicenseTemporarilyDeniedError,
    LicenseThrottledError,
    VoucherError,
)
from audible_core.models import Asin

from audible_server.library.shop import Shop
from audible_server.media.keys import ActivationBytes
from audible_server.store.books import Book, BookStore
from audible_server.store.clock import now_ms
from audible_server.store.grants import FileKind, Grant

_LOGGER = logging.getLogger(__name__)
_DENIALS: Final[dict[str | None, type[LicenseError]]] = {
    error.key: error
    for error in (
        LicenseDeniedError,
        LicenseFormatError,
        LicenseLapsedError,
        LicenseTemporarilyDeniedError,
        LicenseThrottledError,
        VoucherError,
    )
}


def denial_of(book: Book) -> LicenseError | None:
    """Return why the shop denied a title; only a person has it asked again."""
    denial = _DENIALS.get(book.error)
    return None if denial is None else denial(asin=book.asin)


class Licensing:
    """The grants of all titles; who asks for the same one meanwhile gets the same."""

    def __init__(self, books: BookStore, shop: Shop) -> None:
        """Keep grants in the database."""
        self._books = books
        self._shop = shop
        # A lock lives as long as somebody holds it or waits for it.
        self._locks: weakref.WeakValueDictionary[Asin, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )

    async def grant(self, book: Book) -> Grant:
        """Return the grant that is kept, else a new one, kept before it is used.

        Raises SealError, AudibleError, NoAccountError or the LicenseError that tells
        the refusals apart.
        """
        async with self._lock(book):
            kept = await self._books.load_grant(book.asin)
            return kept if kept is not None else await self._new_grant(book)

    async def renewed(self, book: Book, old: Grant) -> Grant:
        """Return a grant in place of one whose address is too old; raise as `grant`."""
        async with self._lock(book):
            kept = await self._books.load_grant(book.asin)
            if kept is not None and kept.url != old.url:
                # Somebody was faster.
                return kept
            _LOGGER.info("The address of %s is too old, it is asked for", book.asin)
            if old.kind is FileKind.AAX:
                return await self._aax_grant(book)
            return await self._new_grant(book)

    def _lock(self, book: Book) -> asyncio.Lock:
        return self._locks.setdefault(book.asin, asyncio.Lock())

    async def _new_grant(self, book: Book) -> Grant:
        try:
            license_ = await self._shop.request_license(book)
        except LicenseFormatError:
            return await self._aax_grant(book)
        except LicenseDeniedError as err:
            if book.is_plus:
                raise LicenseLapsedError(asin=book.asin) from err
            raise
        grant = Grant.of_license(license_, now_ms=now_ms())
        await self._books.save_grant(book.asin, grant, is_license=True)
        return grant

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
