"""What stands behind a title and names another work, or another volume of it."""

import pytest
from audible_core.matching import TitleQuery, TrackedBook

from tests.core.matching.shelf import Entry, heard, outcome, shelf

PLAIN = ("Stone Harbor", "Mira Holt")
FULL = ("Stone Harbor: The Power of Salt", "Mira Holt")
ADAPTED = [
    "Stone Harbor: The Graphic Novel",
    "Stone Harbor (Manga)",
    "Stone Harbor: Der Comic",
    "Stone Harbor: Le roman graphique",
    "Stone Harbor: La novela gráfica",
    "Stone Harbor: El cómic",
    "Stone Harbor: Il fumetto",
    "Stone Harbor. La bande dessinée",
    "Stone Harbor (BD)",
    "Stone Harbor: The Card Game",
    "Stone Harbor: The Official Cookbook",
    "Stone Harbor: The Sequel",
    "Stone Harbor: For Teens",
    "Stone Harbor (The Young Adult Adaptation)",
    "Stone Harbor (adaptación gráfica)",
]
WITH_OTHERS = [
    "and Other Stories",
    "und andere Erzählungen",
    "et autres nouvelles",
    "y otros cuentos",
    "e altri racconti",
    "e outros contos",
]
ANOTHER_VOLUME: dict[str, tuple[Entry, TitleQuery]] = {
    "a number behind the title": (PLAIN, heard("Stone Harbor, Vol. 4", "Mira Holt")),
    "and the subtitle of the whole": (
        FULL,
        heard("Stone Harbor, Vol. 4", "Mira Holt", subtitle="The Power of Salt"),
    ),
    "a number before that subtitle": (
        FULL,
        heard("Stone Harbor", "Mira Holt", subtitle="Vol. 2: The Power of Salt"),
    ),
    "two numbers with one subtitle": (
        ("Stone Harbor, Vol. 3: The Power of Salt", "Mira Holt"),
        heard("Stone Harbor, Vol. 4", "Mira Holt", subtitle="The Power of Salt"),
    ),
    "a roman number behind a question": (
        ("What Happened at Sea? Talks on Salt", "Mira Holt"),
        heard("What Happened at Sea? II", "Mira Holt", subtitle="Talks on Salt"),
    ),
    "the title revisited": (
        PLAIN,
        heard("Stone Harbor", "Mira Holt", subtitle="Revisited"),
    ),
    "beyond the title": (PLAIN, heard("Beyond Stone Harbor", "Mira Holt")),
    "how it was made": (
        PLAIN,
        heard("Stone Harbor", "Mira Holt", subtitle="The Making of a Classic"),
    ),
}


@pytest.mark.parametrize("title", ADAPTED)
def test_what_was_made_after_a_book_is_another_book(title: str) -> None:
    """Comics, games and sequels bear the name of the work that they come from."""
    assert "link" != outcome(shelf((title, "Mira Holt")).match(heard(*PLAIN)))[0]
    assert "link" != outcome(shelf(PLAIN).match(heard(title, "Mira Holt")))[0]


@pytest.mark.parametrize("others", WITH_OTHERS)
def test_a_title_story_is_not_its_collection(others: str) -> None:
    """Whether it is said in the title or beside it, in whatever language."""
    title = f"Stone Harbor {others}"
    beside = heard("Stone Harbor", "Mira Holt", subtitle=others)

    assert "link" != outcome(shelf(PLAIN).match(heard(title, "Mira Holt")))[0]
    assert "link" != outcome(shelf(PLAIN).match(beside))[0]
    assert "link" != outcome(shelf((title, "Mira Holt")).match(heard(*PLAIN)))[0]
    assert ("link", 1) == outcome(shelf((title, "Mira Holt")).match(beside))


@pytest.mark.parametrize(
    ("entry", "query"), ANOTHER_VOLUME.values(), ids=ANOTHER_VOLUME
)
def test_another_volume_is_never_linked(entry: Entry, query: TitleQuery) -> None:
    """A number that only one side has is a question, whatever else agrees."""
    assert outcome(shelf(entry).match(query))[0] != "link"


def test_a_number_that_a_series_explains_is_linked() -> None:
    """The tracker says beside the title that the book is this volume of a series."""
    book = TrackedBook(
        book_id=1,
        title="Stone Harbor",
        authors="Mira Holt",
        series_title="Quarry",
        series_sequence="4",
    )

    assert ("link", 1) == outcome(
        shelf(book).match(heard("Stone Harbor, Vol. 4", "Mira Holt"))
    )


def test_other_people_in_a_subtitle_are_no_other_works() -> None:
    """Only what follows the title at once, or is called stories, is a work."""
    tracker = shelf(
        ("Stone Harbor: How Masons and Other Tradesmen Built a Town", "Mira Holt")
    )

    assert ("link", 1) == outcome(tracker.match(heard(*PLAIN)))


def test_an_adaptation_that_says_how_is_that_kind() -> None:
    """One catalog writes "Dramatized Adaptation", the other "Dramatized"."""
    tracker = shelf(("Stone Harbor (Dramatized)", "Mira Holt"))
    title = heard("Stone Harbor [Dramatized Adaptation]", "Mira Holt")

    assert ("link", 1) == outcome(tracker.match(title))


def test_the_first_of_a_series_that_bears_its_name_is_linked() -> None:
    """A description behind the name, on the tracker's side alone, changes nothing."""
    tracker = shelf(
        (
            "Stone Harbor: A Mason Explores Hidden Sides of Walls (Stone Harbor, #1)",
            "Mira Holt",
        )
    )

    assert ("link", 1) == outcome(tracker.match(heard(*PLAIN)))


def test_a_letter_in_brackets_is_a_part_of_the_title() -> None:
    """It is too short to be said beside the title."""
    tracker = shelf(("The Harbor [E] (Quarry, #1)", "Mira Holt"))

    assert ("link", 1) == outcome(tracker.match(heard("The Harbor E", "Mira Holt")))
