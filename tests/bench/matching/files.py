"""Read the two files of a labelled set: the tracker's books and the titles."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audible_core.matching import TitleQuery, TrackedBook


@dataclass(frozen=True, slots=True)
class Case:
    """One title with its right answers; ``truth`` is None where the file has none."""

    query_id: str
    query: TitleQuery
    truth: frozenset[str] | None
    category: str

    @property
    def fold_name(self) -> str:
        """Return the first author's last word, by which sets are split."""
        first = self.query.authors[0] if self.query.authors else self.query.title
        return first.split(" - ")[0].split()[-1].lower() if first.split() else ""


def read_books(path: Path) -> Iterator[TrackedBook]:
    """Yield the tracker's books; only the columns a matcher may read."""
    for row in _rows(path):
        yield TrackedBook(
            book_id=row["book_id"],
            title=row["title"],
            authors=row["author"],
            isbn=row.get("isbn") or "",
            year=_year(row.get("year") or ""),
            type=row.get("type") or "",
        )


def read_cases(path: Path) -> Iterator[Case]:
    """Yield the titles, with their truth where the file has it."""
    for row in _rows(path):
        truth = row.get("truth_ids")
        yield Case(
            query_id=row["query_id"],
            query=_query(row),
            truth=None if truth is None else frozenset(filter(None, truth.split("|"))),
            category=row.get("category") or "",
        )


def _query(row: dict[str, str]) -> TitleQuery:
    return TitleQuery(
        asin=row["asin"],
        title=row["title"],
        subtitle=row["subtitle"],
        authors=_names(row["authors"]),
        narrators=_names(row["narrators"]),
        series_title=row["series_title"],
        series_sequence=row["series_sequence"],
        runtime_min=float(row["runtime_min"]) if row["runtime_min"] else None,
        language=row["language"],
        isbn=row["isbn"],
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


def _year(text: str) -> int | None:
    try:
        return int(float(text))
    except ValueError:
        return None


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
