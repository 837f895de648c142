"""Pure: what is written into a file, in the words of each container.

Audiobookshelf, Plex, Apple Books and Libation read these. The narrator is the
composer there, the album is the book.
"""

from collections.abc import Sequence
from typing import Any, Final

from audible_core.models import Chapter
from mutagen import id3

from audible_server.conversion.facts import Facts

_GENRE: Final = "Audiobook"
_AUDIOBOOK: Final = 2
_SHORT_TEXT: Final = 255
_FREE: Final = "----:com.apple.iTunes:"
_LANGUAGES: Final = {
    "danish": "dan",
    "dutch": "nld",
    "english": "eng",
    "french": "fra",
    "german": "deu",
    "italian": "ita",
    "japanese": "jpn",
    "portuguese": "por",
    "spanish": "spa",
    "swedish": "swe",
}


def texts_of(facts: Facts) -> dict[str, str]:
    """Return the facts by the names that all programs share; unknown ones are left out.

    These stand as they are in an Opus file, and as free texts in the others.
    """
    series = facts.main_series
    texts = {
        "TITLE": facts.title,
        "SUBTITLE": facts.subtitle,
        "ALBUM": facts.title,
        "ARTIST": ", ".join(facts.authors),
        "ALBUMARTIST": ", ".join(facts.authors),
        "COMPOSER": ", ".join(facts.narrators),
        "NARRATOR": ", ".join(facts.narrators),
        "SERIES": series.title if series else None,
        "SERIES-PART": series.sequence if series else None,
        "ASIN": facts.asin,
        "AUDIBLE_ASIN": facts.asin,
        "ISBN": facts.isbn,
        "LANGUAGE": facts.language,
        "PUBLISHER": facts.publisher,
        "DATE": facts.day,
        "DESCRIPTION": facts.description,
        "GENRE": _GENRE,
    }
    return {name: text for name, text in texts.items() if text}


def mp4_tags(facts: Facts) -> dict[str, list[Any]]:
    """Return the tags of an M4B as mutagen takes them."""
    texts = texts_of(facts)
    series = facts.main_series
    known: dict[str, list[Any]] = {
        key: [texts[name]]
        for key, name in (
            ("\xa9nam", "TITLE"), ("\xa9alb", "ALBUM"), ("\xa9ART", "ARTIST"),
            ("aART", "ALBUMARTIST"), ("\xa9wrt", "COMPOSER"), ("\xa9nrt", "NARRATOR"),
            ("\xa9gen", "GENRE"), ("\xa9day", "DATE"), ("\xa9pub", "PUBLISHER"),
            ("\xa9cmt", "DESCRIPTION"), ("ldes", "DESCRIPTION"), ("CDEK", "ASIN"),
        )
        if name in texts
    }  # fmt: skip
    known["stik"] = [_AUDIOBOOK]
    if facts.description:
        known["desc"] = [facts.description[:_SHORT_TEXT]]
    if series is not None:
        known["\xa9mvn"] = [series.title]
        known["\xa9grp"] = [_grouped(facts)]
        known["shwm"] = [1]
        if (series.sequence or "").isdecimal():
            known["\xa9mvi"] = [int(series.sequence or 0)]
    free = ("SUBTITLE", "NARRATOR", "SERIES", "SERIES-PART", "ASIN", "AUDIBLE_ASIN",
            "ISBN", "LANGUAGE", "PUBLISHER")  # fmt: skip
    return known | {
        f"{_FREE}{name}": [texts[name].encode()] for name in free if name in texts
    }


def id3_frames(facts: Facts, chapters: Sequence[Chapter]) -> list[Any]:
    """Return the frames of an MP3 as mutagen takes them."""
    texts = texts_of(facts)
    frames: list[Any] = [
        make(encoding=3, text=texts[name])
        for make, name in (
            (id3.TIT2, "TITLE"), (id3.TIT3, "SUBTITLE"), (id3.TALB, "ALBUM"),
            (id3.TPE1, "ARTIST"), (id3.TPE2, "ALBUMARTIST"), (id3.TCOM, "COMPOSER"),
            (id3.TCON, "GENRE"), (id3.TDRC, "DATE"), (id3.TPUB, "PUBLISHER"),
            (id3.MVNM, "SERIES"), (id3.MVIN, "SERIES-PART"),
        )
        if name in texts
    ]  # fmt: skip
    if facts.description:
        frames.append(id3.COMM(encoding=3, lang="eng", desc="", text=facts.description))
    language = _LANGUAGES.get((facts.language or "").lower())
    if language:
        frames.append(id3.TLAN(encoding=3, text=language))
    free = ("NARRATOR", "SERIES", "SERIES-PART", "ASIN", "AUDIBLE_ASIN", "ISBN",
            "LANGUAGE")  # fmt: skip
    frames += [
        id3.TXXX(encoding=3, desc=name, text=texts[name])
        for name in free
        if name in texts
    ]
    return frames + _chapter_frames(chapters)


def vorbis_comments(facts: Facts, chapters: Sequence[Chapter]) -> dict[str, str]:
    """Return the comments of an Opus file."""
    comments = texts_of(facts)
    for number, chapter in enumerate(chapters):
        comments[f"CHAPTER{number:03}"] = _clock(chapter.start_ms)
        comments[f"CHAPTER{number:03}NAME"] = chapter.title
    return comments


def _grouped(facts: Facts) -> str:
    series = facts.main_series
    if series is None:
        return ""
    return f"{series.title} #{series.sequence}" if series.sequence else series.title


def _chapter_frames(chapters: Sequence[Chapter]) -> list[Any]:
    names = [f"ch{number}" for number, _ in enumerate(chapters)]
    frames: list[Any] = [
        id3.CHAP(
            element_id=name,
            start_time=chapter.start_ms,
            end_time=chapter.start_ms + chapter.length_ms,
            # No places in bytes: the times count.
            start_offset=0xFFFFFFFF,
            end_offset=0xFFFFFFFF,
            sub_frames=[id3.TIT2(encoding=3, text=chapter.title)],
        )
        for name, chapter in zip(names, chapters, strict=True)
    ]
    if names:
        top_and_ordered = id3.CTOCFlags.TOP_LEVEL | id3.CTOCFlags.ORDERED
        frames.append(
            id3.CTOC(
                element_id="toc",
                flags=top_and_ordered,
                child_element_ids=names,
                sub_frames=[],
            )
        )
    return frames


def _clock(position_ms: int) -> str:
    seconds, rest_ms = divmod(position_ms, 1000)
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours:02}:{minutes:02}:{seconds % 60:02}.{rest_ms:03}"
