"""Settles which book a title is: its reads and both books follow, undo can follow back.

All of it happens in the caller's transaction.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import ConflictSettledError, InvalidValueError, OtherReaderError
from ..kinds import Resolution, Source
from ..models import Asin, AudibleTitle
from ..store.books import load_book
from ..store.conflicts import load_open_conflict, resolve_conflict
from ..store.database import time_zone_of
from ..store.links import LinkDecision, load_link, load_links_of_book
from ..store.reads import load_reads_of_book, load_reads_of_link
from ..store.records import (
    AccountId,
    Book,
    BookFields,
    BookId,
    Conflict,
    ConflictId,
    Evidence,
    Link,
    LinkId,
    Read,
    ReadFields,
    SyncLogId,
)
from ..store.statements import names_of
from ..store.titles import load_accounts_with_title, load_some_titles
from ..sync.linking import book_from
from .joining import join, leave, split_reads
from .journal import About, Action, note
from .recorder import LISTENING, Recorder

METHOD_USER: Final = "user"
METHOD_NOT_A_BOOK: Final = "not_a_book"

# No person says these of a book that a sync has made.
# The day of the purchase is one of the home's time zone, which may be another by now.
_FOLLOWING: Final = (*LISTENING, "sync_log_id", "added_on")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says that a title is.

    LINKED names the book, CREATED makes one from the title, IGNORED and NOT_A_BOOK
    leave it alone. None is said by who only takes a title from its book: it is none of
    the books, until somebody says which it is.
    """

    resolution: Resolution | None
    book_id: BookId | None = None

    def __post_init__(self) -> None:
        """Refuse what is no choice."""
        if self.resolution is Resolution.OBSOLETE:
            allowed = "linked, created, ignored, not_a_book"
            raise InvalidValueError(
                field="resolution", value=self.resolution.value, allowed=allowed
            )
        needs_book = self.resolution is Resolution.LINKED
        if needs_book != (self.book_id is not None):
            allowed = "a book where the title is linked to one, and only there"
            raise InvalidValueError(
                field="book_id", value=self.book_id, allowed=allowed
            )


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a title.

    ``left_over`` is a book that only this title had made, and that nothing uses now.
    """

    link: Link
    book: Book | None
    made_book: bool
    reads_moved: int
    left_over: BookId | None
    conflict_id: ConflictId | None
    sync_log_id: SyncLogId


async def settle(
    connection: AsyncConnection,
    link: Link,
    choice: Choice,
    *,
    action: Action,
    actor: str | None,
    now: datetime,
    delete_left_over: bool = False,
) -> Settled:
    """Do what a person says of a title, for ever, and write it down.

    Raises NotInStoreError, OtherReaderError, ConflictSettledError if too late.
    """
    target = await _target(connection, link, choice)
    conflict = await load_open_conflict(connection, link.link_id)
    recorder = Recorder(connection, now)
    made_book = isinstance(target, BookFields)
    book = await recorder.add_book(target) if isinstance(target, BookFields) else target
    book_id = book.book_id if book is not None else None
    moved, book = await _move(connection, recorder, link, book)
    await recorder.decide(link, _decision(choice, book_id, conflict))
    if conflict is not None:
        await _close(connection, conflict, choice, book_id, actor=actor, now=now)
    left_over = await _left_over(connection, link, book_id)
    if left_over is not None and delete_left_over:
        await recorder.delete_book(left_over)
    about = _about(link, book_id, conflict)
    values = {"data": _told(link, choice, book_id), "before": recorder.before}
    log_id = await note(connection, action, about, actor=actor, now=now, **values)
    return Settled(
        link=await load_link(connection, link.link_id),
        book=book,
        made_book=made_book,
        reads_moved=moved,
        left_over=left_over.book_id if left_over is not None else None,
        conflict_id=about.conflict_id,
        sync_log_id=log_id,
    )


def _about(link: Link, book_id: BookId | None, conflict: Conflict | None) -> About:
    return About(
        reader_id=link.fields.reader_id,
        asin=link.fields.asin,
        link_id=link.link_id,
        book_id=book_id or link.fields.book_id,
        conflict_id=conflict.conflict_id if conflict is not None else None,
    )


def _told(link: Link, choice: Choice, book_id: BookId | None) -> dict[str, Any]:
    return {
        "resolution": choice.resolution,
        "book_id": book_id,
        "former": link.fields.book_id,
    }


async def _target(
    connection: AsyncConnection, link: Link, choice: Choice
) -> Book | BookFields | None:
    if choice.book_id is not None:
        book = await load_book(connection, choice.book_id)
        if book.fields.reader_id != link.fields.reader_id:
            raise OtherReaderError(what="book", number=choice.book_id)
        return book
    if choice.resolution is not Resolution.CREATED:
        return None
    title = await facts_of(connection, link)
    return _made_of(link, title, time_zone_of(connection))


def _made_of(link: Link, title: AudibleTitle | None, time_zone: ZoneInfo) -> BookFields:
    """Return the book that a title makes, also where only its name is left."""
    if title is not None:
        return book_from(title, link.fields.reader_id, time_zone=time_zone)
    return BookFields(
        reader_id=link.fields.reader_id,
        title=link.fields.audible_title,
        asin=link.fields.asin,
        source=Source.AUDIBLE,
        source_key=link.fields.asin,
    )


async def facts_of(connection: AsyncConnection, link: Link) -> AudibleTitle | None:
    """Return what is known of a link's title, from the link's own account first."""
    asin, own = link.fields.asin, link.fields.account_id
    holders = await load_accounts_with_title(connection, asin)
    ordered = sorted(holders, key=lambda account_id: account_id != own)
    for account_id in ordered:
        for title in await load_some_titles(connection, account_id, (asin,)):
            return title
    return None


async def facts_of_some(
    connection: AsyncConnection, links: Iterable[Link]
) -> dict[LinkId, AudibleTitle]:
    """Return what is known of titles, all of an account at once."""
    by_account: defaultdict[AccountId, set[Asin]] = defaultdict(set)
    links = tuple(links)
    for link in links:
        if link.fields.account_id is not None:
            by_account[link.fields.account_id].add(link.fields.asin)
    facts: dict[tuple[AccountId | None, Asin], AudibleTitle] = {
        (account_id, title.asin): title
        for account_id, asins in by_account.items()
        for title in await load_some_titles(connection, account_id, sorted(asins))
    }
    found: dict[LinkId, AudibleTitle] = {}
    for link in links:
        known = facts.get((link.fields.account_id, link.fields.asin))
        title = known or await facts_of(connection, link)
        if title is not None:
            found[link.link_id] = title
    return found


def _decision(
    choice: Choice, book_id: BookId | None, conflict: Conflict | None
) -> LinkDecision:
    is_other = choice.resolution is Resolution.NOT_A_BOOK
    return LinkDecision(
        book_id=book_id,
        match_confidence=None if book_id is None else 1.0,
        match_method=METHOD_NOT_A_BOOK if is_other else METHOD_USER,
        evidence=_evidence(book_id, conflict),
        manually_confirmed=True,
        is_ignored=choice.resolution in (Resolution.IGNORED, Resolution.NOT_A_BOOK),
    )


def _evidence(
    book_id: BookId | None, conflict: Conflict | None
) -> tuple[Evidence, ...]:
    candidates = conflict.candidates if conflict is not None else ()
    for candidate in candidates:
        if candidate.book_id == book_id:
            return candidate.evidence
    return ()


async def _close(
    connection: AsyncConnection,
    conflict: Conflict,
    choice: Choice,
    book_id: BookId | None,
    *,
    actor: str | None,
    now: datetime,
) -> None:
    is_ours = await resolve_conflict(
        connection,
        conflict.conflict_id,
        choice.resolution or Resolution.IGNORED,
        book_id=book_id,
        resolver=actor,
        now=now,
    )
    if not is_ours:
        raise ConflictSettledError(number=conflict.conflict_id, resolution="resolved")


async def _move(
    connection: AsyncConnection, recorder: Recorder, link: Link, book: Book | None
) -> tuple[int, Book | None]:
    """Let a title's reads leave its book and join another, which may be none."""
    if link.fields.book_id == (book.book_id if book is not None else None):
        return 0, book
    titles = await load_reads_of_link(connection, link.link_id)
    going, _ = split_reads(titles)
    if link.fields.book_id is not None:
        await _leave(connection, recorder, link, titles)
    if book is None:
        rest = ((read, _without_book(read)) for read in going)
        await recorder.change_reads(rest)
        return len(going), None
    others = await load_reads_of_book(connection, book.book_id)
    title = await facts_of(connection, link) if link.fields.is_ignored else None
    runtime_ms = title.runtime_ms if title is not None else None
    joining = join(
        book.book_id, book.fields, link, going, others, runtime_ms=runtime_ms
    )
    await recorder.change_reads(joining.changed)
    await recorder.drop_reads(joining.dropped)
    for fields in joining.added:
        await recorder.add_read(fields)
    book = await recorder.change_book(book, joining.book)
    return len(going), book


def _without_book(read: Read) -> ReadFields:
    return replace(read.fields, book_id=None)


async def _leave(
    connection: AsyncConnection,
    recorder: Recorder,
    link: Link,
    titles: tuple[Read, ...],
) -> None:
    if link.fields.book_id is None:
        return
    former = await load_book(connection, link.fields.book_id)
    reads = await load_reads_of_book(connection, former.book_id)
    others = [read for read in reads if read.fields.link_id != link.link_id]
    links = await load_links_of_book(connection, former.book_id)
    leaving = leave(former.fields, link, titles, others, is_shared=len(links) > 1)
    await recorder.change_reads(leaving.staying)
    await recorder.change_book(former, leaving.book)


async def _left_over(
    connection: AsyncConnection, link: Link, now_book_id: BookId | None
) -> Book | None:
    """Return a book that only a title had made, if nobody has made it their own.

    It then says what the title says, but for what follows the listening.
    """
    book_id = link.fields.book_id
    if book_id is None or book_id == now_book_id:
        return None
    book = await load_book(connection, book_id)
    if book.fields.source_key != link.fields.asin:
        return None
    if await load_links_of_book(connection, book_id):
        return None
    if await load_reads_of_book(connection, book_id):
        return None
    title = await facts_of(connection, link)
    made = _made_of(link, title, time_zone_of(connection))
    return book if _own_facts(book.fields) == _own_facts(made) else None


def _own_facts(book: BookFields) -> tuple[object, ...]:
    names = (name for name in names_of(BookFields) if name not in _FOLLOWING)
    return tuple(getattr(book, name) for name in names)
