"""What a conflict tells its reader."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import audible_core.matching as package
import pytest
from audible_core.matching import Matcher, words_of
from audible_core.matching.score import VETOES
from audible_core.matching.weights import WEIGHTS
from audible_core.matching.words import WORDS

from tests.bench.matching.unseen import FOLDER, read_shelf

PRODUCING = ("compare", "tails", "score", "volumes", "editions")
EVIDENCE = re.compile(
    r"(title|subtitle|tail|volume|series|kind|part|author|language|country|isbn|runtime"
    r"|narrator|year)_[a-z_]+"
)


def test_all_evidence_that_the_code_names_has_words() -> None:
    """A name in the sources, the weights or the vetoes never reaches a reader bare."""
    assert {*named_in_code(), *WEIGHTS, *VETOES} == {*WORDS}


def test_all_evidence_on_the_shelves_has_words() -> None:
    """Whatever matching says about real books can be read out."""
    assert [] == sorted({*found_on_shelves()} - {*WORDS})


@pytest.mark.parametrize("name", sorted(WORDS))
def test_words_are_a_short_end_of_a_sentence(name: str) -> None:
    """They stand behind one another in a line: no name of the code, no period."""
    words = words_of(name)

    assert "_" not in words
    assert len(words) <= 64
    assert not words.endswith(".")


def test_no_two_pieces_of_evidence_read_alike() -> None:
    """Two candidates can be told apart by what is said of them."""
    assert len(WORDS) == len({*WORDS.values()})


def named_in_code() -> Iterator[str]:
    """Yield all literals of the deciding modules that are names of evidence."""
    folder = Path(package.__file__).parent
    for module in PRODUCING:
        tree = ast.parse((folder / f"{module}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and EVIDENCE.fullmatch(node.value)
            ):
                yield node.value


def found_on_shelves() -> Iterator[str]:
    """Yield the evidence of all candidates of all shelves."""
    for path in sorted(FOLDER.glob("*.txt")):
        books, cases = read_shelf(path)
        matcher = Matcher(books)
        for case in cases:
            for candidate in matcher.match(case.query).candidates:
                yield from candidate.evidence
