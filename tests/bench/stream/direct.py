"""Plain files, beside nginx on the same files."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from tests.bench.figures import Figure, Ratio, in_turn
from tests.bench.stream.books import plain_book
from tests.bench.stream.load import KIB, MIB, Client, first_byte_ms, wrk
from tests.bench.stream.running import (
    HEADERS,
    NGINX_PATH,
    PLAIN_PATH,
    both_running,
)

_FIRST_BYTES: Final = 200


def measure() -> Iterator[Figure]:
    """Give the figures of direct play."""
    most = plain_book().stat().st_size
    with both_running() as (server, nginx_port):
        ours = (server.port, PLAIN_PATH, HEADERS)
        base = (nginx_port, NGINX_PATH, HEADERS)
        for target in (ours, base):
            with Client(*target) as client:
                client.whole_mb_per_s()
        yield from _first_byte(ours, base, most)
        for name, size, connections, limit, key in (
            ("range64k_rate", 64 * KIB, 16, 0.15, 0),
            ("range1m_throughput", MIB, 32, 0.5, 1),
        ):
            load = {"connections": connections, "size": size, "most": most}
            ratio = in_turn(
                lambda load=load, key=key: wrk(*ours, **load)[key],  # type: ignore[misc]
                lambda load=load, key=key: wrk(*base, **load)[key],  # type: ignore[misc]
            )
            unit = "requests/s" if key == 0 else "MB/s"
            yield from _figures(name, ratio, unit, limit)
        whole = in_turn(partial(_whole, ours), partial(_whole, base))
        yield from _figures("whole_file_throughput", whole, "MB/s", 0.9)


type Target = tuple[int, str, dict[str, str]]


def _first_byte(ours: Target, base: Target, most: int) -> Iterator[Figure]:
    load = {"most": most, "size": 64 * KIB, "n": _FIRST_BYTES}
    found = in_turn(
        lambda: first_byte_ms(*ours, **load), lambda: first_byte_ms(*base, **load)
    )
    yield Figure("range64k_first_byte_ms", found.ours, "ms", None, found.n)
    yield Figure("range64k_first_byte_ms_nginx", found.base, "ms", None, found.n)
    yield Figure("range64k_first_byte_vs_nginx", found.ratio, "x", 3, found.n)


def _figures(name: str, found: Ratio, unit: str, least: float) -> Iterator[Figure]:
    yield Figure(f"{name}_here", found.ours, unit, None, found.n)
    yield Figure(f"{name}_nginx", found.base, unit, None, found.n)
    yield Figure(f"{name}_vs_nginx", found.ratio, "x", least, found.n, is_least=True)


def _whole(target: Target) -> float:
    with Client(*target) as client:
        return client.whole_mb_per_s()
