"""Other formats of a title that has not come whole: made of what is waited for."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from audible_core.models import Asin

from audible_server.media.recipe import WAV_HEADER_BYTES
from audible_server.store.job import JobKind
from tests.simulator import Simulator
from tests.simulator import content as content_info
from tests.simulator.audio import synthesize_mp3
from tests.simulator.catalog import EPISODE_ASIN
from tests.simulator.titles import Form, Title

from .media.conftest import ffmpeg
from .media.sound import displacement, heard
from .patience import SOON_S
from .server import Server, error_of

KBIT_PER_S = 200
LENGTH_MS = 12 * 60_000
PATH = f"/stream/{EPISODE_ASIN}"


@pytest.fixture
async def slow(linked: Server, shop: Simulator) -> Server:
    """Return a server to which an episode comes for two minutes."""
    shop.shop.settings.content_kbit_per_s = KBIT_PER_S
    return linked


async def finish(server: Server, shop: Simulator) -> None:
    """Let the rest of the episode come."""
    shop.shop.settings.content_kbit_per_s = None
    await server.finished(JobKind.DOWNLOAD, Asin(EPISODE_ASIN))


@pytest.fixture
def episode(shop: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an MP3 of one bit rate, which the shop sends for the episode."""
    path = tmp_path / "episode.mp3"
    synthesize_mp3(path, runtime_ms=LENGTH_MS, title="Episode")
    _sell(shop, path, monkeypatch)
    return path


async def test_mp3_is_made_into_another_format_before_it_is_here(
    slow: Server, shop: Simulator, episode: Path
) -> None:
    """From the exact sample, in the middle; afterwards it is the same."""
    path = f"{PATH}?format=wav&start_ms={LENGTH_MS // 2}&channels=1"
    wanted = {"Range": f"bytes=0-{WAV_HEADER_BYTES + 199_999}"}
    async with slow.client.get(path, headers=wanted) as answer:
        assert 206 == answer.status, await answer.text()
        before = await answer.read()
        length = answer.headers["Content-Range"]
    assert "downloading" == (await slow.book(EPISODE_ASIN))["state"]

    await finish(slow, shop)
    async with slow.client.get(path, headers=wanted) as answer:
        assert length == answer.headers["Content-Range"]
        assert before == await answer.read()
    reference = (await heard(episode, rate_hz=22_050))[LENGTH_MS // 2000 * 22_050 :]
    sound = np.frombuffer(before[WAV_HEADER_BYTES:], np.int16).astype(np.float64)
    displaced, alike = displacement(sound, reference, 60)
    assert (True, True) == (abs(displaced) <= 1, alike > 0.99)


@pytest.mark.usefixtures("episode")
@pytest.mark.parametrize("name", ["3.mp3", "3.m4s?format=opus&bitrate=32"])
async def test_mp3_has_segments_before_it_is_here(
    slow: Server, shop: Simulator, name: str
) -> None:
    """The same as afterwards, and so is the playlist."""
    query = name.partition("?")[2]
    paths = [f"{PATH}/hls/index.m3u8?{query}", f"{PATH}/hls/{name}"]
    before = [await slow.body(path) for path in paths]
    assert [200, 200] == [status for status, _ in before]
    assert "downloading" == (await slow.book(EPISODE_ASIN))["state"]

    await finish(slow, shop)
    slow.services.workshop.segments._kept.clear()
    assert before == [await slow.body(path) for path in paths]


async def test_mp3_of_which_places_are_not_known_has_to_be_here(
    slow: Server, shop: Simulator, plain_book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is it plays at once; other formats are told when it has come."""
    variable = plain_book.with_name("variable.mp3")
    ffmpeg("-i", plain_book, "-q:a", "3", variable)
    _sell(shop, variable, monkeypatch)
    for path in (f"{PATH}?format=opus", f"{PATH}/hls/index.m3u8"):
        async with slow.client.get(path) as answer:
            assert 409 == answer.status
            assert "not_downloaded" == (await error_of(answer))["code"]
    status, _ = await slow.body(PATH, Range="bytes=0-999")
    assert 206 == status

    await finish(slow, shop)
    async with asyncio.timeout(SOON_S):
        # What is open is trusted for a moment.
        while (await slow.body(f"{PATH}?format=opus"))[0] != 200:
            await asyncio.sleep(0.1)
    assert 200 == (await slow.body(f"{PATH}/hls/index.m3u8"))[0]


@pytest.mark.parametrize("is_index_first", [True, False])
async def test_m4a_is_made_into_another_format_before_it_is_here(
    slow: Server,
    shop: Simulator,
    plain_book: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_index_first: bool,
) -> None:
    """Its samples are cut as a book's are, once the index has come."""
    sold = plain_book.with_name("sold.m4a")
    order = ("-movflags", "+faststart") if is_index_first else ()
    long = ("-stream_loop", "9", "-i", plain_book, "-map", "0:a", "-c", "copy")
    ffmpeg(*long, *order, "-f", "ipod", sold)
    _sell(shop, sold, monkeypatch, codec="mp4a.40.2")
    path = f"{PATH}?format=wav&start_ms=30000"
    status, body = await slow.body(path, Range="bytes=0-200043")
    assert 206 == status
    assert "downloading" == (await slow.book(EPISODE_ASIN))["state"]
    reference = (await heard(sold, "-t", "60", rate_hz=22_050))[30 * 22_050 :]
    sound = np.frombuffer(body[WAV_HEADER_BYTES:], np.int16).astype(np.float64)
    displaced, alike = displacement(sound, reference, 60)
    assert (True, True) == (abs(displaced) <= 1, alike > 0.99)
    for name in ("index.m3u8", "3.aac", "3.mp3?format=mp3"):
        assert 200 == (await slow.body(f"{PATH}/hls/{name}"))[0]


def _sell(
    shop: Simulator, file: Path, monkeypatch: pytest.MonkeyPatch, codec: str = "mp3"
) -> None:
    """Have the shop send another file for an episode."""

    async def content(_title: Title) -> Path:
        return file

    monkeypatch.setattr(shop.books, "content", content)
    monkeypatch.setattr(shop.books, "size_bytes", lambda _title: file.stat().st_size)
    monkeypatch.setitem(content_info._FORMATS, Form.MPEG, (codec, "Mpeg"))
