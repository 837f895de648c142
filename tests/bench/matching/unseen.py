"""Ask the matching for titles that no rule was written for.

    python -m tests.bench.matching.unseen [FILE.txt ...] [--beside CORPUS.csv]

Each file of ``unseen/`` is a small shelf of real books with titles to look for, written
down by hand before the matching was asked, and is asked by itself. ``--beside`` adds
the books of another tracker, so that the right book has to be found among many.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from audible_core.matching import Decision, TitleQuery, TrackedBook

from tests.bench.matching.evaluate import as_text, ask, build, judge
from tests.bench.matching.files import Case, read_books

FOLDER = Path(__file__).parent / "unseen"
NONE = "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="unseen", description=__doc__)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--beside", type=Path, help="a tracker to stand beside")
    options = parser.parse_args(arguments)
    beside = list(read_books(options.beside)) if options.beside else []
    all_books, all_cases = list(beside), list[Case]()
    decisions: list[Decision] = []
    for path in options.files or sorted(FOLDER.glob("*.txt")):
        books, cases = read_shelf(path)
        matcher, report = build([*beside, *books])
        decisions += ask(matcher, cases, report)
        all_books += books
        all_cases += cases
    judge(all_books, all_cases, decisions, report)
    print(as_text(report))
    return 0


def read_shelf(path: Path) -> tuple[list[TrackedBook], list[Case]]:
    """Return one file's books and titles.

    A book is ``id | title | authors | name=value ...``, a title is ``ids or - |
    category | title | subtitle | authors | name=value ...``.
    """
    books: list[TrackedBook] = []
    cases: list[Case] = []
    is_title = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line in ("tracker", "titles"):
            is_title = line == "titles"
            continue
        parts = [part.strip() for part in line.split("|")]
        if is_title:
            cases.append(_case(path.stem, number, parts))
        else:
            books.append(_book(path.stem, parts))
    _check(path, books, cases)
    return books, cases


def _check(path: Path, books: Sequence[TrackedBook], cases: Sequence[Case]) -> None:
    known = {book.book_id for book in books}
    asked = set().union(*(case.truth or () for case in cases))
    if len(known) != len(books) or not asked <= known:
        raise ValueError(f"{path.name}: ids are double or unknown {asked - known}")


def _book(shelf: str, parts: Sequence[str]) -> TrackedBook:
    more = _named(parts[3:])
    series, _, number = more.get("series", "").partition("#")
    return TrackedBook(
        book_id=f"{shelf}:{parts[0]}",
        title=parts[1],
        authors=parts[2],
        isbn=more.get("isbn", ""),
        year=int(more["year"]) if "year" in more else None,
        type=more.get("type", "Audiobook"),
        subtitle=more.get("subtitle", ""),
        series_title=series.strip(),
        series_sequence=number.strip(),
        narrators=_list(more.get("narrators", "")),
        language=more.get("language", ""),
        runtime_min=float(more["minutes"]) if "minutes" in more else None,
    )


def _case(shelf: str, number: int, parts: Sequence[str]) -> Case:
    truth, category, title, subtitle, authors = parts[:5]
    more = _named(parts[5:])
    series, _, place = more.get("series", "").partition("#")
    return Case(
        query_id=f"{shelf}:{number}",
        query=TitleQuery(
            asin=f"U{number:09}",
            title=title,
            subtitle=subtitle,
            authors=_list(authors),
            narrators=_list(more.get("narrators", "")),
            series_title=series.strip(),
            series_sequence=place.strip(),
            runtime_min=float(more["minutes"]) if "minutes" in more else None,
            language=more.get("language", "english"),
            isbn=more.get("isbn", ""),
        ),
        truth=frozenset(f"{shelf}:{name}" for name in truth.split() if name != NONE),
        category=category,
    )


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for name in text.split(",") if (part := name.strip()))


def _named(parts: Sequence[str]) -> dict[str, str]:
    pairs = (part.partition("=") for part in parts if part)
    return {name.strip(): value.strip() for name, _, value in pairs}


if __name__ == "__main__":
    sys.exit(main())
