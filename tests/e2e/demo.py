"""The demo: the whole product on one machine, without an account or the internet."""

import argparse
import asyncio
import fcntl
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Error as PlaywrightError

from .browser import running_browser
from .checks import STEPS
from .dashboard import DASHBOARD
from .demo_house import running_demo_house
from .home_assistant import PASSWORD, REPOSITORY, USERNAME
from .household import Household
from .logs import ComplaintError
from .processes import free_port
from .walk import CheckError, Step, Walk

_FOLDER: Final = REPOSITORY / ".cache" / "demo"
_HOME_PORT: Final = 18123
_SERVER_PORT: Final = 18099
_PREPARE: Final = 9
"""How many of the steps prepare the house; the rest only prove."""

_FAILURES: Final = (
    *(CheckError, ComplaintError, OSError),
    *(PlaywrightError, RuntimeError, TimeoutError),
)


def main() -> int:
    """Run the demo; return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/demo")
    parser.add_argument(
        "--check", action="store_true", help="prove it headless, then exit 0 or 1"
    )
    parser.add_argument(
        "--folder", type=Path, default=_FOLDER, help="where state and pictures are kept"
    )
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    try:
        with _alone_in(folder):
            return asyncio.run(_until_stopped(folder, check=arguments.check))
    except BlockingIOError:
        print(f"demo: another one is running in {folder}; end it first")
        return 1


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; raise BlockingIOError if somebody else has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


async def _until_stopped(folder: Path, *, check: bool) -> int:
    """Run the demo as a task that a signal cancels once, so that all is ended."""
    print("demo: starting shop, server and Home Assistant", flush=True)
    task = asyncio.ensure_future(_check(folder) if check else _show(folder))
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        print("\ndemo: everything is ended", flush=True)
        return 130 if check else 0
    except _FAILURES as err:
        print(f"demo: FAILED: {err}; logs in {folder / 'state' / 'logs'}")
        return 1


async def _check(folder: Path) -> int:
    started = time.monotonic()
    async with (
        running_demo_house(folder / "state") as (house, speaker),
        running_browser() as browser,
    ):
        walk = Walk(house, speaker, browser, folder / "pictures")
        try:
            for name, step in STEPS:
                await _prove(walk, name, step)
        finally:
            walk.end_listening()
    seconds = time.monotonic() - started
    print(
        f"demo: all {len(STEPS)} checks hold, no log complains ({seconds:.0f} s);"
        f" pictures in {folder / 'pictures'}"
    )
    return 0


async def _prove(walk: Walk, name: str, step: Step) -> None:
    begun = time.monotonic()
    try:
        finding = await step(walk)
    except _FAILURES as err:
        print(f"  FAILED {name}: {err}", flush=True)
        raise CheckError(name) from err
    print(f"  ok {name}: {finding} ({time.monotonic() - begun:.1f} s)", flush=True)


async def _show(folder: Path) -> int:
    async with running_demo_house(
        folder / "state",
        home_port=free_port(_HOME_PORT),
        server_port=free_port(_SERVER_PORT),
    ) as (house, speaker):
        async with running_browser() as browser:
            walk = Walk(house, speaker, browser, folder / "pictures")
            for name, step in STEPS[:_PREPARE]:
                print(f"  {name}: {await step(walk)}", flush=True)
        print(_welcome(house), flush=True)
        if walk.listener is not None:
            await walk.listener
        await asyncio.Event().wait()
    return 0


def _welcome(house: Household) -> str:
    home = house.home_assistant
    return f"""
demo: ready
  Dashboard       {home.url}/{DASHBOARD}   login: {USERNAME} / {PASSWORD}
  Questions       {home.url}/config/repairs
  Media browser   {home.url}/media-browser/browser   (a silent speaker: Kitchen)
  Server page     {house.server.url}   secret: {house.server.secret}
  Simulated shop  {house.shop.control_url}   (move positions, switch on faults)
Somebody listens, an hour a minute; each book that is finished is told by an automation.
Ctrl-C ends everything."""


if __name__ == "__main__":
    sys.exit(main())
