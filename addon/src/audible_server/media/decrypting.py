"""How long this program has decrypted, in all its threads."""

import threading
from typing import Final


class ThreadTimes:
    """A sum of seconds that many threads add to, without a lock.

    Each thread has a place of its own; those of threads that have ended still count.
    """

    def __init__(self) -> None:
        """Start at zero."""
        self._own = threading.local()
        self._all: list[list[float]] = []

    def add(self, seconds: float) -> None:
        """Add what the calling thread has spent."""
        try:
            place: list[float] = self._own.place
        except AttributeError:
            place = self._own.place = [0.0]
            # One step for the interpreter, whichever threads begin together.
            self._all.append(place)
        place[0] += seconds

    @property
    def total_s(self) -> float:
        """Return the sum over all threads."""
        return sum(place[0] for place in tuple(self._all))


DECRYPTING: Final = ThreadTimes()
"""What decrypting sound has taken, for whatever it was needed."""
