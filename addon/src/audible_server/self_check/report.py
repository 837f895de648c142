"""What the self-check finds, one line for each thing it looks at."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class CheckStatus(StrEnum):
    """How a thing stands; a warning plays, but somebody should look at it."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing stands, in a sentence for people."""

    status: CheckStatus
    sentence: str

    @classmethod
    def ok(cls, sentence: str) -> Self:
        """Return the finding that all is well."""
        return cls(CheckStatus.OK, sentence)

    @classmethod
    def warning(cls, sentence: str) -> Self:
        """Return the finding that something wants a look."""
        return cls(CheckStatus.WARNING, sentence)

    @classmethod
    def failed(cls, sentence: str) -> Self:
        """Return the finding that something does not work."""
        return cls(CheckStatus.FAILED, sentence)


type Look = Callable[[], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; ``name`` stays the same for ever, ``title`` is shown."""

    name: str
    title: str
    look: Look


@dataclass(frozen=True, slots=True)
class Result:
    """A check and what it found."""

    name: str
    title: str
    status: CheckStatus
    sentence: str
