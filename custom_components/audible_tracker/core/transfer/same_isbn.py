"""Pure: whether a row and a book of the same ISBN can be one book at all.

Trackers hold wrong ISBNs, and publishers use one twice. A translated title is still the
book, and so is another spelling of the author's name; another title by other persons
is not, whatever the number says.
"""

import unicodedata
from typing import Final

from ..imports import ImportedBook
from ..matching import Matcher
from ..store.records import BookFields, BookId, Candidate
from ..sync.matchable import decision_of, tracked_book_of
from .row_book import query_of_row

_OTHER_BOOK: Final = frozenset({"title_other", "author_none"})
_SIMILAR: Final = "title_similar"


def doubt_of(row: ImportedBook, book_id: BookId, book: BookFields) -> Candidate | None:
    """Return the book as a candidate if neither its title nor a person agrees.

    None where the number can be believed; so it is where one side names no author, or
    where both sides are written in other scripts, so that nothing can be compared.
    """
    if _is_called_alike(row, book) or not (row.authors and book.authors):
        return None
    if _is_of_other_script(row, book):
        return None
    tracked = tracked_book_of(book_id, book)
    decision = decision_of(Matcher((tracked,)).match(query_of_row(row)))
    for candidate in decision.candidates:
        names = {one.name for one in candidate.evidence}
        if names >= _OTHER_BOOK and _SIMILAR not in names:
            return candidate
    return None


def _is_called_alike(row: ImportedBook, book: BookFields) -> bool:
    """Tell without matching what is plain; that is nearly every row."""
    if row.title.casefold() == book.title.casefold():
        return True
    ours = {name.casefold() for name in book.authors}
    return any(name.casefold() in ours for name in row.authors)


def _is_of_other_script(row: ImportedBook, book: BookFields) -> bool:
    """Tell whether neither the titles nor the authors have a script in common."""
    return _differ(row.title, book.title) and _differ(
        " ".join(row.authors), " ".join(book.authors)
    )


def _differ(ours: str, theirs: str) -> bool:
    mine, their = _scripts(ours), _scripts(theirs)
    return bool(mine and their) and mine.isdisjoint(their)


def _scripts(text: str) -> frozenset[str]:
    """Return the scripts of a text's letters, by the names of the letters."""
    names = (unicodedata.name(sign, "") for sign in text if sign.isalpha())
    return frozenset(name.partition(" ")[0] for name in names if name)
