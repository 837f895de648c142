"""The server as a process of its own, for what is no coroutine."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .nginx import free_port, wait_for
from .server import SECRET

_GRACE_S: Final = 10.0
_RESTS_S: Final = 1.0
_SETTLED_WITHIN_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens on loopback."""

    port: int
    pid: int

    @property
    def rss_mb(self) -> float:
        """Return the memory that the process holds, in MiB."""
        return self._kib("VmRSS") / 1024

    @property
    def cpu_s(self) -> float:
        """Return the processor time it took so far."""
        return self._ticks(13, 14) / os.sysconf("SC_CLK_TCK")

    @property
    def children_cpu_s(self) -> float:
        """Return the processor time that the programs took which it ran and ended."""
        return self._ticks(15, 16) / os.sysconf("SC_CLK_TCK")

    def settle(self) -> None:
        """Wait until it rests: after its start it looks through its folder."""
        until = time.monotonic() + _SETTLED_WITHIN_S
        while time.monotonic() < until:
            before_s = self.cpu_s
            time.sleep(_RESTS_S)
            if self.cpu_s - before_s <= _RESTS_S / 20:
                return
        message = "the server does not come to rest"
        raise TimeoutError(message)

    def _ticks(self, *places: int) -> int:
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").split()
        return sum(int(fields[place]) for place in places)

    def _kib(self, name: str) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith(name))
        return int(line.split()[1])


@contextmanager
def running_server(folder: Path, **options: str) -> Iterator[Running]:
    """Run the server on such a folder until it is not needed any more.

    Options are named as their variables, without the prefix.
    """
    port = free_port()
    with (folder / "server.log").open("wb") as log:
        process = start(folder, port, log.fileno(), **options)
        try:
            wait_for(port, process)
            yield Running(port, process.pid)
        finally:
            process.terminate()
            process.wait(_GRACE_S)


def start(folder: Path, port: int, log: int, **options: str) -> subprocess.Popen[bytes]:
    """Start the server; it may not listen yet."""
    values = {
        "DATA_DIR": str(folder / "data"),
        "LIBRARY_DIR": str(folder / "library"),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SECRET": SECRET,
        "LOG_LEVEL": "warning",
        **options,
    }
    named = {f"AUDIBLE_SERVER_{name}": value for name, value in values.items()}
    return subprocess.Popen(
        [sys.executable, "-m", "audible_server"],
        env=os.environ | named,
        stdout=log,
        stderr=log,
    )
