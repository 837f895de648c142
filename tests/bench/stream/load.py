"""Ways to load a server: one patient client, and wrk with many connections."""

import random
import re
import resource
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

KIB: Final = 1024
MIB: Final = 1024 * 1024
WRK_S: Final = 3
_UNITS: Final = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
# Ranges from all over the book, equal for everybody who is measured, made beforehand.
_SCRIPT: Final = """\
local requests, last = {{}}, 0
function init(args)
  math.randomseed({seed})
  for number = 1, 512 do
    local at = math.random(0, {most})
    wrk.headers["Range"] = "bytes=" .. at .. "-" .. (at + {size} - 1)
    requests[number] = wrk.format("GET")
  end
end
function request()
  last = last % 512 + 1
  return requests[last]
end
"""


class Client:
    """One connection that is kept; small enough not to be what is measured."""

    def __init__(self, port: int, path: str, headers: Mapping[str, str]) -> None:
        """Connect."""
        self._port = port
        lines = [f"GET {path} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._head = "\r\n".join(lines).encode() + b"\r\n"
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave."""
        self._socket.close()

    def first_byte_ms(self, start: int, size: int) -> float:
        """Return when the first byte of a range's body came; read all of it."""
        wanted = f"Range: bytes={start}-{start + size - 1}\r\n\r\n".encode()
        began = time.perf_counter()
        self._socket.sendall(self._head + wanted)
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0 or len(received) == end + 4:
            received += self._socket.recv(64 * KIB)
        took_ms = (time.perf_counter() - began) * 1e3
        assert received.startswith(b"HTTP/1.1 206"), received[:end]
        left = size - (len(received) - end - 4)
        while left:
            left -= len(self._socket.recv(left))
        return took_ms

    def whole_mb_per_s(self) -> float:
        """Return the speed at which all of the file comes, in MB/s."""
        buffer = bytearray(MIB)
        began = time.perf_counter()
        self._socket.sendall(self._head + b"\r\n")
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._socket.recv(64 * KIB)
        found = re.search(rb"(?i)content-length: (\d+)", received[:end])
        assert found, received[:end]
        size_bytes = int(found[1])
        left = size_bytes - (len(received) - end - 4)
        while left:
            left -= self._socket.recv_into(buffer)
        return size_bytes / 1e6 / (time.perf_counter() - began)


def first_byte_ms(
    port: int, path: str, headers: Mapping[str, str], *, most: int, size: int, n: int
) -> float:
    """Return the median of n ranges from all over the file, on one connection."""
    rng = random.Random(n)
    with Client(port, path, headers) as client:
        took = sorted(
            client.first_byte_ms(rng.randrange(most - size), size) for _ in range(n)
        )
    return took[n // 2]


def wrk(
    port: int,
    path: str,
    headers: Mapping[str, str],
    *,
    connections: int,
    size: int | None = None,
    most: int = 0,
) -> tuple[float, float]:
    """Return requests and MB per second, over some seconds; raise on any error.

    With a size, random ranges of so many bytes are asked for.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "ranges.lua")
        text = _SCRIPT.format(seed=1, most=most - (size or 0), size=size)
        script.write_text(text if size else "", encoding="ascii")
        argv = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{WRK_S}s"]
        argv += ["-s", str(script), "--timeout", "10s"]
        for name, value in headers.items():
            argv += ["-H", f"{name}: {value}"]
        argv.append(f"http://127.0.0.1:{port}{path}")
        done = subprocess.run(argv, check=True, capture_output=True, text=True)
    if "errors" in done.stdout or "Non-2xx" in done.stdout:
        raise RuntimeError(done.stdout)
    rate = re.search(r"Requests/sec: +([\d.]+)", done.stdout)
    speed = re.search(r"Transfer/sec: +([\d.]+)(\w+)", done.stdout)
    assert rate
    assert speed
    return float(rate[1]), float(speed[1]) * _UNITS[speed[2]] / 1e6


def children_cpu_s() -> float:
    """Return the processor time that ended children took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
