"""The book that all figures are taken on: ten hours, plain and encrypted, made once."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from audible_server.media.keys import ContentKey
from tests.simulator.audio import encrypt_aaxc

CACHE: Final = Path(__file__).parents[3] / ".cache" / "bench"
HOUR_S: Final = 3600
BOOK_S: Final = 10 * HOUR_S
CHAPTERS: Final = 40
KEY: Final = ContentKey(bytes(range(16)), bytes(range(16, 32)))
# Whole frames of 1,024 samples, so that the loop has no gap: about one minute.
_LOOP_S: Final = 2_584 * 1_024 / 44_100
# Speech-like: the loudness goes up and down, so that frames differ in size.
_SOUND: Final = (
    f"aevalsrc='0.15*(sin(2*PI*140*t)+sin(2*PI*310*t)+sin(2*PI*730*t))"
    f"*pow(sin(2*PI*1.7*t),2)+0.03*(random(0)-0.5)':s=44100:d={_LOOP_S:.6f}"
)


def plain_book() -> Path:
    """Return 10 h of AAC-LC, 64 kb/s, mono, 44.1 kHz, 40 chapters, index in front."""
    return _made("book-10h.m4b", _make_plain)


def locked_book() -> Path:
    """Return the same book as AAXC; `KEY` opens it."""
    return _made("book-10h.aaxc", _make_locked)


def _make_plain(target: Path) -> None:
    loop, notes = target.with_name("loop.m4a"), target.with_name("chapters.txt")
    _ffmpeg("-f", "lavfi", "-i", _SOUND, "-ac", "1", "-c:a", "aac", "-b:a", "64k",
            str(loop))  # fmt: skip
    length_ms = BOOK_S * 1000 // CHAPTERS
    marks = (
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={at}\nEND={at + length_ms}\n"
        f"title=Chapter {number}\n"
        for number, at in enumerate(range(0, BOOK_S * 1000, length_ms), start=1)
    )
    notes.write_text(";FFMETADATA1\ntitle=Bench\n" + "".join(marks), encoding="ascii")
    _ffmpeg("-stream_loop", "-1", "-i", str(loop), "-f", "ffmetadata", "-i", str(notes),
            "-map", "0:a", "-map_metadata", "1", "-map_chapters", "1", "-c", "copy",
            "-t", str(BOOK_S), "-movflags", "+faststart", "-f", "ipod",
            str(target))  # fmt: skip


def _make_locked(target: Path) -> None:
    encrypt_aaxc(plain_book(), target, key=KEY.key, iv=KEY.iv)


def _made(name: str, make: Callable[[Path], None]) -> Path:
    path = CACHE / name
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"draft-{os.getpid()}-{name}")
        make(draft)
        draft.rename(path)
    return path


def _ffmpeg(*args: str) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *args], check=True)
