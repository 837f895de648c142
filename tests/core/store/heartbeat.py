"""How long the event loop was held by whatever ran meanwhile."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_BEAT_S = 0.001


@dataclass(slots=True)
class Heartbeat:
    """The longest time in which the loop could do nothing else."""

    longest_block_ms: float = 0.0


@contextmanager
def heartbeat() -> Iterator[Heartbeat]:
    """Note the longest block of the running loop while the body awaits."""
    loop = asyncio.get_running_loop()
    found = Heartbeat()
    last = loop.time()

    def beat() -> None:
        nonlocal last, timer
        now = loop.time()
        block_ms = (now - last - _BEAT_S) * 1000
        found.longest_block_ms = max(found.longest_block_ms, block_ms)
        last = now
        timer = loop.call_later(_BEAT_S, beat)

    timer = loop.call_later(_BEAT_S, beat)
    try:
        yield found
        # What held the loop last has not let it beat since.
        block_ms = (loop.time() - last - _BEAT_S) * 1000
        found.longest_block_ms = max(found.longest_block_ms, block_ms)
    finally:
        timer.cancel()
