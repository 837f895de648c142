"""Scans when something may have changed: a folder's entries, or the hour."""

import asyncio
import logging
import time
from typing import Final

from audible_core.errors import StoreError

from audible_server.library.background import Background
from audible_server.scan.scanner import Scanner

_LOGGER = logging.getLogger(__name__)
_NAME: Final = "scan"
_LOOK_EVERY_S: Final = 15.0


class Watch:
    """Looks at the folders' times every few seconds; a change is worth a scan.

    So it also sees what happens on a network share, where the system tells nobody.
    """

    def __init__(
        self, scanner: Scanner, background: Background, *, every_s: float
    ) -> None:
        """Scan again after ``every_s`` although no folder changed; 0: only on a wish.

        A program that writes in place changes no folder.
        """
        self.scanner = scanner
        self._background = background
        self._every_s = every_s
        self._wished = asyncio.Event()

    def start(self) -> None:
        """Begin, with a scan at once."""
        self._wished.set()
        self._background.start(_NAME, self._watch())

    def wish(self) -> None:
        """Have the folder scanned soon."""
        self._wished.set()

    async def _watch(self) -> None:
        scanned_at = 0.0
        while True:
            try:
                if self._wished.is_set() or await self._is_due(scanned_at):
                    self._wished.clear()
                    await self._scan()
                    scanned_at = time.monotonic()
            except Exception:
                # A share that is away, a folder without rights: the next look may
                # find it well.
                _LOGGER.exception("No look at the library folder")
            await self._rest()

    async def _rest(self) -> None:
        """Wait until a scan is wished for, or it is time to look again."""
        settle_s = self.scanner.settle_s
        is_settling = self.scanner.last is not None and self.scanner.last.settling
        try:
            async with asyncio.timeout(settle_s if is_settling else _LOOK_EVERY_S):
                await self._wished.wait()
        except TimeoutError:
            if is_settling:
                self._wished.set()

    async def _is_due(self, scanned_at: float) -> bool:
        if not self._every_s:
            return False
        is_old = time.monotonic() - scanned_at >= self._every_s
        return is_old or await self.scanner.has_changed()

    async def _scan(self) -> None:
        try:
            result = await self.scanner.scan()
        except StoreError as err:
            # A lock, a full disk: the next look may find it well.
            _LOGGER.warning("No scan of the library folder: %s", err.key)
            return
        if result.changed or result.gone:
            _LOGGER.info(
                "Scan: %d files, %d changed, %d gone, %d not recognized",
                result.files,
                result.changed,
                result.gone,
                result.unrecognized,
            )
