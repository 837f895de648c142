"""Processes of the household: started with a log file, and always ended."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

STOP_TIMEOUT_S = 20
SHOWS_DEPRECATIONS = {"PYTHONWARNINGS": "default::DeprecationWarning"}
"""Lets Python tell of them in a program's log, which it does not by itself."""


def free_port(wanted: int = 0) -> int:
    """Return a loopback port that nobody listens on now: the wanted one if it is so."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running(
    *argv: str, cwd: Path, environment: Mapping[str, str], log_path: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program in its own process group, its output in ``log_path``.

    The whole group is ended on leaving: asked first, killed after 20 seconds.
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    try:
        # Children that outlived their parent would keep ports and files.
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


async def wait_until[T](
    what: str,
    probe: Callable[[], Awaitable[T | None]],
    *,
    timeout_s: float = 60,
    every_s: float = 0.1,
    process: asyncio.subprocess.Process | None = None,
) -> T:
    """Return the first answer of ``probe`` that is not None.

    Raises TimeoutError with ``what`` in it, RuntimeError when ``process`` ended.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        if process is not None and process.returncode is not None:
            message = f"{what}: the process ended with code {process.returncode}"
            raise RuntimeError(message)
        answer = await probe()
        if answer is not None:
            return answer
        if time.monotonic() > deadline:
            message = f"{what}: not within {timeout_s:.0f} s"
            raise TimeoutError(message)
        await asyncio.sleep(every_s)
