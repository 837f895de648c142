"""The app's image and containers of it, by buildah, without a daemon."""

import asyncio
import json
import shlex
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.addon.program import Program, attached
from tests.addon.server import SECRET
from tests.repo.tree import ROOT

IMAGE: Final = "localhost/audible-tracker-server:under-test"
ENGINE_FILE: Final = ROOT / ".cache/image/engine"
# How pip reaches this machine's index; neither is left in the image.
BUILD_FILES: Final = ("/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")


def engine() -> list[str]:
    """Return the command that scripts/setup-image wrote down."""
    return shlex.split(ENGINE_FILE.read_text(encoding="utf-8"))


def run(*arguments: str) -> str:
    """Return what a command of buildah prints; fail with what it says."""
    done = subprocess.run(
        [*engine(), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def build() -> str:
    """Build the image as everybody does, on Debian's own Python; return the log."""
    base = next(
        name
        for image in json.loads(run("images", "--json"))
        for name in image.get("names") or ()
        if "/python3.14-" in name
    )
    volumes = [
        f"--volume={path}:{path}:ro" for path in BUILD_FILES if Path(path).exists()
    ]
    done = subprocess.run(
        [
            str(ROOT / "scripts/build-app"),
            *("--engine", shlex.join(engine()), "--base", base, "--tag", IMAGE),
            *("--isolation", "chroot", "--pull-never", "--layers=false", *volumes),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@dataclass(slots=True)
class Container:
    """A container; ``data`` and ``media`` are its folders on this machine."""

    name: str
    data: Path
    media: Path
    port: int
    user: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    def command(self, *inside: str) -> list[str]:
        """Return what runs a command in the container."""
        volumes = [f"{self.data}:/data", f"{self.media}:/media"]
        volumes += [f"{path}:{path}:ro" for path in self.files]
        environment = {
            **self.variables,
            "AUDIBLE_SERVER_HOST": "127.0.0.1",
            "AUDIBLE_SERVER_PORT": str(self.port),
            "AUDIBLE_SERVER_SECRET": SECRET,
        }
        return [
            *(*engine(), "run", "--isolation", "chroot"),
            *(f"--volume={volume}" for volume in volumes),
            *(f"--env={name}={value}" for name, value in environment.items()),
            *([f"--user={self.user}"] if self.user else []),
            *(self.name, "--", *inside),
        ]

    async def exit_code(self, *inside: str) -> int:
        """Return how a command in the container ends."""
        process = await asyncio.create_subprocess_exec(*self.command(*inside))
        return await process.wait()

    async def output(self, *inside: str) -> str:
        """Return what a command in the container prints."""
        process = await asyncio.create_subprocess_exec(
            *self.command(*inside), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        assert process.returncode == 0, out
        return out.decode().strip()


@asynccontextmanager
async def started(container: Container, entry: Sequence[str]) -> AsyncIterator[Program]:
    """Start the image's own entry; yield the program once it answers."""
    process = await asyncio.create_subprocess_exec(
        *container.command(*entry),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with attached(process, container.port) as program:
        yield program


def server_process(program: Program) -> int:
    """Return the id of the server itself, below buildah's own processes."""
    number = program.process.pid
    while not Path(f"/proc/{number}/exe").resolve().name.startswith("python3"):
        threads = Path(f"/proc/{number}/task").glob("*/children")
        children = [child for path in threads for child in path.read_text().split()]
        assert children, f"process {number} has none below it"
        number = int(children[0])
    return number


def configuration() -> dict[str, Any]:
    """Return what the image says about itself."""
    content = json.loads(run("inspect", "--type", "image", IMAGE))
    settings: dict[str, Any] = content["Docker"]["config"]
    return settings
