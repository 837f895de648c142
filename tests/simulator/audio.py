"""Make the simulator's books: synthetic sound, and both of the shop's encryptions.

The encryption here is written from the container's description alone and shares no code
with the server, so that the two check each other.
"""

import json
import mmap
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

type _Span = tuple[int, int]

_SAMPLE_RATE_HZ = 22_050
_FRAME_SAMPLES = 1_024
# About one minute, in whole frames: a loop of it has no gap.
_LOOP_FRAMES = 1_292
_VOICES = 4
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
# Version and flags, entry count, then the first entry's size and format.
_STSD_FORMAT_AT = 12
_AUDIO_ENTRY_HEADER_BYTES = 36
# The constant that every AAX player carries (libavformat/mov.c, audible_fixed_key).
_AAX_FIXED_KEY = bytes.fromhex("77214d4b196a87cd520045fd20a51d67")
_FTYP_AAXC = b"aaxc\0\0\0\1aaxcM4B mp42isom"
_FTYP_AAX = b"aax \0\0\0\1aax M4B mp42isom"


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """One chapter of a book to be made."""

    title: str
    start_ms: int
    length_ms: int


def synthesize_book(
    target: Path,
    *,
    runtime_ms: int,
    chapters: Sequence[ChapterMark],
    title: str,
    author: str,
    cover_png: bytes | None = None,
) -> None:
    """Write a plain M4B (AAC-LC, 22.05 kHz, mono): index first, tags, chapters."""
    with tempfile.TemporaryDirectory() as folder:
        loop, notes, cover = (
            Path(folder, name) for name in ("loop.m4a", "tags", "cover.png")
        )
        loop.write_bytes(_loop_m4a(zlib.crc32(title.encode()) % _VOICES))
        notes.write_text(_tags(title, author, chapters), encoding="utf-8")
        inputs = ["-stream_loop", "-1", "-i", str(loop), "-f", "ffmetadata", "-i"]
        picture: list[str] = []
        inputs.append(str(notes))
        if cover_png is not None:
            cover.write_bytes(cover_png)
            inputs += ["-i", str(cover)]
            picture = ["-map", "2:v:0", "-disposition:v:0", "attached_pic"]
        _ffmpeg(
            *inputs, "-map", "0:a:0", *picture, "-map_metadata", "1",
            "-map_chapters", "1", "-c", "copy", "-t", f"{runtime_ms / 1000:.3f}",
            "-movflags", "+faststart", "-f", "ipod", str(target),
        )  # fmt: skip


def synthesize_mp3(target: Path, *, runtime_ms: int, title: str) -> None:
    """Write an MP3 (mono, 32 kb/s) of the same kind of sound."""
    with tempfile.TemporaryDirectory() as folder:
        loop = Path(folder, "loop.mp3")
        loop.write_bytes(_loop_mp3(zlib.crc32(title.encode()) % _VOICES))
        _ffmpeg(
            "-stream_loop", "-1", "-i", str(loop), "-metadata", f"title={title}",
            "-c", "copy", "-t", f"{runtime_ms / 1000:.3f}", "-f", "mp3", str(target),
        )  # fmt: skip


def encrypt_aaxc(plain: Path, target: Path, *, key: bytes, iv: bytes) -> None:
    """Write `plain` (an M4B) as the AAXC that a license with this key and IV opens."""
    _encrypt(plain, target, ftyp=_FTYP_AAXC, adrm=b"", key=key, iv=iv)


def encrypt_aax(plain: Path, target: Path, *, activation_bytes: bytes) -> None:
    """Write `plain` (an M4B) as the AAX that these four activation bytes open."""
    file_key = sha1(b"file key" + activation_bytes, usedforsecurity=False).digest()[:16]
    adrm, iv = _adrm_box(activation_bytes, file_key)
    _encrypt(plain, target, ftyp=_FTYP_AAX, adrm=adrm, key=file_key, iv=iv)


def audio_runtime_ms(path: Path) -> int:
    """Return how long the sound in a file is."""
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_entries", "format=duration",
         str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    return round(float(json.loads(probe.stdout)["format"]["duration"]) * 1000)


def _ffmpeg(*args: str) -> None:
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", *args]
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    if done.returncode:
        message = f"ffmpeg: {done.stderr.strip()}"
        raise RuntimeError(message)


def _sound(voice: int) -> list[str]:
    """Return the input arguments for a minute of chords in the rhythm of speech."""
    root_hz = f"{98 + 12 * voice}*pow(2,mod(floor(t/3)*5,12)/12)"
    chord = "+".join(f"sin(2*PI*{step}*t*{root_hz})" for step in (1, 1.25, 1.5, 3))
    syllables = "pow(sin(2*PI*1.5*t),2)*(0.6+0.4*sin(2*PI*0.31*t))"
    pauses = "gt(mod(t,7.3),0.6)"
    expression = f"0.12*({chord})*{syllables}*{pauses}+0.02*(random(0)-0.5)"
    length_s = _LOOP_FRAMES * _FRAME_SAMPLES / _SAMPLE_RATE_HZ
    source = f"aevalsrc='{expression}':s={_SAMPLE_RATE_HZ}:d={length_s:.6f}"
    return ["-f", "lavfi", "-i", source]


@cache
def _loop_m4a(voice: int) -> bytes:
    return _encoded(voice, "-c:a", "aac", "-b:a", "32k", "-f", "ipod")


@cache
def _loop_mp3(voice: int) -> bytes:
    return _encoded(voice, "-c:a", "libmp3lame", "-b:a", "32k", "-f", "mp3")


def _encoded(voice: int, *codec: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "loop")
        _ffmpeg(*_sound(voice), "-ac", "1", *codec, str(path))
        return path.read_bytes()


def _tags(title: str, author: str, chapters: Sequence[ChapterMark]) -> str:
    lines = [
        ";FFMETADATA1",
        f"title={_escaped(title)}",
        f"album={_escaped(title)}",
        f"artist={_escaped(author)}",
        "genre=Audiobook",
    ]
    for mark in chapters:
        lines += [
            "[CHAPTER]",
            "TIMEBASE=1/1000",
            f"START={mark.start_ms}",
            f"END={mark.start_ms + mark.length_ms}",
            f"title={_escaped(mark.title)}",
        ]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "=;#\\\n" else char for char in text)


def _adrm_box(activation_bytes: bytes, file_key: bytes) -> tuple[bytes, bytes]:
    """Return the `adrm` box that hides `file_key`, and the IV that follows from it."""

    def digest(*parts: bytes) -> bytes:
        return sha1(b"".join(parts), usedforsecurity=False).digest()

    key = digest(_AAX_FIXED_KEY, activation_bytes)
    iv = digest(_AAX_FIXED_KEY, key, activation_bytes)
    seed = digest(b"seed", file_key)[:16]
    clear = activation_bytes[::-1] + b"\1\2\3\4" + file_key + b"\5\6" + seed + bytes(6)
    cipher = Cipher(algorithms.AES128(key[:16]), modes.CBC(iv[:16])).encryptor()
    # 56 bytes of blob, of which players decrypt the three whole blocks.
    blob = cipher.update(clear) + cipher.finalize() + bytes(8)
    checksum = digest(key[:16], iv[:16])
    body = b"\0\0\0\0\0\0\0\1" + blob + b"\0\0\0\1" + checksum
    file_iv = digest(seed, file_key, _AAX_FIXED_KEY)[:16]
    return _box(b"adrm", body), file_iv


def _encrypt(
    plain: Path, target: Path, *, ftyp: bytes, adrm: bytes, key: bytes, iv: bytes
) -> None:
    source = plain.read_bytes()
    top = list(_boxes(source, 0, len(source)))
    replaced = {b"ftyp": _box(b"ftyp", ftyp)}
    moov = next(source[start:end] for kind, start, _, end in top if kind == b"moov")
    replaced[b"moov"] = _locked(moov, adrm)
    moves: list[tuple[int, int, int]] = []
    written = 0
    with target.open("wb") as out:
        for kind, start, _, end in top:
            moves.append((start, end, written - start))
            written += out.write(replaced.get(kind, memoryview(source)[start:end]))
    with (
        target.open("r+b") as file,
        mmap.mmap(file.fileno(), 0) as view,
    ):
        moov_at = next(s + by for s, e, by in moves if source[s + 4 : s + 8] == b"moov")
        moov_end = moov_at + len(replaced[b"moov"])
        for track in _tracks(view, moov_at, moov_end):
            _shift_chunks(view, track[b"stco"], moves)
            if view[track[b"stsd"][0] + _STSD_FORMAT_AT :][:4] == b"aavd":
                _encrypt_samples(view, track, key, iv)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _boxes(
    data: bytes | mmap.mmap, start: int, end: int
) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield kind, start, body start and end of every box in a span."""
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, body)
            body += 8
        stop = start + size if size else end
        yield kind, start, body, stop
        start = stop


def _locked(box: bytes, adrm: bytes) -> bytes:
    """Return a box of the index with every `mp4a` entry turned into `aavd`."""
    kind = box[4:8]
    if kind == b"stsd" and box[8 + _STSD_FORMAT_AT :][:4] == b"mp4a":
        entry = box[16:]
        locked = _box(b"aavd", entry[8:] + adrm)
        return _box(kind, box[8:16] + locked)
    if kind in _CONTAINERS:
        spans = _boxes(box, 8, len(box))
        return _box(kind, b"".join(_locked(box[a:b], adrm) for _, a, _, b in spans))
    return box


def _tracks(view: mmap.mmap, start: int, end: int) -> Iterator[dict[bytes, _Span]]:
    """Yield, for every track, the body spans of its sample table boxes."""
    for kind, at, _, stop in _boxes(view, start + 8, end):
        if kind == b"trak":
            yield dict(_tables(view, at, stop))


def _tables(view: mmap.mmap, start: int, end: int) -> Iterator[tuple[bytes, _Span]]:
    for kind, at, body, stop in _boxes(view, start + 8, end):
        if kind in _CONTAINERS:
            yield from _tables(view, at, stop)
        else:
            yield kind, (body, stop)


def _integers(view: mmap.mmap, span: _Span, skip: int) -> tuple[int, ...]:
    body = view[span[0] + skip : span[1]]
    return struct.unpack(f">{len(body) // 4}I", body[: len(body) // 4 * 4])


def _shift_chunks(
    view: mmap.mmap, stco: _Span, moves: Sequence[tuple[int, int, int]]
) -> None:
    """Correct chunk offsets after the boxes around the chunks moved."""
    shifted = [
        next(old + by for start, end, by in moves if start <= old < end)
        for old in _integers(view, stco, 8)
    ]
    view[stco[0] + 8 : stco[1]] = struct.pack(f">{len(shifted)}I", *shifted)


def _sample_spans(
    view: mmap.mmap, track: dict[bytes, _Span]
) -> Iterator[tuple[int, int]]:
    """Yield offset and size of every sample of a track."""
    one_size, count, *each = _integers(view, track[b"stsz"], 4)
    sizes = iter([one_size] * count if one_size else each)
    runs = _integers(view, track[b"stsc"], 8)
    starts = dict(zip(runs[::3], runs[1::3], strict=True))
    per_chunk = 0
    for number, offset in enumerate(_integers(view, track[b"stco"], 8), start=1):
        per_chunk = starts.get(number, per_chunk)
        at = offset
        for _, size in zip(range(per_chunk), sizes, strict=False):
            yield at, size
            at += size


def _encrypt_samples(
    view: mmap.mmap, track: dict[bytes, _Span], key: bytes, iv: bytes
) -> None:
    @cache
    def encrypted(clear: bytes) -> bytes:
        # The sound is a loop, so most samples come again: a cache makes 10 h cheap.
        cipher = Cipher(algorithms.AES128(key), modes.CBC(iv)).encryptor()
        return cipher.update(clear) + cipher.finalize()

    for offset, size in _sample_spans(view, track):
        whole = size - size % 16
        view[offset : offset + whole] = encrypted(view[offset : offset + whole])
