"""How many transcodes may run at once, and who is next when one ends."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from audible_core.errors import TooManyStreamsError

_PATIENCE_S: Final = 4.0
_RETRY_AFTER_S: Final = 5
_MOST_WAITING: Final = 64


@dataclass(slots=True, eq=False)
class _Waiter:
    client: str
    turn: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class StreamSlots:
    """A fixed number of slots, and a short queue in front of them.

    A slot that becomes free goes to the client that holds the fewest, among those to
    the one who has waited longest: a client with ten requests delays nobody else.
    """

    def __init__(
        self,
        slots: int,
        *,
        patience_s: float = _PATIENCE_S,
        retry_after_s: int = _RETRY_AFTER_S,
    ) -> None:
        """Offer so many slots; who waits longer than `patience_s` is sent away.

        `retry_after_s` is when they are told to come again.
        """
        self.slots = slots
        self.in_use = 0
        self._patience_s = patience_s
        self._retry_after_s = retry_after_s
        self._held: Counter[str] = Counter()
        self._waiting: list[_Waiter] = []

    @property
    def is_free(self) -> bool:
        """Tell whether a slot could be had without waiting."""
        return self.in_use < self.slots and not self._waiting

    @property
    def waiting(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    @asynccontextmanager
    async def slot(self, client: str = "") -> AsyncGenerator[None]:
        """Hold a slot for a block; raise TooManyStreamsError if none becomes free."""
        if not self.is_free:
            await self._wait(client)
        else:
            self._take(client)
        try:
            yield
        finally:
            self._give_back(client)

    def _take(self, client: str) -> None:
        self.in_use += 1
        self._held[client] += 1

    def _give_back(self, client: str) -> None:
        self.in_use -= 1
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]
        if self._waiting:
            # min() takes the first of equals, and they stand in the order they came.
            following = min(self._waiting, key=lambda one: self._held[one.client])
            self._waiting.remove(following)
            self._take(following.client)
            following.turn.set_result(None)

    async def _wait(self, client: str) -> None:
        """Return with a slot taken."""
        # One client may not fill the queue either.
        own = sum(waiter.client == client for waiter in self._waiting)
        if (
            not self.slots
            or own >= _MOST_WAITING // 2
            or len(self._waiting) >= _MOST_WAITING
        ):
            raise TooManyStreamsError(retry_after_s=self._retry_after_s)
        waiter = _Waiter(client)
        self._waiting.append(waiter)
        try:
            await asyncio.wait_for(asyncio.shield(waiter.turn), self._patience_s)
        except TimeoutError as err:
            self._leave(waiter)
            raise TooManyStreamsError(retry_after_s=self._retry_after_s) from err
        except BaseException:
            self._leave(waiter)
            raise

    def _leave(self, waiter: _Waiter) -> None:
        """Take a waiter out of the queue, or give back what it was just given."""
        if waiter.turn.done():
            self._give_back(waiter.client)
        else:
            self._waiting.remove(waiter)
