"""Waiting for one's turn before a request goes to Audible."""

import asyncio

from .bucket import full_bucket, spare, take, wait_s


class Pace:
    """How fast everybody together may ask; shared by all clients of a process."""

    def __init__(self, per_minute: int) -> None:
        """Allow so many requests a minute, and as many at once after a rest."""
        self._bucket = full_bucket(per_minute)
        self._line = asyncio.Lock()
        self._waiting = 0

    async def wait_turn(self) -> None:
        """Return when a request may be sent; who came first goes first.

        Who is cancelled meanwhile has taken nothing.
        """
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            async with self._line:
                await asyncio.sleep(wait_s(self._bucket, loop.time()))
                self._bucket = take(self._bucket, loop.time())
        finally:
            self._waiting -= 1

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
