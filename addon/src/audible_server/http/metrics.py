"""Counts for Prometheus: what is served, how often, how well; never which title."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

from audible_server.http.answers import ERROR_CODE
from audible_server.http.counts import KIND, SENT, Counts
from audible_server.http.parameters import address_of
from audible_server.http.services import METRICS, SERVICES
from audible_server.media.decrypting import DECRYPTING
from audible_server.media.limiter import StreamSlots

_PREFIX: Final = "audible_server"


@web.middleware
async def count_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count an answer by its kind, and what is open meanwhile."""
    metrics = request.app[METRICS]
    request[KIND] = _kind(request)
    request[SENT] = metrics.sent[request[KIND]]
    metrics.open[request[KIND]] += 1
    try:
        answer = await handler(request)
    finally:
        metrics.open[request[KIND]] -= 1
    metrics.answered[request[KIND], str(answer.status)] += 1
    if ERROR_CODE in answer:
        metrics.errors[answer[ERROR_CODE]] += 1
    request[SENT].size_bytes += _size_to_send(request, answer)
    return answer


async def show_metrics(request: web.Request) -> web.Response:
    """Return the counts as Prometheus reads them."""
    services = request.app[SERVICES]
    tallies = services.queries.tallies
    snapshot = _Snapshot(
        counts=request.app[METRICS],
        slots=services.slots,
        decrypt_s=DECRYPTING.total_s,
        books=await tallies.count_books(),
        jobs=await tallies.count_jobs(),
    )
    text = await asyncio.to_thread(_written, snapshot)
    return web.Response(
        body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    )


def _size_to_send(request: web.Request, answer: web.StreamResponse) -> int:
    """Return how much is sent in one piece after this; nothing to who has left."""
    if not isinstance(answer, web.Response) or request.method == "HEAD":
        return 0
    if request.transport is None or request.transport.is_closing():
        return 0
    return answer.content_length or 0


def _kind(request: web.Request) -> str:
    """Return what sort of answer it is, as far as the address that was found tells."""
    address = address_of(request)
    if "/hls/" in address:
        return "hls"
    if "/stream/" in address:
        return "direct"
    return "events" if address == "/api/events" else "api"


def _written(snapshot: _Snapshot) -> bytes:
    # Imported when somebody asks: few do.
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(snapshot)
    return generate_latest(registry)


@dataclass(frozen=True, slots=True, eq=False)
class _Snapshot:
    """The counts in Prometheus' own words."""

    counts: Counts
    slots: StreamSlots
    decrypt_s: float
    books: dict[str, int]
    jobs: dict[tuple[str, str], int]

    def collect(self) -> Iterator[Any]:
        """Yield one family after the other."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        counts, slots = self.counts, self.slots
        gauge, counter = GaugeMetricFamily, CounterMetricFamily
        sent = [(kind, one.size_bytes) for kind, one in counts.sent.items()]
        for family, name, text, labels, rows in (
            (gauge, "open", "Answers under way", ("kind",), counts.open.items()),
            (
                counter,
                "answers",
                "Answers",
                ("kind", "status"),
                counts.answered.items(),
            ),
            (counter, "bytes", "Bytes that were sent", ("kind",), sent),
            (counter, "errors", "Errors", ("code",), counts.errors.items()),
            (counter, "decrypt_seconds", "Decrypting", (), [((), self.decrypt_s)]),
            (gauge, "slots", "Transcodes at once", (), [((), slots.slots)]),
            (gauge, "slots_in_use", "Transcodes that run", (), [((), slots.in_use)]),
            (gauge, "slots_waiting", "Who waits for a slot", (), [((), slots.waiting)]),
            (gauge, "books", "Titles", ("state",), self.books.items()),
            (gauge, "jobs", "Jobs", ("kind", "state"), self.jobs.items()),
        ):
            found = family(f"{_PREFIX}_{name}", text, labels=labels)
            for key, value in rows:
                found.add_metric((key,) if isinstance(key, str) else key, value)
            yield found
