"""Pure: shelf names to statuses, and what a status and some dates say about reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ..kinds import BookStatus, ReadOutcome
from .names import one_line
from .record import Record
from .rows import (
    ImportedRead,
    NoteKey,
)

READ_COUNT_MAX: Final = 500

_WORDS: Final[dict[BookStatus, tuple[str, ...]]] = {
    BookStatus.FINISHED: (
        "read", "finished", "completed", "complete", "already read", "done",
        "have read", "gelesen", "beendet", "lu", "lus", "terminé", "leído", "leídos",
        "leido", "terminado", "letto", "letti", "finito", "lido", "lidos", "gelezen",
        "läst", "läste", "lest", "læst", "luettu", "przeczytane", "прочитано", "読了",
        "読んだ本", "읽음", "已读", "read but unowned",
    ),
    BookStatus.READING: (
        "currently reading", "reading", "in progress", "started", "current",
        "am lesen", "lese ich gerade", "en cours", "en cours de lecture", "leyendo",
        "in lettura", "sto leggendo", "lendo", "aan het lezen", "läser", "leser",
        "læser", "czytam", "читаю", "読書中", "在读",
    ),
    BookStatus.TO_READ: (
        "to read", "want to read", "tbr", "planned", "plan to read", "for later",
        "wishlist", "wish list", "will lesen", "möchte ich lesen", "zu lesen",
        "wunschliste", "à lire", "pal", "por leer", "pendiente", "quiero leer",
        "da leggere", "para ler", "quero ler", "te lezen", "wil lezen", "vill läsa",
        "att läsa", "vil lese", "do przeczytania", "хочу прочитать", "読みたい",
        "积读", "想读",
    ),
    BookStatus.PAUSED: (
        "paused", "on hold", "hold", "hiatus", "on hiatus", "set aside", "pausiert",
        "en pause", "en pausa", "pausado", "in pausa", "gepauzeerd", "pausad",
    ),
    BookStatus.DID_NOT_FINISH: (
        "did not finish", "dnf", "abandoned", "dropped", "unfinished", "not finished",
        "stopped", "stopped reading", "gave up", "given up", "quit", "couldn't finish",
        "could not finish", "didn't finish", "abgebrochen", "nicht beendet",
        "abandonné", "abandonnés", "abandonado", "abandonados", "sin terminar",
        "abbandonato", "abbandonati", "não terminei", "niet uitgelezen", "afgebroken",
        "avbruten", "avbrutt", "porzucone", "брошено", "挫折", "弃读",
    ),
}  # fmt: skip

_STATUSES: Final = {word: status for status, words in _WORDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of one pass as a file gives them; either may be missing."""

    started_on: date | None = None
    ended_on: date | None = None


def status_of(shelf: str) -> BookStatus | None:
    """Return what a shelf's or status's name says; None if it says nothing."""
    words = one_line(shelf.replace("-", " ").replace("_", " ")).casefold()
    return _STATUSES.get(words)


def take_status(
    record: Record, *names: str, dated: Iterable[Dates] = ()
) -> tuple[BookStatus | None, str | None]:
    """Take the status cell: what it means, and the word as sent.

    On a shelf of the reader's own the day of an end says that the book was read.
    """
    shelf = record.line(*names)
    status = status_of(shelf) if shelf else None
    if status is None and any(dates.ended_on for dates in dated):
        return BookStatus.FINISHED, shelf
    if shelf is not None and status is None:
        record.note(NoteKey.SHELF_UNKNOWN, value=shelf[:60])
    return status, shelf


def take_read_count(record: Record, name: str) -> int | None:
    """Take how often a book was read."""
    return record.whole(name, low=0, high=READ_COUNT_MAX)


def reads_of(
    status: BookStatus | None, dated: Iterable[Dates], count: int | None = None
) -> tuple[ImportedRead, ...]:
    """Return the passes through a book, oldest first, those without dates after them.

    Nothing is guessed: a count above the dates adds passes without dates, and a status
    that implies a pass adds one if there is none. On a book under way or given up the
    count includes that pass.
    """
    known = sorted(set(dated), key=_last_sign)
    match status:
        case BookStatus.FINISHED:
            reads = [_finished(dates) for dates in known]
            return _filled(reads, max(count or 0, 1), ReadOutcome.FINISHED)
        case BookStatus.READING | BookStatus.PAUSED:
            return _with_open_read(known, count or 0)
        case BookStatus.DID_NOT_FINISH:
            return _with_stopped_read(known, count or 0)
        case BookStatus.TO_READ | None:
            reads = [
                _finished(dates) if dates.ended_on else _unknown(dates)
                for dates in known
            ]
            outcome = ReadOutcome.FINISHED if status else ReadOutcome.UNKNOWN
            return _filled(reads, count or 0, outcome)


def _with_open_read(known: Sequence[Dates], count: int) -> tuple[ImportedRead, ...]:
    past = [dates for dates in known if dates.ended_on]
    begun = [dates for dates in known if not dates.ended_on] or [Dates()]
    *left, now = begun
    reads = [*map(_unknown, left), *map(_finished, past)]
    under_way = ImportedRead(now.started_on, None, ReadOutcome.UNDER_WAY)
    return (*_filled(reads, count - 1, ReadOutcome.FINISHED), under_way)


def _with_stopped_read(known: Sequence[Dates], count: int) -> tuple[ImportedRead, ...]:
    *past, last = known or [Dates()]
    reads = [_finished(dates) if dates.ended_on else _unknown(dates) for dates in past]
    stopped = ImportedRead(last.started_on, None, ReadOutcome.STOPPED, last.ended_on)
    return (*_filled(reads, count - 1, ReadOutcome.UNKNOWN), stopped)


def _filled(
    reads: Sequence[ImportedRead], count: int, outcome: ReadOutcome
) -> tuple[ImportedRead, ...]:
    missing = max(0, count - len(reads))
    return (*reads, *(ImportedRead(None, None, outcome) for _ in range(missing)))


def _finished(dates: Dates) -> ImportedRead:
    return ImportedRead(dates.started_on, dates.ended_on, ReadOutcome.FINISHED)


def _unknown(dates: Dates) -> ImportedRead:
    return ImportedRead(dates.started_on, dates.ended_on, ReadOutcome.UNKNOWN)


def _last_sign(dates: Dates) -> tuple[date, date]:
    last = dates.ended_on or dates.started_on or date.min
    return last, dates.started_on or date.min
