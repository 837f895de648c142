"""Finding out what is in a title's file, as a job of low urgency."""

from collections.abc import Awaitable, Callable

from audible_core.models import Asin

from audible_server.jobs.desk import Desk
from audible_server.jobs.worker import Handler, Report
from audible_server.library.shelf import Shelf
from audible_server.store.job import Job, JobKind, Priority


def asking_for_probes(desk: Desk) -> Callable[[Asin], Awaitable[None]]:
    """Return what asks for a title to be probed."""

    async def ask(asin: Asin) -> None:
        await desk.add(JobKind.PROBE, asin, priority=Priority.LATER)

    return ask


def probing(shelf: Shelf) -> Handler:
    """Return what probes a title."""

    async def probe(job: Job, _report: Report) -> None:
        await shelf.probe(Asin(job.subject))

    return probe
