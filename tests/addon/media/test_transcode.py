"""Books as MP3, with the real ffmpeg."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from audible_core.errors import (
    InvalidValueError,
    MediaToolError,
    Mp4FormatError,
    TooManyStreamsError,
)

from audible_server.media.adts import adts_stream
from audible_server.media.ffmpeg import mp3_from_adts_args, mp3_from_file_args
from audible_server.media.limiter import StreamSlots
from audible_server.media.transcode import CHUNK_BYTES, open_mp3, open_mp3_file
from audible_server.media.virtual import VirtualM4b
from tests.addon.media.conftest import KEY, RUNTIME_MS
from tests.simulator.audio import audio_runtime_ms, synthesize_mp3


def children() -> set[str]:
    """Return the processes that this one has started and not collected."""
    tasks = Path("/proc/self/task").glob("*/children")
    return {pid for task in tasks for pid in task.read_text().split()}


def arguments(pid: str) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


async def collected(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


@pytest.mark.parametrize("start_ms", [0, 50_000])
async def test_a_book_becomes_mp3_from_any_position(
    book: VirtualM4b, start_ms: int, tmp_path: Path
) -> None:
    """The length is that from the position to the end, at the bit rate asked for."""
    path = tmp_path / "book.mp3"
    slots = StreamSlots(1)
    async with open_mp3(
        book, start_ms=start_ms, slots=slots, bitrate_kbps=48
    ) as chunks:
        path.write_bytes(await collected(chunks))

    length_ms = RUNTIME_MS - start_ms
    assert abs(length_ms - audio_runtime_ms(path)) < 150
    assert abs(length_ms * 48 // 8 - path.stat().st_size) < 1_500
    assert 0 == slots.in_use


async def test_the_position_is_the_place_in_the_sound(
    book: VirtualM4b, plain_book: Path, tmp_path: Path
) -> None:
    """What is heard first from 50 s on is what the book has there."""
    path = tmp_path / "book.mp3"
    async with open_mp3(book, start_ms=50_000, slots=StreamSlots(1)) as chunks:
        path.write_bytes(await collected(chunks))
    ours = loudness(path, 0)

    differences = {
        at: sum(abs(a - b) for a, b in zip(ours, loudness(plain_book, at), strict=True))
        for at in range(49_000, 51_100, 100)
    }
    # Both encoders put in some silence of their own, together less than 100 ms.
    best = min(differences, key=lambda at: differences[at])
    assert 49_900 <= best <= 50_000


def loudness(path: Path, start_ms: int) -> list[float]:
    """Return the mean level of each 50 ms of 20 seconds of sound."""
    seek = ["-ss", str(start_ms / 1000), "-t", "20"]
    raw = ["-ac", "1", "-ar", "8000", "-f", "s16le", "-"]
    argv = ["ffmpeg", "-v", "error", "-i", str(path), *seek, *raw]
    done = subprocess.run(argv, check=True, capture_output=True)
    sound = memoryview(done.stdout).cast("h")
    return [sum(map(abs, sound[at : at + 400])) / 400 for at in range(0, 159_600, 400)]


async def test_not_a_frame_is_lost_or_added(book: VirtualM4b) -> None:
    """The stream is what ffmpeg makes of the frames from the position on."""
    # 50 s * 22050 Hz / 1024 samples a frame, behind the one that warms decoders up.
    frames = book.read_samples(1_077, len(book.samples))
    made = subprocess.run(
        mp3_from_adts_args(bitrate_kbps=64),
        input=adts_stream(frames, book.config),
        check=True,
        capture_output=True,
    )
    async with open_mp3(book, start_ms=50_000, slots=StreamSlots(1)) as chunks:
        assert made.stdout == await collected(chunks)


async def test_chunks_are_small(book: VirtualM4b) -> None:
    """A slow listener costs little memory."""
    async with open_mp3(book, start_ms=0, slots=StreamSlots(1)) as chunks:
        assert CHUNK_BYTES >= max([len(chunk) async for chunk in chunks])


async def test_a_listener_who_leaves_ends_ffmpeg_within_a_second(
    book: VirtualM4b,
) -> None:
    """The process is gone and its slot is free."""
    before = children()
    slots = StreamSlots(1)
    async with asyncio.timeout(5):
        async with open_mp3(book, start_ms=0, slots=slots) as chunks:
            assert b"" != await anext(chunks)
            (started,) = children() - before
            assert 1 == slots.in_use
            left_at = asyncio.get_running_loop().time()

    assert 1 > asyncio.get_running_loop().time() - left_at
    assert started not in children()
    assert 0 == slots.in_use


async def test_no_key_is_seen_among_the_processes(book: VirtualM4b) -> None:
    """Neither key nor IV stand in the arguments of ffmpeg."""
    before = children()
    async with open_mp3(book, start_ms=0, slots=StreamSlots(1)):
        (started,) = children() - before
        seen = arguments(started)

    assert "ffmpeg" in seen
    assert not any(secret.hex() in seen.lower() for secret in (KEY.key, KEY.iv))
    assert "audible" not in seen


async def test_a_full_house_starts_no_ffmpeg(book: VirtualM4b) -> None:
    """Who finds no slot gets the error before anything runs."""
    slots = StreamSlots(1)
    async with open_mp3(book, start_ms=0, slots=slots):
        running = children()
        with pytest.raises(TooManyStreamsError):
            async with open_mp3(book, start_ms=0, slots=slots):
                pytest.fail("a second stream was let in")
        assert running == children()


@pytest.mark.parametrize("start_ms", [-1, RUNTIME_MS + 1_000, 10**12])
async def test_positions_outside_the_book_are_refused(
    book: VirtualM4b, start_ms: int
) -> None:
    """The error names the field, the value and what is allowed."""
    with pytest.raises(InvalidValueError, match=r"start_ms: .* Allowed: 0 to 75\d\d\d"):
        async with open_mp3(book, start_ms=start_ms, slots=StreamSlots(1)):
            pytest.fail("it started")


async def test_a_book_that_breaks_off_is_an_error_at_the_end(
    aaxc: Path, tmp_path: Path
) -> None:
    """Sound that ends early because of damage is not taken for the whole."""
    path = tmp_path / "cut.aaxc"
    path.write_bytes(aaxc.read_bytes())
    book = VirtualM4b.open(path, KEY)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)

    with pytest.raises(Mp4FormatError, match="the file has become shorter"):
        async with open_mp3(book, start_ms=0, slots=StreamSlots(1)) as chunks:
            await collected(chunks)


async def test_any_file_that_ffmpeg_reads_becomes_mp3(tmp_path: Path) -> None:
    """An MP3 is made smaller, from a position on, whatever its name."""
    source, path = tmp_path / "-odd:name|'.mp3", tmp_path / "out.mp3"
    synthesize_mp3(source, runtime_ms=20_000, title="Odd")
    async with open_mp3_file(
        source, start_ms=15_000, slots=StreamSlots(1), bitrate_kbps=24
    ) as chunks:
        path.write_bytes(await collected(chunks))

    assert abs(5_000 - audio_runtime_ms(path)) < 150


async def test_a_file_that_is_no_sound_fails_before_the_answer(tmp_path: Path) -> None:
    """The error comes on entering, so that the answer can still be an error."""
    path = tmp_path / "book.m4b"
    path.write_text("not sound at all")
    with pytest.raises(MediaToolError, match="ffmpeg failed: exit code 1"):
        async with open_mp3_file(path, start_ms=0, slots=StreamSlots(1)):
            pytest.fail("it started")


async def test_a_position_behind_a_plain_file_is_an_error(plain_book: Path) -> None:
    """No sound at all is never answered as a stream."""
    with pytest.raises(MediaToolError):
        async with open_mp3_file(
            plain_book, start_ms=10**8, slots=StreamSlots(1)
        ) as chunks:
            await collected(chunks)
    with pytest.raises(InvalidValueError):
        async with open_mp3_file(plain_book, start_ms=-1, slots=StreamSlots(1)):
            pytest.fail("it started")


def test_arguments_of_ffmpeg() -> None:
    """What is run, word for word."""
    mp3 = (
        "-map 0:a:0 -map_metadata -1 -c:a libmp3lame -b:a 64k -write_xing 0 "
        "-id3v2_version 0 -flush_packets 1 -f mp3 pipe:1"
    )
    expected = (
        "ffmpeg -nostdin -v error -probesize 4096 -analyzeduration 0 "
        f"-f aac -i pipe:0 {mp3}"
    )
    assert expected == " ".join(mp3_from_adts_args(bitrate_kbps=64))
    expected = (
        "ffmpeg -nostdin -v error -ss 1.500 -protocol_whitelist file -i "
        f"file:/a/-b.mp3 {mp3}"
    )
    from_file = mp3_from_file_args(Path("/a/-b.mp3"), start_ms=1_500, bitrate_kbps=64)
    assert expected == " ".join(from_file)
