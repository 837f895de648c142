"""Real books on shelves that were written down before the matching was asked."""

from pathlib import Path

import pytest
from audible_core.matching import Matcher, Verdict

from tests.bench.matching.unseen import FOLDER, read_shelf

LINKED_OF_LINKABLE = 0.94
HIDDEN_OF_LINKABLE = 0.01
SHELVES = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", SHELVES, ids=lambda path: path.stem)
def test_no_title_of_a_shelf_leads_to_a_wrong_book(path: Path) -> None:
    """A wrong link is worse than a question, whatever language and kind of book."""
    books, cases = read_shelf(path)
    matcher = Matcher(books)

    wrong = [
        (case.query.title, found)
        for case in cases
        if (found := matcher.match(case.query).book_id) is not None
        and str(found) not in (case.truth or ())
    ]

    assert [] == wrong


def test_most_titles_are_linked_and_hardly_any_is_hidden() -> None:
    """The reader is asked for few titles, and the right book is nearly always shown."""
    linkable = linked = hidden = 0
    for path in SHELVES:
        books, cases = read_shelf(path)
        matcher = Matcher(books)
        for case in cases:
            if case.truth:
                decision = matcher.match(case.query)
                linkable += 1
                linked += decision.book_id is not None
                hidden += decision.verdict is Verdict.NO_MATCH

    assert linked / linkable > LINKED_OF_LINKABLE
    assert hidden / linkable < HIDDEN_OF_LINKABLE
