"""The one writer of a part file: it goes where somebody waits, then fills the gaps."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from audible_core.errors import StorageError

from audible_server.downloads.cdn import Answer, Cdn, CutError
from audible_server.downloads.part import PartFile

_WRITE_BYTES: Final = 1024 * 1024
_WRITE_BYTES_AWAITED: Final = 16 * 1024
_NEAR_BYTES: Final = 512 * 1024
"""What comes so soon anyway is not worth another request."""

_STAY_BYTES: Final = 256 * 1024
"""So much is brought for one listener before the next has their turn."""

_SAVE_EVERY_S: Final = 1.0

type Save = Callable[[], Awaitable[object]]


@dataclass(eq=False, slots=True)
class _Wish:
    """A range that a listener waits for."""

    start: int
    end: int
    is_there: asyncio.Future[bool] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Transfer:
    """Brings one file whole, in as many requests as there are gaps and seeks."""

    def __init__(self, part: PartFile, cdn: Cdn, save: Save) -> None:
        """Write to a part file; `save` brings it and its map into safety."""
        self._part = part
        self._cdn = cdn
        self._save = save
        self._wishes: list[_Wish] = []
        self._has_ranges = True
        self._has_ended = False
        self._next_save_at = 0.0

    async def bring(self, start: int, end: int) -> bool:
        """Bring a range next; return False if the transfer ended without it.

        Who is cancelled gives the place in front away.
        """
        if self._part.have.has(start, end):
            return True
        if self._has_ended:
            return False
        wish = _Wish(start, end)
        self._wishes.append(wish)
        try:
            return await wish.is_there
        finally:
            if wish in self._wishes:
                self._wishes.remove(wish)

    async def run(self, url: str) -> int:
        """Fetch what is missing; return the size of the whole.

        What came is kept however this ends. Raises CutError, RefusedError, another
        DownloadError that no second try cures, or StorageError.
        """
        self._has_ended = False
        self._part.writer = self
        self._part.writer_came.set()
        try:
            while (gap := self._next_gap()) is not None:
                await self._follow(url, *gap)
        except OSError as err:
            raise StorageError.of(err) from err
        finally:
            self._has_ended = True
            for wish in self._wishes:
                _tell(wish, is_there=False)
            try:
                await self._save()
            finally:
                # Not before: until then the part file knows more than the database,
                # and whoever has no writer asks the database.
                self._part.writer = None
                self._part.writer_came.clear()
        return self._part.have.end

    def _next_gap(self) -> tuple[int, int | None] | None:
        """Return what to fetch next: what somebody waits for, else the first gap."""
        wish = self._first_wish()
        place = wish.start if wish is not None and self._has_ranges else 0
        return self._part.have.gap(place, self._part.size_bytes)

    def _first_wish(self) -> _Wish | None:
        return next((w for w in self._wishes if not w.is_there.done()), None)

    async def _follow(self, url: str, start: int, end: int | None) -> None:
        """Fetch a gap, until it is filled or somebody waits elsewhere."""
        is_wished = self._first_wish() is not None
        size_bytes = self._part.size_bytes
        async with self._cdn.ask(url, start, end, size_bytes=size_bytes) as answer:
            self._part.size_bytes = answer.size_bytes
            self._has_ranges = answer.has_ranges and answer.start == start
            incoming = _Incoming(self._part, answer.start)
            try:
                async for chunk in answer.chunks:
                    incoming.add(chunk)
                    if incoming.is_due(is_awaited=bool(self._wishes)):
                        await self._keep(incoming)
                    if self._is_elsewhere(incoming, is_wished=is_wished):
                        return
            finally:
                # Not in a thread: a cancelled task could not wait for it.
                incoming.write()
                self._tell_wishes()
        self._check_end(answer, incoming.end)

    async def _keep(self, incoming: _Incoming) -> None:
        await asyncio.to_thread(incoming.write)
        self._tell_wishes()
        now = time.monotonic()
        if now >= self._next_save_at:
            self._next_save_at = now + _SAVE_EVERY_S
            await self._save()

    def _is_elsewhere(self, incoming: _Incoming, *, is_wished: bool) -> bool:
        """Tell whether the first who waits is not served by what comes here."""
        wish = self._first_wish()
        if wish is None or not self._has_ranges:
            return False
        gap = self._part.have.gap(wish.start, self._part.size_bytes)
        if gap is None or incoming.start <= gap[0] <= incoming.end + _NEAR_BYTES:
            return False
        return not is_wished or incoming.end - incoming.first >= _STAY_BYTES

    def _tell_wishes(self) -> None:
        for wish in self._wishes:
            if self._part.have.has(wish.start, wish.end):
                _tell(wish, is_there=True)

    def _check_end(self, answer: Answer, got: int) -> None:
        """Raise CutError if less came than was promised."""
        if answer.end is None:
            # Nobody said how long it is: it ends where it ended.
            self._part.size_bytes = got
        elif got < answer.end:
            raise CutError(reason=f"{got} of {answer.end} bytes")


class _Incoming:
    """Bytes of one answer, collected and written in large pieces.

    Whatever was added is in the part file after `write`, also when the task that added
    it was cancelled while a thread wrote.
    """

    def __init__(self, part: PartFile, start: int) -> None:
        self.first = self.start = start
        self._part = part
        self._pending = bytearray()
        self._lock = threading.Lock()

    @property
    def end(self) -> int:
        """Return the place of the next byte to come."""
        return self.start + len(self._pending)

    def add(self, chunk: bytes) -> None:
        """Take bytes."""
        with self._lock:
            self._pending += chunk

    def is_due(self, *, is_awaited: bool) -> bool:
        """Tell whether a piece is large enough; smaller ones while somebody waits."""
        enough = _WRITE_BYTES_AWAITED if is_awaited else _WRITE_BYTES
        return len(self._pending) >= enough

    def write(self) -> None:
        """Write what was added. Blocks."""
        with self._lock:
            if self._pending:
                self._part.write(self.start, self._pending)
                self.start += len(self._pending)
                self._pending = bytearray()


def _tell(wish: _Wish, *, is_there: bool) -> None:
    if not wish.is_there.done():
        wish.is_there.set_result(is_there)
