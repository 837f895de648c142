"""Short ways to write titles down."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from .titles import Chapter, Form, SeriesPlace, Title, nest_chapters, split_runtime

HOLMES: Final = ("B0SERHOLMS", "Sherlock Holmes")
DARK: Final = ("B0SERGOTHI", "Gothic Evenings")
VOYAGES: Final = ("B0SERVERNE", "Extraordinary Voyages")
SCIENCE_FICTION: Final = ("Science Fiction & Fantasy", "Science Fiction")
CHILDREN: Final = ("Children's Audiobooks", "Literature & Fiction")
CRIME: Final = ("Mystery, Thriller & Suspense", "Mystery", "Traditional Detectives")
HORROR: Final = ("Literature & Fiction", "Horror")
GERMAN: Final = ("Literatur & Belletristik", "Klassiker")
PODCAST: Final = ("Arts & Entertainment", "Literary History & Criticism")


def _ms(hours: int, minutes: int, seconds: int) -> int:
    # Not a whole second, and far from a full minute: rounding cannot hide a mistake.
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + 352


def place(series: tuple[str, str], sequence: str) -> SeriesPlace:
    return SeriesPlace(*series, sequence)


def numbered(word: str, count: int) -> tuple[str, ...]:
    return tuple(f"{word} {number}" for number in range(1, count + 1))


def isbn13(number: int) -> str:
    digits = f"97819999{number:04d}"
    check = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return f"{digits}{-check % 10}"


def book(
    asin: str,
    title: str | None,
    author: str | tuple[str, ...] | None,
    narrator: str | tuple[str, ...],
    runtime: tuple[int, int, int],
    chapters: int | Sequence[str],
    year: int = 2021,
) -> Title:
    """Return a book; the runtime is in hours, minutes and seconds."""
    runtime_ms = _ms(*runtime)
    names = numbered("Chapter", chapters) if isinstance(chapters, int) else chapters
    credits_ms = 14_976 if runtime_ms > 600_000 else 6_199
    return Title(
        asin=asin,
        title=title,
        authors=(author,) if isinstance(author, str) else author,
        narrators=(narrator,) if isinstance(narrator, str) else narrator,
        runtime_ms=runtime_ms,
        released_on=date(year, 1 + len(asin + (title or "")) % 12, 8),
        summary=(
            f"<p><b>{title or 'A lost work'}</b>, read in full.</p> "
            "<p>A simulated recording: the voice you hear is a tone.</p>"
        ),
        chapters=split_runtime(runtime_ms, names, seed=asin, credits_ms=credits_ms),
    )


def german(made: Title) -> Title:
    return replace(
        made, language="german", publisher="Laterne Hörverlag", genres=GERMAN
    )


def with_parts(made: Title, headings: Sequence[str]) -> Title:
    return replace(made, chapters=nest_chapters(made.chapters, headings))


def episode(number: int, name: str, minutes: int) -> Title:
    runtime_ms = _ms(0, minutes, 21)
    return Title(
        asin=f"B0EPIS{number:04d}",
        title=name,
        authors=None,
        narrators=("Clara Whitfield",),
        runtime_ms=runtime_ms,
        released_on=date(2026, 4 + number, 2),
        publisher="Lantern Podcasts",
        summary="<p>Half an hour with a book that everybody means to read.</p>",
        genres=PODCAST,
        content_type="Podcast",
        delivery_type="PodcastEpisode",
        form=Form.MPEG,
        chapters=(Chapter("Episode", 0, runtime_ms),),
        parent_asin="B0PODCLASS",
    )


def parent(asin: str, name: str, delivery_type: str, children: int) -> Title:
    return Title(
        asin=asin,
        title=name,
        authors=None,
        narrators=None,
        runtime_ms=None,
        released_on=date(2026, 5, 2),
        publisher="Lantern Podcasts",
        genres=PODCAST,
        content_type="Podcast" if delivery_type == "PodcastParent" else "Show",
        delivery_type=delivery_type,
        form=Form.NONE,
        child_asins=tuple(f"B0EPIS{n:04d}" for n in range(1, children + 1)),
    )
