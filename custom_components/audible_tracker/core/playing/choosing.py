"""Where a title begins, how far it goes back, and when a sleep timer ends."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from ..models import Chapter
from ..progress import chapter_at, chapter_index
from .session import AudioForm, AudioFormat, Session, SleepTimer

_S: Final = 1_000
_REWINDS: Final = (
    (timedelta(seconds=10), 0),
    (timedelta(minutes=1), 3 * _S),
    (timedelta(minutes=10), 10 * _S),
    (timedelta(hours=1), 15 * _S),
    (timedelta(days=1), 20 * _S),
)
_REWIND_MAX_MS: Final = 30 * _S
_CHAPTER_ENDS_MS: Final = 5 * _S
_CHAPTER_BEGINS_MS: Final = 3 * _S

_TAKES_M4B: Final = frozenset(
    {"cast", "demo", "forked_daapd", "kodi", "mpd", "music_assistant", "vlc_telnet"}
)
"""Integrations whose players are known to play MPEG-4 audio over HTTP, and to seek."""


def rewind_ms(paused: timedelta) -> int:
    """Return how far to go back after a pause: the longer it was, the further."""
    for limit, back_ms in _REWINDS:
        if paused < limit:
            return back_ms
    return _REWIND_MAX_MS


def resume_ms(
    place_ms: int,
    chapters: Sequence[Chapter],
    *,
    paused: timedelta,
    back_ms: int | None = None,
) -> int:
    """Return where to go on; never before the chapter, by what a pause alone says."""
    if back_ms is not None:
        return max(0, place_ms - back_ms)
    chapter = chapter_at(chapters, place_ms)
    begun_ms = chapter.start_ms if chapter is not None else 0
    return max(begun_ms, place_ms - rewind_ms(paused))


def chapters_end_ms(
    chapters: Sequence[Chapter], place_ms: int, count: int
) -> int | None:
    """Return where so many chapters end, the present one counted; None without any.

    A chapter that is all but over is not counted.
    """
    index = chapter_index(chapters, place_ms)
    if index is None:
        return None
    chapter = chapters[index]
    is_over = chapter.start_ms + chapter.length_ms - place_ms < _CHAPTER_ENDS_MS
    last = chapters[min(index + count - 1 + is_over, len(chapters) - 1)]
    return last.start_ms + last.length_ms


def next_chapter_ms(chapters: Sequence[Chapter], place_ms: int) -> int | None:
    """Return where the next chapter begins; None in the last one."""
    later = (one.start_ms for one in chapters if one.start_ms > place_ms)
    return next(later, None)


def previous_chapter_ms(chapters: Sequence[Chapter], place_ms: int) -> int:
    """Return where the chapter begins, or the one before right after a beginning."""
    begun = [
        one.start_ms
        for one in chapters
        if one.start_ms + _CHAPTER_BEGINS_MS <= place_ms
    ]
    return begun[-1] if begun else 0


def form_for(
    platform: str | None,
    *,
    wanted: AudioFormat | None,
    speed: float,
    start_ms: int,
    can_seek: bool,
) -> AudioForm:
    """Return the form that a speaker of an integration takes; None is the browser.

    MP3 is what every speaker plays. One that cannot seek gets a stream that begins at
    the place, and so does one that plays faster: both are made by the server.
    """
    audio_format = wanted or AudioFormat.MP3
    if wanted is None and (platform is None or platform in _TAKES_M4B):
        audio_format = AudioFormat.M4B
    if speed != 1.0 or not can_seek:
        audio_format = AudioFormat.MP3
    return AudioForm(audio_format, 0 if can_seek else start_ms, speed)


def stops_in(session: Session, timer: SleepTimer, now: datetime) -> timedelta | None:
    """Return in what time a speaker is to stop; None where that cannot be said now."""
    if timer.ends_at is not None:
        return timer.ends_at - now
    if timer.ends_ms is None or not session.is_live:
        return None
    left_ms = (timer.ends_ms - session.place_now(now)) / session.form.speed
    return timedelta(milliseconds=left_ms)


def faded_volume(volume: float, left: timedelta, fade_s: int) -> float:
    """Return how loud it is so long before the end: linear, to silence."""
    if fade_s <= 0 or left.total_seconds() >= fade_s:
        return volume
    return volume * max(0.0, left.total_seconds() / fade_s)


def after_jump(
    timer: SleepTimer | None, chapters: Sequence[Chapter], place_ms: int
) -> SleepTimer | None:
    """Return the timer after a jump: past its place it ends with the chapter there."""
    if timer is None or timer.ends_ms is None or place_ms < timer.ends_ms:
        return timer
    ends_ms = chapters_end_ms(chapters, place_ms, 1)
    return None if ends_ms is None else SleepTimer(None, ends_ms, timer.fade_s)
