"""A job as it is known: what is to be done, how far it is, how it ended."""

import secrets
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Final


class JobKind(StrEnum):
    """What there is to do; the subject is an ASIN, an account, or the folder."""

    DOWNLOAD = "download"
    CONVERT = "convert"
    PROBE = "probe"
    SCAN = "scan"
    LIBRARY = "library"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Priority(IntEnum):
    """Who waits for it; the higher one is begun first."""

    LATER = 0
    POLICY = 10
    ASKED = 50
    LISTENING = 100


OPEN: Final = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)
ENDED: Final = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Job:
    """One job. Instants in epoch milliseconds; None is unknown or not yet.

    ``wish`` is what was asked for besides the subject. ``fraction`` is 0.0 to 1.0,
    ``step`` a word for what is being done. A queued job with ``not_before`` waits for
    its next try; ``error`` and ``error_text`` then say what kept the last one.
    """

    number: int
    kind: JobKind
    subject: str
    state: JobState
    priority: int
    wish: dict[str, Any]
    attempts: int
    step: str | None
    fraction: float | None
    done_bytes: int | None
    total_bytes: int | None
    error: str | None
    error_text: str | None
    queue_number: int | None
    not_before: int | None
    created_at: int
    started_at: int | None
    ended_at: int | None
    updated_at: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; what is None is not known, or does not apply."""

    step: str | None = None
    fraction: float | None = None
    done_bytes: int | None = None
    total_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one server to work on one job; another one's ends it."""

    number: int
    token: str

    @staticmethod
    def of(number: int) -> Lease:
        """Return a new lease."""
        return Lease(number, secrets.token_hex(8))
