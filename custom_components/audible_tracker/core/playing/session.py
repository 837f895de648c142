"""What is kept of a title that is heard on a speaker, also over a restart."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from ..models import Asin

SPEED_MIN: Final = 0.5
SPEED_MAX: Final = 3.0


class AudioFormat(StrEnum):
    """In which form a speaker gets a title."""

    M4B = "m4b"
    MP3 = "mp3"
    HLS = "hls"


class Phase(StrEnum):
    """How a session stands; the values are stored.

    ``starting``: the speaker was asked and is not heard yet. ``interrupted``: it plays
    something else, such as an announcement. ``away``: it does not answer.
    """

    STARTING = "starting"
    PLAYING = "playing"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class AudioForm:
    """The audio that a speaker got: its form, where it begins, and how fast it is.

    A minute of a stream at 1.5 is a minute and a half of the book.
    """

    audio_format: AudioFormat = AudioFormat.M4B
    start_ms: int = 0
    speed: float = 1.0

    def book_ms(self, stream_ms: float) -> int:
        """Return the place in the book of a place in the stream."""
        return self.start_ms + round(stream_ms * self.speed)

    def stream_ms(self, book_ms: int) -> int:
        """Return the place in the stream of a place in the book; 0 before its start."""
        return max(0, round((book_ms - self.start_ms) / self.speed))


@dataclass(frozen=True, slots=True)
class SleepTimer:
    """When a speaker is to stop: at an instant, or at a place in the book.

    ``fade_s`` is how long before that it begins to get quieter.
    """

    ends_at: datetime | None = None
    ends_ms: int | None = None
    fade_s: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """One reader hears one title on one speaker. Places are those of the book.

    ``place_ms`` was true at ``place_at``; ``since`` is when the phase began.
    ``seek_ms`` is a place to which the speaker has still to go. ``content_id`` is what
    the speaker calls the title, and ``other_id`` what it played before. ``known_ms`` is
    Audible's place when the session began, ``written_ms`` what the ledger knows of it.
    ``asked_at`` is when we asked a speaker that rested to go on.
    """

    entry_id: str
    account_id: int
    reader_id: int
    asin: Asin
    title: str
    player: str
    place_ms: int
    place_at: datetime
    since: datetime
    form: AudioForm = AudioForm()
    phase: Phase = Phase.STARTING
    runtime_ms: int | None = None
    seek_ms: int | None = None
    content_id: str | None = None
    other_id: str | None = None
    was_playing: bool = False
    began_at: datetime | None = None
    known_ms: int | None = None
    written_ms: int | None = None
    written_at: datetime | None = None
    asked_at: datetime | None = None
    sleep: SleepTimer | None = None

    @property
    def is_live(self) -> bool:
        """Tell whether the place moves by itself."""
        return self.phase is Phase.PLAYING

    @property
    def is_heard(self) -> bool:
        """Tell whether somebody listens: also while it is interrupted, or sought."""
        on_the_way = self.phase in (Phase.STARTING, Phase.INTERRUPTED)
        return self.is_live or (on_the_way and self.was_playing)

    def is_other_than(self, session: Session) -> bool:
        """Tell whether a speaker has another title by now, or another reader."""
        return (self.asin, self.reader_id) != (session.asin, session.reader_id)

    def place_now(self, now: datetime) -> int:
        """Return where listening stands at an instant, in milliseconds of the book."""
        if not self.is_live:
            return self.place_ms
        passed = max(timedelta(0), now - self.place_at)
        moved_ms = round(passed / timedelta(milliseconds=1) * self.form.speed)
        place_ms = self.place_ms + moved_ms
        return place_ms if self.runtime_ms is None else min(place_ms, self.runtime_ms)

    def to_stored(self) -> dict[str, Any]:
        """Return its JSON form."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """Read it; raise KeyError, TypeError or ValueError for what is none.

        What a later version has added is left out.
        """
        values = {
            one.name: stored[one.name] for one in fields(cls) if one.name in stored
        }
        for name in ("place_at", "since", "began_at", "written_at", "asked_at"):
            values[name] = _instant(values.get(name))
        if values["place_at"] is None or values["since"] is None:
            raise ValueError(name)
        form = values["form"]
        values["form"] = AudioForm(
            AudioFormat(form["audio_format"]), form["start_ms"], form["speed"]
        )
        values["phase"] = Phase(values["phase"])
        if (sleep := values.get("sleep")) is not None:
            values["sleep"] = SleepTimer(
                _instant(sleep["ends_at"]), sleep["ends_ms"], sleep["fade_s"]
            )
        return cls(**values)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value.isoformat() if isinstance(value, datetime) else value


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
