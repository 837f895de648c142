"""How long the event loop was held by whatever ran meanwhile.

Counted in processor time of the loop's own thread: what else runs on the machine, or on
the machine below it, must not decide a test.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_BEAT_S = 0.001


@dataclass(slots=True)
class Heartbeat:
    """The longest work of the loop's thread without a beat in between."""

    longest_block_ms: float = 0.0


@contextmanager
def heartbeat() -> Iterator[Heartbeat]:
    """Note the longest block of the running loop while the body awaits."""
    loop = asyncio.get_running_loop()
    found = Heartbeat()
    last = time.thread_time()

    def note() -> None:
        nonlocal last
        now = time.thread_time()
        found.longest_block_ms = max(found.longest_block_ms, (now - last) * 1000)
        last = now

    def beat() -> None:
        nonlocal timer
        note()
        timer = loop.call_later(_BEAT_S, beat)

    timer = loop.call_later(_BEAT_S, beat)
    try:
        yield found
        # What held the loop last has not let it beat since.
        note()
    finally:
        timer.cancel()
