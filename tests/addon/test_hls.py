"""HTTP live streaming: cut from the samples, without a gap, an overlap or a wait."""

import asyncio
import gzip
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from audible_core.errors import TooManyStreamsError

from audible_server.media.hls import SEGMENT_S, Segments, playlist
from audible_server.media.mp3_frames import Mp3Frames, open_mp3
from audible_server.media.mp4.times import TimeTableBuilder
from audible_server.media.segment_cache import SegmentCache
from audible_server.media.stored import FileBytes
from audible_server.media.virtual import VirtualM4b
from audible_server.sources import opened as sources_opened
from tests.simulator.audio import encrypt_aaxc, synthesize_mp3

from .media.conftest import ffmpeg
from .media.sound import Pcm, displacement, heard
from .patience import SOON_S
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


async def playlist_of(server: Server, query: str = "") -> str:
    """Return the playlist's text."""
    async with server.client.get(f"{PATH}/index.m3u8?{query}") as answer:
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


def names_in(playlist: str) -> list[str]:
    """Return the names of the segments that a playlist lists."""
    return [line for line in playlist.splitlines() if not line.startswith("#")]


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
    # Its reader takes MP3 in by the kilobyte, and so gives the last frames of a segment
    # the time of the next one; the frames themselves come in order.
    said = [line for line in errors.splitlines() if b"increasing dts" not in line]
    assert [] == said
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
async def test_segment_that_there_is_not_is_not_found(
    stocked: Server, number: str
) -> None:
    """Whatever its number; the playlist says which there are."""
    async with stocked.client.get(f"{PATH}/{number}.aac") as answer:
        assert 404 == answer.status
        assert "not_found" == (await error_of(answer))["code"]


async def heard_by_ffmpeg(server: Server, path: str, *options: str) -> Pcm:
    """Return the samples that ffmpeg's own reader of such streams gives."""
    url = str(server.client.make_url(path))
    given = server.client.session.headers.items()
    headers = "".join(f"{name}: {value}\r\n" for name, value in given)
    return np.frombuffer(
        await decoded("-headers", headers, *options, "-i", url), np.int16
    ).astype(np.float64)


@pytest.mark.parametrize(
    ("query", "rate_hz"),
    [
        ("format=mp3&bitrate=48", 24_000),
        ("format=aac&bitrate=32", 22_050),
        ("format=opus&bitrate=32", 48_000),
        ("format=opus&bitrate=48", 48_000),
    ],
)
async def test_encoded_segments_join_without_a_gap(
    short: Server, plain_book: Path, query: str, rate_hz: int
) -> None:
    """As many samples as promised, each where it is in the book; nothing clicks."""
    path = f"{PATH}/index.m3u8?{query}"
    async with short.client.get(path) as answer:
        durations = durations_in(await answer.text())

    sound = await heard_by_ffmpeg(short, path)

    assert len(sound) == pytest.approx(sum(durations) * rate_hz, abs=1)
    assert sum(durations) == pytest.approx(60, abs=0.1)
    reference = await heard(plain_book, rate_hz=rate_hz)
    border = 0.0
    for duration in durations[:-1]:
        border += duration
        around = slice(round(border * rate_hz) - 5_000, round(border * rate_hz) + 5_000)
        displaced, alike = displacement(sound[around], reference[around], 60)
        assert abs(displaced) <= 1
        assert alike > 0.95
        # A click would differ from the book by more than the encoder does elsewhere.
        length = min(len(sound[around]), len(reference[around]))
        differs = abs(sound[around][:length] - reference[around][:length])
        near, far = differs[4_000:6_000], np.delete(differs, range(4_000, 6_000))
        assert near.max() < 1.5 * far.max()
        # And an encoder that had not settled, by more than it did a second before.
        at = round(border * rate_hz)
        joined, before = (
            np.linalg.norm(sound[begin : begin + 960] - reference[begin : begin + 960])
            for begin in (at, at - rate_hz)
        )
        assert joined < 1.6 * before


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("3.mp3?format=mp3&bitrate=48", "audio/mpeg"),
        ("3.m4s?format=opus", "audio/mp4"),
        ("init.mp4?format=opus", "audio/mp4"),
    ],
)
async def test_a_segment_is_the_same_whoever_makes_it(
    short: Server, name: str, content_type: str
) -> None:
    """Any copy of the server may answer, in any order; it is made once."""
    path = f"{PATH}/{name}"
    async with short.client.get(path) as answer:
        one = await answer.read()
        etag = answer.headers["ETag"]
        assert content_type == answer.content_type
    assert etag.startswith('W/"')
    short.services.workshop.segments._kept.clear()
    assert (200, one) == await short.body(path)
    assert 304 == (await short.body(path, **{"If-None-Match": etag}))[0]


async def test_opus_begins_with_its_first_sample(
    short: Server, plain_book: Path
) -> None:
    """Nothing is left out in front, and fragments say when they play."""
    query = "?format=opus&bitrate=96"
    async with short.client.get(f"{PATH}/index.m3u8{query}") as answer:
        playlist = await answer.text()
    listed = "-48000-1-500-3000"
    assert f'#EXT-X-MAP:URI="init{listed}.mp4{query}"' in playlist
    assert f"\n3{listed}.m4s{query}\n" in playlist
    _, init = await short.body(f"{PATH}/init.mp4{query}")
    for number, start_s in ((0, 0), (2, 5), (3, 10)):
        _, segment = await short.body(f"{PATH}/{number}.m4s{query}")
        sound = await heard(init + segment, rate_hz=48_000)
        reference = await heard(plain_book, "-ss", str(start_s), rate_hz=48_000)
        assert len(sound) == 48_000 * (5 if number == 2 else 2 if number == 0 else 10)
        displaced, alike = displacement(sound[4_800:], reference[4_800:], 60)
        assert (True, True) == (abs(displaced) <= 1, alike > 0.98)
        if number == 0:
            # A decoder that is told of frames which it never had would be loud.
            quiet = np.linalg.norm(sound[960:1_920])
            assert np.linalg.norm(sound[:960]) < 1.5 * quiet


async def test_only_opus_has_something_in_front(short: Server) -> None:
    """And each format has its own end of names."""
    for name in (
        *("init.mp4", "init.mp4?format=mp3", "1.aac?format=opus", "1.m4s"),
        # What no playlist lists: another rate, no channels, steps of a minute, nothing.
        *("0-44100-1-500-3000.m4s?format=opus", "0-48000-0-500-3000.m4s?format=opus"),
        *("0-48000-1-3000-3000.m4s?format=opus", "0-48000-1-500-0.m4s?format=opus"),
        *("8-48000-1-500-3000.m4s?format=opus", "0-48000.m4s?format=opus"),
    ):
        status, _ = await short.body(f"{PATH}/{name}")
        assert 404 == status, name


async def test_a_playlist_is_kept_once_whatever_stands_beside_the_wish(
    short: Server,
) -> None:
    """Nobody fills the memory by asking for the same in other words."""
    kept = short.services.workshop.segments._kept
    texts = set()
    for query in ("channels=1&format=mp3", "format=mp3&channels=mono&a=1", "b"):
        async with short.client.get(f"{PATH}/index.m3u8?{query}") as answer:
            texts.add(await answer.text())
    assert (2, 2) == (len(texts), len(kept))
    assert any("0.mp3?format=mp3&channels=1\n" in text for text in texts)


async def test_the_next_segment_is_made_ahead_and_many_ask_for_one(
    short: Server,
) -> None:
    """A player finds it when it needs it; eight players cost one encoder."""
    cache = short.services.workshop.segments
    path = f"{PATH}/1.mp3?format=mp3"
    answers = await asyncio.gather(*(short.body(path) for _ in range(8)))
    assert 1 == len({body for _, body in answers})
    async with asyncio.timeout(SOON_S):
        while cache._made or len(cache._kept) < 2:
            await asyncio.sleep(0.01)
    assert 2 == len(cache._kept)
    assert 0 == short.services.slots.in_use


async def test_what_is_kept_is_bounded() -> None:
    """The segment that was used least recently goes first."""
    cache = SegmentCache(25)

    async def made() -> bytes:
        return bytes(10)

    for key in ("a", "b", "a", "c"):
        assert bytes(10) == await cache.get(key, made)
    assert ["a", "c"] == list(cache._kept)


async def test_a_segment_that_cannot_be_made_is_asked_for_anew() -> None:
    """A failure is told to all who wait, and not kept."""
    cache, tries = SegmentCache(), list[int]()

    async def failing() -> bytes:
        tries.append(1)
        raise TooManyStreamsError(retry_after_s=5)

    for _ in range(2):
        with pytest.raises(TooManyStreamsError):
            await cache.get("a", failing)
    assert 2 == len(tries)


MP3_KINDS = {
    "constant": ("-ar", "44100", "-ac", "2", "-b:a", "96k"),
    "variable": ("-q:a", "6"),
    "untagged": ("-b:a", "48k", "-write_xing", "0", "-id3v2_version", "0"),
    "tagged": ("-b:a", "64k", "-write_id3v1", "1", "-metadata", "title=One"),
}


@pytest.fixture(params=MP3_KINDS)
def mp3(request: pytest.FixtureRequest, server: Server, plain_book: Path) -> Path:
    """Return an MP3 file that the server holds, of each kind."""
    path = server.settings.library_dir / f"{ASIN}.mp3"
    ffmpeg("-i", plain_book, *MP3_KINDS[request.param], path)
    return path


async def test_an_mp3_is_cut_as_it_is(server: Server, mp3: Path) -> None:
    """Its own frames, each once; a listener hears what is in the file."""
    joined, number = b"", 0
    playlist = await playlist_of(server)
    names = names_in(playlist)
    for number in range(playlist.count("#EXTINF")):
        async with server.client.get(f"{PATH}/{names[number]}") as answer:
            assert 200 == answer.status
            assert not answer.headers["ETag"].startswith("W/")
            segment = await answer.read()
            joined += segment[10 + segment[9] :]
    assert number > 6
    stored = mp3.read_bytes()
    at = stored.index(joined)
    # In front and behind there are tags, and a frame that says how many follow.
    assert len(stored) - at - len(joined) in (0, 128)
    assert at < 2_000

    heard = await heard_by_ffmpeg(server, f"{PATH}/index.m3u8")

    plain = await heard_in(mp3)
    channels = 2 if len(plain) > 44_100 * 90 else 1
    assert abs(len(heard) - len(plain)) <= 3_000 * channels
    lead = (1_105 if at else 0) * channels
    assert np.array_equal(heard[lead : len(plain)], plain[: len(plain) - lead])


async def heard_in(path: Path) -> Pcm:
    """Return the samples of a file."""
    return np.frombuffer(await decoded("-i", str(path)), np.int16).astype(np.float64)


async def test_an_mp3_that_cannot_be_cut_is_encoded(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that is as long, to a listener; the file is gone through once."""
    synthesize_mp3(tmp_path / "sound.mp3", runtime_ms=20_000, title="Sound")
    sound = (tmp_path / "sound.mp3").read_bytes()
    path = server.settings.library_dir / f"{ASIN}.mp3"
    path.write_bytes(sound[:20_000] + bytes(5_001) + sound[20_000:])

    read: list[object] = []

    def noted(stored: FileBytes) -> Mp3Frames:
        read.append(stored)
        return open_mp3(stored)

    monkeypatch.setattr(sources_opened, "open_mp3", noted)

    playlist = await playlist_of(server)

    for name in (*names_in(playlist)[:2], "1.mp3", "1.mp3?format=mp3"):
        assert 200 == (await server.body(f"{PATH}/{name}"))[0]
    # It may take half a second to know that.
    assert 1 == len(read)


async def test_another_format_can_be_made_of_an_mp3(server: Server, mp3: Path) -> None:
    """The same sound, from its first sample."""
    sound = await heard_by_ffmpeg(server, f"{PATH}/index.m3u8?format=aac&channels=1")

    rate_hz = 44_100 if mp3.stat().st_size > 650_000 else 22_050
    reference = await heard(mp3, rate_hz=rate_hz)
    for at in (10_000, 500_000):
        displaced, alike = displacement(sound[at:], reference[at:], 100)
        assert (True, True) == (abs(displaced) <= 1, alike > 0.98)


@pytest.mark.parametrize("suffix", ["mp3", "opus", "alac.m4a", "opus.m4a"])
async def test_a_file_of_another_format_plays_as_such_a_stream(
    server: Server, tmp_path: Path, suffix: str
) -> None:
    """A podcast too is sought in by segments, and so is what was made smaller."""
    codec, _, suffix = suffix.rpartition(".")
    path = server.settings.library_dir / f"{ASIN}.{suffix}"
    synthesize_mp3(tmp_path / "sound.mp3", runtime_ms=20_000, title="Sound")
    if codec:
        coder = {"alac": ("-c:a", "alac"), "opus": ("-c:a", "libopus", "-f", "mp4")}
        ffmpeg("-i", tmp_path / "sound.mp3", *coder[codec], path)
    elif suffix == "opus":
        ffmpeg("-i", tmp_path / "sound.mp3", path)
    else:
        shutil.copy(tmp_path / "sound.mp3", path)

    sound = await heard_by_ffmpeg(server, f"{PATH}/index.m3u8", "-ss", "0")

    # As it is; or made of what ffmpeg alone can cut, and so of two channels.
    per_s = 22_050 if suffix == "mp3" else 2 * 48_000
    assert len(sound) / per_s == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize("layout", ["2.1", "quad", "7.0"])
async def test_aac_whose_channels_have_no_number_is_encoded(
    server: Server, plain_book: Path, layout: str
) -> None:
    """Its own frames would need a description that such segments have no room for."""
    path = server.settings.library_dir / f"{ASIN}.m4a"
    spread = ("-map", "0:a", "-af", f"aformat=channel_layouts={layout}", "-c:a", "aac")
    part = ("-t", "23", "-i", plain_book, "-map_chapters", "-1")
    ffmpeg(*part, *spread, "-f", "ipod", path)
    assert 0 == VirtualM4b.open(path, None).config.channels

    for wish in ("", "format=aac"):
        playlist = await playlist_of(server, wish)
        assert 5 == len(names_in(playlist))
        for name in names_in(playlist):
            status, body = await server.body(f"{PATH}/{name}")
            assert 200 == status
            assert body
    sound = await heard_by_ffmpeg(server, f"{PATH}/index.m3u8")
    plain = await heard(path, rate_hz=48_000, channels=2)
    frames = int(names_in(await playlist_of(server))[0].split("-")[-1][: -len(".mp3")])
    assert 2 * 1_152 * frames == len(sound)
    # The last frame of either is full, whether or not there is sound for all of it.
    assert abs(len(sound) - len(plain)) < 2 * (1_152 + 1_024 * 48_000 // 22_050)
    for at in (500_000, 1_000_000, 2_000_000):
        displaced, alike = displacement(sound[at:], plain[at:], 100)
        assert (True, 0) == (alike > 0.98, displaced)
    assert 200 == (await server.body(f"/stream/{ASIN}?format=aac"))[0]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("format=flac", "format"),
        ("bitrate=64", "bitrate"),
        ("format=mp3&speed=2", "speed"),
        ("format=mp3&bitrate=1", "bitrate"),
    ],
)
async def test_a_wish_that_cannot_be_met_is_named(
    short: Server, query: str, field: str
) -> None:
    """Speed is the player's own matter here."""
    async with short.client.get(f"{PATH}/index.m3u8?{query}") as answer:
        assert 400 == answer.status
        assert field == (await error_of(answer))["field"]


@pytest.fixture
async def short(server: Server, plain_book: Path) -> Server:
    """Return a server that holds a book of a minute."""
    shutil.copy(plain_book, server.settings.library_dir / f"{ASIN}.m4b")
    return server


def test_fifty_hours_are_cut_at_once() -> None:
    """The playlist of a very long book is no work; compressed it is small."""
    samples = 50 * 3600 * 44_100 // 1024
    builder = TimeTableBuilder()
    builder.add(np.array([samples]), np.array([1024]))
    cut = Segments.of(builder.build(timescale=44_100))

    text = playlist(cut.durations_s(), ".aac")

    assert abs(50 * 360 + 2 - len(cut)) < 100
    assert samples == cut.span(len(cut) - 1)[1]
    spans = [cut.span(number) for number in range(len(cut))]
    assert all(stop == first for (_, stop), (first, _) in pairwise(spans))
    assert len(gzip.compress(text.encode())) < 60_000
