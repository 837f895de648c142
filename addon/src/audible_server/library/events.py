"""What happens, told to whoever listens; nobody who is slow holds up the others."""

import asyncio
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

_WAITING_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; ``data`` can be written as JSON.

    ``event_id`` is its number in the database, if it is kept there: who comes back can
    then be told what was missed.
    """

    kind: str
    data: Mapping[str, Any]
    event_id: int | None = None


class Subscription:
    """The events since its beginning that were not taken yet, in their order."""

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: asyncio.Queue[Event] = asyncio.Queue(_WAITING_MAX)
        self._is_behind = False

    async def take(self) -> Event | None:
        """Return the next event, as soon as there is one; None for who is too slow.

        Some events were lost then: one has to begin anew.
        """
        if self._is_behind:
            return None
        return await self._waiting.get()

    def offer(self, event: Event) -> None:
        """Add an event, unless too many wait already."""
        try:
            self._waiting.put_nowait(event)
        except asyncio.QueueFull:
            self._is_behind = True


class Events:
    """The place where everything that happens in this process is told."""

    def __init__(self) -> None:
        """Start without listeners."""
        self._subscriptions: set[Subscription] = set()

    def publish(
        self, kind: str, data: Mapping[str, Any], *, event_id: int | None = None
    ) -> None:
        """Tell all listeners; never waits. In the event loop only."""
        event = Event(kind, data, event_id)
        for subscription in self._subscriptions:
            subscription.offer(event)

    @contextmanager
    def subscribe(self) -> Generator[Subscription]:
        """Listen as long as the block lasts."""
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
