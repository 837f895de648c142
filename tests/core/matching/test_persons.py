"""Persons instead of strings."""

import pytest
from audible_core.matching.persons import written_by

from tests.core.matching.shelf import heard, outcome, shelf

SAME = {
    "surname first": ("Holt, Mira", "Mira Holt"),
    "surname first in Audible": ("Mira Holt", "Holt, Mira"),
    "surname first without a comma": ("Holt Mira", "Mira Holt"),
    "a particle behind the comma": ("Botton, Alain de", "Alain de Botton"),
    "fused words": ("Alain de Botton", "Alainde Botton"),
    "initials without dots": ("J.R.R. Holtkien", "JRR Holtkien"),
    "initials against given names": ("John Ronald Holtkien", "J. R. Holtkien"),
    "a missing middle name": ("Mary Vance Holt", "Mary Holt"),
    "a middle initial": ("Lawrence C. Holt", "Lawrence Holt"),
    "a short form": ("Anthony Holt", "Tony Holt"),
    "a short form of old": ("William Holt", "Wm. Holt"),
    "an honor before, a number behind": ("Dalan Holt XIV", "His Holiness Dalan Holt"),
    "another short form": ("Frances Holt", "Fanny Holt"),
    "the real name in brackets": ("Mirabell", "Mirabell (Mira Holt)"),
    "a rank": ("Mira A. Holt", "General Mira Holt"),
    "diacritics": ("Gabriel García Ibáñez", "Gabriel Garcia Ibanez"),
    "transliteration": ("Fyodor Dostoyevsky", "Fjodor Dostojewski"),
    "Cyrillic": ("Лев Голт", "Lev Golt"),
    "a title of honor": ("Bruce Holt", "Dr. Bruce Holt"),
    "a degree": ("Bruce Holt", "Bruce Holt PhD"),
    "a degree with periods": ("Bruce A. Holt", "Bruce Holt Ph.D."),
    "another degree": ("Bruce A. Holt", "Bruce Holt PsyD"),
    "a suffix": ("Robert Holt Jr.", "Robert Holt"),
    "one of several": ("Ada Finch, Mira Holt", "Ada Finch"),
    "an initial that is a particle elsewhere": ("Daniel Holt", "D. Holt"),
    "a given name spelled alike": ("Alexander Holtmann", "Alexandr Holtmann"),
    "an honor for a name": ("Mohandas Holt", "Mahatma Holt"),
    "a slip of the pen": ("Mirabella Holtmann", "Mirabela Holtmann"),
    "an organization": ("Harbor Business Review", "Harbor Business Review"),
    "the name that a book is published under": ("Holtguru", "Mira Holt (Holtguru)"),
    "a single name": ("Homer", "Homer"),
    "an initial before the comma": ("E. Holt, H.R. Vance", "E. Holt"),
    "a saint": ("Saint Mirabell", "St. Mirabell"),
    "a saint of a place": ("Mirabell of Hollow, Jay Finch", "Saint Mirabell"),
    "a number and an honor": ("Mira Holt XIV", "His Holiness the Mira Holt"),
}
OTHER = {
    "same surname": ("Peter Holt", "Mira Holt"),
    "other initials": ("J. A. Holt", "J. B. Holt"),
    "same given name": ("Mira Vance", "Mira Holt"),
    "nobody in particular": ("Various", "Various Authors"),
    "a translator only": ("Jay Finch", "Jay Finch - translator"),
}


@pytest.mark.parametrize(("tracked", "audible"), SAME.values(), ids=SAME)
def test_one_person_written_in_two_ways_is_one(tracked: str, audible: str) -> None:
    """A title and a person that agree make a link, however the name is written."""
    tracker = shelf(("The Iron Lantern", tracked))

    assert ("link", 1) == outcome(tracker.match(heard("The Iron Lantern", audible)))


@pytest.mark.parametrize(
    ("tracked", "audible"),
    [pair for name, pair in OTHER.items() if name[:2] != "a "],
    ids=str,
)
def test_another_person_is_another_book(tracked: str, audible: str) -> None:
    """An equal title alone never links."""
    tracker = shelf(("The Iron Lantern", tracked))

    assert tracker.match(heard("The Iron Lantern", audible)).book_id is None


def test_translators_are_set_aside() -> None:
    """Who translated, introduced or edited does not make it another book."""
    tracker = shelf(("The Iron Lantern", "Mira Holt, Jay Finch"))
    query = heard(
        "The Iron Lantern",
        "Jay Finch - translator",
        "Mira Holt",
        "Ada Roe MD - foreword",
    )

    assert ("link", 1) == outcome(tracker.match(query))


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (("Jules Verne", "Lewis Mercier - translator"), ("Jules Verne",)),
        (("Jane Öberg", "Émile Roy - traducteur"), ("Jane Öberg",)),
        (("Ada Roe - editor", "Mira Holt"), ("Ada Roe", "Mira Holt")),
        (("Ada Roe (Editor)",), ("Ada Roe",)),
        (("Jay Finch - translator",), ("Jay Finch",)),
        (("Mira Holt with Jay Finch",), ("Mira Holt with Jay Finch",)),
        (("Mira Holt-Finch", "Mira Holt-Finch"), ("Mira Holt-Finch",)),
        ((), ()),
    ],
)
def test_authors_are_shown_as_people_write_them(
    told: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    """Roles are set aside, and so are those who have another one than writing."""
    assert written_by(told) == shown


def test_a_shared_translator_is_no_shared_author() -> None:
    """One translator works for many authors."""
    tracker = shelf(("The Iron Lantern", "Jay Finch"))
    query = heard("The Iron Lantern", "Mira Holt", "Jay Finch - translator")

    assert tracker.match(query).book_id is None


def test_several_persons_may_be_given_one_by_one() -> None:
    """A tracker that keeps persons apart needs no commas."""
    tracker = shelf(("The Iron Lantern", "Ada Finch; Mira Holt"))

    assert ("link", 1) == outcome(
        tracker.match(heard("The Iron Lantern", "Ada Finch", "Mira Holt"))
    )
