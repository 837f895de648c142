"""How shops and catalogs write titles; each was met in real ones."""

import pytest
from audible_core.matching import TitleQuery

from tests.core.matching.shelf import heard, outcome, shelf

HARBOR = ("Stone Harbor", "Mira Holt")


@pytest.mark.parametrize(
    "title",
    [
        "Stone Harbor (Hindi Edition)",
        "Stone Harbor: Marathi Edition",
        "Stone Harbor [Hindi]",
        "Stone Harbor (Spanish)",
        "Stone Harbor [In Japanese Language]",
        "Stone Harbor (Catalan Edition)",
    ],
)
def test_an_edition_in_another_language_is_asked_about(title: str) -> None:
    """Whatever language it is, and whether "Edition" is said or not."""
    decision = shelf(HARBOR).match(heard(title, "Mira Holt"))
    assert outcome(decision) == ("low_confidence", None)
    assert "language_differs" in decision.candidates[0].evidence


def test_a_language_in_brackets_is_no_obstacle_where_both_have_it() -> None:
    """The tracker's edition is the one that is heard."""
    tracker = shelf(("Stone Harbor (Hindi)", "Mira Holt"))
    decision = tracker.match(heard("Stone Harbor (Hindi Edition)", "Mira Holt"))
    assert outcome(decision) == ("link", 1)


@pytest.mark.parametrize("role", ["Ada Reed - adaptation", "Ada Reed - adaptor"])
def test_an_adapter_beside_the_author_makes_another_work(role: str) -> None:
    """Nothing else may say that the recording is not the book itself."""
    decision = shelf(HARBOR).match(heard("Stone Harbor", "Mira Holt", role))
    assert outcome(decision) == ("low_confidence", None)
    assert "kind_differs" in decision.candidates[0].evidence


@pytest.mark.parametrize(
    ("masked", "written"),
    [
        ("Calm the F--k Down", "Calm the F*ck Down"),
        ("Calm the F@#k Down", "Calm the Fuck Down"),
        ("UnF*ck Yourself", "Unfuck Yourself"),
        ("Bullsh*t Work", "Bullshit Work"),
        ("Get Your S**t Together", "Get Your Sh!t Together"),
    ],
)
def test_masked_words_are_what_they_stand_for(masked: str, written: str) -> None:
    """Each shop masks other letters, with other signs, also inside a word."""
    decision = shelf((written, "Mira Holt")).match(heard(masked, "Mira Holt"))
    assert outcome(decision) == ("link", 1)


def test_two_dashes_between_words_mask_nothing() -> None:
    """They part a title from its subtitle."""
    tracker = shelf(("Salt of Paris: The Trip", "Mira Holt"))
    assert outcome(tracker.match(heard("Salt of Paris--The Trip", "Mira Holt"))) == (
        "link",
        1,
    )


def test_a_times_sign_is_an_x() -> None:
    """As in manga titles."""
    tracker = shelf(("Cook x Family, Vol. 2", "Mira Holt"))
    assert outcome(tracker.match(heard("COOK\u00d7FAMILY 2", "Mira Holt"))) == (
        "link",
        1,
    )


@pytest.mark.parametrize(
    ("title", "subtitle"),
    [
        ("Salt Season", "The Quest for the Tide, Part 2 (Of Cats and Ships, Book 4)"),
        ("Salt Season", "Salt Season, Volumes 1 and 2"),
        ("Salt Season", "Salt Season 1"),
        ("Salt Season", "Originally Published as Do Sailors Dream of Sheep?"),
    ],
)
def test_the_same_text_is_the_same_book(title: str, subtitle: str) -> None:
    """Wherever the colon stands: one text is read one way."""
    tracker = shelf((f"{title}: {subtitle}", "Mira Holt"))
    query = heard(title, "Mira Holt", subtitle=subtitle, language="english")
    assert outcome(tracker.match(query)) == ("link", 1)


def test_two_equal_authors_make_up_for_a_first_one_spelled_otherwise() -> None:
    """An adaptation does not share two persons with the work."""
    tracker = shelf(
        ("The Book of Salt: A Long Talk", "Holt Lama XIV, Desmond Reed, Ada Abrams")
    )
    query = heard(
        "The Book of Salt", "His Holiness the Lama", "Desmond Reed", "Ada Abrams"
    )
    assert outcome(tracker.match(query)) == ("link", 1)


def test_a_story_is_not_the_anthology() -> None:
    """One of the many persons wrote the story that the tracker's book names."""
    tracker = shelf(("Saltpunk: The Barker of Wheat Street", "Kevin Reed"))
    query = heard("Saltpunk", "Mira Holt", "Rob Thorne", "Kevin Reed", "and others")
    decision = tracker.match(query)
    assert outcome(decision) == ("low_confidence", None)
    assert "tail_other_works" in decision.candidates[0].evidence


def test_words_of_a_short_volume_title_do_not_make_it_the_other_one() -> None:
    """Two volumes' titles share words; only a beginning is said by both."""
    tracker = shelf(("Harbor: The Last of the Lost Years, Vol. 1", "Mira Holt"))
    query = heard("Harbor: The Lost Years, Volume 1", "Mira Holt")
    assert outcome(tracker.match(query)) == ("low_confidence", None)


def test_packs_of_a_series_are_counted() -> None:
    """A publisher's pack holds some volumes; another number holds others."""
    tracker = shelf(
        ("Stone Harbor: Publisher's Pack 2", "Mira Holt"),
        ("Stone Harbor: Publisher's Pack, Books 1 & 2", "Mira Holt"),
    )
    for number, expected in (("2", 1), ("3", None), (", Books 1 & 2", 2)):
        query = heard(
            "Stone Harbor", "Mira Holt", subtitle=f"Publisher's Pack {number}"
        )
        assert tracker.match(query).book_id == expected


def test_books_of_one_title_that_a_series_counts_are_not_the_same() -> None:
    """Where only the number tells them apart, it has to be equal."""
    tracker = shelf(
        *((f"Found in Town (A Town Romance, #{n})", "Mira Holt") for n in (2, 3))
    )
    query = heard("Found in Town", "Mira Holt", subtitle="A Town Romance, Vol. {}")
    for number, expected in ((3, ("link", 2)), (4, ("ambiguous", None))):
        asked = heard(query.title, "Mira Holt", subtitle=query.subtitle.format(number))
        assert outcome(tracker.match(asked)) == expected


def test_the_play_is_not_the_scripts() -> None:
    """A subtitle "The Original Play" names a stage play, and no sort of book."""
    tracker = shelf(("Fleabite: The Scripts", "Mira Holt"))
    query = heard("Fleabite", "Mira Holt", subtitle="The Original Play")
    assert outcome(tracker.match(query)) == ("low_confidence", None)


def test_a_title_in_two_languages_is_not_the_original() -> None:
    """A translation may begin with the title of the original."""
    tracker = shelf(("A Game of Bones (A Song of Salt and Sand, #1)", "Mira Holt"))
    query = heard(
        "Game of Bones - Das Lied von Salz und Sand 2", "Mira Holt", language="german"
    )
    assert outcome(tracker.match(query)) == ("low_confidence", None)


@pytest.mark.parametrize("place", ["Die Salz-Werke, Band 2", "Die Salz-Werke 2"])
def test_a_series_in_the_title_is_known_from_its_own_field(place: str) -> None:
    """German titles end with "Series, Band 2", which elsewhere counts the text."""
    tracker = shelf(("Das Salz-Manifest (Die Salz-Chroniken, #2)", "Mira Holt"))
    query = heard(
        f"Das Salz-Manifest: {place}",
        "Mira Holt",
        series_title="Die Salz-Werke",
        series_sequence="2",
    )
    assert outcome(tracker.match(query)) == ("link", 1)


def test_an_equal_number_excuses_the_name_of_the_volume() -> None:
    """The tracker calls the second book by its number only."""
    tracker = shelf(
        ("Saltland (Saltland, #1)", "Mira Holt"),
        ("Saltland 2.0 (Saltland Saga, #2)", "Mira Holt"),
    )
    query = heard(
        "Saltland 2.0 - Kikis Geheimnis: Saltland - Band 2",
        "Mira Holt",
        series_title="Saltland",
        series_sequence="2",
    )
    assert outcome(tracker.match(query)) == ("link", 2)


def test_a_comic_that_names_both_authors_is_not_their_novel() -> None:
    """Its own first person is somebody else, while theirs agrees."""
    tracker = shelf(
        ("Stone Talisman (Volume 1): Road of Salt", "Robin Furth, A B, C D")
    )
    query = heard("Stone Talisman", "A B", "C D", series_sequence="1")
    assert tracker.match(query).book_id is None


def test_a_comic_shares_the_name_of_the_volume() -> None:
    """Series and volume in its title do not make up for another first person."""
    tracker = shelf(("The Salt Tower: The Gunner", "Robin Furth, Stephan Holt"))
    query = heard("The Salt Tower: The Gunner", "Stephan Holt")
    assert tracker.match(query).book_id is None


def test_a_long_subtitle_excuses_an_author_who_is_left_out() -> None:
    """No adaptation repeats it."""
    subtitle = "Talks about Trauma, Resilience, Healing and Salt"
    tracker = shelf((f"What Happened: {subtitle}", "Bruce Reed, Mira Holt"))
    query = heard("What Happened", "Mira Holt", subtitle=subtitle)
    assert outcome(tracker.match(query)) == ("link", 1)


@pytest.mark.parametrize(("minutes", "expected"), [(320, None), (420, 1)])
def test_only_a_long_recording_may_be_the_collection(
    minutes: int, expected: int | None
) -> None:
    """A title story alone can take more than five hours."""
    tracker = shelf(("I Am Salt and Other Stories", "Mira Holt"))
    query = heard("I Am Salt", "Mira Holt", runtime_min=minutes)
    assert tracker.match(query).book_id == expected


def test_long_subtitles_that_differ_are_two_countries_of_one_book() -> None:
    """Whether the shop has the subtitle in its own field or behind the title."""
    tracker = shelf(
        ("The Courage to Sail: The Island Phenomenon That Shows How to Live", "A Holt")
    )
    subtitle = "How to Free Yourself and Change Your Whole Life"
    assert outcome(
        tracker.match(heard("The Courage to Sail", "A Holt", subtitle=subtitle))
    ) == ("link", 1)
    assert outcome(
        tracker.match(heard(f"The Courage to Sail: {subtitle}", "A Holt"))
    ) == ("link", 1)


def test_the_whole_title_goes_before_another_subtitle() -> None:
    """The record that says the same is meant, not the one that says something else."""
    tracker = shelf(
        ("The Five Harbors: How to Keep a Heartfelt Promise at Sea", "Mira Holt"),
        ("The Five Harbors: The Secret to Salt That Lasts", "Mira Holt"),
    )
    query = heard("The Five Harbors: The Secret to Salt That Lasts", "Mira Holt")
    assert outcome(tracker.match(query)) == ("link", 2)


def test_a_graphic_history_is_a_comic() -> None:
    """Not only novels are drawn."""
    tracker = shelf(("Salt: A Brief History of the Kitchen and the Sea", "Mira Holt"))
    query = heard("Salt: A Graphic History of the Kitchen and the Harbor", "Mira Holt")
    assert outcome(tracker.match(query)) == ("low_confidence", None)


def test_a_sibling_who_wrote_with_the_author_may_be_left_out() -> None:
    """The shop names the second of two authors of one surname."""
    tracker = shelf(
        ("Switch: How to Change the Tide When It Is Hard", "Ann Holt, Mira Holt")
    )
    assert outcome(tracker.match(heard("Switch", "Mira Holt"))) == ("link", 1)


def test_nobody_on_both_sides_is_one_author() -> None:
    """Old texts have no author; one that is not named may be anybody."""
    tracker = shelf(
        ("The Saga of the Salt People", "Anonymous"), ("Go Sail", "Various")
    )
    for others in ((), ("Ada Reed - translator",)):
        saga = heard("The Saga of the Salt People", "Anonymous", *others)
        assert outcome(tracker.match(saga)) == ("link", 1)
    saga = heard("The Saga of the Salt People", "Anonymous", "Ada Reed")
    assert tracker.match(saga).book_id is None
    assert tracker.match(heard("Go Sail", "Various Authors")).book_id is None
    assert tracker.match(heard("The Saga of the Salt People")).book_id is None


def test_an_epilogue_is_a_piece_of_the_book() -> None:
    """It is sold by itself."""
    tracker = shelf(("The Viscount of Salt (Harbors, #2)", "Mira Holt"))
    for title in (
        "The Viscount of Salt: The 2nd Epilogue",
        "The Viscount of Salt: Bonus Chapter",
    ):
        assert tracker.match(heard(title, "Mira Holt")).book_id is None


def test_a_backtick_is_an_apostrophe() -> None:
    """Some readers type it; nothing else in the title is unusual."""
    tracker = shelf(("Surely You`re Sailing, Mr. Holt!", "Mira Reed"))
    query = heard("Surely You're Sailing, Mr. Holt!", "Mira Reed")
    assert outcome(tracker.match(query)) == ("link", 1)


def test_a_word_said_again_is_no_other_language() -> None:
    """An English "no" is a Spanish one as well."""
    tracker = shelf(("Learn to Sail: No Guilt. No Wind. No BS. Just Salt", "Mira Holt"))
    query = heard("Learn to Sail", "Mira Holt", language="english")
    assert outcome(tracker.match(query)) == ("link", 1)


def test_one_word_that_another_language_has_too_tells_no_language() -> None:
    """A French "son" is an English one as well."""
    tracker = shelf(("Salten Son (Red Tide Saga, #2)", "Mira Holt"))
    query = heard(
        "Salten Son",
        "Mira Holt",
        subtitle="Book II of the Red Tide Trilogy",
        language="english",
    )
    assert outcome(tracker.match(query)) == ("link", 1)


@pytest.mark.parametrize(
    ("entry", "query"),
    [
        (
            "Stone Harbor",
            heard("Stone Harbor V", "Mira Holt", subtitle="Tides and Tales, Book 5"),
        ),
        ("Stone Harbor V (Tides and Tales, #5)", heard("Stone Harbor", "Mira Holt")),
    ],
)
def test_a_number_behind_the_title_counts_for_both_or_not_at_all(
    entry: str, query: TitleQuery
) -> None:
    """The fifth volume is not the first, though its series says the same number."""
    decision = shelf((entry, "Mira Holt")).match(query)
    assert outcome(decision) == ("low_confidence", None)


def test_a_number_behind_the_title_may_stand_in_the_series() -> None:
    """There both sides count alike."""
    tracker = shelf(("Stone Harbor (Stone Harbor, #5)", "Mira Holt"))
    query = heard("Stone Harbor V", "Mira Holt", subtitle="Stone Harbor, Book 5")
    assert outcome(tracker.match(query)) == ("link", 1)


def test_a_series_that_is_recorded_is_not_its_first_volume() -> None:
    """The recording is counted as the first, and holds three of the volumes."""
    volumes = [
        ("Stone Harbor, Vol. 1: Sand & Salt", "Mira Holt"),
        ("Stone Harbor, Vol. 2: Tide", "Mira Holt"),
    ]
    series = {"series_title": "Stone Harbor", "series_sequence": "1"}
    whole = heard("Stone Harbor", "Mira Holt", "Ada Reed", **series)
    assert outcome(shelf(*volumes).match(whole)) == ("low_confidence", None)
    first = heard("Stone Harbor, Vol. 1", "Mira Holt", **series)
    assert outcome(shelf(*volumes).match(first)) == ("link", 1)


def test_volumes_called_as_their_series_are_told_apart_by_the_number() -> None:
    """The tracker has no other volume yet that would show what the title is."""
    series = "Stone Harbor: Remastered Edition"
    tracker = shelf((f"Stone Harbor ({series}, #1)", "Mira Holt"))
    for number, linked in (("1", ("link", 1)), ("2", ("low_confidence", None))):
        query = heard(
            "Stone Harbor", "Mira Holt", series_title=series, series_sequence=number
        )
        assert outcome(tracker.match(query)) == linked


@pytest.mark.parametrize("edition", ["Rev Ed.", "Updated and Expanded", "2nd ed."])
def test_an_edition_is_known_in_short(edition: str) -> None:
    """Shops leave the word out, or most of it."""
    tracker = shelf(("Stone Harbor: How Ports Were Built and Who Paid", "Mira Holt"))
    query = heard(f"Stone Harbor {edition}", "Mira Holt")
    assert outcome(tracker.match(query)) == ("link", 1)


@pytest.mark.parametrize(
    ("title", "entry"),
    [
        ("Salt &amp; The Sea", "Salt & The Sea"),
        ("Harborst&ouml;rm", "Harborstörm"),
        ("Salt; Sand & Sea", "Salt; Sand & Sea"),
    ],
)
def test_signs_may_be_written_out(title: str, entry: str) -> None:
    """A list that was read off a page has them so."""
    decision = shelf((entry, "Mira Holt")).match(heard(title, "Mira Holt"))
    assert outcome(decision) == ("link", 1)
