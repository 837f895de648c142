"""HTTP live streaming: cut from the samples, without a gap, an overlap or a wait."""

import asyncio
import gzip
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from audible_server.media.hls import SEGMENT_S, Segments
from audible_server.media.mp4.times import TimeTableBuilder
from audible_server.media.virtual import VirtualM4b
from tests.simulator.audio import encrypt_aaxc, synthesize_mp3

from .server import Server, error_of
from .test_stream import ASIN, IV, KEY, put_encrypted

PATH = f"/stream/{ASIN}/hls"
WAV_SAMPLE_BYTES = 2


@pytest.fixture(params=["plain", "virtual"])
async def stocked(
    request: pytest.FixtureRequest, server: Server, long_book: Path, tmp_path: Path
) -> Server:
    """Return a server that holds a long book, once plain and once encrypted."""
    library = server.settings.library_dir
    if request.param == "plain":
        shutil.copy(long_book, library / f"{ASIN}.m4b")
        return server
    encrypted = tmp_path / "book.aaxc"
    encrypt_aaxc(long_book, encrypted, key=KEY, iv=IV)
    await put_encrypted(server, encrypted)
    return server


async def playlist_of(server: Server) -> str:
    """Return the playlist's text."""
    async with server.client.get(f"{PATH}/index.m3u8") as answer:
        assert 200 == answer.status
        assert "application/vnd.apple.mpegurl" == answer.content_type
        return await answer.text()


def durations_in(playlist: str) -> list[float]:
    """Return the durations that a playlist promises."""
    return [
        float(line.removeprefix("#EXTINF:").removesuffix(","))
        for line in playlist.splitlines()
        if line.startswith("#EXTINF:")
    ]


async def test_playlist_holds_the_whole_book_from_the_start(
    stocked: Server, long_book: Path
) -> None:
    """Exact durations that add up; the first segments are short."""
    book = VirtualM4b.open(long_book, None)

    playlist = await playlist_of(stocked)

    durations = durations_in(playlist)
    ticks = book.times.duration_ticks / book.times.timescale
    assert pytest.approx(ticks, abs=1e-6 * len(durations)) == sum(durations)
    assert [2, 3, 5] == [round(duration) for duration in durations[:3]]
    assert max(durations) < SEGMENT_S + 0.5
    assert playlist.startswith("#EXTM3U\n")
    assert playlist.endswith("#EXT-X-ENDLIST\n")
    assert f"#EXT-X-TARGETDURATION:{SEGMENT_S}" in playlist


async def test_segments_are_the_samples_of_the_book_once_each(
    stocked: Server, long_book: Path
) -> None:
    """No sample is missing, and none comes twice."""
    book = VirtualM4b.open(long_book, None)
    frames: list[bytes] = []

    for number in range(len(durations_in(await playlist_of(stocked)))):
        async with stocked.client.get(f"{PATH}/{number}.aac") as answer:
            assert 200 == answer.status
            assert "audio/aac" == answer.content_type
            frames += frames_in(await answer.read())

    assert book.read_samples(0, len(book.samples)) == frames


def frames_in(segment: bytes) -> list[bytes]:
    """Return the AAC samples in a segment of packed audio."""
    assert segment.startswith(b"ID3")
    size = int.from_bytes(segment[6:10])
    at = 10 + (size & 0x7F | size >> 1 & 0x3F80)
    found = []
    while at < len(segment):
        length = int.from_bytes(segment[at + 3 : at + 6]) >> 5 & 0x1FFF
        found.append(segment[at + 7 : at + length])
        at += length
    return found


async def test_ffmpeg_hears_the_same_sound_as_in_the_file(
    stocked: Server, long_book: Path
) -> None:
    """Sample by sample, through its own reader of such streams."""
    url = str(stocked.client.make_url(f"{PATH}/index.m3u8"))
    headers = "".join(
        f"{k}: {v}\r\n" for k, v in stocked.client.session.headers.items()
    )

    heard = await decoded("-headers", headers, "-i", url)

    plain = await decoded("-i", str(long_book))
    # The edit list of the file cuts its first samples off; a stream has no such word.
    assert heard.endswith(plain[-len(plain) + 4096 * WAV_SAMPLE_BYTES :])
    assert 0 <= len(heard) - len(plain) <= 4096 * 2 * WAV_SAMPLE_BYTES


async def decoded(*source: str) -> bytes:
    """Return the sound as 16 bit samples."""
    argv = ("ffmpeg", "-v", "error", *source, "-map", "0:a", "-f", "s16le", "-")
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    sound, errors = await process.communicate()
    assert 0 == process.returncode, errors.decode()
    assert b"" == errors
    return sound


async def test_playlist_is_sent_compressed_to_whom_it_may(stocked: Server) -> None:
    """And not at all to whom it is known."""
    headers = {"Accept-Encoding": "gzip"}
    async with stocked.client.get(
        f"{PATH}/index.m3u8", headers=headers, auto_decompress=False
    ) as answer:
        packed = await answer.read()
        etag = answer.headers["ETag"]

    assert await playlist_of(stocked) == gzip.decompress(packed).decode()
    async with stocked.client.get(
        f"{PATH}/index.m3u8", headers={"If-None-Match": etag}
    ) as answer:
        assert 304 == answer.status


async def test_segment_is_not_sent_twice_to_whom_it_is_known(stocked: Server) -> None:
    """Its validator is its own."""
    async with stocked.client.get(f"{PATH}/1.aac") as answer:
        etag = answer.headers["ETag"]
    async with stocked.client.get(f"{PATH}/2.aac") as answer:
        assert etag != answer.headers["ETag"]
    known = {"If-None-Match": etag}
    async with stocked.client.get(f"{PATH}/1.aac", headers=known) as answer:
        assert 304 == answer.status


@pytest.mark.parametrize("number", ["999999", "99999999999999999999"])
async def test_segment_that_there_is_not_is_named(stocked: Server, number: str) -> None:
    """The answer says which there are."""
    async with stocked.client.get(f"{PATH}/{number}.aac") as answer:
        assert 400 == answer.status
        assert "invalid_value" == (await error_of(answer))["code"]


async def test_mp3_is_no_such_stream(server: Server) -> None:
    """It is said in words; the file itself plays everywhere anyway."""
    path = server.settings.library_dir / f"{ASIN}.mp3"
    synthesize_mp3(path, runtime_ms=2000, title="Sound")

    async with server.client.get(f"{PATH}/index.m3u8") as answer:
        assert 422 == answer.status
        assert "media_unsupported" == (await error_of(answer))["code"]


def test_fifty_hours_are_cut_at_once() -> None:
    """The playlist of a very long book is no work; compressed it is small."""
    samples = 50 * 3600 * 44_100 // 1024
    builder = TimeTableBuilder()
    builder.add(np.array([samples]), np.array([1024]))
    cut = Segments.of(builder.build(timescale=44_100))

    text = cut.playlist()

    assert 50 * 360 + 2 == len(cut)
    assert samples == cut.span(len(cut) - 1)[1]
    spans = [cut.span(number) for number in range(len(cut))]
    assert all(stop == first for (_, stop), (first, _) in pairwise(spans))
    assert len(gzip.compress(text.encode())) < 100_000
