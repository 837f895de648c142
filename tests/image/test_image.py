"""The app's image: built, started, asked whether it is well, and listened to."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import pytest
from audible_core.models import Asin
from audible_core.wire import SECRET_HEADER

from audible_server import __version__
from tests.addon.conftest import SignedIn
from tests.addon.program import Program
from tests.addon.server import SECRET
from tests.simulator.catalog import SHORT_ASIN

from .conftest import NewContainer
from .container import Container, configuration, server_process, started

pytestmark = pytest.mark.timeout(900)

ASIN = Asin(SHORT_ASIN)
SIZE_MAX_MB = 640
BUILD_TOOLS = ("gcc", "cc", "g++", "make", "ld", "as", "pip", "git", "cargo", "npm")
# Every file the program makes lies in its own folders; these are the engine's.
NOT_ITS_OWN = (
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/data",
    "/media",
    "/etc/host",
    "/etc/resolv",
)


async def _download(program: Program, account: SignedIn) -> None:
    await program.client.hand_over(*account)
    async with asyncio.timeout(60):
        while ASIN not in {book.asin for book in await program.client.fetch_books()}:
            await asyncio.sleep(0.05)
    await program.client.start_download(ASIN)
    await program.until(ASIN, lambda book: book.is_playable)


async def _stream(container: Container, query: str, target: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *("curl", "-sSf", "-o", str(target), "-H", f"{SECRET_HEADER}: {SECRET}"),
        f"http://127.0.0.1:{container.port}/stream/{ASIN}{query}",
    )
    assert await process.wait() == 0


def _heard_s(path: Path) -> float:
    """Return how long a file plays, each sample decoded; fail on a damaged one."""
    done = subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-i", str(path)),
            *("-f", "s16le", "-ac", "1", "-ar", "8000", "-"),
        ],
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    return len(done.stdout) / 2 / 8000


def test_image_says_how_it_is_run(image: str) -> None:
    """Entry, port, health check and labels are where Docker and Supervisor look."""
    settings = configuration()

    assert ["audible-server"] == settings["Entrypoint"]
    assert {"8099/tcp": {}} == settings["ExposedPorts"]
    assert "audible_server.health" in settings["Healthcheck"]["Test"]
    assert __version__ == settings["Labels"]["io.hass.version"]
    assert "addon" == settings["Labels"]["io.hass.type"]


async def test_image_is_small_and_holds_no_build_tools(
    container: NewContainer, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a device downloads is what runs."""
    box = container()
    names = " ".join(BUILD_TOOLS)
    found = await box.output(
        "sh", "-c", f"for name in {names}; do command -v $name; done; true"
    )
    kilobytes = await box.output("du", "-skx", "--exclude=/proc", "--exclude=/sys", "/")
    size_mb = int(kilobytes.split()[0]) / 1000
    with capsys.disabled():
        print(f"\nimage: {size_mb:.0f} MB")

    assert found == ""
    assert size_mb <= SIZE_MAX_MB


@pytest.mark.parametrize("user", ["", "1000:1000"])
async def test_book_is_downloaded_and_heard(
    container: NewContainer, account: SignedIn, tmp_path: Path, user: str
) -> None:
    """A container plays a book, as M4B and as MP3, and is no root while it does.

    The Supervisor starts it as root; a compose file may start it as somebody else.
    """
    box = container(user=user)
    if user:
        for folder in (box.data, box.media):
            os.chown(folder, 1000, 1000)
    entry, health = configuration()["Entrypoint"], configuration()["Healthcheck"]
    asked = health["Test"][1:]
    (box.data / "started").touch()
    async with started(box, entry) as program:
        await _download(program, account)
        await _stream(box, "", tmp_path / "book.m4b")
        await _stream(box, "?format=mp3", tmp_path / "book.mp3")
        status = Path(f"/proc/{server_process(program)}/status").read_text()
        assert 0 == await box.exit_code(*asked)

        os.kill(server_process(program), signal.SIGTERM)
        assert 0 == await program.process.wait(), program.log.decode()
        assert b"Traceback" not in program.log, program.log.decode()

    assert "\nUid:\t1000\t1000\t1000\t1000\n" in status
    assert "\nCapEff:\t0000000000000000\n" in status
    assert 0 != await box.exit_code(*asked)
    lengths = [_heard_s(tmp_path / name) for name in ("book.m4b", "book.mp3")]
    assert lengths[0] > 10
    assert abs(lengths[0] - lengths[1]) < 0.5
    written = await box.output(
        "sh", "-c", "find / -xdev -newer /data/started -type f 2>/dev/null; true"
    )
    assert [] == [
        name for name in written.splitlines() if not name.startswith(NOT_ITS_OWN)
    ]


async def test_folders_that_root_keeps_are_no_reason_not_to_start(
    container: NewContainer,
) -> None:
    """On a share that lets nobody else in, the server stays root and says so."""
    box = container()
    box.media.chmod(0o700)
    async with started(box, configuration()["Entrypoint"]) as program:
        status = Path(f"/proc/{server_process(program)}/status").read_text()

    assert b"Goes on as root: user 1000 may not write in /media" in program.log
    assert "\nUid:\t0\t0\t0\t0\n" in status
