"""Tells stored events to whoever listens: each once, also after a crash."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime

from ..errors import StoreError
from ..store.database import Store
from ..store.events import load_unpublished, mark_published
from ..store.records import AccountId, TrackerEvent

type Tell = Callable[[TrackerEvent], None]
"""Hands one event to whoever listens; must not fail."""


class EventTeller:
    """Tells the events of one account in its turn, or of all before any begins.

    What was told and could not be noted as told is remembered, so that only a killed
    process tells it again, under the same id.
    """

    def __init__(
        self,
        store: Store,
        account_id: AccountId | None,
        tell: Tell,
        now: Callable[[], datetime],
    ) -> None:
        """Begin with nothing told; no account stands for all of them."""
        self._store = store
        self._account_id = account_id
        self._tell = tell
        self._now = now
        self._unnoted: set[str] = set()

    async def tell(self, events: Iterable[TrackerEvent]) -> None:
        """Tell what a sync has just stored.

        Where it cannot be noted that it was told, the sync has not failed.
        """
        told = list(events)
        self._tell_new(told)
        with suppress(StoreError):
            await self._note(told)

    async def tell_waiting(self) -> int:
        """Tell what was stored and not told, oldest first; return how many events.

        So it is after a crash, and where somebody stopped waiting or the connection was
        lost right after all was stored. Raises StoreError.
        """
        count = 0
        while True:
            async with self._store.reading() as connection:
                waiting = await load_unpublished(connection, self._account_id)
            if not waiting:
                return count
            count += self._tell_new(waiting)
            await self._note(waiting)

    def _tell_new(self, events: Iterable[TrackerEvent]) -> int:
        new = [event for event in events if event.event_id not in self._unnoted]
        for event in new:
            self._tell(event)
            self._unnoted.add(event.event_id)
        return len(new)

    async def _note(self, events: Iterable[TrackerEvent]) -> None:
        ids = [event.event_id for event in events]
        if not ids:
            return
        async with self._store.transaction() as connection:
            await mark_published(connection, ids, at=self._now())
        self._unnoted.difference_update(ids)
