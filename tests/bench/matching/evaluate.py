"""Ask the matching for every title of a file and compare with its answers.

    scripts/match-eval CORPUS.csv QUERIES.csv [--predictions OUT.jsonl] [--json]

The columns of both files are described in docs/matching.md. It goes through the same
public class as the product, one title after the other.
"""

import argparse
import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from audible_core.matching import Decision, Matcher, TrackedBook, Verdict

from tests.bench.matching.files import Case, read_books, read_cases

SHOWN = 5


@dataclass(slots=True)
class Tally:
    """What became of the titles of one category.

    ``hidden`` counts linkable titles that were called "no match", so that a second
    record of the book would be made; ``asked_in_vain`` those of no book for which the
    reader is asked all the same.
    """

    titles: int = 0
    linkable: int = 0
    links: int = 0
    right: int = 0
    conflicts_linkable: int = 0
    conflicts_with_truth: int = 0
    hidden: int = 0
    asked_in_vain: int = 0

    @property
    def precision(self) -> float | None:
        """Return right links by links."""
        return self.right / self.links if self.links else None

    @property
    def recall(self) -> float | None:
        """Return right links by linkable titles."""
        return self.right / self.linkable if self.linkable else None

    @property
    def conflict_share(self) -> float:
        """Return the titles that were not linked, by all."""
        return (self.titles - self.links) / self.titles if self.titles else 0.0

    @property
    def truth_shown(self) -> float | None:
        """Return how many linkable conflicts show their truth among five."""
        if not self.conflicts_linkable:
            return None
        return self.conflicts_with_truth / self.conflicts_linkable

    def add(self, truth: frozenset[str], decision: Decision) -> None:
        """Count one title."""
        shown = {str(found.book_id) for found in decision.candidates[:SHOWN]}
        self.titles += 1
        self.linkable += bool(truth)
        if decision.book_id is not None:
            self.links += 1
            self.right += str(decision.book_id) in truth
        elif truth:
            self.conflicts_linkable += 1
            self.conflicts_with_truth += bool(shown & truth)
            self.hidden += decision.verdict is Verdict.NO_MATCH
        else:
            self.asked_in_vain += decision.verdict is not Verdict.NO_MATCH


@dataclass(slots=True)
class Report:
    """All that is printed."""

    books: int
    build_s: float
    index_mib: float
    median_ms: float = 0.0
    p95_ms: float = 0.0
    total: Tally = field(default_factory=Tally)
    categories: dict[str, Tally] = field(default_factory=dict)
    wrong: list[dict[str, Any]] = field(default_factory=list)
    missed: list[dict[str, Any]] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="match-eval", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--predictions", type=Path, metavar="OUT.jsonl")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    books = list(read_books(options.corpus))
    cases = list(read_cases(options.queries))
    matcher, report = build(books)
    decisions = ask(matcher, cases, report)
    if options.predictions:
        write_predictions(options.predictions, cases, decisions)
    judge(books, cases, decisions, report)
    print(json.dumps(as_json(report)) if options.json else as_text(report))
    return 0


def build(books: Sequence[TrackedBook]) -> tuple[Matcher, Report]:
    """Build the index twice: once for the clock, once for the memory."""
    gc.collect()
    start = time.perf_counter()
    matcher = Matcher(books)
    build_s = time.perf_counter() - start
    del matcher
    gc.collect()
    tracemalloc.start()
    matcher = Matcher(books)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return matcher, Report(len(books), build_s, used / 2**20)


def ask(matcher: Matcher, cases: Sequence[Case], report: Report) -> list[Decision]:
    """Return a decision for every title; note the times."""
    decisions: list[Decision] = []
    times_ms: list[float] = []
    for case in cases:
        start = time.perf_counter()
        decisions.append(matcher.match(case.query))
        times_ms.append((time.perf_counter() - start) * 1e3)
    if times_ms:
        report.median_ms = median(times_ms)
        report.p95_ms = (
            quantiles(times_ms, n=20)[-1] if len(times_ms) > 1 else times_ms[0]
        )
    return decisions


def write_predictions(
    path: Path, cases: Iterable[Case], decisions: Iterable[Decision]
) -> None:
    """Write one JSON object per title."""
    with path.open("w", encoding="utf-8") as file:
        for case, decision in zip(cases, decisions, strict=True):
            best = decision.candidates[0].evidence if decision.candidates else ()
            row = {
                "query_id": case.query_id,
                "book_id": decision.book_id,
                "confidence": round(decision.confidence, 4),
                "candidates": [found.book_id for found in decision.candidates],
                "evidence": list(best),
                "verdict": decision.verdict.value,
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def judge(
    books: Iterable[TrackedBook],
    cases: Iterable[Case],
    decisions: Iterable[Decision],
    report: Report,
) -> None:
    """Count the right and the wrong, where the file has answers."""
    titles = {str(book.book_id): f"{book.title} | {book.authors}" for book in books}
    for case, decision in zip(cases, decisions, strict=True):
        if case.truth is None:
            continue
        report.total.add(case.truth, decision)
        report.categories.setdefault(case.category, Tally()).add(case.truth, decision)
        if decision.book_id is None and not case.truth:
            continue
        if str(decision.book_id) not in case.truth:
            target = report.missed if decision.book_id is None else report.wrong
            target.append(_mistake(case, decision, titles))


def _mistake(
    case: Case, decision: Decision, titles: Mapping[str, str]
) -> dict[str, Any]:
    truth = case.truth or frozenset()
    best = decision.candidates[0] if decision.candidates else None
    return {
        "query_id": case.query_id,
        "category": case.category,
        "title": " | ".join(filter(None, (case.query.title, case.query.subtitle))),
        "authors": list(case.query.authors),
        "verdict": decision.verdict.value,
        "confidence": round(decision.confidence, 3),
        "best": titles.get(str(best.book_id), "") if best else "",
        "evidence": list(best.evidence) if best else [],
        "truth": [titles.get(book_id, book_id) for book_id in sorted(truth)],
    }


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as one object."""
    return {
        **{
            name: round(getattr(report, name), 4)
            for name in ("books", "build_s", "index_mib", "median_ms", "p95_ms")
        },
        **_numbers(report.total),
        "categories": {
            name: _numbers(tally) for name, tally in report.categories.items()
        },
        "wrong": report.wrong,
        "missed": report.missed,
    }


def _numbers(tally: Tally) -> dict[str, Any]:
    return {
        **asdict(tally),
        "precision": tally.precision,
        "recall": tally.recall,
        "conflict_share": tally.conflict_share,
        "truth_shown": tally.truth_shown,
    }


def as_text(report: Report) -> str:
    """Return the report for people."""
    lines = [
        f"{report.books} books: {report.build_s:.2f} s, {report.index_mib:.1f} MiB",
        f"per title: median {report.median_ms:.3f} ms, p95 {report.p95_ms:.3f} ms",
    ]
    if report.total.titles:
        lines += ["", _line("all", report.total)]
        lines += [
            _line(name, tally) for name, tally in sorted(report.categories.items())
        ]
        for heading, mistakes in (("wrong", report.wrong), ("missed", report.missed)):
            lines += ["", f"{heading}: {len(mistakes)}"]
            lines += [_mistake_text(mistake) for mistake in mistakes]
    return "\n".join(lines)


def _line(name: str, tally: Tally) -> str:
    return (
        f"{name:18} n {tally.titles:5}  links {tally.links:5}  right {tally.right:5}  "
        f"precision {_percent(tally.precision)}  recall {_percent(tally.recall)}  "
        f"conflicts {_percent(tally.conflict_share)}  "
        f"truth among five {tally.conflicts_with_truth}/{tally.conflicts_linkable}  "
        f"hidden {tally.hidden}  asked in vain {tally.asked_in_vain}"
    )


def _percent(share: float | None) -> str:
    return "     -" if share is None else f"{100 * share:6.2f}"


def _mistake_text(mistake: Mapping[str, Any]) -> str:
    return (
        f"  {mistake['query_id']} {mistake['category']}: {mistake['title']} "
        f"({', '.join(mistake['authors'])}) {mistake['verdict']} "
        f"{mistake['confidence']}\n      best  {mistake['best']} "
        f"[{', '.join(mistake['evidence'])}]\n      truth "
        + "; ".join(mistake["truth"])
    )


if __name__ == "__main__":
    sys.exit(main())
