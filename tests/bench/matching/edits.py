"""Change titles as shops do and see whether the links stay right.

    python -m tests.bench.matching.edits CORPUS.csv QUERIES.csv

Each right link is asked again with one edit. Edits that mean the same book may lose a
link but never lead to another book; edits that mean something else may not be linked
to the book that they were made from. (Where the tracker has the graphic novel or the
volume itself, a link to that is right.)
"""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from audible_core.matching import Matcher, TitleQuery
from audible_core.matching.compare import Overlap
from audible_core.matching.normalize import fold

from tests.bench.matching.files import Case, read_books, read_cases

type Edit = Callable[[TitleQuery], TitleQuery]

_MAIN = re.compile(r"(.+?)(?:(\s*[:(\[]|\s+-\s)(.*))?", re.DOTALL)
_NUMBER = re.compile(r"[234]|I+$")


def _titled(pattern: str) -> Edit:
    return lambda query: replace(query, title=pattern.format(query.title))


def _main_titled(pattern: str) -> Edit:
    """Change what stands before the first punctuation of the title."""

    def edit(query: TitleQuery) -> TitleQuery:
        main, sign, rest = _MAIN.fullmatch(query.title).groups("")  # type: ignore[union-attr]
        return replace(query, title=f"{pattern.format(main)}{sign}{rest}")

    return edit


def _subtitled(text: str) -> Edit:
    return lambda query: replace(query, subtitle=text)


def _last_first(query: TitleQuery) -> TitleQuery:
    names = [
        f"{last}, {first}" if first else last
        for first, _, last in (name.rpartition(" ") for name in query.authors)
    ]
    return replace(query, authors=tuple(names))


def _initials(query: TitleQuery) -> TitleQuery:
    names = [
        " ".join([f"{part[0]}." for part in parts[:-1]] + parts[-1:])
        for parts in (name.split() for name in query.authors)
        if parts
    ]
    return replace(query, authors=tuple(names))


def _joined(sign: str) -> Edit:
    return lambda query: (
        replace(query, title=f"{query.title}{sign}{query.subtitle}", subtitle="")
        if query.subtitle
        else query
    )


def _numbered(pattern: str) -> Edit:
    """Write the place in the series another way."""

    def edit(query: TitleQuery) -> TitleQuery:
        if not query.series_title or not query.series_sequence.isdigit():
            return query
        return replace(
            query,
            subtitle=pattern.format(query.series_title, query.series_sequence),
            series_title="",
            series_sequence="",
        )

    return edit


SAME: dict[str, Edit] = {
    "no narrator, length, series": lambda query: replace(
        query, narrators=(), runtime_min=None, series_title="", series_sequence=""
    ),
    "authors in another order": lambda query: replace(
        query, authors=query.authors[::-1]
    ),
    "surname first": _last_first,
    "initials": _initials,
    "capitals": lambda query: replace(query, title=query.title.upper()),
    "small letters": lambda query: replace(query, title=query.title.lower()),
    "no marks": lambda query: replace(
        query, title=fold(query.title), authors=tuple(map(fold, query.authors))
    ),
    "another person": lambda query: replace(
        query, authors=(*query.authors, "Imogen Thackwray")
    ),
    "a translator": lambda query: replace(
        query, authors=(*query.authors, "Imogen Thackwray - translator")
    ),
    "unabridged": _titled("{} (Unabridged)"),
    "ungekürzt": _titled("{} (Ungekürzte Lesung)"),
    "integral": _titled("{} [Edición íntegra]"),
    "a novel": _titled("{}: A Novel"),
    "anniversary": _titled("{}: 25th Anniversary Edition"),
    "revised": _titled("{} (Revised and Updated)"),
    "no subtitle": _subtitled(""),
    "subtitle in the title": _joined(": "),
    "subtitle behind a dash": _joined(" - "),
    "book n": _numbered("{}, Book {}"),
    "the n of": _numbered("Book {1} of the {0}"),
    "volume n": _numbered("{} Vol. {}"),
    "band n": _numbered("{}, Band {}"),
    "bare n": _numbered("{} {}"),
    "number sign": _numbered("{} #{}"),
}
BEYOND = (
    "Staffel 2",
    "Act II",
    "The Return",
    "The Entire Saga",
    "Ein Theaterstück",
    "A Picture Book",
    "A Modern Retelling",
    "Highlights",
    "A Reader's Guide",
    "Edición en español",
    "auf Deutsch",
)
"""What a bracket or a subtitle may say that makes another work of the title."""

OTHER: dict[str, Edit] = (
    {
        text: _main_titled(text)
        for text in (
            "Summary of {}",
            "{}: Summary and Analysis",
            "{} Study Guide",
            "Zusammenfassung: {}",
            "Résumé de {}",
            "Resumen de {}",
            "Workbook for {}",
            "{} (Abridged)",
            "{} (Gekürzte Lesung)",
            "{} (version abrégée)",
            "{} (Dramatized Adaptation)",
            "{} (Part 1 of 2)",
            "{} (Teil 2 von 3)",
            "{}: Das Hörspiel",
            "{}: A BBC Radio Full-Cast Drama",
            "{}: The Graphic Novel",
            "{}: Young Readers Edition",
            "{} für Kinder",
            "{} Box Set: Books 1-3",
            "{}: The Complete Series",
            "{} (Coffret)",
            "{}, Band 2",
            "{}, Tome 3",
            "{} II",
            "{} 2",
            "{}, Vol. 4",
            "The Making of {}",
            "Beyond {}",
            "{} Revisited",
            "{} and Other Stories",
            "{} und andere Erzählungen",
            "{} et autres nouvelles",
            "{} y otros cuentos",
            "{}: The Prequel",
            "{}: The Official Cookbook",
            "{}: Der Comic",
            "{}: Le roman graphique",
            "{} (Manga)",
            "The Annotated {} Trivia Book",
            "{}: Conversation Starters",
        )
    }
    | {f"({words})": _main_titled("{} (" + words + ")") for words in BEYOND}
    | {f"| {words}": _subtitled(words) for words in BEYOND}
    | {
        "somebody else": lambda query: replace(query, authors=("Imogen Thackwray",)),
        "nobody": lambda query: replace(query, authors=()),
        "various": lambda query: replace(query, authors=("Various",)),
    }
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Edit, ask and print."""
    parser = argparse.ArgumentParser(prog="edits", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("queries", type=Path)
    options = parser.parse_args(arguments)
    books = {str(book.book_id): book for book in read_books(options.corpus)}
    matcher = Matcher(books.values())
    right = [
        case
        for case in read_cases(options.queries)
        if case.truth and str(matcher.match(case.query).book_id) in case.truth
    ]
    for name, edit in SAME.items():
        lost, wrong = judge(matcher, right, edit)
        print(f"same   {name:34} of {len(right)}: {lost:4} lost, {len(wrong):3} wrong")
        print(*wrong[:5], sep="\n", end="\n" if wrong else "")
    for name, edit in OTHER.items():
        numbers = set(map(_plain, _NUMBER.findall(name)))
        linked = [
            f"    {query.title} | {query.subtitle} -> {books[found].title}"
            for query, found in links(matcher, right, edit)
            if numbers.isdisjoint(re.findall(r"\d+", books[found].title))
        ]
        print(f"other  {name:34} of {len(right)}: {len(linked):4} linked")
        print(*linked[:5], sep="\n", end="\n" if linked else "")
    return 0


def judge(matcher: Matcher, cases: Sequence[Case], edit: Edit) -> tuple[int, list[str]]:
    """Return how many links are lost, and those that lead to another book."""
    lost = 0
    wrong: list[str] = []
    for case in cases:
        query = edit(case.query)
        found = matcher.match(query).book_id
        if found is None:
            lost += 1
        elif str(found) not in (case.truth or ()):
            wrong.append(f"    {query.title} | {query.subtitle} -> {found}")
    return lost, wrong


def links(
    matcher: Matcher, cases: Sequence[Case], edit: Edit
) -> list[tuple[TitleQuery, str]]:
    """Return the titles linked to what they were made from, though something else.

    Where a series stands before the title, only its name was changed.
    """
    linked: list[tuple[TitleQuery, str]] = []
    for case in cases:
        query = edit(case.query)
        decision = matcher.match(query)
        found = str(decision.book_id)
        if (
            query != case.query
            and found in (case.truth or ())
            and Overlap.AFTER_SERIES not in decision.candidates[0].evidence
        ):
            linked.append((query, found))
    return linked


def _plain(number: str) -> str:
    """Return a number of an edit in digits."""
    return number if number.isdigit() else str(len(number))


if __name__ == "__main__":
    sys.exit(main())
