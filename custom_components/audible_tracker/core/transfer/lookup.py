"""Pure: which book a row is: known by an earlier import, a number, or by matching."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from sys import intern
from typing import Final

from ..imports import ImportedBook, ImportFormat
from ..isbn import read_isbn
from ..kinds import ConflictType
from ..matching import Matcher, TrackedBook
from ..models import Asin
from ..store.changes import BookRef
from ..store.records import Book, BookFields, BookId, Candidate
from ..sync.matchable import decision_of, tracked_book_of
from ..sync.snapshot import MatchDecision
from .records import RowReason, StoredBooks
from .row_book import query_of_row, rows_in
from .same_isbn import doubt_of

_UNSURE: Final = {
    ConflictType.LOW_CONFIDENCE: RowReason.LOW_CONFIDENCE,
    ConflictType.AMBIGUOUS: RowReason.AMBIGUOUS,
    ConflictType.NO_MATCH: RowReason.LOW_CONFIDENCE,
    ConflictType.DUPLICATE_ISBN: RowReason.DUPLICATE_ISBN,
}
_SURE_ISBN: Final = 1.0
_EVERYWHERE: Final = frozenset({
    "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with",
    "das", "dem", "den", "der", "des", "die", "ein", "eine", "und", "von", "zu", "de",
    "du", "et", "l", "la", "le", "les", "un", "une", "el", "los", "las", "y", "il",
    "lo", "e", "o", "os", "da", "do", "di",
})  # fmt: skip
"""Words that tell no title from another."""

_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for a row: a book, candidates for a person, or neither."""

    reason: RowReason
    book: BookRef | None = None
    candidates: tuple[Candidate, ...] = ()


NOTHING = Finding(RowReason.NEW)


def tracker_key(owner: str, book: Book) -> str:
    """Return what our own export calls a book: the same in no two databases."""
    made_at = book.created_at.isoformat()
    mark = f"{owner}:{book.book_id}:{made_at}"
    return hashlib.blake2b(mark.encode(), digest_size=12).hexdigest()


def tracker_identity(owner: str, book: Book) -> str:
    """Return the identity of the row that our own export makes of a book."""
    return f"{ImportFormat.AUDIBLE_TRACKER}:key:{tracker_key(owner, book)}"


class Lookup:
    """The books of one reader, and those that the import makes, by all their marks.

    Books of the tracker have their numbers, new ones the key of the row that makes
    them. ``decisions`` holds what matching said of rows, by their numbers: it stays
    right as long as the stored books are the same.
    """

    def __init__(
        self,
        stored: StoredBooks,
        decisions: dict[int, MatchDecision],
        *,
        is_own_export: bool,
    ) -> None:
        """File the stored books; matching is prepared when it is first needed."""
        self._stored = stored
        self._decisions = decisions
        self._is_own_export = is_own_export
        self._by_identity: dict[str, BookRef] = {}
        self._by_asin: dict[Asin, BookRef] = {}
        self._by_isbn: dict[str, list[BookRef]] = {}
        self._taken: set[BookRef] = set()
        self._new: dict[BookRef, BookFields] = {}
        self._keys: list[str] = []
        self._matcher: Matcher | None = None
        self._new_books = Matcher()
        self._kin = _Kin()
        for book_id, known in stored.books.items():
            if is_own_export:
                identity = tracker_identity(stored.owner, known.book)
                self._by_identity[identity] = book_id
            self.file(book_id, known.book.fields)
            for link in known.links:
                self._by_asin.setdefault(link.fields.asin, book_id)

    def file(self, ref: BookRef, fields: BookFields) -> None:
        """Note a book's identities and numbers, such as those it has got."""
        for identity in rows_in(fields.extra):
            self._by_identity.setdefault(identity, ref)
        if fields.source_key and ":" in fields.source_key:
            self._by_identity.setdefault(fields.source_key, ref)
        if fields.asin:
            self._by_asin.setdefault(fields.asin, ref)
        for isbn13 in _checked(fields):
            known = self._by_isbn.setdefault(isbn13, [])
            if ref not in known:
                known.append(ref)

    def add_new(self, key: str, fields: BookFields) -> None:
        """Note a book that the import makes, so that later rows can join it."""
        if self._is_own_export:
            # Its rows are different books, however like they are.
            for identity in rows_in(fields.extra):
                self._by_identity.setdefault(identity, key)
            return
        self.file(key, fields)
        self._new[key] = fields
        self._keys.append(key)
        self._kin.add(len(self._keys) - 1, fields)

    def take(self, ref: BookRef) -> None:
        """Note that a row is this book: no other row of our own export can be."""
        if self._is_own_export:
            self._taken.add(ref)

    def take_sure(self, rows: Mapping[int, ImportedBook]) -> dict[int, Finding]:
        """Take the books that rows of our own export surely are, before matching.

        Return them by the rows' numbers. Rows of other programs are left alone.
        """
        sure: dict[int, Finding] = {}
        if not self._is_own_export:
            return sure
        for number, row in rows.items():
            if (known := self.by_identity(row)) is not None:
                sure[number] = Finding(RowReason.KNOWN_ROW, known)
                self.take(known)
        for number, row in rows.items():
            if number in sure:
                continue
            finding = self.by_number(row)
            if finding.book is not None:
                sure[number] = finding
                self.take(finding.book)
        return sure

    def by_identity(self, row: ImportedBook) -> BookRef | None:
        """Return the book that has this very row from an earlier import."""
        return self._by_identity.get(row.identity)

    def by_marks(self, number: int, row: ImportedBook) -> Finding:
        """Return what the row's numbers say or, where they are unknown, matching."""
        finding = self.by_number(row)
        if finding.reason is RowReason.OTHER_BOOK_OF_ISBN:
            likely = self._likely(number, row)
            shown = {one.book_id: one for one in (*likely, *finding.candidates)}
            return replace(finding, candidates=tuple(shown.values()))
        if finding.reason is not RowReason.NEW:
            return finding
        return self.by_matching(number, row)

    def _likely(self, number: int, row: ImportedBook) -> Iterable[Candidate]:
        """Return the books that matching would join or ask about."""
        decision = self._decision(number, row)
        if decision.book_id is not None:
            sure = decision.confidence or 0.0
            return (Candidate(decision.book_id, sure, decision.evidence),)
        return () if decision.conflict_type is None else decision.candidates

    def by_number(self, row: ImportedBook) -> Finding:
        """Return the book of the row's ASIN or of one of its ISBNs.

        Two books of one ISBN are a question, never a coin toss; so is one that is
        called otherwise and by other persons.
        """
        if row.asin is not None and row.asin in self._by_asin:
            return self._unless_taken(
                Finding(RowReason.SAME_ASIN, self._by_asin[row.asin])
            )
        return self._by_an_isbn(row)

    def _by_an_isbn(self, row: ImportedBook) -> Finding:
        found: dict[BookRef, None] = {}
        for isbn in row.isbns:
            if isbn.isbn13 is not None:
                found.update(dict.fromkeys(self._by_isbn.get(isbn.isbn13, ())))
        refs = [ref for ref in found if ref not in self._taken]
        stored = [ref for ref in refs if not isinstance(ref, str)]
        if len(stored) > 1:
            candidates = tuple(Candidate(ref, _SURE_ISBN) for ref in stored)
            return Finding(RowReason.DUPLICATE_ISBN, None, candidates)
        if stored:
            (book_id,) = stored
            doubt = doubt_of(row, book_id, self._stored.books[book_id].book.fields)
            if doubt is not None:
                return Finding(RowReason.OTHER_BOOK_OF_ISBN, None, (doubt,))
            return Finding(RowReason.SAME_ISBN, book_id)
        of_file = (ref for ref in refs if self._is_believable(row, ref))
        sure = next(of_file, None)
        return NOTHING if sure is None else Finding(RowReason.SAME_ISBN, sure)

    def _is_believable(self, row: ImportedBook, ref: BookRef) -> bool:
        """Tell whether a book that the import makes can be the row's at all."""
        fields = self._new.get(ref)
        return fields is None or doubt_of(row, BookId(0), fields) is None

    def by_matching(self, number: int, row: ImportedBook) -> Finding:
        """Return what matching says: of the tracker first, then of the file.

        The file's own program holds its rows for different books: only what is surely
        the same joins there, and a doubt is no question.
        """
        decision = self._decision(number, row)
        found = decision.conflict_type
        if found is not None:
            return Finding(_UNSURE[found], None, decision.candidates)
        if decision.book_id is not None:
            return self._unless_taken(Finding(RowReason.MATCHED, decision.book_id))
        if self._is_own_export:
            return NOTHING
        names = self._kin.names_like(row)
        if not names:
            return NOTHING
        for place in self._kin.take(names):
            # Only books that some row may be are ever compared: few of a large file.
            fields = self._new[self._keys[place]]
            self._new_books.add(tracked_book_of(BookId(place), fields))
        decision = decision_of(self._new_books.match(query_of_row(row)))
        if decision.book_id is None:
            return NOTHING
        return Finding(RowReason.MATCHED, self._keys[decision.book_id])

    def _decision(self, number: int, row: ImportedBook) -> MatchDecision:
        known = self._decisions.get(number)
        if known is not None:
            return known
        if not self._stored.books:
            return MatchDecision()
        if self._matcher is None:
            self._matcher = Matcher(_filed(self._stored))
        decision = decision_of(self._matcher.match(query_of_row(row)))
        self._decisions[number] = decision
        return decision

    def _unless_taken(self, finding: Finding) -> Finding:
        return NOTHING if finding.book in self._taken else finding


class _Kin:
    """Which words titles have, by words of their authors' names.

    A file's own program spells its authors alike: of a book that shares no word of both
    there is no other row, and matching need not be asked. That is most of a large file.
    """

    def __init__(self) -> None:
        self._titles: dict[str, set[str]] = {}
        self._untaken: dict[str, list[int]] = {}
        self._taken: set[int] = set()

    def add(self, place: int, book: BookFields) -> None:
        title = [intern(word) for word in _telling(book.title)]
        for name in map(intern, _names_of(book.authors)):
            self._titles.setdefault(name, set()).update(title)
            self._untaken.setdefault(name, []).append(place)

    def names_like(self, row: ImportedBook) -> list[str]:
        """Return the row's names of whose bearers a title is like the row's."""
        title = _telling(row.title)
        return [
            name
            for name in _names_of(row.authors)
            if not title.isdisjoint(self._titles.get(name, ()))
        ]

    def take(self, names: Iterable[str]) -> Iterable[int]:
        """Yield the places of the books of these names, each book once and for all."""
        for name in names:
            for place in self._untaken.pop(name, ()):
                if place not in self._taken:
                    self._taken.add(place)
                    yield place


def _telling(title: str) -> set[str]:
    """Return the words of a title but those that nearly all titles have."""
    words = _words_of(title)
    return words - _EVERYWHERE or words


def _names_of(authors: Iterable[str]) -> set[str]:
    return {word for author in authors for word in _words_of(author) if len(word) > 1}


def _words_of(text: str) -> set[str]:
    if not text.isascii():
        parts = unicodedata.normalize("NFKD", text)
        text = "".join(part for part in parts if not unicodedata.combining(part))
    return set(_WORD.findall(text.casefold()))


def _filed(stored: StoredBooks) -> Iterable[TrackedBook]:
    return (
        tracked_book_of(book_id, known.book.fields)
        for book_id, known in stored.books.items()
    )


def _checked(fields: BookFields) -> Iterable[str]:
    if fields.isbn13:
        yield fields.isbn13
    for text in fields.isbns:
        isbn = read_isbn(text)
        if (
            isbn is not None
            and isbn.isbn13 is not None
            and isbn.isbn13 != fields.isbn13
        ):
            yield isbn.isbn13
