"""Short ways to write a shelf of books and a title to look for."""

from typing import Any

from audible_core.matching import Decision, Matcher, TitleQuery, TrackedBook

type Entry = tuple[str, str] | TrackedBook


def shelf(*entries: Entry) -> Matcher:
    """Return a tracker with these books; a (title, author) gets its place as id."""
    return Matcher(
        entry
        if isinstance(entry, TrackedBook)
        else TrackedBook(book_id=number, title=entry[0], authors=entry[1])
        for number, entry in enumerate(entries, start=1)
    )


def heard(title: str, *authors: str, **members: Any) -> TitleQuery:
    """Return an Audible title."""
    return TitleQuery(asin="B000000001", title=title, authors=authors, **members)


def outcome(decision: Decision) -> tuple[str, int | str | None]:
    """Return the verdict and the linked book."""
    return decision.verdict.value, decision.book_id
