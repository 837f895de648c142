"""Frames of MP3 files: all of them, in their places, whatever the file is like."""

import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from audible_core.errors import MediaError, UnsupportedMediaError
from hypothesis import given
from hypothesis import strategies as st

from audible_server.media.mp3_frames import Mp3Frames, open_mp3
from audible_server.media.stored import FileBytes

from .conftest import ffmpeg
from .sound import heard

KINDS = {
    "constant": ("-ar", "44100", "-ac", "2", "-b:a", "128k"),
    "variable": ("-ar", "44100", "-q:a", "5"),
    "average": ("-abr", "1", "-b:a", "64k"),
    "low": ("-ar", "22050", "-b:a", "32k"),
    "lowest": ("-ar", "11025", "-b:a", "24k"),
    "untagged": ("-ar", "48000", "-b:a", "64k", "-write_xing", "0"),
}
EXACT_AFTER_S = 0.2


@pytest.fixture(scope="session", params=KINDS)
def mp3(request: pytest.FixtureRequest, plain_book: Path) -> Path:
    """An MP3 of each kind."""
    path = plain_book.with_name(f"{request.param}.mp3")
    ffmpeg("-i", plain_book, *KINDS[request.param], path)
    return path


async def test_frames_are_as_long_as_the_file(mp3: Path) -> None:
    """To the sample; what encoder and decoder put around the sound is known."""
    frames = opened(mp3)
    sound = await heard(mp3, rate_hz=frames.rate_hz)
    assert len(sound) == frames.samples
    joined = frames.read_frames(0, frames.count)
    assert joined in mp3.read_bytes()
    pieces = (frames.read_frames(at, at + 37) for at in range(0, frames.count, 37))
    assert joined == b"".join(pieces)
    assert frames.memory_bytes < 1_000


async def test_sound_from_the_middle_is_soon_exact(mp3: Path) -> None:
    """A frame may need the ones before it, as in any MP3; a fifth of a second."""
    frames = opened(mp3)
    every = await heard(frames.read_frames(0, frames.count), rate_hz=frames.rate_hz)
    for first in range(100, frames.count - 100, 311):
        piece = frames.read_frames(first, first + 60)
        sound = await heard(piece, "-v", "quiet", rate_hz=frames.rate_hz)
        assert 60 * frames.frame_samples == len(sound)
        at = first * frames.frame_samples
        differs = np.flatnonzero(sound != every[at : at + len(sound)])
        last = 0 if not len(differs) else int(differs[-1])
        assert last / frames.rate_hz < EXACT_AFTER_S


def test_hole_is_silent_and_nothing_moves(mp3: Path, tmp_path: Path) -> None:
    """Where places follow from the first; else what comes behind it is not known."""
    sound = bytearray(mp3.read_bytes())
    frames = opened(mp3)
    before = frames.read_frames(0, frames.count)
    sound[200_000:202_000] = bytes(2_000)
    path = tmp_path / "holed.mp3"
    path.write_bytes(sound)
    if mp3.stem in ("variable", "average"):
        with pytest.raises(UnsupportedMediaError):
            opened(path)
        return
    holed = opened(path)
    assert frames.count == holed.count
    after = holed.read_frames(0, holed.count)
    assert frames.silence in after
    assert before[-10_000:] == after[-10_000:]


@pytest.mark.parametrize("size_bytes", [0, 1, 9, 300, 5_000])
def test_file_that_is_cut_off_has_what_is_there(
    mp3: Path, tmp_path: Path, size_bytes: int
) -> None:
    """Or says that there is nothing."""
    path = tmp_path / "short.mp3"
    path.write_bytes(mp3.read_bytes()[:size_bytes])
    if size_bytes < 1_000:
        with pytest.raises(UnsupportedMediaError):
            opened(path)
        return
    frames = opened(path)
    assert 0 < len(frames.read_frames(0, frames.count)) <= size_bytes


@given(
    noise=st.binary(max_size=3_000),
    front=st.sampled_from(
        [b"", b"ID3\4\0\0\x7f\x7f\x7f\x7f", b"ID3\4\0\0\0\0\0\0" * 50]
    ),
    frame=st.sampled_from(
        [b"\xff\xfb\x50\xc0", b"\xff\xf3\x10\xc0", b"\xff\xe3\x14\0"]
    ),
)
def test_noise_is_an_error_or_frames(noise: bytes, front: bytes, frame: bytes) -> None:
    """Never a crash, and never a wait."""
    memory = os.memfd_create("noise")
    os.write(memory, front + frame.ljust(209, b"\0") * 20 + noise)
    stored = FileBytes(memory)
    try:
        frames = open_mp3(stored)
    except MediaError:
        return
    assert len(frames.read_frames(0, frames.count)) < 2 * stored.size_bytes + 50_000


def opened(path: Path) -> Mp3Frames:
    """Return a file as frames."""
    return open_mp3(FileBytes.open(path))


def test_file_that_lies_about_its_size_costs_no_memory(tmp_path: Path) -> None:
    """Places of billions of frames are not made to find that there are none."""
    path = tmp_path / "sparse.mp3"
    frame = b"\xff\xf3\x14\xc0" + bytes(20)
    path.write_bytes(4_000 * frame)
    os.truncate(path, 200 * 2**30)
    tracemalloc.start()
    with pytest.raises(UnsupportedMediaError, match="too many frames"):
        open_mp3(FileBytes.open(path))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 50_000_000
