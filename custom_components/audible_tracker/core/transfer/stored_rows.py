"""Pure: a stored book as a row of an export."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..bookmark import Bookmark
from ..imports import ImportedBook, ImportedRead, ImportFormat
from ..imports.editions import book_type_of
from ..imports.statuses import status_of
from ..imports.tracked import TrackedDetails, TrackedLink
from ..isbn import read_isbn
from ..kinds import BookStatus, BookType
from ..models import Asin
from ..store.records import BookFields, Link, LinkId, Read
from .lookup import tracker_key
from .records import StoredBook
from .row_book import ENDED, IMPORTED, rows_in

_OWN_KEY = f"{ImportFormat.AUDIBLE_TRACKER}:key:"


def row_of_book(stored: StoredBook, owner: str, number: int) -> ImportedBook:
    """Return all that the tracker knows of a book and its reads.

    Its key is the same wherever it was first exported from: a book that came from
    another installation keeps the key that it had there.
    """
    fields = stored.book.fields
    key = _key(stored, owner)
    asins = {link.link_id: link.fields.asin for link in stored.links}
    isbns = (read_isbn(text) for text in fields.isbns)
    return ImportedBook(
        source_format=ImportFormat.AUDIBLE_TRACKER,
        row_number=number,
        source_key=key,
        title=fields.title,
        subtitle=fields.subtitle,
        authors=fields.authors,
        narrators=fields.narrators,
        series=fields.series,
        isbns=tuple(isbn for isbn in isbns if isbn is not None),
        asin=fields.asin,
        year=fields.year,
        page_count=fields.page_count,
        runtime_ms=fields.runtime_ms,
        book_type=fields.book_type,
        language=fields.language,
        publisher=fields.publisher,
        status=fields.status,
        percent_complete=fields.percent_complete,
        rating=fields.rating,
        reads=tuple(_read(read, asins) for read in stored.reads),
        added_on=fields.added_on,
        tags=fields.tags,
        review=fields.review,
        private_notes=fields.private_notes,
        tracked=_tracked(stored, _OWN_KEY + key),
    )


def _key(stored: StoredBook, owner: str) -> str:
    own = (
        name.removeprefix(_OWN_KEY)
        for name in rows_in(stored.book.fields.extra)
        if name.startswith(_OWN_KEY)
    )
    return next(own, None) or tracker_key(owner, stored.book)


def _read(read: Read, asins: Mapping[LinkId, Asin]) -> ImportedRead:
    fields = read.fields
    return ImportedRead(
        started_on=fields.started_on,
        finished_on=fields.finished_on,
        outcome=fields.outcome,
        stopped_on=fields.stopped_on,
        started_source=fields.started_source,
        finished_source=fields.finished_source,
        finished_at=fields.finished_at,
        source=fields.source,
        asin=None if fields.link_id is None else asins.get(fields.link_id),
    )


def _tracked(stored: StoredBook, own_identity: str) -> TrackedDetails:
    fields = stored.book.fields
    links = sorted(stored.links, key=lambda link: link.fields.asin)
    return TrackedDetails(
        source=fields.source,
        source_key=fields.source_key,
        isbn13=fields.isbn13,
        cover_url=fields.cover_url,
        current_position_ms=fields.current_position_ms,
        current_page=fields.current_page,
        started_on=fields.started_on,
        started_source=fields.started_source,
        finished_on=fields.finished_on,
        finished_source=fields.finished_source,
        links=tuple(
            _link(link, stored.bookmarks.get(link.link_id, ())) for link in links
        ),
        extra=_extra_without(fields, own_identity),
    )


def _link(link: Link, bookmarks: tuple[Bookmark, ...]) -> TrackedLink:
    fields = link.fields
    return TrackedLink(
        asin=fields.asin,
        audible_title=fields.audible_title,
        is_finished=fields.is_finished,
        last_position_ms=fields.last_position_ms,
        last_position_at=fields.last_position_at,
        last_percentage=fields.last_percentage,
        match_confidence=fields.match_confidence,
        match_method=fields.match_method,
        evidence=tuple((one.name, one.words, one.score) for one in fields.evidence),
        manually_confirmed=fields.manually_confirmed,
        sync_enabled=fields.sync_enabled,
        sync_interval_minutes=fields.sync_interval_minutes,
        removed_at=fields.removed_at,
        bookmarks=bookmarks,
    )


def _extra_without(fields: BookFields, own_identity: str) -> dict[str, Any]:
    """Return what else is kept of a book, but for the mark of an export of ours."""
    extra = dict(fields.extra)
    rows = rows_in(extra)
    if own_identity in rows:
        del rows[own_identity]
        if rows:
            extra[IMPORTED] = rows
        else:
            del extra[IMPORTED]
    return extra


def row_for_sites(row: ImportedBook, *, of_goodreads: bool) -> ImportedBook:
    """Return a row with the binding and the shelf that an import from Goodreads had.

    Only Goodreads itself knows that a book on a shelf of the reader's own was read.
    """
    if row.tracked is None:
        return row
    name = f"{ImportFormat.GOODREADS}:"
    documents = [
        document
        for identity, document in rows_in(row.tracked.extra).items()
        if identity.startswith(name)
    ]
    for document in documents:
        row = _as_before(row, document, of_goodreads=of_goodreads)
    return row


def _was_read_there(row: ImportedBook, document: Mapping[str, Any]) -> bool:
    """Tell whether the day of a finish said there what the shelf does not."""
    is_dated = any(read.finished_on for read in row.reads)
    is_read = row.status is BookStatus.FINISHED
    return is_read and is_dated and bool(document.get(ENDED))


def _as_before(
    row: ImportedBook, document: Mapping[str, Any], *, of_goodreads: bool
) -> ImportedBook:
    columns = dict(document.get("columns", {}))
    if row.book_type not in (
        BookType.UNKNOWN,
        book_type_of(columns.get("Binding", "")),
    ):
        columns.pop("Binding", None)
    row = replace(row, extra={**columns, **row.extra})
    shelf = document.get("shelf")
    is_told = row.status is BookStatus.TO_READ or (
        of_goodreads and _was_read_there(row, document)
    )
    if shelf and is_told and status_of(shelf) is None:
        row = replace(
            row, status=None, shelf=shelf, source_format=ImportFormat.GOODREADS
        )
    return row
