"""Which key opens a file of a title."""

from dataclasses import dataclass, field

from audible_core.errors import DecryptError, SealError

from audible_server.library.shop import Shop
from audible_server.media.keys import ActivationBytes, BookKey
from audible_server.store.books import Book, BookStore
from audible_server.store.grants import FileKind


@dataclass(frozen=True, slots=True)
class FileKey:
    """A key, None where there is none; ``is_tried`` unless nobody said it fits."""

    key: BookKey | None = field(default=None, repr=False)
    is_tried: bool = True


class Keys:
    """The keys of titles, and those that open all files of an account."""

    def __init__(self, books: BookStore, shop: Shop) -> None:
        """Look in the table, and ask the shop for what is not there."""
        self._books = books
        self._shop = shop

    async def of(self, book: Book, kind: FileKind) -> FileKey:
        """Return the key to a kind of file.

        Raises DecryptError for one that cannot be unsealed, and AudibleError.
        """
        if not kind.is_encrypted:
            return FileKey()
        try:
            grant = await self._books.load_grant(book.asin)
        except SealError as err:
            raise DecryptError from err
        if grant is not None and grant.kind is kind:
            return FileKey(grant.key, not grant.is_found)
        if kind is FileKind.AAX and book.account_id is not None:
            return FileKey(ActivationBytes(await self._shop.activation_bytes(book)))
        return FileKey()
