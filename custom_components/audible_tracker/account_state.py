"""Pure: what is known of one account, and how each answer of Audible changes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from .core.models import Asin, AudibleTitle, Chapter, Position
from .core.progress import Progress, chapter_at, under_way


@dataclass(frozen=True, slots=True)
class TitleChapters:
    """Chapters of one recording, told from others by its runtime.

    Empty where Audible has none, so that it is not asked again.
    """

    runtime_ms: int | None
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class AccountState:
    """One account as last seen; ``library_synced_at`` is aware UTC.

    ``has_asked_positions`` is False until the positions of this library were asked for.
    """

    titles: tuple[AudibleTitle, ...]
    library_synced_at: datetime
    positions: Mapping[Asin, Position] = field(default_factory=dict)
    chapters: Mapping[Asin, TitleChapters] = field(default_factory=dict)
    under_way: tuple[Progress, ...] = ()
    has_asked_positions: bool = False

    def progress_of(self, asin: Asin) -> Progress | None:
        """Return the progress of a title under way, else None."""
        return next((item for item in self.under_way if item.title.asin == asin), None)

    def title_of(self, asin: Asin) -> AudibleTitle | None:
        """Return a title of the library, else None."""
        return next((title for title in self.titles if title.asin == asin), None)

    def chapter_of(self, progress: Progress) -> Chapter | None:
        """Return the chapter that is being heard, where both are known."""
        known = self.chapters.get(progress.title.asin)
        if known is None or progress.position_ms is None:
            return None
        return chapter_at(known.chapters, progress.position_ms)


def with_library(
    state: AccountState | None, titles: Iterable[AudibleTitle], *, synced_at: datetime
) -> AccountState:
    """Return the state after a library sync; what left the library is forgotten."""
    kept = tuple(titles)
    asins = {title.asin for title in kept}
    return AccountState(
        titles=kept,
        library_synced_at=synced_at,
        positions=_only(state.positions, asins) if state else {},
        chapters=state.chapters if state else {},
        under_way=state.under_way if state else (),
    )


def with_positions(
    state: AccountState,
    positions: Mapping[Asin, Position],
    *,
    now: datetime,
    within_days: int,
) -> AccountState:
    """Return the state after positions were asked for, also if none came."""
    known = {**state.positions, **positions}
    progresses = under_way(state.titles, known, now=now, within_days=within_days)
    asins = {progress.title.asin for progress in progresses}
    return replace(
        state,
        positions=known,
        chapters=_only(state.chapters, asins),
        under_way=progresses,
        has_asked_positions=True,
    )


def refreshed(state: AccountState, *, now: datetime, within_days: int) -> AccountState:
    """Return a stored state with the titles that are under way by today's rules."""
    progresses = under_way(
        state.titles, state.positions, now=now, within_days=within_days
    )
    return replace(state, under_way=progresses)


def with_chapters(
    state: AccountState, title: AudibleTitle, chapters: tuple[Chapter, ...]
) -> AccountState:
    """Return the state with the chapters of one title."""
    entry = TitleChapters(title.runtime_ms, chapters)
    return replace(state, chapters={**state.chapters, title.asin: entry})


def chapters_wanted(state: AccountState) -> tuple[AudibleTitle, ...]:
    """Return the titles under way whose recording's chapters are not known."""
    return tuple(
        progress.title
        for progress in state.under_way
        if not _has_chapters(state, progress.title)
    )


def _has_chapters(state: AccountState, title: AudibleTitle) -> bool:
    known = state.chapters.get(title.asin)
    return known is not None and known.runtime_ms == title.runtime_ms


def _only[T](entries: Mapping[Asin, T], asins: Iterable[Asin]) -> dict[Asin, T]:
    wanted = set(asins)
    return {asin: entry for asin, entry in entries.items() if asin in wanted}
