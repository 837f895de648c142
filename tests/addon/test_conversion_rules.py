"""Chapters, names and tags of conversions: pure, with every input there may be."""

from datetime import date
from pathlib import PurePosixPath

import pytest
from audible_core.errors import InvalidValueError
from audible_core.models import Asin, Chapter, SeriesPlace
from hypothesis import given
from hypothesis import strategies as st

from audible_server.conversion.args import copy_args, encode_args
from audible_server.conversion.chapters import (
    Cut,
    cue_sheet,
    cut_without_brand,
    ffmetadata,
    shifted,
)
from audible_server.conversion.choices import Target
from audible_server.conversion.facts import Facts
from audible_server.conversion.names import (
    SEGMENT_BYTES_MAX,
    part_name,
    path_of,
    safe_name,
)
from audible_server.conversion.tags import mp4_tags, texts_of, vorbis_comments
from audible_server.options import NAME_FIELDS
from audible_server.settings import RULES

ASIN = Asin("B0RULES001")
DEFAULT = "{author}/{series}/{title} [{asin}]"
FACTS = Facts(
    asin=ASIN,
    title="The Valley: of Fear",
    authors=("Arthur Conan Doyle", "Somebody Else"),
    narrators=("Edmund Hartley",),
    series=(SeriesPlace("Sherlock Holmes", "7"),),
    released_on=date(2021, 5, 8),
)


@st.composite
def gapless(draw: st.DrawFn) -> list[Chapter]:
    """Return chapters as Audible sends them: from 0 on, without gaps."""
    lengths = draw(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=40))
    starts = [sum(lengths[:number]) for number in range(len(lengths))]
    pairs = zip(starts, lengths, strict=True)
    return [Chapter(f"C{start}", start, length) for start, length in pairs]


@given(gapless())
def test_chapters_of_all_stay_as_they_are(chapters: list[Chapter]) -> None:
    """Nothing moves by a millisecond where nothing is cut."""
    end_ms = chapters[-1].start_ms + chapters[-1].length_ms
    assert tuple(chapters) == shifted(chapters, Cut(0, end_ms))


@given(gapless(), st.data())
def test_shifted_chapters_fill_the_cut(
    chapters: list[Chapter], data: st.DataObject
) -> None:
    """They begin at 0, leave no gap, end with the sound, and keep their places."""
    end_ms = chapters[-1].start_ms + chapters[-1].length_ms
    start = data.draw(st.integers(0, end_ms - 1))
    cut = Cut(start, data.draw(st.integers(start + 1, end_ms)))
    found = shifted(chapters, cut)

    assert 0 == found[0].start_ms
    assert all(chapter.length_ms > 0 for chapter in found)
    ends = [chapter.start_ms + chapter.length_ms for chapter in found]
    assert [chapter.start_ms for chapter in found[1:]] == ends[:-1]
    assert cut.length_ms == ends[-1]
    places = {chapter.title: chapter.start_ms for chapter in chapters}
    for chapter in found[1:]:
        assert places[chapter.title] == chapter.start_ms + cut.start_ms


def test_nested_chapters_that_overlap_leave_no_gap() -> None:
    """A part that spans its chapters is heard until the first of them begins."""
    chapters = [
        Chapter("Part One", 0, 10_000),
        Chapter("Part One: Chapter 1", 4_000, 3_000),
        Chapter("Part One: Chapter 2", 7_000, 3_000),
    ]
    assert (
        Chapter("Part One", 0, 4_000),
        Chapter("Part One: Chapter 1", 4_000, 3_000),
        Chapter("Part One: Chapter 2", 7_000, 3_000),
    ) == shifted(chapters, Cut(0, 10_000))
    assert () == shifted([], Cut(0, 10_000))


@given(st.integers(1, 10**9), st.integers(-5, 10**9), st.integers(-5, 10**9))
def test_brand_never_takes_the_book(duration: int, intro: int, outro: int) -> None:
    """Numbers that make no sense cut nothing."""
    cut = cut_without_brand(duration, intro_ms=intro, outro_ms=outro)
    assert 0 <= cut.start_ms < cut.end_ms <= duration
    assert cut.length_ms * 2 > duration


@given(st.text(max_size=40))
def test_chapter_names_stay_on_their_line(title: str) -> None:
    """Whatever a chapter is called, it adds no line and no key."""
    text = ffmetadata([Chapter(title, 0, 1_000)])
    assert 6 == len(text.split("\n")) - 1
    sheet = cue_sheet(
        [Chapter(title, 61_500, 1_000)], file_name="a.m4b", title=title, author=title
    )
    assert 6 == len(sheet.split("\n")) - 1
    assert "    INDEX 01 01:01:37" in sheet


def test_template_makes_folders_and_leaves_out_what_is_unknown() -> None:
    """Author, series and title; a book of no series lies in its author's folder."""
    where = "Arthur Conan Doyle/Sherlock Holmes/The Valley - of Fear [B0RULES001]"
    assert where == path_of(FACTS, DEFAULT)
    alone = Facts(asin=ASIN, title="Walden")
    assert "Unknown author/Walden [B0RULES001]" == path_of(alone, DEFAULT)
    assert "Walden" == path_of(alone, "{series} {sequence} - {title} ({year})")


TEXTS = st.text(max_size=200)


@given(TEXTS, TEXTS, TEXTS, st.sampled_from(NAME_FIELDS), st.sampled_from("/ -.#"))
def test_no_title_leaves_the_folder(
    title: str, author: str, series: str, field: str, sign: str
) -> None:
    """Whatever the shop sends, the path stays below the library and can be written."""
    facts = Facts(ASIN, title, authors=(author,), series=(SeriesPlace(series, series),))
    path = path_of(facts, f"{{author}}{sign}{{series}}/{{{field}}}{sign}{{title}}")

    assert not PurePosixPath(path).is_absolute()
    for name in path.split("/"):
        assert 0 < len(name.encode()) <= SEGMENT_BYTES_MAX + len(" (book)")
        assert name not in {".", ".."}
        assert name == name.strip()
        assert not set(name) & set('<>:"\\|?*\0\n')
        assert not name.startswith(".")


@pytest.mark.parametrize("name", ["CON", "aux.m4b", "Nul", "com1", "LPT9.x"])
def test_names_that_windows_keeps_for_itself_are_changed(name: str) -> None:
    """A share may be looked at from anywhere."""
    assert safe_name(name).endswith("(book)")


def test_long_names_are_cut_between_characters() -> None:
    """No character is cut in two, and nothing ends in a blank."""
    name = safe_name("Ä" * 200)
    assert name == "Ä" * (SEGMENT_BYTES_MAX // 2)


def test_parts_sort_in_their_order() -> None:
    """As many digits as the last one needs."""
    assert "001 - Opening" == part_name(1, 120, "Opening")
    assert "07" == part_name(7, 9, "///")


@pytest.mark.parametrize(
    "template",
    ["", "/{title}", "{title}/", "../{title}", "{x}", "{title", "a\\{title}", "fixed"],
)
def test_template_of_nonsense_is_refused(template: str) -> None:
    """The sentence says what may stand there."""
    from audible_server.options import checked

    with pytest.raises(InvalidValueError, match="author"):
        checked({"convert_name": RULES["convert_name"]}, {"convert_name": template})


def test_tags_are_in_the_words_that_players_read() -> None:
    """The narrator is the composer, the album is the book, the series is a movement."""
    tags = mp4_tags(FACTS)
    assert [FACTS.title] == tags["\xa9alb"] == tags["\xa9nam"]
    assert ["Edmund Hartley"] == tags["\xa9wrt"] == tags["\xa9nrt"]
    assert [["Sherlock Holmes"], [7]] == [tags["\xa9mvn"], tags["\xa9mvi"]]
    assert [b"7"] == tags["----:com.apple.iTunes:SERIES-PART"]
    assert ["2021-05-08"] == tags["\xa9day"]
    assert [2] == tags["stik"]


def test_odd_places_in_a_series_stay_text() -> None:
    """2.5 and 1-3 are no whole numbers, and are not rounded to one."""
    facts = Facts(ASIN, "x", series=(SeriesPlace("S", "2.5"),))
    tags = mp4_tags(facts)
    assert "\xa9mvi" not in tags
    assert "2.5" == texts_of(facts)["SERIES-PART"]


def test_chapters_of_opus_have_their_clock() -> None:
    """Milliseconds are kept."""
    comments = vorbis_comments(FACTS, [Chapter("One", 3_723_004, 1_000)])
    assert "01:02:03.004" == comments["CHAPTER000"]
    assert "One" == comments["CHAPTER000NAME"]


def test_no_key_is_among_the_arguments(tmp_path: PurePosixPath) -> None:
    """All sound comes from stdin."""
    from pathlib import Path

    for argv in (
        copy_args("mov", None, Path("/a/b.m4b")),
        encode_args("aac", Target.MP3, 64, Path("/a/b.mp3")),
    ):
        assert "pipe:0" in argv
        assert not {"-audible_key", "-activation_bytes", "-decryption_key"} & set(argv)
