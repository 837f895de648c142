"""Keeps Python's search for garbage out of short bursts of work."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Bursts:
    """How many bursts are under way, and whether the collector ran before them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._was_enabled = False

    def begin(self) -> None:
        with self._lock:
            if not self._count:
                self._was_enabled = gc.isenabled()
                gc.disable()
            self._count += 1

    def end(self) -> None:
        with self._lock:
            self._count -= 1
            if not self._count and self._was_enabled:
                _age_what_was_made()
                gc.enable()


def _age_what_was_made() -> None:
    """Make what the burst has made as old as everything else, without a look at it.

    It would else be young, and looked at as a whole by the very next collection.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()


_BURSTS = _Bursts()


@contextmanager
def without_collections() -> Iterator[None]:
    """Let no collection run while many values are made at once. Bursts may overlap.

    They are no garbage: a full search would look at all of them, hold every thread for
    70 to 160 ms and find nothing. What is dropped meanwhile is freed as ever, by its
    count of references.
    """
    _BURSTS.begin()
    try:
        yield
    finally:
        _BURSTS.end()
