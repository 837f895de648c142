"""Where a title begins, how far it goes back, and when a sleep timer ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from audible_core.models import Chapter
from audible_core.playing.choosing import (
    after_jump,
    chapters_end_ms,
    faded_volume,
    form_for,
    next_chapter_ms,
    previous_chapter_ms,
    resume_ms,
    rewind_ms,
    stops_in,
)
from audible_core.playing.session import AudioForm, AudioFormat, Phase, SleepTimer

from tests.core.playing.test_following import NOW, PLAYING

CHAPTERS = tuple(Chapter(f"Chapter {one}", one * 60_000, 60_000) for one in range(5))


def test_longer_pauses_go_further_back() -> None:
    """Who only answered the door has forgotten nothing."""
    pauses = [
        timedelta(0),
        *(timedelta(minutes=one) for one in (0.5, 5, 30, 300, 9999)),
    ]
    found = [rewind_ms(pause) for pause in pauses]

    assert [0, 3_000, 10_000, 15_000, 20_000, 30_000] == found


def test_a_pause_does_not_lead_back_over_a_chapters_beginning() -> None:
    """Who stopped there stopped there on purpose; what is asked for is done."""
    day = timedelta(days=2)

    assert 65_000 - 5_000 == resume_ms(65_000, CHAPTERS, paused=day)
    assert 115_000 - 30_000 == resume_ms(115_000, CHAPTERS, paused=day)
    assert 35_000 == resume_ms(65_000, CHAPTERS, paused=day, back_ms=30_000)
    assert 0 == resume_ms(5_000, (), paused=day)


@pytest.mark.parametrize(
    ("place_ms", "count", "expected"),
    [
        (10_000, 1, 60_000),
        (10_000, 2, 120_000),
        (58_000, 1, 120_000),
        (250_000, 9, 300_000),
    ],
)
def test_chapters_end(place_ms: int, count: int, expected: int) -> None:
    """One that is all but over is not counted, and no more than there are."""
    assert expected == chapters_end_ms(CHAPTERS, place_ms, count)


def test_without_chapters_none_ends() -> None:
    """Nothing is invented."""
    assert chapters_end_ms((), 10_000, 1) is None
    assert next_chapter_ms((), 10_000) is None
    assert 0 == previous_chapter_ms((), 10_000)


def test_going_from_chapter_to_chapter() -> None:
    """Back leads to the beginning first, and right after it to the one before."""
    assert 120_000 == next_chapter_ms(CHAPTERS, 70_000)
    assert next_chapter_ms(CHAPTERS, 290_000) is None
    assert 60_000 == previous_chapter_ms(CHAPTERS, 70_000)
    assert 0 == previous_chapter_ms(CHAPTERS, 61_000)


def test_form_fits_the_speaker() -> None:
    """MP3 is what every speaker plays; who cannot seek begins at the place."""

    def form(
        platform: str | None,
        wanted: AudioFormat | None = None,
        *,
        speed: float = 1.0,
        can_seek: bool = True,
    ) -> AudioForm:
        return form_for(
            platform, wanted=wanted, speed=speed, start_ms=5_000, can_seek=can_seek
        )

    assert AudioForm(AudioFormat.M4B) == form("mpd") == form(None)
    assert AudioForm(AudioFormat.MP3) == form("sonos")
    assert AudioForm(AudioFormat.M4B) == form("sonos", AudioFormat.M4B)
    assert AudioForm(AudioFormat.MP3, 5_000) == form("mpd", can_seek=False)
    assert AudioForm(AudioFormat.MP3, 0, 1.5) == form("mpd", speed=1.5)


def test_timer_ends_by_the_clock_or_at_a_place() -> None:
    """A chapter is over sooner where it is heard faster, and never while it rests."""
    minute = timedelta(minutes=1)

    assert minute == stops_in(PLAYING, SleepTimer(ends_at=NOW + minute), NOW)
    timer = SleepTimer(ends_ms=PLAYING.place_ms + 60_000)
    assert minute == stops_in(PLAYING, timer, NOW)
    faster = replace(PLAYING, form=AudioForm(AudioFormat.MP3, speed=1.5))
    assert timedelta(seconds=40) == stops_in(faster, timer, NOW)
    assert stops_in(replace(PLAYING, phase=Phase.PAUSED), timer, NOW) is None


def test_volume_fades_to_nothing() -> None:
    """In a straight line."""
    assert 0.4 == faded_volume(0.4, timedelta(seconds=90), 60)
    assert pytest.approx(0.2) == faded_volume(0.4, timedelta(seconds=30), 60)
    assert 0.0 == faded_volume(0.4, timedelta(seconds=-1), 60)
    assert 0.4 == faded_volume(0.4, timedelta(0), 0)


def test_jump_past_the_timers_place_ends_with_the_chapter_there() -> None:
    """Else the speaker would fall silent at once."""
    timer = SleepTimer(ends_ms=60_000, fade_s=30)

    assert timer == after_jump(timer, CHAPTERS, 10_000)
    assert SleepTimer(None, 180_000, 30) == after_jump(timer, CHAPTERS, 130_000)
    by_clock = SleepTimer(ends_at=NOW)
    assert by_clock == after_jump(by_clock, CHAPTERS, 130_000)
    assert after_jump(None, CHAPTERS, 0) is None
