"""What a plan starts from, out of the store; matching is asked on the way."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from ..models import Asin, AudibleTitle
from ..store.accounts import load_default_reader
from ..store.books import load_some_books, stream_book_facts
from ..store.conflicts import load_links_in_conflict
from ..store.history import load_furthest
from ..store.links import load_link_states, load_twins
from ..store.reads import load_newest_reads
from ..store.records import (
    BookId,
    LinkId,
    LinkState,
    ReaderId,
    StoredTitle,
    TrackedAccount,
)
from ..store.titles import load_some_chapters, load_some_titles
from .library import (
    LibraryDifference,
    is_settled,
    moved_positions,
    touched_titles,
)
from .matchable import decide_titles
from .readers import listener_of
from .snapshot import MatchDecision, Remote, Stored
from .wanted_decisions import titles_to_match

type Decisions = Mapping[Asin, MatchDecision]


@dataclass(frozen=True, slots=True)
class Ground:
    """What one sync is planned on."""

    stored: Stored
    decisions: Decisions


async def load_ground(
    connection: AsyncConnection,
    account: TrackedAccount,
    known: Mapping[Asin, StoredTitle],
    remote: Remote,
    difference: LibraryDifference,
) -> Ground:
    """Load what the sync touches, and ask matching about what is not linked.

    What touches nothing costs no statement.
    """
    touched = touched_titles(known, remote, difference)
    stored = Stored(account=account, known=known)
    if not touched:
        return Ground(stored, {})
    account_id = account.account_id
    # Another reader may listen with the account since the sync began to ask.
    reader_id = await load_default_reader(connection, account_id)
    account = replace(account, default_reader_id=reader_id or account.default_reader_id)
    stored = replace(stored, account=account)
    previous = await load_some_titles(connection, account_id, touched & known.keys())
    states = await load_link_states(connection, account_id, touched)
    stored = replace(
        stored,
        previous={title.asin: title for title in previous},
        links=links_by_title(states),
    )
    stored = await _with_courses(connection, stored, remote)
    undecided = await _undecided(connection, stored, touched - {*difference.removed})
    again = replace(remote, match_again=remote.match_again | undecided)
    decisions = await _decide(connection, stored, again, difference)
    skus = {title.sku_lite for title in _looked_at(previous, difference)}
    twins = await load_twins(
        connection, account.default_reader_id, sorted(sku for sku in skus if sku)
    )
    book_ids = _book_ids(states, decisions, twins)
    return Ground(
        replace(
            stored,
            books=await load_some_books(connection, book_ids),
            book_reads=await load_newest_reads(connection, book_ids),
            twins=twins,
        ),
        decisions,
    )


async def _with_courses(
    connection: AsyncConnection, stored: Stored, remote: Remote
) -> Stored:
    """Add what tells which chapter was come to, of titles whose place is news."""
    places = moved_positions(stored.known, remote.positions.values())
    moved = {place.asin for place in places} & stored.links.keys()
    if not moved or stored.account.last_sync_at is None:
        return stored
    links = [state.link.link_id for asin in moved for state in stored.links[asin]]
    return replace(
        stored,
        chapters=await load_some_chapters(
            connection, stored.account.account_id, sorted(moved)
        ),
        furthest=await load_furthest(connection, sorted(links)),
    )


async def _undecided(
    connection: AsyncConnection, stored: Stored, asins: Iterable[Asin]
) -> frozenset[Asin]:
    """Return the titles that are no book and that nobody was asked about.

    Such are those that a reader has taken, and those that were gone for a while.
    """
    found: dict[LinkId, Asin] = {}
    for asin in asins:
        state = listener_of(stored.links.get(asin, ()), stored.account)
        if state is not None and not is_settled(state.link.fields):
            found[state.link.link_id] = asin
    asked = await load_links_in_conflict(connection, found) if found else frozenset()
    return frozenset(asin for link_id, asin in found.items() if link_id not in asked)


async def _decide(
    connection: AsyncConnection,
    stored: Stored,
    remote: Remote,
    difference: LibraryDifference,
) -> Decisions:
    wanted = titles_to_match(stored, remote, difference)
    of_reader: defaultdict[ReaderId, list[AudibleTitle]] = defaultdict(list)
    for title in wanted:
        of_reader[_reader_of(stored, title.asin)].append(title)
    decisions: dict[Asin, MatchDecision] = {}
    for reader_id, titles in of_reader.items():
        books = [facts async for facts in stream_book_facts(connection, reader_id)]
        decisions |= await asyncio.to_thread(decide_titles, books, titles)
    return decisions


def _reader_of(stored: Stored, asin: Asin) -> ReaderId:
    listener = listener_of(stored.links.get(asin, ()), stored.account)
    if listener is None:
        return stored.account.default_reader_id
    return listener.link.fields.reader_id


def _looked_at(
    previous: Iterable[AudibleTitle], difference: LibraryDifference
) -> Iterable[AudibleTitle]:
    return (*previous, *difference.new, *difference.changed)


def links_by_title(
    states: Iterable[LinkState],
) -> dict[Asin, tuple[LinkState, ...]]:
    """Return links by the title that they are of."""
    found: defaultdict[Asin, list[LinkState]] = defaultdict(list)
    for state in states:
        found[state.link.fields.asin].append(state)
    return {asin: tuple(links) for asin, links in found.items()}


def _book_ids(
    states: Iterable[LinkState], decisions: Decisions, twins: Mapping[str, BookId]
) -> tuple[BookId, ...]:
    linked = (state.link.fields.book_id for state in states)
    decided = (decision.book_id for decision in decisions.values())
    found = {
        book_id
        for book_id in (*linked, *decided, *twins.values())
        if book_id is not None
    }
    return tuple(sorted(found))
