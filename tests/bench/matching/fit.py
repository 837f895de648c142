"""Fit the weights of the evidence on a labelled set; prints the module's new text.

    scripts/match-fit CORPUS.csv QUERIES.csv [--write] [--halves COUNT] [--ridge RIDGE]

Logistic regression with a small ridge over all compared pairs, by Newton's method.
Evidence that agrees may not speak against a pair, nor the other way round: such a
weight is an accident of the sample and is set to nothing. COUNT times half of the
authors, drawn by a seed, are judged by weights that were fitted on the other half.
"""

import argparse
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from audible_core.matching.decide import Verdict, compared_pairs, decide
from audible_core.matching.forms import QueryForm, form_of_query
from audible_core.matching.index import BookIndex
from audible_core.matching.score import VETOES, evidence_of

from tests.bench.matching.files import Case, read_books, read_cases

RIDGE = 0.1
HALVES = 5
AGREEING = frozenset(
    (
        "author_initials", "author_same", "author_spelled_alike", "isbn_same",
        "language_same", "narrator_same", "runtime_same", "series_number_same",
        "series_same", "subtitle_same", "tail_agrees", "tail_none",
        "tail_same", "title_after_series", "title_is_long", "title_letters_swapped",
        "title_main", "volume_same", "year_same",
    )
)  # fmt: skip
DISAGREEING = VETOES - {"title_after_prefix", "title_in_brackets", "author_unknown"} | {
    "author_behind_another", "author_not_first", "country_differs",
    "series_number_differs", "title_spelled_alike", "volume_first",
}  # fmt: skip
TARGET = (
    Path(__file__).parents[3]
    / "custom_components/audible_tracker/core/matching/weights.py"
)

type Row = tuple[tuple[str, ...], bool, str]
type Weights = tuple[float, dict[str, float]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, cross-validate and print."""
    parser = argparse.ArgumentParser(prog="match-fit", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--write", action="store_true", help="replace weights.py")
    parser.add_argument("--halves", type=int, default=HALVES, metavar="COUNT")
    parser.add_argument("--ridge", type=float, default=RIDGE)
    options = parser.parse_args(arguments)
    index = BookIndex(read_books(options.corpus))
    cases = [case for case in read_cases(options.queries) if case.truth is not None]
    forms = [form_of_query(case.query) for case in cases]
    rows = collect(index, cases, forms)
    for seed in range(options.halves):
        judge_half(index, cases, forms, rows, seed, options.ridge)
    text = module_text(*fit(rows, options.ridge))
    if options.write:
        TARGET.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


def judge_half(
    index: BookIndex,
    cases: Sequence[Case],
    forms: Sequence[QueryForm],
    rows: Sequence[Row],
    seed: int,
    ridge: float,
) -> None:
    """Fit on one half of the authors and print what that does to the other half."""
    names = sorted({case.fold_name for case in cases})
    known = frozenset(random.Random(seed).sample(names, len(names) // 2))
    weights = fit([row for row in rows if row[2] in known], ridge)
    unseen = [
        (case, form)
        for case, form in zip(cases, forms, strict=True)
        if case.fold_name not in known
    ]
    report(index, unseen, seed, weights)


def collect(
    index: BookIndex, cases: Sequence[Case], forms: Sequence[QueryForm]
) -> list[Row]:
    """Return every compared pair's evidence, whether it is right, and its author."""
    return [
        (
            tuple(evidence_of(form, pair)),
            str(pair.book.book.book_id) in (case.truth or ()),
            case.fold_name,
        )
        for case, form in zip(cases, forms, strict=True)
        for pair in compared_pairs(form, index.candidates(form))
    ]


def fit(rows: Sequence[Row], ridge: float) -> Weights:
    """Return bias and weights that make the rows likeliest, less a ridge.

    Weights of the wrong sign are taken out, one round after the other.
    """
    counts: dict[tuple[str, ...], list[int]] = {}
    for evidence, is_right, _ in rows:
        counts.setdefault(tuple(sorted(set(evidence))), [0, 0])[is_right] += 1
    names = sorted({name for evidence in counts for name in evidence})
    while True:
        bias, weights = _solved(counts, names, ridge)
        kept = [
            name
            for name in names
            if not (name in AGREEING and weights[name] < 0.0)
            and not (name in DISAGREEING and weights[name] > 0.0)
        ]
        if kept == names:
            return bias, weights
        names = kept


def _solved(
    counts: Mapping[tuple[str, ...], list[int]], names: Sequence[str], ridge: float
) -> Weights:
    column = {name: at for at, name in enumerate(names, start=1)}
    matrix = np.zeros((len(counts), len(names) + 1))
    matrix[:, 0] = 1.0
    for row, evidence in enumerate(counts):
        for name in evidence:
            if name in column:
                matrix[row, column[name]] = 1.0
    wrong, right = np.array(list(counts.values()), dtype=float).T
    solution = _newton(matrix, right, right + wrong, ridge)
    return float(solution[0]), {name: float(solution[column[name]]) for name in names}


def _newton(
    matrix: np.ndarray,
    right: np.ndarray,
    total: np.ndarray,
    strength: float,
    rounds: int = 40,
) -> np.ndarray:
    solution = np.zeros(matrix.shape[1])
    ridge = np.full(matrix.shape[1], strength)
    ridge[0] = 1e-3
    for _ in range(rounds):
        expected = 1.0 / (1.0 + np.exp(-(matrix @ solution)))
        gradient = matrix.T @ (right - total * expected) - ridge * solution
        curve = (matrix.T * (total * expected * (1.0 - expected))) @ matrix
        step = np.linalg.solve(curve + np.diag(ridge), gradient)
        solution += step * min(1.0, 2.0 / max(1e-9, np.abs(step).max()))
    return solution


def report(
    index: BookIndex,
    unseen: Sequence[tuple[Case, QueryForm]],
    seed: int,
    weights: Weights,
) -> None:
    """Print what these weights do to the authors they never saw."""
    right = wrong = linkable = 0
    for case, form in unseen:
        linkable += bool(case.truth)
        decision = decide(
            form, index.candidates(form), weights=weights[1], bias=weights[0]
        )
        if decision.verdict is Verdict.LINK:
            is_right = str(decision.book_id) in (case.truth or ())
            right += is_right
            wrong += not is_right
    print(
        f"# unseen half {seed}: {right} right, {wrong} wrong of {linkable} linkable",
        file=sys.stderr,
    )


def module_text(bias: float, weights: dict[str, float]) -> str:
    """Return the text of the module that holds the weights."""
    lines = "".join(f'    "{name}": {weights[name]:.2f},\n' for name in sorted(weights))
    return (
        '"""Weights of the evidence, fitted by scripts/match-fit; not by hand."""'
        f"\n\nfrom typing import Final\n\nBIAS: Final = {bias:.2f}\n\n"
        f"WEIGHTS: Final[dict[str, float]] = {{\n{lines}}}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
