"""Pure: which book a title is: by hand, by its twin, by matching, or a new one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from typing import Final

from ..isbn import read_isbn
from ..kinds import BookType, ConflictType, Source
from ..models import Asin, AudibleTitle
from ..store.changes import BookRef
from ..store.records import AccountId, BookFields, Evidence, LinkFields, ReaderId
from .library import is_settled, lacks_name
from .rules import Rules, is_book
from .snapshot import MatchDecision

METHOD_TWIN: Final = "sku_lite"
METHOD_CREATED: Final = "created"
_TWIN: Final = Evidence("same recording", "the same book in another marketplace", 1.0)


@dataclass(frozen=True, slots=True)
class Linking:
    """What becomes of one link. ``book`` is set if it is linked in this sync.

    ``makes_book`` says that this book does not exist yet.
    """

    fields: LinkFields
    book: BookRef | None = None
    makes_book: bool = False
    conflict: MatchDecision | None = None


def new_link(
    title: AudibleTitle, reader_id: ReaderId, account_id: AccountId
) -> LinkFields:
    """Return the link that a title gets at first sight, before it is any book."""
    return LinkFields(
        reader_id=reader_id,
        asin=title.asin,
        account_id=account_id,
        book_id=None,
        audible_title=title.name,
    )


def decide_link(
    link: LinkFields,
    title: AudibleTitle,
    decision: MatchDecision | None,
    twins: Mapping[str, BookRef],
    rules: Rules,
) -> Linking:
    """Return which book a title is from now on.

    What a person decided is kept for ever, and so is a link that stands. The same
    recording in another marketplace is the same book, whatever matching says.
    """
    if is_settled(link) or not is_book(title) or lacks_name(title):
        return Linking(link)
    twin = twins.get(title.sku_lite) if title.sku_lite else None
    if twin is not None:
        return Linking(_matched(link, METHOD_TWIN, 1.0, (_TWIN,)), twin)
    return Linking(link) if decision is None else _as_decided(link, decision, rules)


def _as_decided(link: LinkFields, decision: MatchDecision, rules: Rules) -> Linking:
    if decision.conflict_type is None and decision.book_id is not None:
        matched = _matched(
            link, decision.method, decision.confidence, decision.evidence
        )
        return Linking(matched, decision.book_id)
    if decision.conflict_type is None and rules.creates_books:
        created = _matched(link, METHOD_CREATED, None, decision.evidence)
        return Linking(created, book_key(link.reader_id, link.asin), makes_book=True)
    unsure = replace(link, match_confidence=decision.confidence)
    found = decision.conflict_type or ConflictType.NO_MATCH
    return Linking(unsure, conflict=replace(decision, conflict_type=found))


def _matched(
    link: LinkFields,
    method: str | None,
    confidence: float | None,
    evidence: tuple[Evidence, ...],
) -> LinkFields:
    return replace(
        link, match_method=method, match_confidence=confidence, evidence=evidence
    )


def book_key(reader_id: ReaderId, asin: Asin) -> str:
    """Return what a book that a sync makes is called until it has a number."""
    return f"{reader_id}:{asin}"


def book_from(
    title: AudibleTitle, reader_id: ReaderId, *, time_zone: tzinfo
) -> BookFields:
    """Return the tracker's book for a title that is none of its books yet.

    It was added on the day of the purchase, in ``time_zone``.
    """
    isbn13 = _checked_isbn(title)
    return BookFields(
        reader_id=reader_id,
        title=title.name,
        subtitle=title.subtitle,
        authors=title.authors,
        narrators=title.narrators,
        series=title.series,
        book_type=BookType.AUDIOBOOK,
        isbn13=isbn13,
        isbns=(isbn13,) if isbn13 else (),
        asin=title.asin,
        publisher=title.publisher,
        year=title.year,
        language=title.language,
        runtime_ms=title.runtime_ms,
        cover_url=title.cover_url,
        added_on=_day_of(title.purchased_at, time_zone),
        source=Source.AUDIBLE,
        source_key=title.asin,
    )


def _checked_isbn(title: AudibleTitle) -> str | None:
    isbn = read_isbn(title.isbn) if title.isbn else None
    return isbn.isbn13 if isbn is not None and isbn.flaw is None else None


def _day_of(instant: datetime | None, time_zone: tzinfo) -> date | None:
    return None if instant is None else instant.astimezone(time_zone).date()
