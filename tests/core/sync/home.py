"""A home: one account's sync over a real store, and what can be seen there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from audible_core.models import AudibleTitle, Credentials
from audible_core.store.accounts import load_account, save_account
from audible_core.store.books import add_books, load_some_books, stream_books
from audible_core.store.conflicts import load_open_conflicts
from audible_core.store.database import Store
from audible_core.store.history import stream_history
from audible_core.store.links import load_link_states, set_sync
from audible_core.store.readers import add_reader, share_account
from audible_core.store.reads import stream_reads
from audible_core.store.records import (
    Book,
    BookFields,
    BookId,
    Conflict,
    LedgerEntry,
    LinkFields,
    LinkState,
    Read,
    ReaderId,
    SyncLogFields,
    TrackedAccount,
    TrackerEvent,
)
from audible_core.store.schema import ACCOUNTS, METADATA
from audible_core.store.sync_logs import load_sync_logs
from audible_core.sync.applying import SyncReport
from audible_core.sync.engine import AccountSync
from audible_core.sync.rules import Rules
from audible_core.sync.tracker_events import EventType
from sqlalchemy import event, select, update

from tests.core.store.dying import open_again
from tests.core.store.household import Household
from tests.core.sync.paper import asin, title
from tests.core.sync.paper_shop import Clock, PaperShop

NAMES = (
    "Zero Hour",
    "A Winter Below",
    "Seven Bridges",
    "The Glass Orchard",
    "Salt and Ember",
    "Whistling Post",
    "Nobody's Lighthouse",
    "Copper Rain",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is and where its keys are."""

    target: str | Path
    keys: Path


def is_move(event: TrackerEvent) -> bool:
    """Tell whether an event says no more than that listening came further."""
    return event.event_type == EventType.PROGRESSED


class Home:
    """One reader's account; ``told`` is what automations heard.

    That listening came further is in ``moves``.
    """

    def __init__(
        self,
        household: Household,
        place: Place,
        *,
        clock: Clock | None = None,
        shop: PaperShop | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.store: Store = household.store
        self.reader_id = household.reader_id
        self.account_id = household.account_id
        self.place = place
        self.clock = clock or Clock()
        self.shop = shop or PaperShop(self.clock)
        self.rules = rules or Rules()
        self.told: list[TrackerEvent] = []
        self.moves: list[TrackerEvent] = []
        self.engine = self.new_engine()

    def new_engine(
        self, tell: Callable[[TrackerEvent], None] | None = None
    ) -> AccountSync:
        """Return an engine that remembers nothing but what is stored."""
        return AccountSync(
            self.store,
            self.account_id,
            self.shop,
            rules=self.rules,
            tell=tell or self.hear,
            now=self.clock,
        )

    def hear(self, event: TrackerEvent) -> None:
        """Listen, as automations do."""
        heard = self.moves if is_move(event) else self.told
        heard.append(event)

    async def restart(self) -> None:
        """Close everything and open it again, as after a start of Home Assistant."""
        await self.store.close()
        self.store = await open_again(self.place.target, self.place.keys)
        self.engine = self.new_engine()

    # --- doing ----------------------------------------------------------------------

    async def sync(self, **wait: float) -> SyncReport:
        """Sync the library after some time, an hour if nothing is said."""
        self.clock.wait(**(wait or {"hours": 1}))
        return await self.engine.sync_library(is_automatic=True)

    async def poll(self, **wait: float) -> SyncReport | None:
        """Poll positions after some time, five minutes if nothing is said."""
        self.clock.wait(**(wait or {"minutes": 5}))
        return await self.engine.poll_positions()

    async def set_account(self, **members: Any) -> None:
        """Change an account's row, whoever would do that."""
        statement = update(ACCOUNTS).where(ACCOUNTS.c.id == self.account_id)
        async with self.store.transaction() as connection:
            await connection.execute(statement.values(**members))

    async def add_book(self, title: str = NAMES[1], **members: Any) -> BookId:
        """Add a book of the reader's own."""
        values: dict[str, Any] = {"reader_id": self.reader_id, "authors": ("Jane Roe",)}
        fields = BookFields(title=title, **values | members)
        async with self.store.transaction() as connection:
            (book_id,) = await add_books(connection, (fields,), now=self.clock())
        return book_id

    async def set_sync(
        self, number: int = 1, *, enabled: bool = True, minutes: int | None = None
    ) -> None:
        """Set a title's sync, as its reader does."""
        state = await self.state(number)
        async with self.store.transaction() as connection:
            await set_sync(
                connection,
                state.link.link_id,
                enabled=enabled,
                interval_minutes=minutes,
            )

    async def add_reader(self, name: str) -> ReaderId:
        """Let another reader use the account, too."""
        async with self.store.transaction() as connection:
            reader_id = await add_reader(
                connection, name, person=None, now=self.clock()
            )
            await share_account(connection, self.account_id, reader_id)
        return reader_id

    async def second_account(self, reader_id: ReaderId | None = None) -> Home:
        """Return an account in another marketplace, with a shop of its own."""
        reader_id = reader_id or self.reader_id
        async with self.store.transaction() as connection:
            account_id = await save_account(
                connection,
                self.store.vault,
                Credentials("another registration"),
                customer_id="amzn1.account.OTHER",
                marketplace="us",
                name="Anna",
                email=None,
                reader_id=reader_id,
                now=self.clock(),
            )
        household = Household(self.store, reader_id, account_id)
        return Home(household, self.place, clock=self.clock)

    # --- looking --------------------------------------------------------------------

    @property
    def told_types(self) -> list[str]:
        """Return the kinds of what was told, in order."""
        return [str(event.event_type) for event in self.told]

    async def account(self) -> TrackedAccount:
        """Return the account's row."""
        async with self.store.reading() as connection:
            return await load_account(connection, self.account_id)

    async def logs(self) -> list[SyncLogFields]:
        """Return the log, newest first."""
        async with self.store.reading() as connection:
            logs = await load_sync_logs(connection, self.account_id, limit=1000)
        return [log.fields for log in logs]

    async def state(
        self, number: int = 1, reader_id: ReaderId | None = None
    ) -> LinkState:
        """Return what a title is to a reader."""
        async with self.store.reading() as connection:
            states = await load_link_states(
                connection, self.account_id, (asin(number),)
            )
        (state,) = (
            state
            for state in states
            if state.link.fields.reader_id == (reader_id or self.reader_id)
        )
        return state

    async def link(
        self, number: int = 1, reader_id: ReaderId | None = None
    ) -> LinkFields:
        """Return a title's link."""
        return (await self.state(number, reader_id)).link.fields

    async def book(
        self, number: int = 1, reader_id: ReaderId | None = None
    ) -> BookFields:
        """Return the book that a title is."""
        book_id = (await self.link(number, reader_id)).book_id
        assert book_id is not None
        return (await self.load_book(book_id)).fields

    async def load_book(self, book_id: BookId) -> Book:
        """Return a book."""
        async with self.store.reading() as connection:
            return (await load_some_books(connection, (book_id,)))[book_id]

    async def books(self, reader_id: ReaderId | None = None) -> list[BookFields]:
        """Return all books of a reader."""
        async with self.store.reading() as connection:
            found = stream_books(connection, reader_id or self.reader_id)
            return [book.fields async for book in found]

    async def reads(self, reader_id: ReaderId | None = None) -> list[Read]:
        """Return all passes of a reader, oldest first."""
        async with self.store.reading() as connection:
            found = stream_reads(connection, reader_id or self.reader_id)
            return [read async for read in found]

    async def ledger(self, reader_id: ReaderId | None = None) -> list[LedgerEntry]:
        """Return all moves of a reader, oldest first."""
        since = self.clock() - timedelta(days=1000)
        async with self.store.reading() as connection:
            found = stream_history(connection, reader_id or self.reader_id, since=since)
            entries = [entry async for entry in found]
        return sorted(entries, key=lambda entry: entry.recorded_at)

    async def conflicts(self) -> tuple[Conflict, ...]:
        """Return what waits for a person."""
        async with self.store.reading() as connection:
            return await load_open_conflicts(connection)

    async def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table."""
        return await tables_of(self.store)


async def tables_of(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table of a store."""
    found = {}
    async with store.reading() as connection:
        for table in METADATA.sorted_tables:
            rows = await connection.execute(select(table))
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found


@contextmanager
def statements_sent(store: Store) -> Iterator[list[str]]:
    """Note what is sent to the database, but for what begins a transaction."""
    sent: list[str] = []
    engine = store._engine.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def novel(number: int = 1, **members: Any) -> AudibleTitle:
    """Return a made-up book of ten hours whose name is like no other's."""
    return title(number, **{"title": NAMES[number]} | members)
