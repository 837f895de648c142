"""Sound in other formats, with the real ffmpeg."""

import asyncio
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from audible_core.errors import (
    InvalidValueError,
    MediaToolError,
    Mp4FormatError,
    TooManyStreamsError,
)

from audible_server.media.cutting import Timeline
from audible_server.media.frames import AacFrames, Source, WholeFile
from audible_server.media.limiter import StreamSlots
from audible_server.media.recipe import AudioFormat, Encoding, Loudness, Recipe
from audible_server.media.transcode import CHUNK_BYTES, Workshop, copied, opened
from audible_server.media.virtual import VirtualM4b
from tests.addon.media.conftest import KEY, RUNTIME_MS
from tests.addon.media.sound import Pcm, displacement, heard
from tests.addon.patience import GONE_S, SOON_S
from tests.addon.processes import children
from tests.simulator.audio import synthesize_mp3

FORMATS = list(AudioFormat)
CONSTANT = [AudioFormat.MP3, AudioFormat.WAV]
MP3 = AudioFormat.MP3


@pytest.fixture(autouse=True)
def without_spares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no ffmpeg ahead, however long a busy machine takes for a test."""
    monkeypatch.setattr("audible_server.media.spare._DELAY_S", 10 * SOON_S)


def timeline_of(
    source: Source, audio_format: AudioFormat, start_ms: int = 0, **wishes: Any
) -> Timeline:
    recipe = Recipe(audio_format, **wishes)
    encoding = Encoding.of(recipe, rate_hz=source.rate_hz, channels=source.channels)
    return Timeline(source, recipe, encoding, start_ms)


async def made(timeline: Timeline, at: int = 0) -> bytes:
    async with opened(timeline, Workshop(StreamSlots(1)), at=at) as chunks:
        return await collected(chunks)


async def collected(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


@pytest.mark.parametrize("audio_format", FORMATS)
@pytest.mark.parametrize("start_ms", [0, 50_040])
async def test_a_stream_begins_at_the_sample(
    book: VirtualM4b, plain_book: Path, audio_format: AudioFormat, start_ms: int
) -> None:
    """What a decoder gives first is what the file has at the position."""
    timeline = timeline_of(AacFrames(book), audio_format, start_ms)
    rate_hz = timeline.encoding.rate_hz

    sound = await heard(await made(timeline), rate_hz=rate_hz)

    reference = await heard(plain_book, "-ss", str(start_ms / 1000), rate_hz=rate_hz)
    displaced, alike = displacement(sound, reference)
    # Another rate: the file's own player rounds to its own samples first.
    assert abs(displaced) <= (0 if rate_hz == 22_050 else 3)
    assert alike > 0.99
    last_frame = timeline.encoding.frame_samples
    assert 0 <= len(sound) - timeline.samples <= 2 * last_frame
    assert abs(timeline.samples - len(reference)) <= 3


@pytest.mark.parametrize("audio_format", CONSTANT)
@pytest.mark.parametrize("wishes", [{}, {"speed": Fraction(5, 4)}, {"channels": 2}])
async def test_the_length_is_known_before(
    book: VirtualM4b, audio_format: AudioFormat, wishes: dict[str, Any]
) -> None:
    """Cut or padded at the end, to the byte."""
    timeline = timeline_of(AacFrames(book), audio_format, 1_000, **wishes)

    assert timeline.size_bytes == len(await made(timeline))


@pytest.mark.parametrize("audio_format", CONSTANT)
async def test_a_range_goes_on_where_what_came_before_it_ends(
    book: VirtualM4b, audio_format: AudioFormat
) -> None:
    """Joined at any byte, it is as long, and the same sound at the same sample."""
    timeline = timeline_of(AacFrames(book), audio_format)
    rate_hz = timeline.encoding.rate_hz
    whole = await made(timeline)
    at = len(whole) // 2 + 101

    rest = await made(timeline, at)

    assert len(whole) == at + len(rest)
    sound = await heard(whole[:at] + rest, rate_hz=rate_hz)
    expected = await heard(whole, rate_hz=rate_hz)
    assert len(expected) == len(sound)
    join = len(sound) // 2
    around = slice(join - 10_000, join + 70_000)
    displaced, alike = displacement(sound[around], expected[around])
    assert (0, True) == (displaced, alike > 0.99)
    # A click would stand out from the sound around it.
    differs = abs(sound - expected)[join - rate_hz : join + rate_hz]
    assert max(differs) < 0.2 * max(abs(expected))


@pytest.mark.parametrize("audio_format", CONSTANT)
async def test_every_start_of_a_range_has_its_length(
    book: VirtualM4b, audio_format: AudioFormat
) -> None:
    """In the header, at its end, inside of a frame, in the last byte."""
    timeline = timeline_of(AacFrames(book), audio_format, RUNTIME_MS - 2_000)
    size = timeline.size_bytes
    assert size
    for at in (1, 43, 44, 45, size // 3, size - 1):
        assert size - at == len(await made(timeline, at)), at


@pytest.mark.parametrize("speed", ["0.5", "1.25", "3"])
async def test_speed_changes_the_length_and_not_the_pitch(
    book: VirtualM4b, speed: str
) -> None:
    """The tones stay where they are."""
    wav = AudioFormat.WAV
    usual = await heard(await made(timeline_of(AacFrames(book), wav)), rate_hz=22_050)
    timeline = timeline_of(AacFrames(book), wav, speed=Fraction(speed))
    other = await heard(await made(timeline), rate_hz=22_050)

    assert abs(len(usual) / float(speed) - len(other)) < 2
    assert pitch_hz(usual) == pytest.approx(pitch_hz(other), rel=0.05)


def pitch_hz(sound: Pcm) -> float:
    """Return where the middle of the sound's strength lies."""
    strength = np.abs(np.fft.rfft(sound)) ** 2
    frequencies = np.fft.rfftfreq(len(sound), 1 / 22_050)
    return float((strength * frequencies).sum() / strength.sum())


@pytest.mark.parametrize("loudness", list(Loudness))
async def test_loudness_is_evened_out_and_nothing_moves(
    book: VirtualM4b, plain_book: Path, loudness: Loudness
) -> None:
    """Another level, the same length."""
    timeline = timeline_of(AacFrames(book), AudioFormat.WAV, 10_000, loudness=loudness)
    sound = await heard(await made(timeline), rate_hz=22_050)

    reference = await heard(plain_book, "-ss", "10", rate_hz=22_050)
    displaced, _ = displacement(sound, reference)
    assert abs(displaced) <= 1
    assert len(sound) == timeline.samples
    assert abs(sound).mean() > 1.3 * abs(reference).mean()


async def test_mono_and_stereo(book: VirtualM4b) -> None:
    """As many channels as were asked for."""
    one = await made(timeline_of(AacFrames(book), AudioFormat.WAV, channels=1))
    two = await made(timeline_of(AacFrames(book), AudioFormat.WAV, channels=2))

    assert (1, 2) == (one[22], two[22])
    assert 2 * (len(one) - 44) == len(two) - 44


async def test_aac_as_it_is_needs_no_encoder(book: VirtualM4b) -> None:
    """The samples themselves, from the one that is heard at the position."""
    before = children()
    frames = await collected(copied(AacFrames(book), 50_000))

    # 50 s * 22050 Hz / 1024 samples a frame, behind the one that warms decoders up.
    assert await AacFrames(book).load_frames(1_077, len(book.samples)) == frames
    assert not children() - before


async def test_chunks_are_small(book: VirtualM4b) -> None:
    """A slow listener costs little memory."""
    timeline = timeline_of(AacFrames(book), AudioFormat.WAV)
    async with opened(timeline, Workshop(StreamSlots(1))) as chunks:
        assert CHUNK_BYTES >= max([len(chunk) async for chunk in chunks])


async def test_a_listener_who_leaves_ends_ffmpeg_within_a_second(
    book: VirtualM4b,
) -> None:
    """The process is gone and its slot is free."""
    before = children()
    workshop = Workshop(StreamSlots(1))
    async with asyncio.timeout(SOON_S):
        async with opened(timeline_of(AacFrames(book), MP3), workshop) as chunks:
            assert b"" != await anext(chunks)
            (started,) = children() - before
            assert 1 == workshop.slots.in_use
            left_at = asyncio.get_running_loop().time()

    assert asyncio.get_running_loop().time() - left_at < GONE_S
    assert started not in children()
    assert 0 == workshop.slots.in_use


async def test_no_key_is_seen_among_the_processes(book: VirtualM4b) -> None:
    """Neither key nor IV stand in the arguments of ffmpeg."""
    before = children()
    async with opened(timeline_of(AacFrames(book), MP3), Workshop(StreamSlots(1))):
        (started,) = children() - before
        seen = Path(f"/proc/{started}/cmdline").read_text()

    assert "ffmpeg" in seen
    assert not any(secret.hex() in seen.lower() for secret in (KEY.key, KEY.iv))
    assert "audible" not in seen


async def test_a_full_house_starts_no_ffmpeg(book: VirtualM4b) -> None:
    """Who finds no slot gets the error before anything runs."""
    workshop = Workshop(StreamSlots(1, patience_s=0.05))
    async with opened(timeline_of(AacFrames(book), MP3), workshop):
        running = children()
        with pytest.raises(TooManyStreamsError):
            async with opened(timeline_of(AacFrames(book), MP3), workshop):
                pytest.fail("a second stream was let in")
        assert not children() - running


@pytest.mark.parametrize("start_ms", [RUNTIME_MS + 1_000, 10**12])
async def test_positions_outside_the_book_are_refused(
    book: VirtualM4b, start_ms: int
) -> None:
    """The error names the field, the value and what is allowed."""
    with pytest.raises(InvalidValueError, match=r"start_ms: .* Allowed: 0 to 7\d{4}"):
        await made(timeline_of(AacFrames(book), MP3, start_ms))


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
        await made(timeline_of(AacFrames(book), MP3))


async def test_any_file_that_ffmpeg_reads_becomes_mp3(tmp_path: Path) -> None:
    """An MP3 is made smaller, from a position on, whatever its name."""
    source = tmp_path / "-odd:name|'.mp3"
    synthesize_mp3(source, runtime_ms=20_000, title="Odd")
    timeline = timeline_of(
        WholeFile(source, 20_000, 22_050, 1), MP3, 15_500, bitrate_kbps=32
    )

    data = await made(timeline)

    assert timeline.size_bytes == len(data)
    assert pytest.approx(4_500 * 32 / 8, abs=150) == len(data)
    reference = await heard(source, "-ss", "15.5", rate_hz=24_000)
    displaced, alike = displacement(await heard(data, rate_hz=24_000), reference)
    assert (True, True) == (abs(displaced) <= 3, alike > 0.99)


async def test_a_file_that_is_no_sound_fails_before_the_answer(tmp_path: Path) -> None:
    """The error comes on entering, so that the answer can still be an error."""
    path = tmp_path / "book.m4b"
    path.write_text("not sound at all")
    with pytest.raises(MediaToolError, match="ffmpeg failed: exit code 1"):
        await made(timeline_of(WholeFile(path, 1_000), MP3))


async def test_a_spare_is_ready_for_the_next_place(
    book: VirtualM4b, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits while somebody listens, serves who seeks, and goes with the last."""
    workshop, before = Workshop(StreamSlots(2)), children()

    def wait_s(*, delay: float, linger: float) -> None:
        monkeypatch.setattr("audible_server.media.spare._DELAY_S", delay)
        monkeypatch.setattr("audible_server.media.spare._LINGER_S", linger)

    wait_s(delay=0, linger=SOON_S)
    async with opened(timeline_of(AacFrames(book), MP3), workshop):
        await until(lambda: workshop.spare._ready is not None)
        assert workshop.spare._ready
        spare = workshop.spare._ready[1].process.pid
        assert spare in children() - before
        wait_s(delay=SOON_S, linger=SOON_S)
    async with opened(timeline_of(AacFrames(book), MP3, 40_000), workshop) as chunks:
        assert {spare} == children() - before
        sound = await collected(chunks)
    assert not children() - before

    wait_s(delay=0, linger=0)
    async with opened(timeline_of(AacFrames(book), MP3), workshop):
        await until(lambda: workshop.spare._ready is not None)
    await until(lambda: not children() - before)

    wait_s(delay=SOON_S, linger=0)
    assert await made(timeline_of(AacFrames(book), MP3, 40_000)) == sound
    await workshop.spare.close()


async def until(condition: Any) -> None:
    async with asyncio.timeout(SOON_S):
        while not condition():
            await asyncio.sleep(0.01)


async def test_nothing_is_made_far_ahead_of_who_listens(book: VirtualM4b) -> None:
    """Somebody who stops listening stops the work: what is fed is bounded."""
    fed: list[int] = []

    class Counted(AacFrames):
        async def load_frames(self, first: int, stop: int) -> bytes:
            fed.append(stop)
            return await super().load_frames(first, stop)

    timeline = timeline_of(Counted(book), MP3)
    async with opened(timeline, Workshop(StreamSlots(1))) as chunks:
        await anext(chunks)
        await asyncio.sleep(1)
        assert fed[-1] * 1024 / 22_050 < 30
