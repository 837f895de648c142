"""Pure: queries and books in the form that is compared."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from .isbn import isbn_core
from .language import (
    language_code,
    languages_hinted,
    languages_of_letters,
    languages_of_words,
)
from .normalize import fold, words
from .persons import (
    Person,
    Persons,
    are_adapters_named,
    contributors,
    persons_of,
    sound,
)
from .records import TitleQuery, TrackedBook
from .titles import ADAPTED, TitleForm, parse_title

_SERIES: Final = re.compile(r"\([^()]*#[^()]*\)")


class BookForm(NamedTuple):
    """A tracker's book, taken apart; ``text`` is all of its title without blanks."""

    book: TrackedBook
    title: TitleForm
    persons: Persons
    isbn: str
    text: str


class QueryForm(NamedTuple):
    """An Audible title, taken apart.

    ``others`` are translators and the like, ``words`` all of title and subtitle,
    ``hinted`` the languages that the main title may be in.
    """

    query: TitleQuery
    title: TitleForm
    authors: Persons
    others: Persons
    isbn: str
    language: str
    words: tuple[str, ...]
    hinted: frozenset[str]
    text: str


def form_of_book(book: TrackedBook) -> BookForm:
    """Take a tracker's book apart."""
    persons = persons_of(book.authors)
    title = parse_title(
        book.title, book.subtitle, book.series_title, book.series_sequence, persons
    )
    return BookForm(
        book=book,
        # What trackers put into brackets says little: imprints, prizes, file names.
        title=title._replace(bracketed=()) if title.bracketed else title,
        persons=persons,
        isbn=isbn_core(book.isbn) if book.isbn else "",
        text="".join(words(fold(f"{book.title} {book.subtitle}"))),
    )


def form_of_query(query: TitleQuery) -> QueryForm:
    """Take an Audible title apart."""
    authors, others = contributors(query.authors)
    all_words = tuple(words(fold(f"{query.title} {query.subtitle}")))
    title = _title_of(query, query.title, query.subtitle, authors)
    # A subtitle tells the recording's language, and so does the edition's name.
    head = query.title.partition(": ")[0]
    if title.language and title.exact:
        head = title.exact[0]
    return QueryForm(
        query=query,
        title=title,
        authors=authors,
        others=others,
        isbn=isbn_core(query.isbn) if query.isbn else "",
        language=_language_of(query, all_words),
        words=all_words,
        hinted=languages_hinted(words(fold(head))),
        text="".join(all_words),
    )


def _language_of(query: TitleQuery, all_words: Sequence[str]) -> str:
    """Return the recording's language; what its title tells where nothing says it."""
    if query.language:
        return language_code(query.language)
    told = languages_of_words(all_words)
    return next(iter(told)) if len(told) == 1 else ""


def read_like(query: QueryForm, book: BookForm) -> QueryForm:
    """Return the title taken apart as the book's is, where both say the same.

    One text is read one way, wherever the catalogs put their colons and subtitles.
    """
    if query.text != book.text or query.query.title == book.book.title:
        return query
    title = _title_of(query.query, book.book.title, book.book.subtitle, query.authors)
    return query._replace(title=title)


def _title_of(
    query: TitleQuery, title: str, subtitle: str, authors: Persons
) -> TitleForm:
    form = parse_title(
        title, subtitle, query.series_title, query.series_sequence, authors
    )
    if form.bracketed and language_code(query.language) not in ("", "en"):
        # A title in another language may have its English one in brackets.
        kept = [text for text in form.bracketed if not _is_english(text)]
        form = form._replace(bracketed=tuple(kept))
    if query.is_abridged:
        form = form._replace(kinds=form.kinds | {"abridged"})
    if not form.kinds and are_adapters_named(query.authors):
        return form._replace(kinds=ADAPTED)
    return form


def _is_english(text: str) -> bool:
    return languages_hinted(text.split()) == {"en"}


def languages_of_book(form: BookForm, known_words: Sequence[str]) -> frozenset[str]:
    """Return what languages a book may be in: its own, or what its title's words tell.

    Words that the Audible title has as well say nothing about the edition. Empty means
    that nothing is known.
    """
    told = language_code(form.book.language) or form.title.language
    if told:
        return frozenset((told,))
    title = _without_series(form.book.title)
    extra = [word for word in words(fold(title)) if word not in known_words]
    if title.isascii() or not extra:
        return languages_of_words(extra)
    raw = [part for part in title.split() if not {*words(fold(part))} <= {*known_words}]
    return languages_of_words(extra, languages_of_letters(" ".join(raw)))


def languages_of_title(title: str) -> frozenset[str]:
    """Return what languages all words of a title tell."""
    return languages_of_words(words(fold(_without_series(title))))


def _without_series(title: str) -> str:
    """Return the title without a series whose name may be in another language.

    Goodreads calls the series of a translated book by its English name. It tells the
    language only where the title itself does not.
    """
    if "#" not in title:
        return title
    plain = _SERIES.sub("", title)
    return plain if languages_of_words(words(fold(plain))) else title


def name_sounds(persons: Sequence[Person]) -> list[str]:
    """Return the sounds under which these persons are filed, in their order."""
    return list(
        dict.fromkeys(
            sound(part)
            for person in persons
            for part in (person.surname, *person.given)
            if len(part) > 1
        )
    )
