"""What goes into matching: a book of the reader's tracker and a title of Audible."""

from dataclasses import dataclass

type BookId = int | str


@dataclass(frozen=True, slots=True)
class TrackedBook:
    """One book of the tracker, as its source wrote it; empty means unknown.

    ``authors`` is one text with commas ("Jane Doe, John Roe" or "Doe, Jane") or one
    text per person. ``isbn`` may be an ISBN-10 that lost its leading zeros.
    """

    book_id: BookId
    title: str
    authors: str | tuple[str, ...] = ""
    isbn: str = ""
    year: int | None = None
    type: str = ""
    subtitle: str = ""
    series_title: str = ""
    series_sequence: str = ""
    narrators: tuple[str, ...] = ()
    language: str = ""
    runtime_min: float | None = None


@dataclass(frozen=True, slots=True)
class TitleQuery:
    """One Audible title to be found among the tracker's books; empty means unknown.

    ``is_abridged`` is what Audible says of the recording, whatever its title says.
    """

    asin: str
    title: str
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    narrators: tuple[str, ...] = ()
    series_title: str = ""
    series_sequence: str = ""
    runtime_min: float | None = None
    language: str = ""
    isbn: str = ""
    year: int | None = None
    is_abridged: bool = False
