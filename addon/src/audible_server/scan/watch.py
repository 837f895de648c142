"""Scans when something may have changed: a folder's entries, or the hour."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from audible_server.library.background import Background
from audible_server.scan.scanner import Scanner

_LOGGER = logging.getLogger(__name__)
_NAME: Final = "scan"
_LOOK_EVERY_S: Final = 15.0
_WRITTEN_S: Final = 60.0
"""So often servers together look at files that are still being written."""

type Ask = Callable[[float], Awaitable[bool]]
"""Asks for a scan, unless one was begun within so many seconds (0: in any case).

Returns False if that has to be asked again.
"""


class Watch:
    """Looks at the folders' times every few seconds; a change is worth a scan.

    So it also sees what happens on a network share, where the system tells nobody.
    """

    def __init__(
        self,
        scanner: Scanner,
        background: Background,
        *,
        every_s: float,
        ask: Ask | None = None,
    ) -> None:
        """Scan again after ``every_s`` although no folder changed; 0: only on a wish.

        A program that writes in place changes no folder. Where several servers share
        the folder, ``ask`` has one of them scan it.
        """
        self.scanner = scanner
        self._background = background
        self._every_s = every_s
        self._ask = ask
        self._scanned_at: float | None = None

    def start(self) -> None:
        """Begin, with a scan at once."""
        self._background.start(_NAME, self._watch())

    async def _watch(self) -> None:
        is_owed = True
        while True:
            try:
                if is_owed or await self._is_due():
                    is_owed = True
                    is_owed = not await self._scan()
            except Exception:
                # A share that is away, a lock, a full disk: the next look may find
                # it well.
                _LOGGER.exception("No look at the library folder")
            await asyncio.sleep(self.scanner.settle_s if is_owed else _LOOK_EVERY_S)

    def _is_old(self) -> bool:
        if self._scanned_at is None:
            return True
        return time.monotonic() - self._scanned_at >= self._every_s

    @property
    def _awaits_files(self) -> bool:
        """Tell whether the last scan left files that are still being written."""
        last = self.scanner.last
        return last is not None and last.settling > 0

    async def _is_due(self) -> bool:
        if self._awaits_files:
            return True
        return bool(self._every_s) and (
            self._is_old() or await self.scanner.has_changed()
        )

    def _fresh_s(self) -> float:
        """Return how old a scan may be that is as good as one now."""
        if self._scanned_at is not None and self._is_old():
            return self._every_s
        return _WRITTEN_S if self._awaits_files else 0

    async def _scan(self) -> bool:
        """Scan, or have it done; return False if it has to be done again soon."""
        if self._ask is None:
            is_done = not (await self.scanner.scan()).settling
        else:
            # The first look, and a change, want a scan that comes after them.
            fresh_s = self._fresh_s()
            has_changed = await self.scanner.look()
            is_done = await self._ask(0 if has_changed else fresh_s)
        self._scanned_at = time.monotonic()
        return is_done
