"""What is written of an account can be read again."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.audible_tracker.account_state import (
    AccountState,
    TitleChapters,
    chapters_wanted,
    refreshed,
    with_chapters,
    with_library,
    with_positions,
)
from custom_components.audible_tracker.core.models import (
    Asin,
    AudibleTitle,
    Chapter,
    Position,
    SeriesPlace,
)
from custom_components.audible_tracker.stored_state import (
    DAMAGED,
    from_stored,
    to_stored,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FULL = AudibleTitle(
    asin=Asin("B000000001"),
    title="A title",
    subtitle="and more",
    authors=("One", "Two"),
    narrators=("Three",),
    series=(SeriesPlace("Series", "1-3"), SeriesPlace("Other")),
    runtime_ms=3_600_000,
    language="english",
    cover_url="https://example.com/cover.jpg",
    percent_complete=0.0,
    is_finished=False,
    status_changed_at=NOW - timedelta(days=1, microseconds=5),
    purchased_at=NOW - timedelta(days=400),
    content_type="Product",
    content_delivery_type="SinglePartBook",
    is_plus=True,
    is_consumable=False,
    codecs=("LC_64_22050_stereo",),
)
EMPTY = AudibleTitle(asin=Asin("B000000002"), title=None)
HALF_HOUR = Position(FULL.asin, 1_800_000, NOW - timedelta(hours=2))
CHAPTERS = (Chapter("One", 0, 1_000_000), Chapter("Two", 1_000_000, 2_600_000))


def listening() -> AccountState:
    """Return an account that listens to one of two titles."""
    state = with_library(None, (FULL, EMPTY), synced_at=NOW)
    state = with_positions(state, {FULL.asin: HALF_HOUR}, now=NOW, within_days=90)
    return with_chapters(state, FULL, CHAPTERS)


@pytest.mark.parametrize("state", [listening(), with_library(None, (), synced_at=NOW)])
def test_state_survives_the_file(state: AccountState) -> None:
    """All that is known comes back; what follows from it is worked out anew."""
    stored = json.loads(json.dumps(to_stored(state)))

    read = refreshed(from_stored(stored), now=NOW, within_days=90)

    assert read == state


@pytest.mark.parametrize(
    "damage",
    [
        {"titles": None},
        {"titles": [{"title": "without asin"}]},
        {"titles": [{"asin": "B000000001", "unknown": 1}]},
        {"library_synced_at": "yesterday"},
        {"positions": {"B000000001": [1]}},
        {"positions": []},
        {"chapters": {"B000000001": {}}},
    ],
)
def test_damaged_file_raises_what_is_expected(damage: dict[str, object]) -> None:
    """The reader raises nothing that the coordinator does not expect."""
    with pytest.raises(DAMAGED):
        from_stored({**to_stored(listening()), **damage})


def test_title_that_left_the_library_is_forgotten() -> None:
    """Its position goes with it, its chapters with the next poll."""
    state = with_library(listening(), (EMPTY,), synced_at=NOW)
    state = with_positions(state, {}, now=NOW, within_days=90)

    assert state.positions == {}
    assert state.chapters == {}
    assert state.under_way == ()


def test_new_library_asks_for_positions_again() -> None:
    """After each library sync all candidates are asked for."""
    state = with_library(listening(), (FULL,), synced_at=NOW)

    assert state.has_asked_positions is False
    assert (
        with_positions(state, {}, now=NOW, within_days=90).has_asked_positions is True
    )


def test_new_recording_needs_new_chapters() -> None:
    """Another runtime is another recording."""
    state = listening()
    assert chapters_wanted(state) == ()
    other = TitleChapters(FULL.runtime_ms, ())
    assert other != state.chapters[FULL.asin]

    longer = AudibleTitle(asin=FULL.asin, title="A title", runtime_ms=4_000_000)
    state = with_library(state, (longer,), synced_at=NOW)
    state = with_positions(state, {}, now=NOW, within_days=90)

    assert chapters_wanted(state) == (longer,)


def test_chapter_is_the_one_being_heard() -> None:
    """The position decides; without one there is no chapter."""
    state = listening()
    [progress] = state.under_way

    assert state.chapter_of(progress) == CHAPTERS[1]
    assert state.title_of(FULL.asin) == FULL
    assert state.title_of(Asin("B000000009")) is None
