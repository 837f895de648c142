"""Pure: a row that waits for a person, as it is kept in the log of its import."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..exports import book_members
from ..imports import ImportedBook
from ..imports.own_export import book_of
from ..store.records import BookId, Candidate, Evidence
from .records import RowPlan, RowReason


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row that nobody could tell the book of; ``number`` is its place in the file."""

    number: int
    reason: RowReason
    row: ImportedBook
    candidates: tuple[Candidate, ...]


def waiting_row(plan: RowPlan, row: ImportedBook) -> dict[str, Any]:
    """Return the row in a form that JSON can hold."""
    return {
        "number": plan.number,
        "reason": plan.reason.value,
        "candidates": [
            [
                candidate.book_id,
                candidate.confidence,
                [[one.name, one.words, one.score] for one in candidate.evidence],
            ]
            for candidate in plan.candidates
        ],
        "book": book_members(row),
    }


def read_waiting_row(kept: Mapping[str, Any]) -> WaitingRow:
    """Return what `waiting_row` kept."""
    number = int(kept["number"])
    return WaitingRow(
        number=number,
        reason=RowReason(kept["reason"]),
        row=book_of(kept["book"], f"row {number}"),
        candidates=tuple(
            Candidate(
                BookId(book_id),
                confidence,
                tuple(Evidence(*piece) for piece in evidence),
            )
            for book_id, confidence, evidence in kept["candidates"]
        ),
    )
