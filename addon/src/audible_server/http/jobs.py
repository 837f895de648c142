"""Jobs: what is done in the background, and how to stop it or go on."""

from aiohttp import web
from audible_core.errors import InvalidValueError

from audible_server.http.answers import data_answer
from audible_server.http.services import SERVICES
from audible_server.jobs.desk import shown
from audible_server.store.job import Job

_MOST_DIGITS = 15


async def list_jobs(request: web.Request) -> web.Response:
    """Return the open jobs, most urgent first, then those that ended last."""
    jobs = await request.app[SERVICES].desk.load_newest()
    return data_answer({"jobs": [shown(job) for job in jobs]})


async def show_job(request: web.Request) -> web.Response:
    """Return one job."""
    return _answer(await request.app[SERVICES].desk.load(_number(request)))


async def pause_job(request: web.Request) -> web.Response:
    """Let a job rest."""
    return _answer(await request.app[SERVICES].desk.pause(_number(request)))


async def resume_job(request: web.Request) -> web.Response:
    """Go on with a paused job, or at once with one that waits for its next try."""
    return _answer(await request.app[SERVICES].desk.resume(_number(request)))


async def cancel_job(request: web.Request) -> web.Response:
    """Give a job up."""
    return _answer(await request.app[SERVICES].desk.cancel(_number(request)))


async def retry_job(request: web.Request) -> web.Response:
    """Do once more what failed or was cancelled."""
    return _answer(await request.app[SERVICES].desk.retry(_number(request)))


def _answer(job: Job) -> web.Response:
    return data_answer(shown(job))


def _number(request: web.Request) -> int:
    text = request.match_info["job_id"]
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise InvalidValueError(field="id", value=text, allowed="a whole number")
    return int(text)
