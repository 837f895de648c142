"""An ffmpeg started ahead: most of the time to the first byte is its start.

Only while somebody listens, since that is who will seek: at most one, of the kind that
was asked for last, and gone a moment after the last listener.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

from audible_core.errors import MediaToolError

from audible_server.media.process import Tool

_DELAY_S: Final = 1.5
"""Who left by then was only looking."""

_LINGER_S: Final = 0.5
"""A player that seeks ends one request before it begins the next."""


class Spare:
    """At most one process that waits for its input."""

    def __init__(self) -> None:
        """Start none yet."""
        self._wanted: tuple[tuple[str, ...], int] = ((), 0)
        self._ready: tuple[tuple[str, ...], Tool] | None = None
        self._listeners = 0
        # The last one counts; those before it were cancelled, and end by and by.
        self._tasks: list[asyncio.Task[None]] = []

    async def take(self, argv: tuple[str, ...]) -> Tool | None:
        """Return a tool that was started with these arguments, if there is one."""
        if self._ready is None or self._ready[0] != argv:
            return None
        (_, tool), self._ready = self._ready, None
        if tool.is_alive:
            return tool
        await tool.end()
        return None

    @asynccontextmanager
    async def listening(
        self, argv: tuple[str, ...], buffer_bytes: int
    ) -> AsyncGenerator[None]:
        """Have another such process ready while the block runs."""
        self._listeners += 1
        self._wanted = (argv, buffer_bytes)
        self._change()
        try:
            yield
        finally:
            self._listeners -= 1
            self._change()

    async def close(self) -> None:
        """End it."""
        tasks = self._tasks.copy()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._drop()

    def _change(self) -> None:
        """Begin anew to wait for what is to be done."""
        for task in self._tasks:
            task.cancel()
        todo = self._prepare() if self._listeners else self._retire()
        task = asyncio.create_task(todo)
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)

    async def _prepare(self) -> None:
        await asyncio.sleep(_DELAY_S)
        argv, buffer_bytes = self._wanted
        if self._ready is not None and self._ready[0] == argv:
            return
        await self._drop()
        # Who needs one will be told why it does not start.
        with suppress(MediaToolError):
            tool = await Tool.start(argv, has_stdin=True, buffer_bytes=buffer_bytes)
            self._ready = (argv, tool)

    async def _retire(self) -> None:
        await asyncio.sleep(_LINGER_S)
        await self._drop()

    async def _drop(self) -> None:
        if self._ready is not None:
            (_, tool), self._ready = self._ready, None
            await tool.end()
