"""ISBN, twins, language, runtime and narrator."""

import pytest
from audible_core.matching import Matcher, TrackedBook, Verdict
from audible_core.matching.isbn import isbn_core, language_of_isbn

from tests.core.matching.shelf import heard, outcome, shelf

ISBN_13 = "9780552998871"
ISBN_10 = "0552998877"


@pytest.mark.parametrize(
    "text",
    [
        ISBN_13,
        ISBN_10,
        "552998877",
        "978-0-552-99887-1",
        "ISBN 0 552 99887 7",
        '="0552998877"',
    ],
)
def test_all_forms_of_an_isbn_are_one(text: str) -> None:
    """Trackers lose leading zeros, and 13 digits name the same book as 10."""
    assert "055299887" == isbn_core(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9780552998872",
        "0552998878",
        "0000000000",
        "B002V0GGFK",
        "12",
        "97805529988",
    ],
)
def test_a_damaged_isbn_is_none(text: str) -> None:
    """A wrong check digit is not repaired."""
    assert isbn_core(text) == ""


def test_an_x_and_the_prefix_979_are_read() -> None:
    """The check digit ten, and the numbers that have no short form."""
    assert ("080442957", "979109463101") == (
        isbn_core("0-8044-2957-X"),
        isbn_core("979-10-94631-01-0"),
    )


def test_an_isbn_names_the_country() -> None:
    """Its first digits say where the book was printed."""
    assert ("es", "de", "en", "") == (
        language_of_isbn("843973247"),
        language_of_isbn("349806363"),
        language_of_isbn("055299887"),
        language_of_isbn(""),
    )


def test_the_isbn_of_a_record_under_another_title_goes_to_the_reader() -> None:
    """A number alone does not outweigh another title."""
    tracker = shelf(TrackedBook(1, "Stone Harbor", "Peter Vance", ISBN_10))
    decision = tracker.match(heard("Salt Roads", "Mira Holt", isbn=ISBN_13))

    assert (Verdict.LOW_CONFIDENCE, 1) == (
        decision.verdict,
        decision.candidates[0].book_id,
    )


def test_an_isbn_makes_up_for_a_missing_author() -> None:
    """Title and number agree, and nobody is named who could disagree."""
    tracker = shelf(TrackedBook(1, "Salt Roads", "Mira Holt", ISBN_10))

    assert ("link", 1) == outcome(tracker.match(heard("Salt Roads", isbn=ISBN_13)))


def test_two_books_with_one_isbn_are_a_conflict() -> None:
    """Nobody tosses a coin between two records of one number."""
    tracker = shelf(
        TrackedBook(1, "Salt Roads", "Mira Holt", ISBN_10),
        TrackedBook(2, "Salt Roads", "Mira Holt", ISBN_13),
    )

    for query in (
        heard("Salt Roads", "Mira Holt", isbn=ISBN_13),
        heard("Salt Roads", "Mira Holt"),
    ):
        decision = tracker.match(query)
        assert (Verdict.AMBIGUOUS, None) == (decision.verdict, decision.book_id)
        assert {1, 2} == {found.book_id for found in decision.candidates}


def test_twins_that_nothing_separates_are_one_book() -> None:
    """Two records of one book: either is right, and always the same one is taken."""
    entries = (("Salt Roads", "Mira Holt"), ("Salt Roads", "Holt, Mira"))

    first, again = (
        shelf(*entries).match(heard("Salt Roads", "Mira Holt")) for _ in "ab"
    )

    assert first.book_id is not None
    assert first == again


def test_unlike_books_under_one_main_title_are_ambiguous() -> None:
    """Two subtitles that say different things are two books until a human says so."""
    tracker = shelf(
        ("Salt Roads: How the Winter Trade Changed Northern Europe", "Mira Holt"),
        ("Salt Roads: Thirty Recipes from a Cold Mountain Kitchen", "Mira Holt"),
    )

    decision = tracker.match(heard("Salt Roads", "Mira Holt"))

    assert (Verdict.AMBIGUOUS, None) == (decision.verdict, decision.book_id)


@pytest.mark.parametrize(
    ("title", "isbn", "language", "linked"),
    [
        ("Luna (Crónicas de la costa, #1)", "", "english", None),
        ("Luna (Crónicas de la costa, #1)", "", "spanish", 1),
        ("Luna (Spanish Edition)", "", "english", None),
        ("Luna (Spanish Edition)", "", "", None),
        ("Luna: Geschichte für große Träumer ohne Geduld", "", "english", None),
        ("Lùna", "8439732473", "english", None),
        ("Luna", "", "german", 1),
    ],
)
def test_an_edition_in_another_language_goes_to_the_reader(
    title: str, isbn: str, language: str, linked: int | None
) -> None:
    """The language is read off the tracker's title where it has none of its own."""
    tracker = shelf(TrackedBook(1, title, "Mira Holt", isbn))

    assert (
        linked == tracker.match(heard("Luna", "Mira Holt", language=language)).book_id
    )


def test_another_language_is_told_by_the_article() -> None:
    """Der Idiot is not The Idiot, though the rest is spelled alike."""
    tracker = shelf(("The Idiot", "Mira Holt"))

    assert (
        tracker.match(heard("Der Idiot", "Mira Holt", language="german")).book_id
        is None
    )


@pytest.mark.parametrize(
    ("language", "linked"), [("English", 1), ("de", None), ("", 1)]
)
def test_a_stored_language_is_believed(language: str, linked: int | None) -> None:
    """Where the tracker knows the language, nothing is guessed."""
    tracker = shelf(TrackedBook(1, "Luna", "Mira Holt", language=language))

    assert (
        linked == tracker.match(heard("Luna", "Mira Holt", language="english")).book_id
    )


@pytest.mark.parametrize(("minutes", "linked"), [(600.0, 1), (590.0, 1), (200.0, None)])
def test_a_recording_of_a_third_the_length_goes_to_the_reader(
    minutes: float, linked: int | None
) -> None:
    """What is much shorter is an abridgement that does not say so."""
    tracker = shelf(TrackedBook(1, "Luna", "Mira Holt", runtime_min=605.0))

    assert (
        linked == tracker.match(heard("Luna", "Mira Holt", runtime_min=minutes)).book_id
    )


def test_the_length_tells_a_collection_from_its_title_story() -> None:
    """Seven hours are more than one story."""
    tracker = shelf(("The Overcoat and Other Stories", "Mira Holt"))

    found = [
        tracker.match(heard("The Overcoat", "Mira Holt", runtime_min=minutes)).book_id
        for minutes in (60.0, 420.0, None)
    ]

    assert [None, 1, None] == found


def test_the_narrator_chooses_between_two_recordings() -> None:
    """Of two records of one book the one with the heard voice is taken."""
    books = [
        TrackedBook(number, "Luna", "Mira Holt", narrators=(narrator,))
        for number, narrator in enumerate(("Ann Voice", "Bo Reader"), start=1)
    ]

    for number, narrator in enumerate(("Ann Voice", "Bo Reader"), start=1):
        query = heard("Luna", "Mira Holt", narrators=(narrator,))
        assert number == Matcher(books).match(query).book_id
        assert number == Matcher(reversed(books)).match(query).book_id


def test_another_narrator_is_still_the_same_book() -> None:
    """A book is not its recording."""
    tracker = shelf(TrackedBook(1, "Luna", "Mira Holt", narrators=("Ann Voice",)))

    assert (
        1 == tracker.match(heard("Luna", "Mira Holt", narrators=("Bo Reader",))).book_id
    )
