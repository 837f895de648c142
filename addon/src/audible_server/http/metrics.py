"""Counts for Prometheus: what is served, how often, how well; never which title."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler

from audible_server.http.answers import ERROR_CODE
from audible_server.http.counts import Counts
from audible_server.http.services import METRICS, SERVICES

_PREFIX: Final = "audible_server"


@web.middleware
async def count_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count an answer by its kind, and what is open meanwhile."""
    metrics, kind = request.app[METRICS], _kind(request)
    metrics.open[kind] += 1
    try:
        answer = await handler(request)
    finally:
        metrics.open[kind] -= 1
    metrics.answered[kind, str(answer.status)] += 1
    if ERROR_CODE in answer:
        metrics.errors[answer[ERROR_CODE]] += 1
    if request.method != "HEAD" and answer.content_length:
        metrics.bytes[kind] += answer.content_length
    return answer


async def show_metrics(request: web.Request) -> web.Response:
    """Return the counts as Prometheus reads them."""
    queries = request.app[SERVICES].queries
    states = await queries.book_list.count_by_state()
    text = await asyncio.to_thread(_written, request.app[METRICS], states)
    return web.Response(
        body=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    )


def _kind(request: web.Request) -> str:
    """Return what sort of answer it is, by the address that was found."""
    resource = request.match_info.route.resource
    address = resource.canonical if resource is not None else ""
    if "/hls/" in address:
        return "hls"
    if "/stream/" in address:
        return "transcode" if "format" in request.query else "direct"
    return "events" if address == "/api/events" else "api"


def _written(metrics: Counts, states: dict[str, int]) -> bytes:
    # Imported when somebody asks: few do.
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(metrics, states))
    return generate_latest(registry)


class _Snapshot:
    """The counts in Prometheus' own words."""

    def __init__(self, metrics: Counts, states: dict[str, int]) -> None:
        self._metrics = metrics
        self._states = states

    def collect(self) -> Iterator[Any]:
        """Yield one family after the other."""
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
        )

        metrics = self._metrics

        def family(
            kind: Any, name: str, text: str, labels: list[str], rows: Iterable[Any]
        ) -> Any:
            found = kind(f"{_PREFIX}_{name}", text, labels=labels)
            for key, value in rows:
                found.add_metric([key] if isinstance(key, str) else list(key), value)
            return found

        gauge, counter = GaugeMetricFamily, CounterMetricFamily
        yield family(gauge, "open", "Answers under way", ["kind"], metrics.open.items())
        yield family(
            counter, "answers", "Answers", ["kind", "status"], metrics.answered.items()
        )
        yield family(
            counter, "bytes", "Bytes of answers", ["kind"], metrics.bytes.items()
        )
        yield family(counter, "errors", "Errors", ["code"], metrics.errors.items())
        yield family(gauge, "books", "Titles", ["state"], self._states.items())
