"""What actions answer: records of the database as plain members with stable names.

Times are ISO 8601 with an offset, lengths milliseconds; null is unknown, never zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from ..core.matching.persons import written_by
from ..core.models import AudibleTitle, SeriesPlace
from ..core.store.records import (
    Book,
    Evidence,
    Link,
    Read,
    Reader,
    ReaderId,
    SyncLogFields,
)

type Members = dict[str, Any]

_COUNTS = (
    "titles_seen",
    "titles_new",
    "titles_changed",
    "titles_removed",
    "positions_moved",
    "links_made",
    "books_made",
    "conflicts_made",
)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: words, numbers, lists and members."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(name): plain(member) for name, member in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(member) for member in value]
    return value


def book_members(book: Book) -> Members:
    """Return a book as a caller sees it; private notes are nobody else's."""
    fields = book.fields
    return {
        "book_id": book.book_id,
        "asin": fields.asin,
        "title": fields.title,
        "subtitle": fields.subtitle,
        "authors": list(written_by(fields.authors)),
        "narrators": list(fields.narrators),
        "series": _series(fields.series),
        "book_type": fields.book_type.value,
        "isbn": fields.isbn13,
        "publisher": fields.publisher,
        "year": fields.year,
        "language": fields.language,
        "page_count": fields.page_count,
        "current_page": fields.current_page,
        "runtime_ms": fields.runtime_ms,
        "position_ms": fields.current_position_ms,
        "percent_complete": fields.percent_complete,
        "status": fields.status.value,
        "started_on": plain(fields.started_on),
        "started_source": plain(fields.started_source),
        "finished_on": plain(fields.finished_on),
        "finished_source": plain(fields.finished_source),
        "added_on": plain(fields.added_on),
        "rating": fields.rating,
        "tags": list(fields.tags),
        "cover_url": fields.cover_url,
        "source": fields.source.value,
        "updated_at": plain(book.updated_at),
    }


def read_members(read: Read) -> Members:
    """Return one pass through a book."""
    fields = read.fields
    return {
        "read_id": read.read_id,
        "book_id": fields.book_id,
        "outcome": fields.outcome.value,
        "started_on": plain(fields.started_on),
        "started_source": plain(fields.started_source),
        "finished_on": plain(fields.finished_on),
        "finished_source": plain(fields.finished_source),
        "stopped_on": plain(fields.stopped_on),
        "source": fields.source.value,
    }


def link_members(link: Link) -> Members:
    """Return what a title is to its reader."""
    fields = link.fields
    return {
        "asin": fields.asin,
        "title": fields.audible_title,
        "book_id": fields.book_id,
        "position_ms": fields.last_position_ms,
        "percent_complete": fields.last_percentage,
        "last_heard_at": plain(fields.last_position_at),
        "is_finished": fields.is_finished,
        "match_confidence": fields.match_confidence,
        "match_method": fields.match_method,
        "evidence": evidence_members(fields.evidence),
        "is_confirmed": fields.manually_confirmed,
        "is_ignored": fields.is_ignored,
        "sync_enabled": fields.sync_enabled,
        "sync_interval_minutes": fields.sync_interval_minutes,
        "removed_at": plain(fields.removed_at),
    }


def title_members(link: Link, title: AudibleTitle | None) -> Members:
    """Return a title as it lies beside the books that it may be."""
    found: Members = {"asin": link.fields.asin, "title": link.fields.audible_title}
    return found if title is None else title_facts(title) | found


def title_facts(title: AudibleTitle) -> Members:
    """Return what Audible says of a title."""
    return {
        "asin": title.asin,
        "title": title.name,
        "subtitle": title.subtitle,
        "authors": list(written_by(title.authors)),
        "narrators": list(title.narrators),
        "series": _series(title.series),
        "isbn": title.isbn,
        "publisher": title.publisher,
        "year": title.year,
        "language": title.language,
        "runtime_ms": title.runtime_ms,
        "cover_url": title.cover_url,
    }


def reader_members(reader: Reader, persons: Mapping[ReaderId, str]) -> Members:
    """Return who a reader is, and as which person of the house."""
    return {"reader": reader.name, "person": persons.get(reader.reader_id)}


def evidence_members(evidence: Iterable[Evidence]) -> list[Members]:
    """Return what speaks for a book and against it; scores are -1.0 to 1.0."""
    return [
        {"name": piece.name, "words": piece.words, "score": piece.score}
        for piece in evidence
    ]


def count_members(log: SyncLogFields) -> Members:
    """Return what a sync counted."""
    return {name: getattr(log, name) for name in _COUNTS}


def _series(places: Iterable[SeriesPlace]) -> list[Members]:
    return [{"title": place.title, "sequence": place.sequence} for place in places]
