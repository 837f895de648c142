"""Pure: what entities show of a title: where listening stands, and what it is."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from .core.decisions.figures import ReaderFigures
from .core.decisions.overview import AccountOverview, ReaderOverview
from .core.matching.persons import written_by
from .core.models import Asin, AudibleTitle, Chapter
from .core.stats import days_left, finishes_on
from .core.store.overview import UnderWay

STATE_MAX: Final = 255
"""No state is longer."""

_MS_PER_S: Final = 1000
_MS_PER_MINUTE: Final = 60_000


@dataclass(frozen=True, slots=True)
class Heard:
    """A title under way, and the figures of who hears it."""

    under_way: UnderWay
    figures: ReaderFigures

    @property
    def percent(self) -> float | None:
        """Return how much was heard; None means unknown, never zero."""
        percent = self.under_way.percentage
        return None if percent is None else round(percent, 2)

    @property
    def minutes_left(self) -> int | None:
        """Return what is left at normal speed."""
        return minutes(self.under_way.rest_ms)

    @property
    def days_left(self) -> float | None:
        """Return in how many days of the listener's own pace it is heard."""
        left = days_left(self.under_way.rest_ms, self.figures.pace_ms_per_day)
        return None if left is None else round(left, 1)

    @property
    def finishes_on(self) -> date | None:
        """Return on which day that is."""
        figures = self.figures
        return finishes_on(
            self.under_way.rest_ms, figures.pace_ms_per_day, today=figures.today
        )

    @property
    def position_s(self) -> int | None:
        """Return where listening stands."""
        position_ms = self.under_way.position_ms
        return None if position_ms is None else position_ms // _MS_PER_S

    @property
    def chapter(self) -> Chapter | None:
        """Return the chapter of the position."""
        return self.under_way.chapter

    @property
    def chapter_name(self) -> str | None:
        """Return its name."""
        chapter = self.chapter
        return chapter.title[:STATE_MAX] if chapter else None

    @property
    def chapter_number(self) -> int | None:
        """Return its place among the chapters, from 1."""
        chapter, chapters = self.chapter, self.under_way.chapters or ()
        return chapters.index(chapter) + 1 if chapter else None

    @property
    def whereabouts(self) -> dict[str, Any]:
        """Return what changes while listening; ``time_left`` in minutes."""
        return {
            "position": None if self.position_s is None else clock(self.position_s),
            "time_left": self.minutes_left,
            "chapter": self.chapter_name,
            "last_heard_at": self.under_way.moved_at,
        }


def heard_now(reader: ReaderOverview) -> Heard | None:
    """Return what a reader heard last, of what is under way."""
    now = reader.reading_now
    return Heard(now, reader.figures) if now else None


def heard_title(overview: AccountOverview, asin: Asin) -> Heard | None:
    """Return a title as who heard it last did; None once it is not under way."""
    for heard in overview.under_way:
        reader = overview.reader(heard.reader_id)
        if heard.title.asin == asin and reader is not None:
            return Heard(heard, reader.figures)
    return None


def facts(title: AudibleTitle) -> dict[str, Any]:
    """Return what stays; ``runtime`` in minutes."""
    runtime_ms = title.runtime_ms
    return {
        "author": ", ".join(written_by(title.authors)) or None,
        "narrator": ", ".join(title.narrators) or None,
        "series": _series(title),
        "runtime": None if runtime_ms is None else runtime_ms // _MS_PER_MINUTE,
        "asin": title.asin,
        "cover": title.cover_url,
    }


def minutes(value_ms: int | None) -> int | None:
    """Return milliseconds as whole minutes."""
    return None if value_ms is None else round(value_ms / _MS_PER_MINUTE)


def _series(title: AudibleTitle) -> str | None:
    places = (
        f"{place.title} {place.sequence}" if place.sequence else place.title
        for place in title.series
    )
    return ", ".join(places) or None


def clock(position_s: int) -> str:
    """Return the position as h:mm:ss, as players show it."""
    minutes_, seconds = divmod(position_s, 60)
    hours, minutes_ = divmod(minutes_, 60)
    return f"{hours}:{minutes_:02}:{seconds:02}"
