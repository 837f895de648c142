"""What asks for jobs, joined with what does them."""

from functools import partial

from audible_server.composition.ground import Ground
from audible_server.http.services import Services
from audible_server.jobs.downloads import downloading
from audible_server.jobs.probes import probing
from audible_server.jobs.queue import LIMITS, JobQueue, Limit
from audible_server.jobs.worker import Worker
from audible_server.store.job import Job, JobKind


def queue_on(ground: Ground, services: Services) -> JobQueue:
    """Return the queue, to be started when everything is there."""
    handlers = {
        JobKind.DOWNLOAD: downloading(
            services.downloads, services.companions, services.removal
        ),
        JobKind.LIBRARY: services.libraries.run,
        JobKind.CONVERT: services.conversions.run,
        JobKind.PROBE: probing(services.shelf),
        JobKind.SCAN: services.scans.run,
    }
    worker = Worker(ground.jobs, handlers, ground.desk.tell)
    limits = {kind: LIMITS[kind] for kind in handlers} | {
        # The shop sees one customer, however many servers there are.
        JobKind.DOWNLOAD: Limit(ground.settings.downloads_at_once, is_shared=True)
    }
    queue = JobQueue(ground.engine, ground.jobs, worker, limits)
    ground.desk.join(queue, {JobKind.DOWNLOAD: partial(_follow_download, services)})
    return queue


async def _follow_download(services: Services, job: Job) -> None:
    await services.downloads.follow(job)
    await services.conversions.follow_download(job)
