"""The owner of work that outlives the request which asked for it."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_LOGGER = logging.getLogger(__name__)


class Background:
    """Named tasks, at most one of a name; none outlives `close`."""

    def __init__(self) -> None:
        """Start without any."""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._is_closed = False

    def is_running(self, name: str) -> bool:
        """Tell whether work of that name goes on."""
        task = self._tasks.get(name)
        return task is not None and not task.done()

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Begin some work, unless work of that name goes on or all is ending."""
        if self._is_closed or self.is_running(name):
            work.close()
            return
        task = asyncio.create_task(work, name=name)
        self._tasks[name] = task
        task.add_done_callback(self._forget)

    async def close(self) -> None:
        """Cancel all work and wait for its end."""
        self._is_closed = True
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _forget(self, task: asyncio.Task[None]) -> None:
        if self._tasks.get(task.get_name()) is task:
            del self._tasks[task.get_name()]
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOGGER.error("Work %s failed", task.get_name(), exc_info=error)
