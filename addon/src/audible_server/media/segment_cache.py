"""What costs a while to make: once, however many ask, and then it is kept a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

_MOST_BYTES: Final = 32 * 1024 * 1024
"""An hour of speech as MP3."""

type Make = Callable[[], Awaitable[bytes]]


class SegmentCache:
    """The segments and playlists that were asked for last, in memory."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        """Keep no more than so many bytes."""
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._made: dict[str, asyncio.Task[bytes]] = {}

    def has(self, key: str) -> bool:
        """Tell whether a segment is there, or on its way."""
        return key in self._kept or key in self._made

    async def get(self, key: str, make: Make) -> bytes:
        """Return a segment, made if need be; raises what making it raises.

        Who leaves meanwhile stops nobody else's.
        """
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        return await asyncio.shield(self.start(key, make))

    def start(self, key: str, make: Make) -> asyncio.Task[bytes]:
        """Begin to make a segment that is not there yet."""
        task = self._made.get(key)
        if task is None:
            task = asyncio.ensure_future(self._make(key, make))
            self._made[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    async def close(self) -> None:
        """End what is being made."""
        tasks = list(self._made.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _make(self, key: str, make: Make) -> bytes:
        segment = await make()
        self._kept[key] = segment
        self._bytes += len(segment)
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest)
        return segment

    def _ended(self, key: str, task: asyncio.Task[bytes]) -> None:
        del self._made[key]
        if not task.cancelled():
            # Who asked was told; of one made ahead nobody wants to know.
            task.exception()
