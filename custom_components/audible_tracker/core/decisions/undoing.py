"""Takes a decision about a title back: link, reads, books and conflict as they were."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ..store.books import (
    change_books,
    delete_book,
    load_some_books,
    restore_book,
)
from ..store.links import (
    LinkDecision,
    load_link,
    load_links_of_book,
    set_decision,
)
from ..store.packing import unpacked
from ..store.reads import (
    change_reads,
    delete_read,
    load_reads_of_book,
    load_reads_of_link,
    load_some_reads,
    restore_reads,
)
from ..store.records import Book, BookId, Link, LinkId, Read, ReadFields
from ..store.schema import BOOKS, LINKS, READS
from ..store.sync_logs import DecisionsWanted
from ..sync.look import heard_before
from ..sync.rules import Heard
from ..sync.tracked_book import with_progress
from .joining import ended_unseen, split_reads
from .journal import Action, Decision, heir_of, load_decisions
from .recorder import brought_back, decision_in, deleted_book, dropped_read
from .settling import facts_of
from .standing import with_reads

type Steps = Sequence[Mapping[str, Any]]


async def take_back(
    connection: AsyncConnection, decision: Decision, link_id: LinkId, *, now: datetime
) -> Link:
    """Bring back what a decision about a title changed.

    What was heard since goes along with the title; what people have changed since at
    the books stays.
    """
    link = await load_link(connection, link_id)
    before = decision.before
    book_steps: Steps = before.get("books", ())
    await _bring_books_back(connection, book_steps)
    former = await _former(connection, before)
    await set_decision(connection, link_id, former, now=now)
    has_more = await _bring_reads_back(
        connection, before.get("reads", ()), link, former.book_id, now=now
    )
    await _restore_books(connection, decision, link, book_steps, now=now)
    await _drop_made_books(connection, decision, link, book_steps)
    if not former.is_ignored:
        await _end_unseen(connection, link, _heard_then(before), now=now)
    has_more = has_more or _has_moved(link, before)
    # A book that the title never left has followed it all the time.
    is_back = has_more and former.book_id != link.fields.book_id
    is_heir = former.book_id != decision_in(before["links"][0]["before"]).book_id
    if (is_back or is_heir) and former.book_id is not None:
        await _follow(connection, link, former.book_id, now=now)
    return await load_link(connection, link_id)


def _has_moved(link: Link, before: Mapping[str, Any]) -> bool:
    heard = unpacked(LINKS, before["links"][0].get("heard", {}))
    return any(getattr(link.fields, name) != value for name, value in heard.items())


def _heard_then(before: Mapping[str, Any]) -> Heard:
    """Return where listening stood when the decision was made."""
    heard = unpacked(LINKS, before["links"][0].get("heard", {}))
    return Heard(
        heard.get("last_position_ms"),
        heard.get("last_percentage"),
        heard.get("is_finished"),
    )


async def _end_unseen(
    connection: AsyncConnection, link: Link, then: Heard, *, now: datetime
) -> None:
    """End the open pass of a title that was finished while it was ignored."""
    title = await facts_of(connection, link) if link.fields.is_ignored else None
    runtime_ms = title.runtime_ms if title is not None else None
    reads = await load_reads_of_link(connection, link.link_id)
    ended = ended_unseen(link, reads, runtime_ms, then)
    rows = ((read.read_id, fields) for read, fields in ended)
    await change_reads(connection, rows, now=now)


async def _former(
    connection: AsyncConnection, before: Mapping[str, Any]
) -> LinkDecision:
    """Return what the link said: of a book that was merged, the one it has become.

    A book that is no more is none.
    """
    steps: Steps = before.get("links", ())
    former = decision_in(steps[0]["before"])
    if former.book_id is None:
        return former
    if await load_some_books(connection, (former.book_id,)):
        return former
    heir = await heir_of(connection, former.book_id)
    if heir is None or not await load_some_books(connection, (heir,)):
        return LinkDecision()
    return replace(former, book_id=heir)


async def _bring_books_back(connection: AsyncConnection, steps: Steps) -> None:
    for step in steps:
        if step["after"] is None:
            book = deleted_book(step["id"], step["before"])
            if not await load_some_books(connection, (book.book_id,)):
                await restore_book(connection, book)


async def _bring_reads_back(
    connection: AsyncConnection,
    steps: Steps,
    link: Link,
    book_id: BookId | None,
    *,
    now: datetime,
) -> bool:
    """Return whether the title has been read on since."""
    of_title = await load_reads_of_link(connection, link.link_id)
    going, _ = split_reads(of_title)
    mine = {read.read_id for read in going}
    known = await load_some_reads(connection, [step["id"] for step in steps])
    reads = known | {read.read_id: read for read in going}
    noted = {step["id"] for step in steps}
    changed: list[tuple[Read, ReadFields]] = [
        (reads[number], replace(reads[number].fields, book_id=book_id))
        for number in sorted(mine - noted)
    ]
    has_more = bool(changed)
    for step in steps:
        read = reads.get(step["id"])
        if step["after"] is None:
            await restore_read(connection, dropped_read(step["id"], step["before"]))
        elif step["before"] is None:
            if read is not None:
                await delete_read(connection, read.read_id)
        elif read is not None:
            was = brought_back(read.fields, READS, step, whole=False)
            if read.read_id in mine and was.link_id == link.link_id:
                was = replace(was, book_id=book_id)
            has_more = has_more or _has_changed(read.fields, step)
            changed.append((read, was))
    rows = ((read.read_id, fields) for read, fields in changed)
    await change_reads(connection, rows, now=now)
    return has_more


def _has_changed(read: ReadFields, step: Mapping[str, Any]) -> bool:
    after = unpacked(READS, step["after"])
    return any(getattr(read, name) != value for name, value in after.items())


async def restore_read(connection: AsyncConnection, read: Read) -> None:
    """Put a dropped pass back, as far as there still is what it is a pass of."""
    book_id = read.fields.book_id
    if book_id is not None and not await load_some_books(connection, (book_id,)):
        if read.fields.link_id is None:
            # Its book was deleted since, and its own reads with it.
            return
        read = replace(read, fields=replace(read.fields, book_id=None))
    await restore_reads(connection, (read,))


async def _restore_books(
    connection: AsyncConnection,
    decision: Decision,
    link: Link,
    steps: Steps,
    *,
    now: datetime,
) -> None:
    for step in steps:
        if step["before"] is None or step["after"] is None:
            continue
        found = await load_some_books(connection, (BookId(step["id"]),))
        for book in found.values():
            whole = await _is_untouched(connection, decision, book, link)
            fields = brought_back(book.fields, BOOKS, step, whole=whole)
            await change_books(connection, ((book.book_id, fields),), now=now)


async def _is_untouched(
    connection: AsyncConnection, decision: Decision, book: Book, link: Link
) -> bool:
    """Tell whether only the title itself can have moved a book since."""
    links = await load_links_of_book(connection, book.book_id)
    if any(other.link_id != link.link_id for other in links):
        return False
    later = await load_decisions(
        connection,
        DecisionsWanted(
            book_ids=(book.book_id,),
            but_action=Action.UNDO.value,
            after=decision.sync_log_id,
            is_standing=True,
        ),
        limit=1,
    )
    return not later


async def _drop_made_books(
    connection: AsyncConnection, decision: Decision, link: Link, steps: Steps
) -> None:
    """Delete the book that was made, unless it is used, or has become another."""
    for step in steps:
        if step["before"] is not None:
            continue
        book_id = BookId(step["id"])
        found = await load_some_books(connection, (book_id,))
        is_used = bool(await load_links_of_book(connection, book_id)) or bool(
            await load_reads_of_book(connection, book_id)
        )
        for book in found.values():
            if not is_used and await _is_untouched(connection, decision, book, link):
                await delete_book(connection, book_id)


async def _follow(
    connection: AsyncConnection, link: Link, book_id: BookId, *, now: datetime
) -> None:
    """Let the former book follow what was heard of the title meanwhile."""
    found = await load_some_books(connection, (book_id,))
    reads = await load_reads_of_book(connection, book_id)
    for book in found.values():
        fields = with_progress(
            with_reads(book.fields, reads), heard_before(link.fields)
        )
        await change_books(connection, ((book_id, fields),), now=now)
