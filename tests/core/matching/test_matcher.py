"""The tracker as it changes, and what comes with a verdict."""

from time import perf_counter

import pytest
from audible_core.matching import Matcher, TitleQuery, TrackedBook, Verdict
from audible_core.matching.normalize import fold, words
from audible_core.matching.persons import persons_of
from audible_core.matching.score import VETOES
from audible_core.matching.titles import parse_title
from audible_core.matching.vocabulary import KIND_WORDS, KINDS
from audible_core.matching.weights import WEIGHTS
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.matching.corpora import make_books, make_queries
from tests.core.matching.shelf import heard, shelf


def test_a_book_added_is_found_and_one_removed_is_not() -> None:
    """The tracker changes all the time; nothing is built anew."""
    tracker = shelf(("Stone Harbor", "Mira Holt"))
    query = heard("Salt Roads", "Mira Holt")
    before = tracker.match(query).book_id
    tracker.add(TrackedBook(7, "Salt Roads", "Mira Holt"))
    added = tracker.match(query).book_id
    tracker.remove(7)
    tracker.remove(7)

    assert (None, 7, None) == (before, added, tracker.match(query).book_id)
    assert len(tracker) == 1


def test_a_book_changed_is_found_under_its_new_title_only() -> None:
    """Adding the same id again replaces the book."""
    tracker = shelf(("Salt Roads", "Mira Holt"))
    tracker.add(TrackedBook(1, "Stone Harbor", "Mira Holt"))

    assert tracker.match(heard("Salt Roads", "Mira Holt")).book_id is None
    assert 1 == tracker.match(heard("Stone Harbor", "Mira Holt")).book_id
    assert len(tracker) == 1


def test_changes_lead_to_the_same_answers_as_building_anew() -> None:
    """Removing half and adding it again changes no verdict."""
    books = make_books(400)
    queries = make_queries(books, 100)
    fresh, changed = Matcher(books), Matcher(books)
    for book in books[::2]:
        changed.remove(book.book_id)
    half = [changed.match(query).book_id for query in queries]
    for book in books[::2]:
        changed.add(book)

    assert [fresh.match(query).book_id for query in queries] == [
        changed.match(query).book_id for query in queries
    ]
    assert [Matcher(books[1::2]).match(query).book_id for query in queries[:9]] == half[
        :9
    ]


def test_the_same_author_alone_is_no_match() -> None:
    """Somebody who wrote forty other books is no reason to ask."""
    tracker = shelf(*((f"Lantern {chr(65 + n)}", "Mira Holt") for n in range(20)))
    decision = tracker.match(heard("The Weight of Snow", "Mira Holt"))

    assert (Verdict.NO_MATCH, None) == (decision.verdict, decision.book_id)


def test_a_related_book_is_shown_with_the_reason() -> None:
    """Who has to decide sees the best candidates first, and why it was not enough."""
    tracker = shelf(("Salt Roads", "Mira Holt"), ("Stone Harbor", "Mira Holt"))
    decision = tracker.match(heard("Salt Roads (Abridged)", "Mira Holt"))

    assert (Verdict.LOW_CONFIDENCE, 1) == (
        decision.verdict,
        decision.candidates[0].book_id,
    )
    assert {"title_main", "author_same", "kind_differs"} <= {
        *decision.candidates[0].evidence
    }
    assert decision.candidates[0].confidence < 0.85


def test_an_empty_tracker_and_an_empty_title_have_no_match() -> None:
    """Nothing to find is no error."""
    assert Verdict.NO_MATCH is Matcher().match(heard("Salt Roads", "Mira Holt")).verdict
    assert Verdict.NO_MATCH is shelf(("Salt", "Mira Holt")).match(heard("")).verdict


def test_ids_may_be_texts() -> None:
    """A tracker names its books as it likes."""
    tracker = Matcher([TrackedBook("gr:1", "Salt Roads", ("Mira Holt", "Ada Finch"))])

    assert (
        "gr:1" == tracker.match(heard("Salt Roads", "Ada Finch", "Mira Holt")).book_id
    )


PIECES = (
    "The Salt ( ) [ ] : ; / - , . # 3 II vol book part of 2 and & ' or Other Stories"
    " Summary unabridged edition A Novel series 第3巻 é"
)
TEXTS = st.text(max_size=60) | st.lists(
    st.sampled_from(PIECES.split()),
    max_size=14,
).map(" ".join)


@given(TEXTS)
def test_normalizing_twice_changes_nothing(text: str) -> None:
    """What is in one spelling stays in it."""
    once = fold(text)

    assert once == fold(once)
    assert words(once) == words(" ".join(words(once)))


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_no_text_breaks_the_matching(
    title: str, subtitle: str, author: str, series: str
) -> None:
    """Titles are other people's input: any text gets an answer."""
    tracker = Matcher(
        [
            TrackedBook(1, title, author, isbn=subtitle, subtitle=series),
            TrackedBook(2, subtitle, (author, title), language=author),
        ]
    )
    query = TitleQuery(
        "", title, subtitle, (author,), (series,), series, subtitle, 1.0, author, title
    )

    assert tracker.match(query).verdict in Verdict
    assert parse_title(title).segments is not None
    assert persons_of(author) == persons_of(author)


@given(st.sampled_from(sorted(WEIGHTS)))
def test_what_forbids_a_link_never_speaks_for_it(name: str) -> None:
    """Fitting may not turn a veto into a reason, whatever the sample was."""
    if name in VETOES - {"title_after_prefix", "title_in_brackets", "author_unknown"}:
        assert WEIGHTS[name] <= 0.0


KIND_SAMPLES = {
    "summary": "Summary & Analysis",
    "workbook": "A Workbook",
    "comic": "The Graphic Novel",
    "young": "Young Readers Edition",
    "audience": "Singles Edition",
    "dramatized": "Dramatised Adaptation; full-cast; Das Hörspiel",
    "abridged": "gekürzte Lesung",
    "omnibus": "Boxed Set",
    "piece": "Leseprobe",
    "lesson": "Masterclass",
    "adapted": "an adaptation for the screen",
    "guide": "The Official Companion",
}


@pytest.mark.parametrize(("kind", "text"), KIND_SAMPLES.items())
def test_a_kind_is_seen(kind: str, text: str) -> None:
    """The quick look at single words hides no kind."""
    assert kind in parse_title(f"Salt Roads ({text})").kinds


def test_each_kind_has_a_sample() -> None:
    """A kind without a test is noticed."""
    assert set(KINDS.groupindex) == set(KIND_SAMPLES)
    assert not KIND_WORDS.isdisjoint(("summary", "omnibus"))


def test_a_title_costs_little_more_in_a_tracker_ten_times_the_size() -> None:
    """The time of a title grows far slower than the number of books."""
    seconds = [_seconds(count) for count in (1_000, 10_000)]

    assert seconds[1] < 4.0 * seconds[0]


def _seconds(count: int) -> float:
    books = make_books(count)
    queries = make_queries(books, 300)
    tracker = Matcher(books)
    best = float("inf")
    for _ in range(3):
        start = perf_counter()
        for query in queries:
            tracker.match(query)
        best = min(best, perf_counter() - start)
    return best


def test_generated_titles_find_their_books_and_strangers_none() -> None:
    """On a made tracker every title that is there is linked, and no other."""
    books = make_books(1_500)
    known = {
        (str(book.authors), book.title.split(":")[0].split(" (")[0]) for book in books
    }
    titles = {book.book_id: book for book in books}
    tracker = Matcher(books)
    wrong = []
    for query in make_queries(books, 400):
        decision = tracker.match(query)
        if decision.book_id is None:
            continue
        book = titles[decision.book_id]
        if (
            query.authors != (book.authors,)
            or (query.authors[0], query.title) not in known
        ):
            wrong.append((query, book))

    assert [] == wrong
