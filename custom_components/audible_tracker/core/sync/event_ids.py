"""Ids of events: UUID version 7 (RFC 9562, section 5.7), each greater than the last."""

import random
import time
import uuid
from typing import Final

_RANDOM_BITS: Final = 74
_STEP_BITS: Final = 32
_LOW_BITS: Final = 62


class EventIds:
    """Gives ids that no other event ever has, in the order in which they are asked for.

    ``uuid.uuid7`` reads the system's random bytes for each id and lets go of Python's
    lock meanwhile. A thread that makes thousands of ids so never holds the lock for the
    5 ms after which another thread may demand it, and wins it back each time: the event
    loop stood still for 70 to 550 ms (``scripts/bench tracker``, loop_max_block_ms).
    A generator that is seeded once from the system keeps the lock.
    """

    def __init__(self) -> None:
        """Begin with random bytes of the system."""
        self._random = random.Random()  # noqa: S311 - an id has to be unlike, no secret
        self._last = 0

    def __call__(self) -> str:
        """Return the next id."""
        now_ms = time.time_ns() // 1_000_000
        fresh = now_ms << _RANDOM_BITS | self._random.getrandbits(_RANDOM_BITS)
        # Within one millisecond, or after a clock was set back, the random part counts.
        after = self._last + 1 + self._random.getrandbits(_STEP_BITS)
        self._last = max(fresh, after)
        high, low = divmod(self._last, 1 << _LOW_BITS)
        moment_ms, middle = divmod(high, 1 << (_RANDOM_BITS - _LOW_BITS))
        return str(
            uuid.UUID(int=moment_ms << 80 | 7 << 76 | middle << 64 | 2 << 62 | low)
        )
