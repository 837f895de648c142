"""A real Music Player Daemon: its own process, no sound, on loopback."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp.test_utils import unused_port
from mpd.asyncio import MPDClient

_PATIENCE_S: Final = 20.0
_SETTINGS: Final = """
bind_to_address "127.0.0.1"
port "{port}"
state_file "{folder}/state"
state_file_interval "1"
log_file "{folder}/log"
zeroconf_enabled "no"
input {{
  plugin "curl"
}}
audio_output {{
  type "null"
  name "nothing"
  mixer_type "software"
}}
"""


@dataclass(slots=True)
class Mpd:
    """A player that can be stopped and started again, and asked directly."""

    folder: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; what it played before goes on."""
        settings = self.folder / "mpd.conf"
        settings.write_text(
            _SETTINGS.format(port=self.port, folder=self.folder), encoding="utf-8"
        )
        program = shutil.which("mpd") or "/usr/bin/mpd"
        self.process = await asyncio.create_subprocess_exec(
            *(program, "--no-daemon", str(settings)),
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # Ctrl-C is for who runs it, who ends it.
            start_new_session=True,
        )
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    await writer.wait_closed()
                    return

    async def stop(self) -> None:
        """Stop it as the system does; it notes what it plays."""
        process, self.process = self.process, None
        if process is not None:
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), _PATIENCE_S)

    async def ask(self) -> dict[str, Any]:
        """Return what it says of itself."""
        client = MPDClient()
        await client.connect("127.0.0.1", self.port)
        try:
            return dict(await client.status())
        finally:
            client.disconnect()

    async def command(self, name: str, *arguments: object) -> None:
        """Do something on the player itself, as its owner does."""
        client = MPDClient()
        await client.connect("127.0.0.1", self.port)
        try:
            await getattr(client, name)(*arguments)
        finally:
            client.disconnect()


@asynccontextmanager
async def running_mpd(folder: Path) -> AsyncIterator[Mpd]:
    """Run a player; `folder` is for its own files."""
    folder.mkdir(parents=True, exist_ok=True)
    mpd = Mpd(folder, unused_port())
    await mpd.start()
    try:
        yield mpd
    finally:
        await mpd.stop()
