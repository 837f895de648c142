"""How many ffmpeg streams may run at once; who comes later is told to try again."""

from collections.abc import Iterator
from contextlib import contextmanager

from audible_core.errors import TooManyStreamsError

_RETRY_AFTER_S = 5


class StreamSlots:
    """A fixed number of slots; never waits, so a full house answers at once."""

    def __init__(self, slots: int, *, retry_after_s: int = _RETRY_AFTER_S) -> None:
        """Offer so many slots; `retry_after_s` is what those who find none are told."""
        self.slots = slots
        self.in_use = 0
        self._retry_after_s = retry_after_s

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot for a block; raise TooManyStreamsError if all are taken."""
        if self.in_use >= self.slots:
            raise TooManyStreamsError(retry_after_s=self._retry_after_s)
        self.in_use += 1
        try:
            yield
        finally:
            self.in_use -= 1
