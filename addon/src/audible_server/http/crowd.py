"""Which streams are open, and how many one client may have."""

from collections import Counter
from typing import Final

from audible_core.errors import TooManyOfClientError

STREAMS_PER_CLIENT: Final = 32
_RETRY_AFTER_S: Final = 5


class Crowd:
    """The streams that are open, by address."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: Counter[str] = Counter()

    def enter(self, client: str) -> None:
        """Count one more; raise TooManyOfClientError if there are enough."""
        if self._open[client] >= STREAMS_PER_CLIENT:
            raise TooManyOfClientError(
                count=STREAMS_PER_CLIENT, retry_after_s=_RETRY_AFTER_S
            )
        self._open[client] += 1

    def leave(self, client: str) -> None:
        """Count one less."""
        self._open[client] -= 1
        if not self._open[client]:
            del self._open[client]
