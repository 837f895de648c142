"""Waiting for one's turn before a request goes to Audible."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from .bucket import full_bucket, spare, take, wait_s


class Line(Protocol):
    """Where a request waits for its turn."""

    async def wait_turn(self) -> None:
        """Return when it may be sent."""


class Pace:
    """How fast everybody together may ask; shared by all clients of a process."""

    def __init__(self, per_minute: int) -> None:
        """Allow so many requests a minute, and as many at once after a rest."""
        self._bucket = full_bucket(per_minute)
        self._line = asyncio.Lock()
        self._back = asyncio.Lock()
        self._waiting = 0
        self._waiting_first = 0

    async def wait_turn(self) -> None:
        """Return when a request may be sent; who came first goes first.

        Who is cancelled meanwhile has taken nothing.
        """
        self._waiting += 1
        try:
            # One of these stands in the line; who is `first` passes all the others.
            async with self._back:
                await self._stand_in_line()
        finally:
            self._waiting -= 1

    async def wait_turn_first(self) -> None:
        """Return when a request may be sent for which somebody waits to hear a book."""
        self._waiting += 1
        self._waiting_first += 1
        try:
            await self._stand_in_line()
        finally:
            self._waiting -= 1
            self._waiting_first -= 1

    async def _stand_in_line(self) -> None:
        loop = asyncio.get_running_loop()
        async with self._line:
            await asyncio.sleep(wait_s(self._bucket, loop.time()))
            self._bucket = take(self._bucket, loop.time())

    @property
    def first(self) -> Line:
        """Return the same pace for those who go first."""
        return _First(self)

    async def first_wait_s(self) -> float:
        """Return how long who goes first would wait now, in seconds."""
        now_s = asyncio.get_running_loop().time()
        ahead = self._waiting_first + self._back.locked()
        return wait_s(self._bucket, now_s, ahead=ahead)

    @property
    def spare(self) -> int:
        """Return how many requests may be sent now before anybody has to wait."""
        now_s = asyncio.get_running_loop().time()
        return max(0, spare(self._bucket, now_s) - self._waiting)

    @property
    def wait_s(self) -> float:
        """Return how long a request would wait now, in seconds."""
        now_s = asyncio.get_running_loop().time()
        return wait_s(self._bucket, now_s, ahead=self._waiting)


@dataclass(frozen=True, slots=True)
class _First:
    pace: Pace

    async def wait_turn(self) -> None:
        await self.pace.wait_turn_first()
