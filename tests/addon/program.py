"""The server as a program of its own, to be stopped and killed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from audible_core.errors import MediaServerUnreachableError
from audible_core.media_server import MediaServerClient
from audible_core.models import Asin
from audible_core.wire import SECRET_HEADER, ServerBook

from .nginx import free_port
from .server import SECRET


@dataclass(slots=True)
class Program:
    """A running server; ``client`` is the integration's own client."""

    process: asyncio.subprocess.Process
    client: MediaServerClient
    session: aiohttp.ClientSession
    url: str
    log: bytearray = field(default_factory=bytearray)

    async def until(
        self, asin: str, condition: Callable[[ServerBook], bool]
    ) -> ServerBook:
        """Return a title once it is as wanted."""
        async with asyncio.timeout(60):
            while not condition(book := await self._book(asin)):
                await asyncio.sleep(0.02)
        return book

    async def ask(self, method: str, path: str) -> int:
        """Send a request as somebody who knows the secret; return the status."""
        headers = {SECRET_HEADER: SECRET}
        url = f"{self.url}{path}"
        async with self.session.request(method, url, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def _book(self, asin: str) -> ServerBook:
        return await self.client.fetch_book(Asin(asin))


@asynccontextmanager
async def running_program(folder: Path, **options: str) -> AsyncIterator[Program]:
    """Run the server on a free port with its folders in one folder, at level DEBUG.

    Options are named as their variables, without the prefix.
    """
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "audible_server",
        env={**os.environ, **_environment(folder, port, options)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with attached(process, port) as program:
        yield program


@asynccontextmanager
async def attached(
    process: asyncio.subprocess.Process, port: int
) -> AsyncIterator[Program]:
    """Yield a server that was just started once it answers; end it afterwards."""
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}"
        client = MediaServerClient(session, url=url, secret=SECRET)
        program = Program(process, client, session, url)
        reader = asyncio.create_task(_collect(process, program.log))
        try:
            await _answering(program)
            yield program
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            await reader


def _environment(folder: Path, port: int, options: Mapping[str, str]) -> dict[str, str]:
    values = {
        "DATA_DIR": str(folder / "data"),
        "LIBRARY_DIR": str(folder / "library"),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SECRET": SECRET,
        "LOG_LEVEL": "debug",
        **options,
    }
    return {f"AUDIBLE_SERVER_{name}": value for name, value in values.items()}


async def _answering(program: Program) -> None:
    # Where no byte code is kept, a busy machine compiles for long.
    async with asyncio.timeout(60):
        while program.process.returncode is None:
            try:
                await program.client.check()
            except MediaServerUnreachableError:
                await asyncio.sleep(0.02)
            else:
                return
    raise AssertionError(program.log.decode())


async def _collect(process: asyncio.subprocess.Process, log: bytearray) -> None:
    assert process.stdout is not None
    while chunk := await process.stdout.read(4096):
        log += chunk
