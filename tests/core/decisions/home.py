"""A home with two readers and one account, whose syncs are the product's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from audible_core.kinds import ConflictType, ReadOutcome, Source, SyncType
from audible_core.models import Asin, AudibleTitle, Position
from audible_core.store.accounts import load_account
from audible_core.store.books import add_books, load_book, load_some_books
from audible_core.store.changes import apply_changes
from audible_core.store.conflicts import (
    FoundConflict,
    load_open_conflict,
    save_conflicts,
)
from audible_core.store.links import load_link_of_title
from audible_core.store.readers import add_reader, share_account
from audible_core.store.reads import (
    add_reads,
    load_newest_reads,
    load_reads_of_book,
    load_reads_of_link,
)
from audible_core.store.records import (
    BookFields,
    BookId,
    Candidate,
    ConflictId,
    Link,
    LinkId,
    Read,
    ReaderId,
    ReadFields,
    ReadId,
)
from audible_core.store.schema import (
    BOOKS,
    CONFLICTS,
    HISTORY,
    LINKS,
    METADATA,
    READS,
)
from audible_core.store.titles import load_fingerprints
from audible_core.sync.library import compare_library
from audible_core.sync.loading import load_ground
from audible_core.sync.plan import SyncPlan, plan_sync
from audible_core.sync.rules import Rules
from audible_core.sync.snapshot import MatchDecision, Remote
from audible_core.sync.wanted_decisions import titles_to_match
from sqlalchemy import Table, select

from tests.core.store.household import NOW, Household, asin, book

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
RUNTIME_MS = 10 * HOUR_MS
ACTOR = "person.anna"
_NUMBERS = count(1)
TOLD = (LINKS, READS, BOOKS, CONFLICTS)
"""What undo brings back; the ledger and the logs only ever grow."""


def title(number: int = 1, **members: Any) -> AudibleTitle:
    """Return a book of ten hours that nobody has begun."""
    values: dict[str, Any] = {
        "asin": asin(number),
        "title": f"Night {number}",
        "authors": ("Jane Roe",),
        "runtime_ms": RUNTIME_MS,
        "percent_complete": 0.0,
        "is_finished": False,
        "content_type": "Product",
        "content_delivery_type": "SinglePartBook",
        "language": "german",
    }
    return AudibleTitle(**values | members)


def place(position_ms: int, at: datetime, number: int = 1) -> Position:
    """Return where listening stands."""
    return Position(asin(number), position_ms, at)


@dataclass(slots=True)
class Home:
    """Two readers and an account; ``matches`` is what matching says of a title."""

    household: Household
    anna: ReaderId
    ben: ReaderId
    matches: dict[Asin, MatchDecision] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)

    async def sync(
        self,
        *titles: AudibleTitle,
        places: Iterable[Position] = (),
        at: datetime | None = None,
        again: Iterable[Asin] = (),
    ) -> SyncPlan:
        """Sync a whole library through the product's own plan."""
        now = NOW + next(_NUMBERS) * HOUR if at is None else at
        remote = Remote(
            SyncType.LIBRARY,
            now,
            titles=titles,
            positions={entry.asin: entry for entry in places},
            is_complete=True,
            match_again=frozenset(again),
        )
        async with self.household.store.transaction() as connection:
            account = await load_account(connection, self.household.account_id)
            known = await load_fingerprints(connection, account.account_id)
            difference = compare_library(known, remote)
            ground = await load_ground(connection, account, known, remote, difference)
            matched = [
                found.book_id
                for found in self.matches.values()
                if found.book_id is not None
            ]
            stored = ground.stored
            books = await load_some_books(connection, matched)
            reads = await load_newest_reads(connection, matched)
            stored = replace(
                stored,
                books={**stored.books, **books},
                book_reads={**stored.book_reads, **reads},
            )
            wanted = titles_to_match(stored, remote, difference)
            decisions = {
                entry.asin: self.matches.get(entry.asin, MatchDecision())
                for entry in wanted
            }
            plan = plan_sync(
                stored,
                remote,
                difference,
                decisions=decisions,
                now=now,
                time_zone=BERLIN,
                new_event_id=lambda: f"event-{next(_NUMBERS):08}",
                rules=self.rules,
            )
            await apply_changes(connection, plan.changes, now=now)
        return plan

    async def link(self, number: int = 1, reader: ReaderId | None = None) -> Link:
        """Return what a title is to a reader."""
        async with self.household.store.reading() as connection:
            found = await load_link_of_title(
                connection, reader or self.anna, asin(number)
            )
        assert found is not None
        return found

    async def book(self, book_id: BookId) -> BookFields:
        """Return a book's fields."""
        async with self.household.store.reading() as connection:
            return (await load_book(connection, book_id)).fields

    async def reads_of_book(self, book_id: BookId) -> tuple[Read, ...]:
        """Return a book's reads."""
        async with self.household.store.reading() as connection:
            return await load_reads_of_book(connection, book_id)

    async def reads_of_link(self, link_id: LinkId) -> tuple[Read, ...]:
        """Return a title's reads."""
        async with self.household.store.reading() as connection:
            return await load_reads_of_link(connection, link_id)

    async def add_reader(self, name: str) -> ReaderId:
        """Let one more reader share the account."""
        async with self.household.store.transaction() as connection:
            reader_id = await add_reader(connection, name, person=None, now=NOW)
            await share_account(connection, self.household.account_id, reader_id)
        return reader_id

    async def add_book(
        self, name: str, reader: ReaderId | None = None, **members: Any
    ) -> BookId:
        """Put a book into a tracker, as an import would."""
        values = {"source": Source.IMPORT} | members
        fields = book(reader or self.anna, name, **values)
        async with self.household.store.transaction() as connection:
            (book_id,) = await add_books(connection, (fields,), now=NOW)
        return book_id

    async def add_read(
        self, book_id: BookId, outcome: ReadOutcome, **members: Any
    ) -> ReadId:
        """Put a pass at a book, as an import would."""
        values = {"source": Source.IMPORT} | members
        fields = ReadFields(self.anna, book_id, None, outcome, **values)
        async with self.household.store.transaction() as connection:
            (read_id,) = await add_reads(connection, (fields,), now=NOW)
        return read_id

    async def conflict(
        self,
        number: int,
        *candidates: Candidate,
        conflict_type: ConflictType = ConflictType.LOW_CONFIDENCE,
    ) -> ConflictId:
        """Say what waits for a person about a title that is linked to nothing."""
        link = await self.link(number)
        assert link.fields.book_id is None
        found = FoundConflict(link.link_id, conflict_type, candidates)
        async with self.household.store.transaction() as connection:
            await save_conflicts(connection, (found,), now=NOW)
            conflict = await load_open_conflict(connection, link.link_id)
        assert conflict is not None
        return conflict.conflict_id

    async def unsure(self, *titles: AudibleTitle, **options: Any) -> None:
        """Sync titles that become no books by themselves."""
        self.rules = Rules(creates_books=False)
        await self.sync(*titles, **options)

    async def rows(self, table: Table) -> list[Mapping[str, Any]]:
        """Return all rows of a table but for when they were last changed."""
        order = tuple(table.primary_key.columns)
        async with self.household.store.reading() as connection:
            found = await connection.execute(select(table).order_by(*order))
            return [
                {name: value for name, value in row.items() if name != "updated_at"}
                for row in found.mappings()
            ]

    async def state(self) -> dict[str, list[Mapping[str, Any]]]:
        """Return everything that undo brings back."""
        return {table.name: await self.rows(table) for table in TOLD}

    async def ledger(self) -> list[Mapping[str, Any]]:
        """Return the ledger."""
        return await self.rows(HISTORY)

    async def everything(self) -> dict[str, list[Mapping[str, Any]]]:
        """Return all rows of all tables."""
        return {table.name: await self.rows(table) for table in METADATA.sorted_tables}


async def furnish(household: Household) -> Home:
    """Let a second reader share the account."""
    async with household.store.transaction() as connection:
        ben = await add_reader(connection, "Ben", person="person.ben", now=NOW)
        await share_account(connection, household.account_id, ben)
    return Home(household, household.reader_id, ben)


def day(text: str) -> date:
    """Return a day."""
    return date.fromisoformat(text)
