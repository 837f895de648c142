"""The queries that need nothing but the database, in one place."""

from dataclasses import dataclass
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.book_list import BookList
from audible_server.store.event_log import EventLog
from audible_server.store.listening import ListeningStore
from audible_server.store.replicas import ReplicaStore
from audible_server.store.tallies import Tallies


@dataclass(frozen=True, slots=True)
class Queries:
    """Titles, what is heard and marked, what happened, who else is there, how many."""

    book_list: BookList
    listening: ListeningStore
    event_log: EventLog
    replicas: ReplicaStore
    tallies: Tallies

    @classmethod
    def on(cls, engine: AsyncEngine) -> Self:
        """Use an open engine."""
        return cls(
            BookList(engine),
            ListeningStore(engine),
            EventLog(engine),
            ReplicaStore(engine),
            Tallies(engine),
        )
