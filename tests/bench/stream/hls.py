"""HLS beside an ffmpeg that makes the same segment; bytes until sound is heard."""

import gzip
import http.client
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from audible_server.media.hls import Listing, Segments, playlist
from audible_server.media.mp4.times import TimeTableBuilder
from tests.addon.running import Running, running_server
from tests.bench.figures import Figure, in_turn
from tests.bench.stream.books import BOOK_S, plain_book
from tests.bench.stream.running import (
    COLD_PATHS,
    HEADERS,
    LOCKED_PATH,
    PLAIN_PATH,
    stocked_folder,
)

_SESSIONS: Final = 16
_LOOKED_AT: Final = 200
_SEGMENT_S: Final = 10


def measure() -> Iterator[Figure]:
    """Give the figures of HLS."""
    with stocked_folder() as folder, running_server(folder) as server:
        server.settle()
        count = gzip.decompress(_playlist(server, PLAIN_PATH)).count(b"#EXTINF")
        middle = count // 2
        for name, work, at_s in (
            ("hls_first_segment", lambda: _start_ms(server, 0), 0),
            ("hls_resume_mid", lambda: _start_ms(server, middle), BOOK_S // 2),
            ("hls_seek_mid", lambda: _segment_ms(server, middle), BOOK_S // 2),
        ):
            found = in_turn(work, lambda at_s=at_s: _ffmpeg_ms(at_s))  # type: ignore[misc]
            yield Figure(f"{name}_ms", found.ours, "ms", None, found.n)
            full = f"{name}_vs_ffmpeg_segment"
            yield Figure(full, found.ratio, "x", 0.1, found.n)
        yield from _cold(server)
        listed = _names(server, LOCKED_PATH)
        missing = [
            name
            for name in (listed[number] for number in _numbers(len(listed)))
            if not _is_there(server, name)
        ]
        yield Figure("hls_listed_segment_404", len(missing), "1", 0, _LOOKED_AT)
        sessions = _sessions_ms(server, middle)
        yield Figure("hls_16_sessions_p50_ms", median(sessions), "ms", 100, _SESSIONS)
        first = len(_get(server, f"{PLAIN_PATH}/hls/0.aac"))
        packed = len(_playlist(server, PLAIN_PATH))
        yield Figure("bytes_before_first_sound_10h", packed + first, "B", 65_536, 1)
        longer = _playlist_bytes(50)
        yield Figure("bytes_before_first_sound_50h", longer + first, "B", 131_072, 1)


def _get(server: Running, path: str, accept: str = "identity") -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path, headers=HEADERS | {"Accept-Encoding": accept})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        message = f"{answer.status} for {path}"
        raise RuntimeError(message)
    return body


def _playlist(server: Running, path: str) -> bytes:
    return _get(server, f"{path}/hls/index.m3u8", "gzip")


def _start_ms(server: Running, number: int, path: str = PLAIN_PATH) -> float:
    """Return how long a player waits that begins: the playlist, then its segment."""
    began = time.perf_counter()
    gzip.decompress(_playlist(server, path))
    _get(server, f"{path}/hls/{number}.aac")
    return (time.perf_counter() - began) * 1e3


def _segment_ms(server: Running, number: int) -> float:
    """Return how long a player waits that knows the playlist."""
    began = time.perf_counter()
    _get(server, f"{PLAIN_PATH}/hls/{number}.aac")
    return (time.perf_counter() - began) * 1e3


def _ffmpeg_ms(start_s: int) -> float:
    """Return how long ffmpeg takes to cut such a segment out of the file."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [
            "ffmpeg", "-nostdin", "-v", "error", "-ss", str(start_s), "-i",
            str(plain_book()), "-map", "0:a:0", "-t", str(_SEGMENT_S), "-c", "copy",
            "-f", "mpegts", str(Path(folder, "segment.ts")),
        ]  # fmt: skip
        began = time.perf_counter()
        subprocess.run(argv, check=True)
        return (time.perf_counter() - began) * 1e3


def _cold(server: Running) -> Iterator[Figure]:
    """The first request for a title at all, whose index is read for it."""
    ratios = []
    for path in COLD_PATHS:
        base = _ffmpeg_ms(BOOK_S // 2)
        ratios.append(_start_ms(server, 1_000, path) / base)
    name = "hls_resume_mid_vs_ffmpeg_segment_cold"
    yield Figure(name, median(ratios), "x", 0.4, len(ratios))


def _names(server: Running, path: str) -> list[str]:
    lines = gzip.decompress(_playlist(server, path)).decode().splitlines()
    return [line for line in lines if not line.startswith("#")]


def _numbers(count: int) -> list[int]:
    return [*np.linspace(0, count - 1, _LOOKED_AT).astype(int).tolist()]


def _is_there(server: Running, name: str) -> bool:
    try:
        return bool(_get(server, f"{LOCKED_PATH}/hls/{name}"))
    except RuntimeError:
        return False


def _sessions_ms(server: Running, number: int) -> list[float]:
    """Return how long each of many players waits that begin at the same moment."""
    found: list[float] = []
    gate = threading.Barrier(_SESSIONS)

    def play() -> None:
        gate.wait()
        found.append(_start_ms(server, number))

    players = [threading.Thread(target=play) for _ in range(_SESSIONS)]
    for player in players:
        player.start()
    for player in players:
        player.join()
    return found


def _playlist_bytes(hours: int) -> int:
    """Return the size of a long book's playlist as it is sent."""
    builder = TimeTableBuilder()
    builder.add(np.array([hours * 3600 * 44_100 // 1024]), np.array([1024]))
    segments = Segments.of(builder.build(timescale=44_100))
    listing = Listing.of_samples(segments, rate_hz=44_100, channels=2)
    text = playlist(segments.durations_s(), f"{listing.text}.aac")
    return len(gzip.compress(text.encode()))
