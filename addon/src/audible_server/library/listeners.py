"""Who is being sent audio."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_LINGERS_S: Final = 30.0
"""A player that is full asks for nothing for a while, and still plays."""


class Listeners:
    """Counts the streams that are open, and remembers when the last one ended."""

    def __init__(self) -> None:
        """Start without any."""
        self._open = 0
        self._ended_at = time.monotonic() - _LINGERS_S

    def is_any(self) -> bool:
        """Tell whether somebody listens, or did so half a minute ago."""
        return self._open > 0 or time.monotonic() - self._ended_at < _LINGERS_S

    @contextmanager
    def one(self) -> Generator[None]:
        """Count one stream as long as the block lasts."""
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
            self._ended_at = time.monotonic()
