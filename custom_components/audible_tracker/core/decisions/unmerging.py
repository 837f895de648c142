"""Takes a merge of two books back: both books, and whose history is whose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import NothingToUndoError, NotInStoreError
from ..store.books import change_books, load_book, restore_book
from ..store.conflicts import FoundConflict, load_conflict, save_conflicts
from ..store.links import load_links_of_book
from ..store.moved_rows import follow_links, move_back
from ..store.packing import packed, unpacked
from ..store.reads import change_reads, load_reads_of_book, load_some_reads
from ..store.records import Book, BookId, Conflict, ConflictId, Link
from ..store.schema import BOOKS, CONFLICTS, READS
from ..store.sync_logs import DecisionsWanted
from ..sync.look import heard_before
from ..sync.tracked_book import with_progress
from .journal import About, Action, Decision, load_decisions, mark_undone, note
from .recorder import brought_back, deleted_book, dropped_read
from .standing import with_reads
from .undoing import restore_read

MOVED: Final = "moved"
OFFERED: Final = "offered"
"""Where the journal keeps what moved, and what open conflicts offered before."""


@dataclass(frozen=True, slots=True)
class Unmerged:
    """The two books, apart again."""

    kept: Book
    restored: Book


def packed_offer(conflict: Conflict) -> dict[str, Any]:
    """Return what an open conflict offered, for the journal."""
    candidates = {"candidates": conflict.candidates}
    return {"id": conflict.conflict_id, **packed(CONFLICTS, candidates)}


async def load_merge(connection: AsyncConnection, kept_id: BookId) -> Decision | None:
    """Return the last merge into a book, if it can be taken back."""
    wanted = DecisionsWanted(
        book_ids=(kept_id,), actions=(Action.MERGE_BOOKS.value,), is_standing=True
    )
    found = await load_decisions(connection, wanted, limit=1)
    # Older versions did not write down what had moved.
    return found[0] if found and MOVED in found[0].before else None


async def undo_merge(
    connection: AsyncConnection, kept_id: BookId, *, actor: str | None, now: datetime
) -> Unmerged:
    """Make two books again of the last two that have become this one.

    Titles and what was heard of them go along, also what was heard since; what people
    have changed since at the kept book stays. Raises NothingToUndoError.
    """
    kept = await load_book(connection, kept_id)
    decision = await load_merge(connection, kept_id)
    if decision is None:
        raise NothingToUndoError(what="book", number=str(kept_id))
    dropped = deleted_book(decision.data["dropped"], decision.data["was"])
    await _bring_fields_back(connection, decision, kept, now=now)
    await restore_book(connection, dropped)
    await _move_back(connection, decision, kept_id, dropped.book_id)
    await _bring_reads_back(connection, decision.before.get("reads", ()), now=now)
    await _bring_offers_back(connection, decision, now=now)
    for book_id in (kept_id, dropped.book_id):
        await _follow(connection, book_id, since=decision.decided_at, now=now)
    await mark_undone(connection, decision)
    about = About(kept.fields.reader_id, book_id=kept_id)
    data = {"undone": decision.sync_log_id, "action": decision.action.value}
    await note(connection, Action.UNDO, about, actor=actor, now=now, data=data)
    return Unmerged(
        await load_book(connection, kept_id),
        await load_book(connection, dropped.book_id),
    )


async def _bring_fields_back(
    connection: AsyncConnection, decision: Decision, kept: Book, *, now: datetime
) -> None:
    """Take out of the kept book what it had of the dropped one."""
    came = set(decision.before[MOVED]["links"])
    links = await load_links_of_book(connection, kept.book_id)
    is_silent = all(link.link_id in came for link in links)
    later = DecisionsWanted(
        book_ids=(kept.book_id,),
        but_action=Action.UNDO.value,
        after=decision.sync_log_id,
        is_standing=True,
    )
    # Where only the other book's titles can have moved it, its place is its old one.
    whole = is_silent and not await load_decisions(connection, later, limit=1)
    for step in decision.before.get("books", ()):
        fields = brought_back(kept.fields, BOOKS, step, whole=whole)
        await change_books(connection, ((kept.book_id, fields),), now=now)


async def _move_back(
    connection: AsyncConnection, decision: Decision, kept: BookId, dropped: BookId
) -> None:
    moved = decision.before[MOVED]
    await move_back(connection, moved, kept=kept, dropped=dropped)
    links = await load_links_of_book(connection, dropped)
    await follow_links(
        connection,
        [link.link_id for link in links],
        kept=kept,
        dropped=dropped,
        since=decision.decided_at,
    )


async def _bring_reads_back(
    connection: AsyncConnection, steps: Sequence[Mapping[str, Any]], *, now: datetime
) -> None:
    known = await load_some_reads(connection, [step["id"] for step in steps])
    for step in steps:
        if step["after"] is None:
            await restore_read(connection, dropped_read(step["id"], step["before"]))
        elif (read := known.get(step["id"])) is not None:
            fields = brought_back(read.fields, READS, step, whole=False)
            await change_reads(connection, ((read.read_id, fields),), now=now)


async def _bring_offers_back(
    connection: AsyncConnection, decision: Decision, *, now: datetime
) -> None:
    """Let conflicts that are still open offer both books."""
    for offer in decision.before.get(OFFERED, ()):
        try:
            conflict = await load_conflict(connection, ConflictId(offer["id"]))
        except NotInStoreError:
            # It went with its title.
            continue
        if not conflict.resolved:
            candidates = unpacked(CONFLICTS, {"candidates": offer["candidates"]})
            found = FoundConflict(
                conflict.link_id, conflict.conflict_type, candidates["candidates"]
            )
            await save_conflicts(connection, (found,), now=now)


async def _follow(
    connection: AsyncConnection, book_id: BookId, *, since: datetime, now: datetime
) -> None:
    """Let a book follow what was heard of its titles since."""
    links = await load_links_of_book(connection, book_id)
    heard = sorted(
        (link for link in links if _was_heard(link, since)),
        key=lambda link: link.fields.last_position_at or since,
    )
    if not heard:
        return
    book = await load_book(connection, book_id)
    reads = await load_reads_of_book(connection, book_id)
    fields = with_reads(book.fields, reads) if reads else book.fields
    fields = with_progress(fields, heard_before(heard[-1].fields))
    await change_books(connection, ((book_id, fields),), now=now)


def _was_heard(link: Link, since: datetime) -> bool:
    at = link.fields.last_position_at
    return at is not None and at >= since
