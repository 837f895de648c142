"""Other works of one name: adapted, about the work, another volume or a set of them."""

from dataclasses import replace

import pytest
from audible_core.matching import TitleQuery, TrackedBook

from tests.core.matching.shelf import Entry, heard, outcome, shelf

PLAIN = ("Stone Harbor", "Mira Holt")
OTHERS: dict[str, tuple[Entry, TitleQuery]] = {
    "a stage play by somebody else": (
        PLAIN,
        heard("Stone Harbor", "Ada Reed", "Mira Holt", subtitle="A Comedy in Two Acts"),
    ),
    "a retelling with a subtitle of its own": (
        ("Stone Harbor: The Long Road of the Salt Carriers", "Mira Holt"),
        heard(
            "Stone Harbor: What the Carriers Told Their Children",
            "Ada Reed",
            "Mira Holt",
        ),
    ),
    "a volume of a retelling": (
        TrackedBook(1, "Stone Harbor (Stone Harbor, #1)", "Mira Holt"),
        heard("Stone Harbor (Volume 1): The Salt Road", "Ada Reed", "Mira Holt"),
    ),
    "a companion for readers": (
        PLAIN,
        heard("Stone Harbor: A Reader's Companion", "Mira Holt"),
    ),
    "an adapted classic": (
        PLAIN,
        heard("Stone Harbor: An Adapted Classic", "Mira Holt"),
    ),
    "an edition for the stage": (
        PLAIN,
        heard("Stone Harbor: Acting Edition", "Mira Holt"),
    ),
    "a book for teachers": (PLAIN, heard("Stone Harbor: Teacher's Book", "Mira Holt")),
    "the history of the place": (
        TrackedBook(
            1, "The History of Stone Harbor (The History of Saland, #2)", "Mira Holt"
        ),
        heard("Stone Harbor", "Mira Holt"),
    ),
    "the history of the place, in Italian": (
        TrackedBook(1, "Storia della Laguna (Storia della Salandia, #2)", "Mira Holt"),
        heard("Laguna", "Mira Holt"),
    ),
    "a collection of somebody else": (
        ("The Complete Short Stories of Mira Holt", "Jan Vos, Mira Holt"),
        heard("The Complete Short Stories of Ada Reed", "Ada Reed", "Jan Vos"),
    ),
    "an illustrated version": (
        ("Stone Harbor: A New History of the Salt Road", "Mira Holt"),
        heard("Stone Harbor: An Illustrated New History of the Salt Road", "Mira Holt"),
    ),
    "two volumes that are explained": (
        ("Stone Harbor: Iron Gate: The Official Prelude to the Film", "Mira Holt"),
        heard("Stone Harbor: Salt Road: The Official Prelude to the Film", "Mira Holt"),
    ),
    "two volumes with long names": (
        TrackedBook(
            1, "Help! Is This Really All My Own Fault? (Salt Roads, #1)", "Mira Holt"
        ),
        heard(
            "Help! Nobody in This Town Talks to Me!",
            "Mira Holt",
            series_title="Salt Roads",
            series_sequence="2",
        ),
    ),
    "one half of a volume": (
        ("Stone Harbor VII - Tome 1 of 2", "Mira Holt"),
        heard("Stone Harbor VII - Tome 2 of 2", "Mira Holt"),
    ),
    "a volume of years": (
        PLAIN,
        heard("Stone Harbor (Volume 2: 1962-1994)", "Mira Holt"),
    ),
    "the novel of a comic, which one series counts": (
        ("Stone Harbor: The Lost Lamp (Stone Harbor #2)", "Ada Reed, Mira Holt"),
        heard(
            "Stone Harbor Vol. 2",
            "Mira Holt",
            series_title="Stone Harbor",
            series_sequence="2",
        ),
    ),
    "numbers and nothing else": (
        ("Stone Harbor (Bk. 1)", "Mira Holt"),
        heard("Stone Harbor (Bk. 2)", "Mira Holt"),
    ),
    "a volume of a set": (
        TrackedBook(1, "Stone Harbor (Salt Roads, #1-2)", "Mira Holt"),
        heard(
            "Stone Harbor",
            "Mira Holt",
            subtitle="A Long Way Home for the Salt Carriers",
            series_title="Salt Roads",
            series_sequence="1",
        ),
    ),
    "one of two persons in the other's title": (
        ("Stone Harbor: Ewald and Maj", "Mira Holt"),
        heard("Stone Harbor: Maj", "Mira Holt"),
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_work_is_asked_about(name: str) -> None:
    """It has the title and the author, and is something else."""
    book, title = OTHERS[name]

    assert outcome(shelf(book).match(title)) == ("low_confidence", None)


def test_the_work_itself_is_linked_whoever_comes_first() -> None:
    """Two authors come in any order, and a tracker may know one of them."""
    tracker = shelf(PLAIN)

    assert outcome(tracker.match(heard("Stone Harbor", "Ada Reed", "Mira Holt"))) == (
        "link",
        1,
    )


def test_who_goes_on_with_a_series_may_come_first() -> None:
    """The shop names the series' author alone; an adaptation is counted elsewhere."""
    book = ("Stone Harbor (Salt Roads, #20)", "Ada Reed, Mira Holt")
    title = heard("Stone Harbor", "Mira Holt", series_title="Salt Roads")
    counted = replace(title, series_sequence="20")

    assert outcome(shelf(book).match(title)) == ("low_confidence", None)
    assert outcome(shelf(book).match(counted)) == ("link", 1)


def test_an_abridged_recording_need_not_say_so_in_its_title() -> None:
    """The shop knows it; a tracker that has the abridged text has this one."""
    title = heard("Stone Harbor", "Mira Holt", is_abridged=True)
    abridged = ("Stone Harbor (Abridged)", "Mira Holt")

    assert outcome(shelf(PLAIN).match(title)) == ("low_confidence", None)
    assert outcome(shelf(abridged).match(title)) == ("link", 1)


def test_a_set_that_has_one_title_is_itself() -> None:
    """Shops count a set by its last volume."""
    tracker = shelf(TrackedBook(1, "Stone Harbor (Salt Roads, #0.1-0.5)", "Mira Holt"))
    title = heard(
        "Stone Harbor", "Mira Holt", series_title="Salt Roads", series_sequence="0.5"
    )

    assert outcome(tracker.match(title)) == ("link", 1)


def test_two_editions_exchange_the_small_words_of_a_subtitle() -> None:
    """They tell no works apart."""
    tracker = shelf(("Salt and Iron: The Pathway to Surrender", "Mira Holt"))
    title = heard("Salt and Iron: The Pathway of Surrender", "Mira Holt")

    assert outcome(tracker.match(title)) == ("link", 1)


def test_a_rank_before_a_surname_is_no_given_name() -> None:
    """As it is with "Sir" and "Lady"."""
    assert outcome(shelf(PLAIN).match(heard("Stone Harbor", "Countess Holt"))) == (
        "link",
        1,
    )
