"""Pure: the tracker's books, filed so that a title finds its candidates at once."""

from collections.abc import Iterable
from math import log
from typing import Final

from .forms import BookForm, QueryForm, form_of_book, name_sounds
from .records import BookId, TrackedBook
from .titles import TitleForm

type _Postings = dict[str, list[int]]

CANDIDATES_MAX: Final = 20
"""No more books are compared closely with one title."""

_RAREST_WORDS: Final = 5
_COMMON_WORD: Final = 400
_COMMON_NAME: Final = 1_500
_KEY_VOTE: Final = 8.0
_NAME_VOTE: Final = 4.0
_GIVEN_VOTE: Final = 2.0
_ISBN_VOTE: Final = 50.0


class BookIndex:
    """Books by their titles' segments, words, persons' names and ISBN.

    Not safe to change in one thread while another one searches.
    """

    def __init__(self, books: Iterable[TrackedBook] = ()) -> None:
        """File these books."""
        self._forms: list[BookForm | None] = []
        self._free: list[int] = []
        self._slots: dict[BookId, int] = {}
        self._by_key: _Postings = {}
        self._by_word: _Postings = {}
        self._by_name: _Postings = {}
        self._by_isbn: _Postings = {}
        for book in books:
            self.add(book)

    def __len__(self) -> int:
        """Return how many books are filed."""
        return len(self._slots)

    def add(self, book: TrackedBook) -> None:
        """File a book; one of the same id is replaced."""
        self.remove(book.book_id)
        form = form_of_book(book)
        if self._free:
            slot = self._free.pop()
            self._forms[slot] = form
        else:
            slot = len(self._forms)
            self._forms.append(form)
        self._slots[book.book_id] = slot
        for postings, entries in self._entries(form):
            for entry in entries:
                found = postings.get(entry)
                if found is None:
                    postings[entry] = [slot]
                else:
                    found.append(slot)

    def remove(self, book_id: BookId) -> None:
        """Forget a book; an unknown id is fine."""
        slot = self._slots.pop(book_id, None)
        if slot is None:
            return
        form = self._forms[slot]
        self._forms[slot] = None
        self._free.append(slot)
        if form is None:
            return
        for postings, entries in self._entries(form):
            for entry in entries:
                found = postings[entry]
                found.remove(slot)
                if not found:
                    del postings[entry]

    def candidates(self, query: QueryForm) -> list[BookForm]:
        """Return the books worth a closer look, likeliest first."""
        votes: dict[int, float] = {}
        for slot in self._by_isbn.get(query.isbn, ()) if query.isbn else ():
            votes[slot] = _ISBN_VOTE
        for key in _keys_of(query.title):
            _vote(votes, self._by_key.get(key, ()), _KEY_VOTE)
        self._vote_by_word(votes, query.title)
        self._vote_by_name(votes, query)
        # Sorting a few hundred is faster than heapq, which is written in Python.
        best = sorted(votes, key=votes.__getitem__, reverse=True)[:CANDIDATES_MAX]
        return [form for slot in best if (form := self._forms[slot]) is not None]

    def _vote_by_word(self, votes: dict[int, float], title: TitleForm) -> None:
        total = len(self._slots) + 1
        found = [
            postings
            for word in _words_of(title)
            if (postings := self._by_word.get(word)) and len(postings) < _COMMON_WORD
        ]
        found.sort(key=len)
        for postings in found[:_RAREST_WORDS]:
            _vote(votes, postings, log(total / len(postings)) * 0.5)

    def _vote_by_name(self, votes: dict[int, float], query: QueryForm) -> None:
        for person in query.authors[:4]:
            _vote(votes, self._by_name.get(person.sound, ()), _NAME_VOTE)
            for sound in name_sounds((person,)):
                if sound == person.sound:
                    continue
                postings = self._by_name.get(sound, ())
                if len(postings) < _COMMON_NAME:
                    _vote(votes, postings, _GIVEN_VOTE)

    def _entries(self, form: BookForm) -> tuple[tuple[_Postings, Iterable[str]], ...]:
        return (
            (self._by_key, _keys_of(form.title)),
            (self._by_word, _words_of(form.title)),
            (self._by_name, name_sounds(form.persons)),
            (self._by_isbn, (form.isbn,) if form.isbn else ()),
        )


def _keys_of(form: TitleForm) -> tuple[str, ...]:
    """Return each segment and each run of neighboring segments, without blanks.

    A book is found again by any of them, whatever the other side leaves out; a volume
    among many by its number.
    """
    joined = form.joined
    numbers = [f"{name}#{number}" for name, number in form.numbered if name]
    if form.volume:
        numbers.append(f"{form.main}#{form.volume}")
    if len(joined) == 1 and not form.asides:
        return (*joined, *numbers)
    count = min(len(joined), 4)
    runs = [
        "".join(joined[start:end])
        for start in range(count)
        for end in range(start + 1, count + 1)
    ]
    return tuple(dict.fromkeys((*runs, *form.asides, *numbers)))


def _vote(votes: dict[int, float], slots: Iterable[int], weight: float) -> None:
    votes_of = votes.get
    for slot in slots:
        votes[slot] = votes_of(slot, 0.0) + weight


def _words_of(title: TitleForm) -> list[str]:
    return list(
        dict.fromkeys(
            word
            for segment in title.segments
            for word in segment.split(" ")
            if len(word) > 2 or word.isdigit()
        )
    )
