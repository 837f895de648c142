"""Pure: what one sync changes, while it is being planned."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..models import AudibleTitle
from ..store.changes import (
    BookRef,
    ConflictChange,
    EventChange,
    LedgerChange,
    LinkChange,
    NewBook,
    ReadChange,
)
from ..store.links import LinkKey
from ..store.records import BookFields, BookId


class DraftBooks:
    """Books as they come to be while a plan is made; untouched ones are no change."""

    def __init__(self, known: Mapping[BookId, BookFields]) -> None:
        """Start from the stored books."""
        self._known = known
        self._drafts: dict[BookRef, BookFields] = {}

    def __getitem__(self, book: BookRef) -> BookFields:
        """Return a book as planned so far."""
        if book in self._drafts or isinstance(book, str):
            return self._drafts[book]
        return self._known[book]

    def __setitem__(self, book: BookRef, fields: BookFields) -> None:
        """Plan a book."""
        self._drafts[book] = fields

    def new(self) -> tuple[NewBook, ...]:
        """Return the books to be made."""
        return tuple(
            NewBook(book, fields)
            for book, fields in self._drafts.items()
            if isinstance(book, str)
        )

    def changed(self) -> tuple[tuple[BookId, BookFields], ...]:
        """Return the stored books that become others."""
        return tuple(
            (book, fields)
            for book, fields in self._drafts.items()
            if not isinstance(book, str) and self._known[book] != fields
        )


@dataclass(slots=True)
class Draft:
    """What has been planned so far."""

    books: DraftBooks
    titles: list[AudibleTitle] = field(default_factory=list)
    links: dict[LinkKey, LinkChange] = field(default_factory=dict)
    reads: list[ReadChange] = field(default_factory=list)
    ledger: list[LedgerChange] = field(default_factory=list)
    conflicts: list[ConflictChange] = field(default_factory=list)
    closed: list[LinkKey] = field(default_factory=list)
    events: list[EventChange] = field(default_factory=list)
    links_made: int = 0
