"""Conflicts: list, explain, resolve one or all, undo."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import ConflictSettledError, InvalidValueError, NothingToUndoError
from ..kinds import ConflictType, Resolution
from ..matching.persons import written_by
from ..models import AudibleTitle
from ..store.books import load_some_books
from ..store.conflicts import (
    load_conflict,
    load_conflicts_of_link,
    load_open_conflict,
    load_open_conflicts,
    reopen_conflict,
)
from ..store.links import (
    load_link,
    load_links_of_book,
    load_some_links,
    load_twins,
)
from ..store.readers import load_reader
from ..store.records import (
    AccountId,
    Book,
    BookId,
    Conflict,
    ConflictId,
    Evidence,
    Link,
    LinkId,
    ReaderId,
)
from ..store.sync_logs import DecisionsWanted
from .journal import About, Action, Decision, load_decisions, mark_undone, note
from .settling import Choice, Settled, facts_of_some, settle
from .undoing import take_back

# Whoever asks for "all" means the clear ones: of these it is unclear which book.
_SEVERAL_FIT: Final = (ConflictType.AMBIGUOUS, ConflictType.DUPLICATE_ISBN)
BULK_MAX: Final = 100
"""So many conflicts are resolved in one transaction unless a caller says otherwise."""

_LINKING: Final = (
    Action.RESOLVE_CONFLICT,
    Action.LINK_BOOK,
    Action.UNLINK_BOOK,
    Action.CREATE_BOOK,
    Action.IGNORE_TITLE,
)


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A book that a title may be, beside the title; confidence is 0.0 to 1.0."""

    book: Book
    confidence: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class OpenConflict:
    """A conflict with all that a person needs to decide it.

    ``title`` is None where Audible's facts are gone; the link still has its name.
    Candidates that were deleted or merged since are left out.
    """

    conflict: Conflict
    link: Link
    title: AudibleTitle | None
    candidates: tuple[ShownCandidate, ...]


@dataclass(frozen=True, slots=True)
class ExplainedConflict:
    """A conflict, open or not, in words, with what was decided about it before."""

    shown: OpenConflict
    words: tuple[str, ...]
    earlier: tuple[Conflict, ...]


class LeftReason(StrEnum):
    """Why a conflict is left for a person when all are resolved at once."""

    SEVERAL_FIT = "several_fit"
    BELOW_LIMIT = "below_limit"
    BOOK_TAKEN = "book_taken"
    NO_CANDIDATE = "no_candidate"


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of one conflict; ``left`` says why nothing did."""

    conflict_id: ConflictId
    link: Link
    settled: Settled | None
    left: LeftReason | None = None


async def list_conflicts(
    connection: AsyncConnection,
    reader_id: ReaderId | None = None,
    *,
    but: Collection[ReaderId] = (),
    account_id: AccountId | None = None,
    after: ConflictId | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> tuple[OpenConflict, ...]:
    """Return what waits for a person, oldest first.

    It is of one reader, or of all but some, and of one account, or of all. ``after``
    is the number of the last one of the page before.
    """
    if reader_id is not None:
        await load_reader(connection, reader_id)
    found = await load_open_conflicts(
        connection,
        reader_id=reader_id,
        but=but,
        account_id=account_id,
        after=after,
        offset=offset,
        limit=limit,
    )
    links = await load_some_links(connection, [entry.link_id for entry in found])
    books = await _books_of(connection, found)
    titles = await facts_of_some(connection, links.values())
    return tuple(
        _shown(conflict, links[conflict.link_id], titles, books) for conflict in found
    )


async def explain_conflict(
    connection: AsyncConnection, conflict_id: ConflictId
) -> ExplainedConflict:
    """Return one conflict in words; raise NotInStoreError if there is none."""
    conflict = await load_conflict(connection, conflict_id)
    link = await load_link(connection, conflict.link_id)
    books = await _books_of(connection, (conflict,))
    titles = await facts_of_some(connection, (link,))
    shown = _shown(conflict, link, titles, books)
    all_of_link = await load_conflicts_of_link(connection, conflict.link_id)
    earlier = tuple(one for one in all_of_link if one.conflict_id < conflict_id)
    return ExplainedConflict(shown, in_words(shown), earlier)


async def resolve_conflict(
    connection: AsyncConnection,
    conflict_id: ConflictId,
    choice: Choice,
    *,
    actor: str | None,
    now: datetime,
) -> Settled:
    """Do what a person says of a conflict's title, for ever.

    Raises ConflictSettledError if it does not wait any more, NotInStoreError for a
    conflict or a book that is not there, OtherReaderError for another reader's book.
    """
    conflict = await load_conflict(connection, conflict_id)
    if conflict.resolved:
        raise ConflictSettledError(
            number=conflict_id, resolution=str(conflict.resolution or "resolved")
        )
    if choice.resolution is None:
        allowed = "linked, created, ignored, not_a_book"
        raise InvalidValueError(field="resolution", value=None, allowed=allowed)
    link = await load_link(connection, conflict.link_id)
    return await settle(
        connection, link, choice, action=Action.RESOLVE_CONFLICT, actor=actor, now=now
    )


async def resolve_all(
    connection: AsyncConnection,
    reader_id: ReaderId,
    *,
    account_id: AccountId | None = None,
    create: bool = False,
    accept_from: float | None = None,
    actor: str | None,
    now: datetime,
    after: ConflictId | None = None,
    limit: int = BULK_MAX,
) -> tuple[BulkOutcome, ...]:
    """Resolve a reader's conflicts at once, those of one account or of all of them.

    What is unclear is left, with the reason.

    First each best candidate of at least ``accept_from`` (0.0 to 1.0) is linked, unless
    a second one reaches that too or the book is another title already. With ``create``
    the others become books, but for those of which several books fit. It looks at
    ``limit`` of them and goes on ``after`` the last one when it is called again, so
    that thousands need no single long transaction.
    """
    if accept_from is not None and not 0.0 <= accept_from <= 1.0:
        raise InvalidValueError(
            field="accept_from", value=accept_from, allowed="0.0 to 1.0"
        )
    if accept_from is None and not create:
        raise InvalidValueError(
            field="create", value=create, allowed="create, accept_from, or both"
        )
    outcomes: list[BulkOutcome] = []
    entries = await list_conflicts(
        connection, reader_id, account_id=account_id, after=after, limit=limit
    )
    for entry in entries:
        conflict_id = entry.conflict.conflict_id
        choice = await _bulk_choice(connection, entry, create, accept_from)
        if isinstance(choice, LeftReason):
            outcomes.append(BulkOutcome(conflict_id, entry.link, None, choice))
            continue
        settled = await resolve_conflict(
            connection, conflict_id, choice, actor=actor, now=now
        )
        outcomes.append(BulkOutcome(conflict_id, settled.link, settled))
    return tuple(outcomes)


async def undo_resolution(
    connection: AsyncConnection,
    *,
    conflict_id: ConflictId | None = None,
    link_id: LinkId | None = None,
    actor: str | None,
    now: datetime,
) -> Link:
    """Take the last decision about a title back; its history moves back with it.

    The conflict that it resolved is open again. Raises NothingToUndoError where nobody
    decided anything, or it was too long ago to be known.
    """
    link_id, decision = await _to_undo(connection, conflict_id, link_id)
    link = await take_back(connection, decision, link_id, now=now)
    await mark_undone(connection, decision)
    resolved = decision.about.conflict_id
    is_free = await load_open_conflict(connection, link_id) is None
    if resolved is not None and is_free:
        await reopen_conflict(connection, resolved, now=now)
    fields = link.fields
    about = About(fields.reader_id, fields.asin, link_id, decision.about.book_id)
    data = {"undone": decision.sync_log_id, "action": decision.action.value}
    await note(connection, Action.UNDO, about, actor=actor, now=now, data=data)
    return link


async def _to_undo(
    connection: AsyncConnection,
    conflict_id: ConflictId | None,
    link_id: LinkId | None,
) -> tuple[LinkId, Decision]:
    if conflict_id is not None:
        what, number = "conflict", str(conflict_id)
        link_id = (await load_conflict(connection, conflict_id)).link_id
    elif link_id is not None:
        link = await load_link(connection, link_id)
        what, number = "title", link.fields.asin
    else:
        allowed = "a conflict or a link"
        raise InvalidValueError(field="conflict_id", value=None, allowed=allowed)
    found = await load_decisions(
        connection,
        DecisionsWanted(
            link_ids=(link_id,),
            actions=tuple(action.value for action in _LINKING),
            is_standing=True,
        ),
        limit=1,
    )
    # Only the last one: an older one may rest on books that are no more.
    if not found or (conflict_id and found[0].about.conflict_id != conflict_id):
        raise NothingToUndoError(what=what, number=number)
    return link_id, found[0]


async def _bulk_choice(
    connection: AsyncConnection,
    entry: OpenConflict,
    create: bool,
    accept_from: float | None,
) -> Choice | LeftReason:
    reason = LeftReason.NO_CANDIDATE
    if accept_from is not None:
        found = await _best_choice(connection, entry, accept_from)
        if isinstance(found, Choice):
            return found
        reason = found
    if not create or reason in (LeftReason.SEVERAL_FIT, LeftReason.BOOK_TAKEN):
        return reason
    if entry.conflict.conflict_type in _SEVERAL_FIT:
        return LeftReason.SEVERAL_FIT
    return await _created_or_twin(connection, entry)


async def _best_choice(
    connection: AsyncConnection, entry: OpenConflict, accept_from: float
) -> Choice | LeftReason:
    if not entry.candidates:
        return LeftReason.NO_CANDIDATE
    fitting = [
        candidate
        for candidate in entry.candidates
        if candidate.confidence >= accept_from
    ]
    if not fitting:
        return LeftReason.BELOW_LIMIT
    if len(fitting) > 1:
        return LeftReason.SEVERAL_FIT
    book_id = fitting[0].book.book_id
    if await load_links_of_book(connection, book_id):
        return LeftReason.BOOK_TAKEN
    return Choice(Resolution.LINKED, book_id)


async def _created_or_twin(connection: AsyncConnection, entry: OpenConflict) -> Choice:
    """Make a book, or join the one that the same recording made elsewhere."""
    sku = entry.title.sku_lite if entry.title is not None else None
    if sku:
        twins = await load_twins(connection, entry.link.fields.reader_id, (sku,))
        if sku in twins:
            return Choice(Resolution.LINKED, twins[sku])
    return Choice(Resolution.CREATED)


async def _books_of(
    connection: AsyncConnection, conflicts: tuple[Conflict, ...]
) -> Mapping[BookId, Book]:
    wanted = {
        candidate.book_id for conflict in conflicts for candidate in conflict.candidates
    }
    return await load_some_books(connection, sorted(wanted))


def _shown(
    conflict: Conflict,
    link: Link,
    titles: Mapping[LinkId, AudibleTitle],
    books: Mapping[BookId, Book],
) -> OpenConflict:
    candidates = tuple(
        ShownCandidate(
            books[candidate.book_id], candidate.confidence, candidate.evidence
        )
        for candidate in conflict.candidates
        if candidate.book_id in books
    )
    return OpenConflict(conflict, link, titles.get(link.link_id), candidates)


_WHY: Final[Mapping[ConflictType, str]] = {
    ConflictType.LOW_CONFIDENCE: "one book may be meant, but too little speaks for it",
    ConflictType.AMBIGUOUS: "several books may be meant",
    ConflictType.NO_MATCH: "no book of the tracker is near",
    ConflictType.DUPLICATE_ISBN: "two books of the tracker have this ISBN",
}


def in_words(shown: OpenConflict) -> tuple[str, ...]:
    """Return why a conflict waits, then what speaks for each candidate."""
    name = shown.link.fields.audible_title
    lines = [f"{name}: {_WHY[shown.conflict.conflict_type]}"]
    for number, candidate in enumerate(shown.candidates, start=1):
        fields = candidate.book.fields
        persons = ", ".join(written_by(fields.authors)) or "author unknown"
        found = "; ".join(piece.words for piece in candidate.evidence)
        percent = f"{candidate.confidence * 100:.0f} %"
        lines.append(f"{number}. {fields.title} ({persons}), {percent}: {found}")
    return tuple(lines)
