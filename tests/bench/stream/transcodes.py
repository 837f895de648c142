"""Transcodes: the first byte in the middle, ranges, and how far ahead work runs."""

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.addon.running import Running, running_server
from tests.bench.figures import Figure, in_turn
from tests.bench.stream.books import BOOK_S, locked_book, plain_book
from tests.bench.stream.load import KIB
from tests.bench.stream.running import (
    HEADERS,
    LOCKED_PATH,
    PLAIN_PATH,
    stocked_folder,
)

_MIDDLE_S: Final = BOOK_S // 2
_KBPS: Final = 64
_WISH: Final = f"format=mp3&bitrate={_KBPS}"
_LISTENED_S: Final = 2.5
"""So long a listener stays before they seek; a spare waits from 1.5 s on."""

_PAUSE_S: Final = 8.0
_TAKEN_BYTES: Final = 32 * KIB


def measure() -> Iterator[Figure]:
    """Give the figures of transcodes."""
    with stocked_folder() as folder, running_server(folder) as server:
        server.settle()
        _first_byte_ms(server, 0)
        cold = in_turn(lambda: _first_byte_ms(server, 0), _ffmpeg_first_byte_ms)
        with _listener(server):
            # Who listens and seeks, and whoever comes to them.
            seek = in_turn(
                lambda: _first_byte_ms(server, _LISTENED_S), _ffmpeg_first_byte_ms
            )
        name = "transcode_first_byte_mid"
        yield Figure(f"{name}_cold_ms", cold.ours, "ms", None, cold.n)
        yield Figure(f"{name}_cold_vs_ffmpeg", cold.ratio, "x", None, cold.n)
        yield Figure(f"{name}_ms", seek.ours, "ms", None, seek.n)
        yield Figure(f"{name}_ms_ffmpeg", seek.base, "ms", None, seek.n)
        yield Figure(f"{name}_vs_ffmpeg", seek.ratio, "x", 0.5, seek.n)
        yield Figure("transcode_ranges", _ranges(server), "1", 1, 1, is_least=True)
        yield Figure("transcode_work_ahead_s", _work_ahead_s(server), "s", 60, 1)


@contextmanager
def _listener(server: Running) -> Iterator[None]:
    """Hold one stream open meanwhile, as somebody does who seeks."""
    connection = _ask(server, f"{PLAIN_PATH}?{_WISH}&start_ms=1000")
    try:
        yield
    finally:
        connection.close()


def _ask(
    server: Running, path: str, headers: dict[str, str] | None = None
) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path, headers=HEADERS | (headers or {}))
    return connection


def _first_byte_ms(server: Running, listened_s: float) -> float:
    """Return when the first byte from the middle came."""
    time.sleep(listened_s)
    began = time.perf_counter()
    start_ms = _MIDDLE_S * 1000
    connection = _ask(server, f"{PLAIN_PATH}?{_WISH}&start_ms={start_ms}")
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    answer.read(1)
    took_ms = (time.perf_counter() - began) * 1e3
    connection.close()
    return took_ms


def _ffmpeg_first_byte_ms() -> float:
    argv = [
        "ffmpeg", "-nostdin", "-v", "error", "-ss", str(_MIDDLE_S), "-i",
        str(plain_book()), "-map", "0:a:0", "-c:a", "libmp3lame", "-b:a", f"{_KBPS}k",
        "-flush_packets", "1", "-f", "mp3", "-",
    ]  # fmt: skip
    began = time.perf_counter()
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.read(1)
        took_ms = (time.perf_counter() - began) * 1e3
        process.kill()
    return took_ms


def _ranges(server: Running) -> float:
    """Return 1 if a transcode has a length and answers ranges that fit it."""
    path = f"{LOCKED_PATH}?{_WISH}"
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("HEAD", path, headers=HEADERS)
    head = connection.getresponse()
    head.read()
    size = int(head.headers.get("Content-Length", "0"))
    at = size // 2
    wanted = {"Range": f"bytes={at}-{at + 99_999}"}
    connection.request("GET", path, headers=HEADERS | wanted)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    expected = f"bytes {at}-{at + 99_999}/{size}"
    is_right = (answer.status, answer.headers.get("Content-Range"), len(body)) == (
        206, expected, 100_000,
    )  # fmt: skip
    return float(is_right and abs(size - _size_bytes()) <= 192)


def _size_bytes() -> int:
    """Return the size that ten hours have at this bit rate, in whole frames."""
    frame_bytes, frame_samples, rate_hz = 192, 1152, 48_000
    frames = -(-BOOK_S * rate_hz // frame_samples)
    return frames * frame_bytes


def _work_ahead_s(server: Running) -> float:
    """Return how much sound ffmpeg has taken in beyond what a pausing listener has."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * KIB)
    sock.connect(("127.0.0.1", server.port))
    lines = [f"GET {PLAIN_PATH}?{_WISH} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in HEADERS.items()]
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    taken = 0
    while taken < _TAKEN_BYTES:
        taken += len(sock.recv(4 * KIB))
    time.sleep(_PAUSE_S)
    eaten = max(map(_eaten_bytes, _ffmpegs(server)))
    sock.close()
    per_s = locked_book().stat().st_size / BOOK_S
    return eaten / per_s - taken * 8 / (_KBPS * 1000)


def _ffmpegs(server: Running) -> list[int]:
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text()
    return [
        int(pid)
        for pid in children.split()
        if "ffmpeg" in Path(f"/proc/{pid}/comm").read_text()
    ]


def _eaten_bytes(pid: int) -> int:
    """Return what a process has read so far: its libraries, and its input."""
    fields = Path(f"/proc/{pid}/io").read_text().split()
    return int(fields[fields.index("rchar:") + 1])
