"""What an Audible title says beyond the book and nobody explains goes to the reader."""

import pytest
from audible_core.matching import TitleQuery, TrackedBook

from tests.core.matching.shelf import Entry, heard, outcome, shelf

PLAIN = ("Stone Harbor", "Mira Holt")
OTHERS = [
    "Season Two", "Staffel 2", "2. Staffel", "Die komplette 2. Staffel", "Saison 3",
    "Temporada 2", "Act II", "Series 2", "Audio Bible Studies",
    "Chapter 1", "The Return", "The Finale", "The Second Half", "Live", "Extras",
    "The Trilogy", "Trilogie", "Die komplette Trilogie", "Three Novels",
    "Gesammelte Werke", "Collection", "Ein Theaterstück", "Pièce de théâtre", "Opera",
    "Documentary", "Behind the Scenes", "Audio Course", "Kids Version",
    "A Picture Book", "Board Book", "für junge Leser", "Kinderausgabe", "Retold",
    "A Modern Retelling", "Eine Nacherzählung", "In Modern English", "A Parody",
    "Kurzfassung", "Selections", "Highlights", "Auszüge", "Extraits", "A Sampler",
    "First Chapters", "Deleted Scenes", "Commentary", "A Critical Study", "Analyse",
    "A Reader's Guide", "An Unofficial Guide", "Quiz Book", "A Fan Fiction",
    "A Dual Language Book",
]  # fmt: skip
LANGUAGES = [
    "Edición en español", "Edición española", "en español", "Version française",
    "édition française", "auf Deutsch", "Deutsche Ausgabe", "Edizione italiana",
    "Edição em português", "Tamil Version", "Spanish Edition",
]  # fmt: skip
EDITIONS = [
    "(Int'l Edit.)", "(Wiley Trading Audio)", "(Narración en Castellano)",
    "(Ungekürzte Lesung)", "(Autorenlesung)", "(Lettura integrale)",
    "(Narración íntegra)", "(A Salt Council Book)", "[Saland Version]", "(A Novel)",
    "(Harbor Town Series)",
]  # fmt: skip


@pytest.mark.parametrize("words", OTHERS + LANGUAGES)
@pytest.mark.parametrize("pattern", ["Stone Harbor: {}", "Stone Harbor ({})"])
def test_a_title_that_says_more_is_not_linked(words: str, pattern: str) -> None:
    """Another season, a retelling, an excerpt, an edition in another language."""
    decision = shelf(PLAIN).match(heard(pattern.format(words), "Mira Holt"))

    assert outcome(decision) == ("low_confidence", None)


@pytest.mark.parametrize("words", OTHERS + LANGUAGES)
def test_nor_is_one_whose_subtitle_says_it(words: str) -> None:
    """A subtitle of one or two words names something, and explains nothing."""
    decision = shelf(PLAIN).match(heard("Stone Harbor", "Mira Holt", subtitle=words))

    assert outcome(decision) == ("low_confidence", None)


@pytest.mark.parametrize("bracket", EDITIONS)
def test_editions_and_series_in_brackets_are_explained(bracket: str) -> None:
    """They say nothing of the text."""
    decision = shelf(PLAIN).match(heard(f"Stone Harbor {bracket}", "Mira Holt"))

    assert outcome(decision) == ("link", 1)


EXPLAINED: dict[str, tuple[Entry, TitleQuery]] = {
    "by Audible's series": (
        PLAIN,
        heard("Stone Harbor (Salt)", "Mira Holt", series_title="The Salt Saga"),
    ),
    "by the tracker's series": (
        ("Stone Harbor (Salt Roads, #1)", "Mira Holt"),
        heard("Stone Harbor (Salt Roads)", "Mira Holt"),
    ),
    "by the tracker's subtitle": (
        ("Stone Harbor: Salt Roads", "Mira Holt"),
        heard("Stone Harbor (Salt Roads)", "Mira Holt"),
    ),
    "as the English title": (
        ("Der Steinhafen", "Mira Holt"),
        heard("Der Steinhafen (The Harbor of Stone)", "Mira Holt", language="german"),
    ),
    "as a long explanation": (
        PLAIN,
        heard("Stone Harbor (How a Whole Town Found Its Salt Again)", "Mira Holt"),
    ),
    "as a subtitle of some words": (
        PLAIN,
        heard("Stone Harbor", "Mira Holt", subtitle="Pequeños pasos, grandes mareas"),
    ),
    "as the edition's revision": (
        ("Stone Harbor: How Towns Find Salt", "Mira Holt"),
        heard("Stone Harbor: How Towns Find Salt, Revised and Updated", "Mira Holt"),
    ),
    "as years in short": (
        ("Stone Harbor: A Town at War, 1936-45", "Mira Holt"),
        heard("Stone Harbor: A Town at War, 1936-1945", "Mira Holt"),
    ),
}


@pytest.mark.parametrize("pair", EXPLAINED.values(), ids=EXPLAINED)
def test_what_is_explained_is_linked(pair: tuple[Entry, TitleQuery]) -> None:
    """By either side, or by its length."""
    book, query = pair

    assert outcome(shelf(book).match(query)) == ("link", 1)


def test_the_series_of_the_authors_other_book_explains_a_bracket() -> None:
    """The tracker knows it, though not for this book."""
    tracker = shelf(PLAIN, ("Quarry (Salt Roads, #2)", "Mira Holt"))

    decision = tracker.match(heard("Stone Harbor (Salt Roads)", "Mira Holt"))

    assert outcome(decision) == ("link", 1)


@pytest.mark.parametrize(
    "query",
    [
        heard("Stone Harbor: The Long Night of the Grey Herring Boats", "Mira Holt"),
        heard("Stone Harbor (The Long Night of the Grey Herring Boats)", "Mira Holt"),
        heard(
            "Stone Harbor",
            "Mira Holt",
            subtitle="The Long Night of the Grey Herring Boats",
        ),
        heard(
            "Stone Harbor",
            "Mira Holt",
            subtitle="With the Long Night of the Grey Herring Boats",
        ),
    ],
)
def test_two_works_of_the_author_are_no_book_of_one(query: TitleQuery) -> None:
    """However long the second title is: the tracker has it as a book."""
    other = ("The Long Night of the Grey Herring Boats", "Mira Holt")

    assert outcome(shelf(PLAIN, other).match(query)) == ("low_confidence", None)
    assert outcome(shelf(PLAIN).match(query)) == ("link", 1)


NOT_THE_BOOK: dict[str, tuple[Entry, TitleQuery]] = {
    "a short title and its explanation": (
        PLAIN,
        heard(
            "Stone Harbor: Salt Origins: The Official Story before the Famous Film",
            "Mira Holt",
        ),
    ),
    "the book told again": (
        ("Salt Roads Harder (Salt Roads, #2)", "Mira Holt"),
        heard("Harder: Salt Roads Harder as Told by the Ferryman", "Mira Holt"),
    ),
    "half of a volume": (
        ("Stone Harbor (Salt Roads, #5, Part 1)", "Mira Holt"),
        heard("Stone Harbor, Book 5", "Mira Holt"),
    ),
    "an article that its noun swallowed": (
        ("L'Ickabou", "Mira Holt"),
        heard("The Ickabou", "Mira Holt"),
    ),
    "another language's and": (
        ("Tristan und Isolde", "Mira Holt"),
        heard("Tristan and Isolde", "Mira Holt"),
    ),
    "an edition in the title's language": (
        ("The Stone Morning: How to Find Your Salt before Dawn", "Mira Holt"),
        heard(
            "Stone Morning (German edition): Die Stunde, die alles ändert", "Mira Holt"
        ),
    ),
    "a language that only the subtitle tells": (
        ("Stone Manifesto: How to Get Things Right", "Mira Holt"),
        heard(
            "Stone Manifesto",
            "Mira Holt",
            subtitle="Wie Sie die Dinge in den Griff bekommen",
        ),
    ),
}


@pytest.mark.parametrize("pair", NOT_THE_BOOK.values(), ids=NOT_THE_BOOK)
def test_what_is_not_the_book_is_asked_about(pair: tuple[Entry, TitleQuery]) -> None:
    """Found on shelves of books that nobody here had seen."""
    book, query = pair

    assert outcome(shelf(book).match(query)) == ("low_confidence", None)


def test_somebody_known_by_a_given_name_alone_is_asked_about() -> None:
    """A single name is not enough to link, nor to make the book anew."""
    tracker = shelf(TrackedBook(1, "Stone Harbor (Salt Roads, #2)", "Mira Holt"))

    assert outcome(tracker.match(heard("Stone Harbor", "Mira"))) == (
        "low_confidence",
        None,
    )
