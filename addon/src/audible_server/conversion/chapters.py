"""Pure: chapters cut and shifted with their sound, and written for other programs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from audible_core.models import Chapter

_ESCAPED: Final = "=;#\\\n"
_CUE_FRAMES_PER_S: Final = 75


@dataclass(frozen=True, slots=True)
class Cut:
    """The stretch of a recording that is kept, in milliseconds."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """Return how long it is."""
        return self.end_ms - self.start_ms


def cut_without_brand(duration_ms: int, *, intro_ms: int, outro_ms: int) -> Cut:
    """Return what is left without the spoken brand; all, where that makes no sense."""
    cut = Cut(max(0, intro_ms), duration_ms - max(0, outro_ms))
    return cut if cut.length_ms > duration_ms // 2 else Cut(0, duration_ms)


def shifted(chapters: Sequence[Chapter], cut: Cut) -> tuple[Chapter, ...]:
    """Return the chapters of a cut, from its own beginning and to its end.

    They come by their start and leave no gap: each lasts until the next begins. What
    lies outside is left out.
    """
    starts = {
        max(chapter.start_ms, cut.start_ms): chapter.title
        for chapter in sorted(chapters, key=lambda chapter: chapter.start_ms)
        if chapter.start_ms < cut.end_ms
        and chapter.start_ms + chapter.length_ms > cut.start_ms
    }
    if not starts:
        return ()
    # Sound before the first chapter belongs to it.
    times = [cut.start_ms, *list(starts)[1:], cut.end_ms]
    return tuple(
        Chapter(title, start_ms - cut.start_ms, end_ms - start_ms)
        for title, start_ms, end_ms in zip(
            starts.values(), times, times[1:], strict=False
        )
    )


def ffmetadata(chapters: Sequence[Chapter]) -> str:
    """Return the chapters in ffmpeg's own text form."""
    lines = [";FFMETADATA1"]
    for chapter in chapters:
        lines += [
            "[CHAPTER]",
            "TIMEBASE=1/1000",
            f"START={chapter.start_ms}",
            f"END={chapter.start_ms + chapter.length_ms}",
            f"title={_escaped(chapter.title)}",
        ]
    return "\n".join(lines) + "\n"


def cue_sheet(
    chapters: Sequence[Chapter], *, file_name: str, title: str, author: str
) -> str:
    """Return a cue sheet: one track for each chapter of one file."""
    return "\n".join(_cue_lines(chapters, file_name, title, author)) + "\n"


def _cue_lines(
    chapters: Sequence[Chapter], file_name: str, title: str, author: str
) -> Iterator[str]:
    form = "MP3" if file_name.endswith(".mp3") else "WAVE"
    yield f"PERFORMER {_quoted(author)}"
    yield f"TITLE {_quoted(title)}"
    yield f"FILE {_quoted(file_name)} {form}"
    for number, chapter in enumerate(chapters, start=1):
        yield f"  TRACK {number:02} AUDIO"
        yield f"    TITLE {_quoted(chapter.title)}"
        yield f"    INDEX 01 {_cue_time(chapter.start_ms)}"


def _cue_time(position_ms: int) -> str:
    """Return minutes, seconds and frames of a 75th second."""
    seconds, rest_ms = divmod(position_ms, 1000)
    frames = rest_ms * _CUE_FRAMES_PER_S // 1000
    return f"{seconds // 60:02}:{seconds % 60:02}:{frames:02}"


def _quoted(text: str) -> str:
    # The form knows no way to write a quotation mark inside of a text.
    return '"' + " ".join(text.replace('"', "'").split()) + '"'


def _escaped(text: str) -> str:
    one_line = " ".join(text.split())
    return "".join(f"\\{char}" if char in _ESCAPED else char for char in one_line)
