"""Who is being sent audio."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from audible_core.models import Asin

_LINGERS_S: Final = 30.0
"""A player that is full asks for nothing for a while, and still plays."""


@dataclass(slots=True, eq=False)
class _Stream:
    """An open stream, and how many bytes had been sent at the last look, if any."""

    asin: Asin
    sent_bytes: Callable[[], int]
    seen_bytes: int | None = None


class Listeners:
    """Knows the streams that are open, and when bytes last moved."""

    def __init__(self) -> None:
        """Start without any."""
        self._open: list[_Stream] = []
        self._moved_at = time.monotonic() - _LINGERS_S

    def is_any(self) -> bool:
        """Tell whether somebody was sent something in the last half a minute.

        A paused player that keeps its connection takes nothing and does not count.
        """
        for stream in self._open:
            sent_bytes = stream.sent_bytes()
            if sent_bytes != stream.seen_bytes:
                stream.seen_bytes = sent_bytes
                self._moved_at = time.monotonic()
        return time.monotonic() - self._moved_at < _LINGERS_S

    def is_open(self, asin: Asin) -> bool:
        """Tell whether a title is being streamed, also to somebody who pauses."""
        return any(stream.asin == asin for stream in self._open)

    @contextmanager
    def one(self, asin: Asin, sent_bytes: Callable[[], int]) -> Generator[None]:
        """Note one stream as long as the block lasts.

        ``sent_bytes`` tells how many bytes were sent, of this stream or of all of its
        sort; whether they become more is what counts.
        """
        # It is not asked here: most are over before anybody looks.
        stream = _Stream(asin, sent_bytes)
        self._open.append(stream)
        self._moved_at = time.monotonic()
        try:
            yield
        finally:
            self._open.remove(stream)
            self._moved_at = time.monotonic()
