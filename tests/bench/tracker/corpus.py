"""A reader's books and an Audible library of any size, made from a seed."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from audible_core.kinds import BookStatus, BookType, Source
from audible_core.matching import TitleQuery, TrackedBook
from audible_core.models import Asin, AudibleTitle, SeriesPlace
from audible_core.store.records import BookFields, ReaderId

from tests.bench.matching.corpora import make_books, make_queries

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
_HOUR_MS = 3_600_000


def library_and_books(
    size: int, reader_id: ReaderId, seed: int
) -> tuple[tuple[AudibleTitle, ...], list[BookFields]]:
    """Return as many titles as books; half of the titles are of these books."""
    books = make_books(size, seed)
    rng = random.Random(seed)
    queries = make_queries(books, size, seed)
    titles = tuple(_title(query, rng, number) for number, query in enumerate(queries))
    return titles, [_book(book, reader_id) for book in books]


def _title(query: TitleQuery, rng: random.Random, number: int) -> AudibleTitle:
    is_finished = rng.random() < 0.4
    is_started = is_finished or rng.random() < 0.1
    percent = 100.0 if is_finished else float(rng.randint(1, 95)) * is_started
    heard_at = NOW - timedelta(hours=rng.randint(1, 20_000))
    places = (SeriesPlace(query.series_title, query.series_sequence or None),)
    return AudibleTitle(
        asin=Asin(f"B{number:09d}"),
        title=query.title,
        subtitle=query.subtitle or None,
        authors=query.authors,
        narrators=query.narrators or ("A. Reader",),
        series=places if query.series_title else (),
        runtime_ms=round((query.runtime_min or rng.randint(180, 1800)) * 60_000),
        language=query.language or "english",
        cover_url=f"https://images.invalid/{number}._SL500_.jpg",
        percent_complete=percent,
        is_finished=is_finished,
        status_changed_at=heard_at if is_started else None,
        purchased_at=heard_at - timedelta(days=30),
        content_type="Product",
        content_delivery_type="SinglePartBook",
        is_consumable=True,
        codecs=("aax_44_128", "LC_128_44100_stereo"),
        isbn=query.isbn or None,
        sku_lite=f"BK_MADE_{number:06d}",
        publisher="Made House",
        year=query.year,
        format_type="unabridged",
    )


def _book(book: TrackedBook, reader_id: ReaderId) -> BookFields:
    authors = (book.authors,) if isinstance(book.authors, str) else book.authors
    return BookFields(
        reader_id=reader_id,
        title=book.title,
        subtitle=book.subtitle or None,
        authors=authors,
        book_type=BookType.AUDIOBOOK,
        year=book.year,
        status=BookStatus.TO_READ,
        source=Source.IMPORT,
        source_key=f"made:{book.book_id}",
    )


def with_changed(
    titles: Sequence[AudibleTitle], count: int, rng: random.Random, at: datetime
) -> tuple[AudibleTitle, ...]:
    """Return the library after somebody has listened to some of its titles."""
    changed = set(rng.sample(range(len(titles)), min(count, len(titles))))
    return tuple(
        replace(
            title,
            percent_complete=float(rng.randint(1, 98)),
            is_finished=False,
            status_changed_at=at,
        )
        if number in changed
        else title
        for number, title in enumerate(titles)
    )
