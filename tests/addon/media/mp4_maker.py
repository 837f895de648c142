"""Write small MP4 files box by box, with sound that only looks like AAC."""

import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from audible_server.media.keys import ContentKey
from audible_server.media.mp4.boxes import ReadAt

KEY = ContentKey(bytes(range(16)), bytes(range(100, 116)))
OTHER_KEY = ContentKey(bytes(16), bytes(16))
# AAC-LC, 22.05 kHz, mono.
ASC = bytes.fromhex("1388")
# One channel element: tag 0, gain 0x80, long window, 20 bands, no prediction.
_FRAME_HEAD = (0b000_0000_10000000_0_00_0_010100_0 << 9).to_bytes(5)[1:]
TIMESCALE = 22_050
FRAME_TICKS = 1_024


@dataclass(frozen=True, slots=True)
class Made:
    """A made book: the encrypted file, and the plain one it must be served as."""

    encrypted: bytes
    plain: bytes
    samples: tuple[bytes, ...]


def box(kind: str, *parts: bytes) -> bytes:
    """Return a box."""
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind.encode() + body


def reader(data: bytes) -> ReadAt:
    """Return what reads bytes as if they were a file."""
    return lambda offset, length: data[offset : offset + length]


def frame(size: int, seed: int = 0) -> bytes:
    """Return bytes that begin as an AAC frame does and go on as noise."""
    return (_FRAME_HEAD + random.Random(seed * 70_000 + size).randbytes(size))[:size]


def encrypted_sample(sample: bytes, key: ContentKey = KEY) -> bytes:
    """Return a sample as the shop encrypts it, by plain CBC."""
    whole = len(sample) // 16 * 16
    cipher = Cipher(algorithms.AES128(key.key), modes.CBC(key.iv)).encryptor()
    return cipher.update(sample[:whole]) + cipher.finalize() + sample[whole:]


def make_book(
    sizes: Sequence[int],
    *,
    per_chunk: int = 3,
    gap_bytes: int = 0,
    is_index_first: bool = True,
) -> Made:
    """Make a book with samples of these sizes, and gaps between its chunks."""
    samples = tuple(frame(size, seed) for seed, size in enumerate(sizes))
    locked = _sound([encrypted_sample(s) for s in samples], per_chunk, gap_bytes)
    clear = _sound(samples, per_chunk, gap_bytes)
    return Made(
        _file("aaxc", "aavd", locked, sizes, per_chunk, gap_bytes, is_index_first),
        _file("M4A ", "mp4a", clear, sizes, per_chunk, gap_bytes, is_index_first),
        samples,
    )


def ftyp(brand: str) -> bytes:
    """Return a file type box."""
    return box("ftyp", brand.encode(), bytes(4), brand.encode(), b"isom")


def moov(
    entry: str, sizes: Sequence[int], per_chunk: int, offsets: Sequence[int]
) -> bytes:
    """Return an index with 64-bit chunk offsets."""
    count = len(sizes)
    config = box("esds", bytes(4), _esds(ASC))
    sound = box(entry, bytes(6), b"\0\1", bytes(20), config)
    mdhd = box("mdhd", bytes(12), _words(TIMESCALE, count * FRAME_TICKS), bytes(4))
    stbl = box(
        "stbl",
        box("stsd", bytes(4), _words(1), sound),
        box("stts", bytes(4), _words(1, count, FRAME_TICKS)),
        box("stsc", bytes(4), _table(_chunk_runs(count, per_chunk))),
        box("stsz", bytes(4), _words(0, count, *sizes)),
        box(
            "co64", bytes(4), _words(len(offsets)), *(at.to_bytes(8) for at in offsets)
        ),
    )
    mvhd = box("mvhd", bytes(12), _words(1000, count * 1000 * FRAME_TICKS // TIMESCALE))
    return box("moov", mvhd, box("trak", box("mdia", mdhd, box("minf", stbl))))


def make_fragments(
    sizes: Sequence[int],
    *,
    per_fragment: int = 3,
    base: str = "moof",
    other_bytes: int = 0,
    has_clock: bool = True,
) -> Made:
    """Make a book in fragments, each with its own media data.

    `base` is what offsets count from: "moof", "file", or "nothing" (behind what came
    before). `other_bytes` of another track lie in front of the sound of each fragment.
    """
    samples = tuple(frame(size, seed) for seed, size in enumerate(sizes))
    parts = [tuple(part) for part in batched(samples, per_fragment, strict=False)]
    heads = {
        "aaxc": ftyp("aaxc") + fragment_moov("aavd"),
        "M4A ": ftyp("M4A ") + fragment_moov("mp4a"),
    }
    made = {}
    for brand, head in heads.items():
        data = bytearray(head)
        number = 0
        for part in parts:
            ticks = number * FRAME_TICKS if has_clock else None
            data += _fragment(part, len(data), base, other_bytes, ticks, brand)
            number += len(part)
        made[brand] = bytes(data)
    return Made(made["aaxc"], made["M4A "], samples)


def fragment_moov(entry: str) -> bytes:
    """Return an index that lists no samples: they are in fragments."""
    trak = moov(entry, [], 1, [])
    # The index has one track behind its header; it gets a number, and defaults.
    at = trak.index(b"trak") + 4
    mvhd, media = trak[8 : at - 8], trak[at:]
    tkhd = box("tkhd", bytes(12), _words(2))
    mvex = box("mvex", box("trex", bytes(4), _words(2, 1, FRAME_TICKS, 0, 0)))
    return box("moov", mvhd, box("trak", tkhd, media), mvex)


def _fragment(
    samples: Sequence[bytes],
    at: int,
    base: str,
    other_bytes: int,
    ticks: int | None,
    brand: str,
) -> bytes:
    clock = b"" if ticks is None else box("tfdt", b"\1\0\0\0", ticks.to_bytes(8))

    def moof(start: int) -> bytes:
        """Return the index of a fragment whose media data begin at an offset."""
        shifts = {"moof": start - at, "file": start, "nothing": start - at}
        flags, extra = {
            "moof": (0x20000, b""),
            "file": (0x1, bytes(8)),
            "nothing": (0, b""),
        }[base]
        shift = shifts[base]
        other = box(
            "traf",
            box("tfhd", _words(flags, 1), extra),
            box("trun", _words(0x201, 1, shift, other_bytes)),
        )
        # Without a base, samples lie behind those of the track before.
        has_shift = base != "nothing"
        place = _words(shift + other_bytes) if has_shift else b""
        ours = box(
            "traf",
            box("tfhd", _words(flags, 2), extra),
            clock,
            box(
                "trun",
                _words(0x200 | has_shift, len(samples)),
                place,
                _words(*map(len, samples)),
            ),
        )
        return box("moof", box("mfhd", bytes(8)), other, ours)

    start = at + len(moof(at)) + 8
    stored = [encrypted_sample(s) for s in samples] if brand == "aaxc" else samples
    return moof(start) + box("mdat", b"\xee" * other_bytes, *stored)


def write_sparse_book(target: Path, sizes: Sequence[int], *, hole_bytes: int) -> None:
    """Write a book with a hole before the second half of its sound, index last."""
    half = len(sizes) // 2
    stored = [encrypted_sample(frame(size, seed)) for seed, size in enumerate(sizes)]
    head = ftyp("aaxc")
    first_at = len(head) + 16
    second_at = first_at + sum(sizes[:half]) + hole_bytes
    end = second_at + sum(sizes[half:])
    with target.open("wb") as file:
        file.write(head + struct.pack(">I4sQ", 1, b"mdat", end - len(head)))
        file.write(b"".join(stored[:half]))
        file.seek(second_at)
        file.write(b"".join(stored[half:]))
        file.write(moov("aavd", sizes, half, (first_at, second_at)))


def _file(
    brand: str,
    entry: str,
    sound: Sequence[bytes],
    sizes: Sequence[int],
    per_chunk: int,
    gap_bytes: int,
    is_index_first: bool,
) -> bytes:
    head = ftyp(brand)
    media = box("mdat", *sound)
    chunks = len(sound)
    index_bytes = len(moov(entry, sizes, per_chunk, [0] * chunks))
    start = len(head) + 8 + (index_bytes if is_index_first else 0)
    offsets = list(_offsets(sound, start + gap_bytes))
    index = moov(entry, sizes, per_chunk, offsets)
    return head + (index + media if is_index_first else media + index)


def _sound(samples: Sequence[bytes], per_chunk: int, gap_bytes: int) -> list[bytes]:
    gap = b"\xee" * gap_bytes
    return [
        gap + b"".join(chunk) for chunk in batched(samples, per_chunk, strict=False)
    ]


def _offsets(sound: Sequence[bytes], start: int) -> Iterator[int]:
    for chunk in sound:
        yield start
        start += len(chunk)


def _chunk_runs(count: int, per_chunk: int) -> list[tuple[int, int, int]]:
    whole, rest = divmod(count, per_chunk)
    runs = [(1, per_chunk, 1)] if whole else []
    return [*runs, (whole + 1, rest, 1)] if rest else runs


def _table(rows: Sequence[tuple[int, ...]]) -> bytes:
    return _words(len(rows), *(word for row in rows for word in row))


def _words(*words: int) -> bytes:
    return struct.pack(f">{len(words)}I", *words)


def _esds(asc: bytes) -> bytes:
    specific = bytes((5, len(asc))) + asc
    config = bytes((0x40, 0x15)) + bytes(11) + specific
    decoder = bytes((4, len(config))) + config
    stream = bytes(3) + decoder
    return bytes((3, len(stream))) + stream
