"""Imports of files, as they go on: begun by an action, and told about while they last.

Progress is in `get_status`, and told on the bus when one begins, with each tenth, and
when it ends.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import uuid4

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from ..core.errors import TrackerError
from ..failures import local_sentence
from .answers import Members, plain

EVENT_IMPORT: Final = f"{DOMAIN}_import"

_KEPT: Final = 10
_JOBS: HassKey[list[ImportJob]] = HassKey(f"{DOMAIN}.import_jobs")


class JobState(StrEnum):
    """How an import stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(slots=True)
class ImportJob:
    """One import. ``done`` of ``total`` rows of the present step are done."""

    hass: HomeAssistant = field(repr=False)
    file_name: str
    reader: str
    is_preview: bool
    job_id: str = field(default_factory=lambda: uuid4().hex[:8])
    started_at: datetime = field(default_factory=dt_util.utcnow)
    ended_at: datetime | None = None
    state: JobState = JobState.RUNNING
    done: int = 0
    total: int | None = None
    answer: Members | None = field(default=None, repr=False)
    error: str | None = None
    message: str | None = None
    _told: int = -1

    def members(self) -> Members:
        """Return how it stands."""
        return {**self._progress(), "answer": self.answer}

    def note_progress(self, done: int, total: int) -> None:
        """Keep how far it is; tell each tenth."""
        self.done, self.total = done, total
        tenth = 10 * done // total if total else 0
        if tenth != self._told:
            self._told = tenth
            self._tell()

    async def async_run(self, work: Callable[[], Awaitable[Members]]) -> Members:
        """Do the work, and keep what comes of it, or why nothing does."""
        self._tell()
        try:
            self.answer = await work()
            self.state = JobState.DONE
        except TrackerError as err:
            self._fail(err.key, local_sentence(err))
            raise
        except asyncio.CancelledError:
            self.state = JobState.STOPPED
            raise
        # Whatever it is: who asks how it stands is not told for ever that it runs.
        except Exception:
            self._fail(TrackerError.key, TrackerError.message)
            raise
        finally:
            self.ended_at = dt_util.utcnow()
            self._tell()
        return self.answer

    async def async_run_alone(self, work: Callable[[], Awaitable[Members]]) -> None:
        """Do the work while nobody waits for it."""
        try:
            await self.async_run(work)
        except TrackerError as err:
            LOGGER.warning("Import %s failed: %s", self.job_id, err.key)

    def _fail(self, key: str, message: str) -> None:
        self.state, self.error, self.message = JobState.FAILED, key, message

    def _tell(self) -> None:
        self.hass.bus.async_fire(EVENT_IMPORT, self._progress())

    def _progress(self) -> Members:
        return {
            "job_id": self.job_id,
            "file_name": self.file_name,
            "reader": self.reader,
            "preview": self.is_preview,
            "state": self.state.value,
            "done": self.done,
            "total": self.total,
            "started_at": plain(self.started_at),
            "ended_at": plain(self.ended_at),
            "error": self.error,
            "message": self.message,
            "import_id": (self.answer or {}).get("import_id"),
        }


def jobs_of(hass: HomeAssistant) -> list[ImportJob]:
    """Return the newest imports since the start of Home Assistant, newest first."""
    jobs: list[ImportJob] = hass.data.get(_JOBS, [])
    return jobs[::-1]


def begin_job(
    hass: HomeAssistant, *, file_name: str, reader: str, is_preview: bool
) -> ImportJob:
    """Return a new import, which `get_status` knows from now on."""
    job = ImportJob(hass, file_name, reader, is_preview)
    jobs: list[ImportJob] = hass.data.setdefault(_JOBS, [])
    jobs.append(job)
    over = [one for one in jobs if one.state is not JobState.RUNNING]
    for one in over[: max(0, len(jobs) - _KEPT)]:
        jobs.remove(one)
    return job
