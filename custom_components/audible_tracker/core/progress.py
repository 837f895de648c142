"""Pure: how far a title was heard, and which titles are worth asking for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .models import Asin, AudibleTitle, Chapter, Position

_NEVER_TRACKED: Final = ("PodcastParent", "PodcastSeason", "Periodical", "BookSeries")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one title was heard. None means unknown, never zero.

    ``percent`` is 0.0 to 100.0.
    """

    position_ms: int | None
    percent: float | None


def progress_of(title: AudibleTitle, position: Position | None) -> Progress:
    """Return the progress: position by runtime, else Audible's percentage.

    The percentage follows the players' statistics and not the position, so that the
    position wins whenever there is one (audible-api reference, section 4.3).
    """
    if position is None:
        return Progress(None, title.percent_complete)
    percent = title.percent_complete
    if title.runtime_ms:
        percent = min(100.0, 100.0 * position.position_ms / title.runtime_ms)
    return Progress(position.position_ms, percent)


def titles_to_ask(
    titles: Iterable[AudibleTitle], known: Mapping[Asin, Position], *, limit: int
) -> tuple[Asin, ...]:
    """Return the titles whose position may have moved, likeliest first.

    Finished ones and those that are no audio are left out; so are never started ones,
    except for the newest purchases: a position does not move the percentage.
    """
    candidates = [title for title in titles if _can_move(title)]
    started = [title for title in candidates if _is_started(title, known)]
    rest = [title for title in candidates if not _is_started(title, known)]
    started.sort(key=lambda title: _last_sign_of_life(title, known), reverse=True)
    rest.sort(key=lambda title: _last_sign_of_life(title, known), reverse=True)
    return tuple(title.asin for title in (*started, *rest)[:limit])


def chapter_at(chapters: Sequence[Chapter], position_ms: int) -> Chapter | None:
    """Return the innermost chapter that holds the position.

    The last one also holds what lies past its end.
    """
    index = chapter_index(chapters, position_ms)
    return None if index is None else chapters[index]


def chapter_index(chapters: Sequence[Chapter], position_ms: int) -> int | None:
    """Return which of the chapters that is, from 0; None without any."""
    begun = [
        index
        for index, chapter in enumerate(chapters)
        if chapter.start_ms <= position_ms
    ]
    return begun[-1] if begun else None


def _can_move(title: AudibleTitle) -> bool:
    return (
        title.is_finished is not True
        and title.content_delivery_type not in _NEVER_TRACKED
    )


def _is_started(title: AudibleTitle, positions: Mapping[Asin, Position]) -> bool:
    position = positions.get(title.asin)
    if position is not None and position.position_ms > 0:
        return True
    return bool(title.percent_complete)


def _last_sign_of_life(
    title: AudibleTitle, positions: Mapping[Asin, Position]
) -> float:
    position = positions.get(title.asin)
    instants = (
        position.updated_at if position else None,
        title.status_changed_at,
        title.purchased_at,
    )
    return max((instant.timestamp() for instant in instants if instant), default=0.0)
