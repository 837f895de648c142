"""How far a title was heard, and which titles are worth asking for."""

from datetime import UTC, datetime, timedelta

from audible_core.models import Asin, AudibleTitle, Chapter, Position
from audible_core.progress import (
    chapter_at,
    progress_of,
    titles_to_ask,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR_MS = 3_600_000


def _title(number: int = 1, **members: object) -> AudibleTitle:
    return AudibleTitle(
        asin=Asin(f"B{number:09}"),
        title=f"Title {number}",
        **{"runtime_ms": 10 * HOUR_MS, **members},  # type: ignore[arg-type]
    )


def _position(number: int, position_ms: int, days_ago: float = 0) -> Position:
    updated_at = NOW - timedelta(days=days_ago)
    return Position(Asin(f"B{number:09}"), position_ms, updated_at)


def test_position_wins_over_percentage() -> None:
    """The percentage lags behind; a position of one hour in ten is ten percent."""
    progress = progress_of(_title(percent_complete=0.0), _position(1, HOUR_MS))
    assert progress.percent == 10.0


def test_percentage_is_used_where_there_is_no_position() -> None:
    """It is all there is."""
    progress = progress_of(_title(percent_complete=25.0), None)
    assert progress.percent == 25.0


def test_unknown_stays_unknown() -> None:
    """Nothing known is not zero."""
    progress = progress_of(_title(), None)
    assert progress.percent is None


def test_missing_runtime_keeps_the_percentage() -> None:
    """A position cannot be a percentage of an unknown length."""
    title = _title(runtime_ms=None, percent_complete=40.0)
    progress = progress_of(title, _position(1, HOUR_MS))
    assert progress.percent == 40.0


def test_position_past_the_end_is_one_hundred_percent() -> None:
    """The runtime is cut to whole minutes, positions are not."""
    progress = progress_of(_title(), _position(1, 11 * HOUR_MS))
    assert progress.percent == 100.0


def test_started_titles_are_asked_first_and_finished_ones_never() -> None:
    """The limited number of questions goes to where an answer is likely."""
    titles = [
        _title(1, purchased_at=NOW),
        _title(2, percent_complete=10.0, status_changed_at=NOW - timedelta(days=300)),
        _title(3, is_finished=True, percent_complete=99.0),
        _title(4, purchased_at=NOW - timedelta(days=5)),
    ]
    asked = titles_to_ask(titles, {}, limit=2)
    assert asked == ("B000000002", "B000000001")


def test_chapter_at_finds_the_innermost() -> None:
    """A part and its first chapter begin together; the chapter is meant."""
    chapters = (
        Chapter("Part One", 0, 10_000),
        Chapter("Chapter 1", 0, 6_000),
        Chapter("Chapter 2", 6_000, 4_000),
    )
    assert chapter_at(chapters, 100) == chapters[1]
    assert chapter_at(chapters, 6_000) == chapters[2]
    assert chapter_at(chapters, 99_000) == chapters[2]
    assert chapter_at((), 5) is None
