"""Pure: language, length, voice and year as evidence for and against a pair."""

from typing import Final

from .compare import Relation
from .forms import BookForm, QueryForm, languages_of_book, languages_of_title
from .isbn import language_of_isbn
from .language import language_code, languages_of_words
from .normalize import plain_quotes
from .persons import best_agreement, persons_of
from .vocabulary import ARTICLE_LANGUAGES, LINK_LANGUAGES

_RUNTIME_SAME: Final = 0.05
_RUNTIME_DIFFERS: Final = 0.6


def edition_evidence(query: QueryForm, book: BookForm, relation: Relation) -> list[str]:
    """Return what language, length, voice and year say."""
    found: list[str] = []
    language = _language_evidence(query, book, relation)
    if language:
        found.append(language)
    ours, other = query.query.runtime_min, book.book.runtime_min
    if ours and other:
        if abs(ours - other) <= _RUNTIME_SAME * max(ours, other):
            found.append("runtime_same")
        elif min(ours, other) < _RUNTIME_DIFFERS * max(ours, other):
            found.append("runtime_differs")
    if _share_narrator(query, book):
        found.append("narrator_same")
    if query.query.year and query.query.year == book.book.year:
        found.append("year_same")
    return found


def _share_narrator(query: QueryForm, book: BookForm) -> bool:
    ours, theirs = query.query.narrators, book.book.narrators
    return bool(
        ours and theirs and best_agreement(persons_of(ours), persons_of(theirs)) > 2
    )


def _language_evidence(query: QueryForm, book: BookForm, relation: Relation) -> str:
    if not relation.is_headless and _begin_in_two_languages(query, book):
        return "language_differs"
    named = _named_edition(query, book)
    if named or not query.language:
        return named
    languages = languages_of_book(book, query.words)
    if languages:
        known = {query.language, query.title.language, *query.hinted}
        if known.isdisjoint(languages):
            return "language_differs"
        return "language_same" if languages == {query.language} else ""
    if _is_told_otherwise(query, book):
        return "language_differs"
    return _country_evidence(query, book)


def _country_evidence(query: QueryForm, book: BookForm) -> str:
    country = language_of_isbn(book.isbn)
    if not country or country in {query.language, query.title.language, *query.hinted}:
        return ""
    return "language_differs" if _is_foreign(query, book) else "country_differs"


def _begin_in_two_languages(query: QueryForm, book: BookForm) -> bool:
    """Tell whether no language has the articles, or the "and", of both titles."""
    ours, theirs = query.title, book.title
    return (
        bool(ours.article and theirs.article)
        and ARTICLE_LANGUAGES[ours.article].isdisjoint(
            ARTICLE_LANGUAGES[theirs.article]
        )
    ) or (
        bool(ours.link and theirs.link)
        and LINK_LANGUAGES[ours.link].isdisjoint(LINK_LANGUAGES[theirs.link])
    )


def _is_told_otherwise(query: QueryForm, book: BookForm) -> bool:
    """Tell whether the whole titles are in two languages, ours in the recording's.

    Where one has the other's title in it ("Game of Bones - Das Lied vom Salz").
    """
    if languages_of_words(query.words) != {query.language}:
        return False
    theirs = languages_of_title(book.book.title)
    return bool(theirs) and query.language not in theirs


def _named_edition(query: QueryForm, book: BookForm) -> str:
    """Compare where one side names its language in the title ("Spanish Edition").

    What says nothing is taken to be of the language that its words hint at.
    """
    ours, theirs = query.title.language, book.title.language
    if not ours and not theirs:
        return ""
    ours = ours or query.language
    known = {theirs or language_code(book.book.language)} - {""}
    if ours and known:
        return "" if ours in known else "language_differs"
    told = languages_of_title(book.book.title) if ours else ()
    if told:
        return "" if ours in told else "language_differs"
    return "" if (ours or theirs) in query.hinted else "language_differs"


def _is_foreign(query: QueryForm, book: BookForm) -> bool:
    """Tell whether only the book's title is written with letters beyond a to z.

    Audible drops marks now and then: this counts for a book printed abroad only.
    """
    return query.query.title.isascii() and not plain_quotes(book.book.title).isascii()
