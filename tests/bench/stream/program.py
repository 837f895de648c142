"""The program itself: how soon it is there, and what it holds while nobody asks."""

import http.client
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Final

from tests.addon.nginx import free_port
from tests.addon.running import running_server, start
from tests.bench.figures import Figure
from tests.bench.stream.load import children_cpu_s
from tests.bench.stream.running import empty_folder, stocked_folder

_ROUNDS: Final = 5
_IDLE_ROUNDS: Final = 3
_IDLE_S: Final = 5.0
_PATIENCE_S: Final = 60.0


def measure() -> Iterator[Figure]:
    """Give the figures of a program that has just started."""
    with empty_folder() as folder:
        # The first start of all makes the database, and compiles what is imported.
        _start_s(folder)
        before_s = children_cpu_s()
        times = [_start_s(folder) for _ in range(_ROUNDS)]
        cpu_s = (children_cpu_s() - before_s) / _ROUNDS
    yield Figure("cold_start_s", median(times), "s", 2, _ROUNDS)
    # Of the start and the end that follows: what a busy machine does not change.
    yield Figure("cold_start_cpu_s", cpu_s, "s of processor time", None, _ROUNDS)
    held_mb = [_idle_mb() for _ in range(_IDLE_ROUNDS)]
    yield Figure("idle_rss_mb", median(held_mb), "MiB", 120, _IDLE_ROUNDS)


def _idle_mb() -> float:
    """Return what a server holds that has found its books and looked at them."""
    with stocked_folder() as folder, running_server(folder) as server:
        time.sleep(_IDLE_S)
        return server.rss_mb


def _start_s(folder: Path) -> float:
    """Return how long it takes from the command to the first answer."""
    port = free_port()
    began = time.perf_counter()
    process = start(folder, port, subprocess.DEVNULL)
    try:
        while time.perf_counter() - began < _PATIENCE_S:
            with suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/health")
                assert connection.getresponse().status == 200
                return time.perf_counter() - began
            time.sleep(0.005)
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)
    message = "the server does not answer"
    raise RuntimeError(message)
