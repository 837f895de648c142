"""Find the tracker's book for an Audible title, or say why a human has to look.

Pure: no I/O, no event loop. ``Matcher`` holds the books; ``Matcher.match`` decides.
"""

from collections.abc import Iterable

from .decide import Candidate, Decision, Verdict, decide
from .forms import form_of_query
from .index import BookIndex
from .records import BookId, TitleQuery, TrackedBook
from .words import words_of

__all__ = [
    "BookId",
    "Candidate",
    "Decision",
    "Matcher",
    "TitleQuery",
    "TrackedBook",
    "Verdict",
    "words_of",
]


class Matcher:
    """All books of a tracker, ready to be asked for titles.

    Building and matching are processor work: keep them off the event loop where there
    are many. Change and search it from one thread at a time.
    """

    def __init__(self, books: Iterable[TrackedBook] = ()) -> None:
        """File these books."""
        self._index = BookIndex(books)

    def __len__(self) -> int:
        """Return how many books are filed."""
        return len(self._index)

    def add(self, book: TrackedBook) -> None:
        """File a book; one of the same id is replaced."""
        self._index.add(book)

    def remove(self, book_id: BookId) -> None:
        """Forget a book; an unknown id is fine."""
        self._index.remove(book_id)

    def match(self, query: TitleQuery) -> Decision:
        """Decide which book a title is."""
        form = form_of_query(query)
        return decide(form, self._index.candidates(form))
