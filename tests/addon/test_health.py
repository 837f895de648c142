"""The container's own question whether the server is well."""

import asyncio
import http.client
import subprocess
import sys

import pytest

from audible_server.health import is_well

from .server import Server


async def test_server_that_answers_is_well(server: Server) -> None:
    """The port of the environment is asked, on this machine if it is any address."""
    for host in ("127.0.0.1", "0.0.0.0"):
        environment = {
            "AUDIBLE_SERVER_HOST": host,
            "AUDIBLE_SERVER_PORT": str(server.client.port),
        }
        assert await asyncio.to_thread(is_well, environment)


async def test_variable_that_is_empty_is_not_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As compose files write it; the server itself takes its defaults then."""
    asked = []

    class Connection(http.client.HTTPConnection):
        def request(self, *_of: object, **_more: object) -> None:
            asked.append((self.host, self.port))
            raise ConnectionRefusedError

    monkeypatch.setattr("http.client.HTTPConnection", Connection)
    environment = {"AUDIBLE_SERVER_HOST": "", "AUDIBLE_SERVER_PORT": ""}
    assert not is_well(environment)
    assert [("127.0.0.1", 8099)] == asked


def test_nobody_there_is_not_well(unused_tcp_port: int) -> None:
    """The program ends with 1, and without a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "audible_server.health"],
        env={"AUDIBLE_SERVER_PORT": str(unused_tcp_port)},
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert (1, b"", b"") == (done.returncode, done.stdout, done.stderr)


async def test_somebody_else_on_the_port_is_not_well() -> None:
    """An answer that is no HTTP, and one that says otherwise."""
    for line in (b"hello\r\n\r\n", b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"):

        async def other(
            reader: asyncio.StreamReader,
            writer: asyncio.StreamWriter,
            line: bytes = line,
        ) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(line)
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(other, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            environment = {"AUDIBLE_SERVER_PORT": str(port)}
            assert not await asyncio.to_thread(is_well, environment)
