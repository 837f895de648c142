"""Fit the weights of the evidence on a labelled set; prints the module's new text.

    scripts/match-fit CORPUS.csv QUERIES.csv [--write]

Logistic regression with a small ridge over all compared pairs, by Newton's method.
Every fifth of the authors is predicted by weights that never saw it, and the share of
right and wrong links among those is printed beside the final weights.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from audible_core.matching.decide import Verdict, compared_pairs, decide
from audible_core.matching.forms import QueryForm, form_of_query
from audible_core.matching.index import BookIndex
from audible_core.matching.score import evidence_of

from tests.bench.matching.files import Case, read_books, read_cases

RIDGE = 0.1
FOLDS = 5
TARGET = (
    Path(__file__).parents[3]
    / "custom_components/audible_tracker/core/matching/weights.py"
)

type Row = tuple[tuple[str, ...], bool, int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, cross-validate and print."""
    parser = argparse.ArgumentParser(prog="match-fit", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--write", action="store_true", help="replace weights.py")
    options = parser.parse_args(arguments)
    index = BookIndex(read_books(options.corpus))
    cases = [case for case in read_cases(options.queries) if case.truth is not None]
    forms = [form_of_query(case.query) for case in cases]
    rows = collect(index, cases, forms)
    for fold in range(FOLDS):
        bias, weights = fit([row for row in rows if row[2] != fold])
        report(index, cases, forms, fold, bias, weights)
    text = module_text(*fit(rows))
    if options.write:
        TARGET.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


def collect(
    index: BookIndex, cases: Sequence[Case], forms: Sequence[QueryForm]
) -> list[Row]:
    """Return the evidence of every compared pair, whether it is right, and its fold."""
    return [
        (
            tuple(evidence_of(form, pair)),
            str(pair.book.book.book_id) in (case.truth or ()),
            case.fold(FOLDS),
        )
        for case, form in zip(cases, forms, strict=True)
        for pair in compared_pairs(form, index.candidates(form))
    ]


def fit(rows: Sequence[Row]) -> tuple[float, dict[str, float]]:
    """Return bias and weights that make the rows likeliest, less a ridge."""
    names = sorted({name for evidence, _, _ in rows for name in evidence})
    column = {name: at for at, name in enumerate(names, start=1)}
    counts: dict[tuple[str, ...], list[int]] = {}
    for evidence, is_right, _ in rows:
        counts.setdefault(tuple(sorted(set(evidence))), [0, 0])[is_right] += 1
    matrix = np.zeros((len(counts), len(names) + 1))
    matrix[:, 0] = 1.0
    for row, evidence in enumerate(counts):
        for name in evidence:
            matrix[row, column[name]] = 1.0
    wrong, right = np.array(list(counts.values()), dtype=float).T
    solution = _newton(matrix, right, right + wrong)
    return float(solution[0]), {name: float(solution[column[name]]) for name in names}


def _newton(
    matrix: np.ndarray, right: np.ndarray, total: np.ndarray, rounds: int = 40
) -> np.ndarray:
    solution = np.zeros(matrix.shape[1])
    ridge = np.full(matrix.shape[1], RIDGE)
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
    cases: Sequence[Case],
    forms: Sequence[QueryForm],
    fold: int,
    bias: float,
    weights: dict[str, float],
) -> None:
    """Print what these weights do to the authors they never saw."""
    right = wrong = linkable = 0
    for case, form in zip(cases, forms, strict=True):
        if case.fold(FOLDS) != fold:
            continue
        linkable += bool(case.truth)
        decision = decide(form, index.candidates(form), weights=weights, bias=bias)
        if decision.verdict is Verdict.LINK:
            is_right = str(decision.book_id) in (case.truth or ())
            right += is_right
            wrong += not is_right
    print(
        f"# held-out fold {fold}: {right} right, {wrong} wrong of {linkable} linkable",
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
