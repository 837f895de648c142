"""The demo: the whole product on one machine, without an account or the internet."""

import argparse
import asyncio
import signal
import sys
import time

from playwright.async_api import Error as PlaywrightError

from .browser import running_browser
from .checks import STEPS, CheckError, Walk
from .home_assistant import PASSWORD, REPOSITORY, USERNAME
from .household import Household, running_household

FOLDER = REPOSITORY / ".cache" / "demo"
HOME_PORT = 18123
SERVER_PORT = 18099
_PREPARE = 5
"""How many of the steps prepare the house; the rest only prove."""


def main() -> int:
    """Run the demo; return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/demo")
    parser.add_argument(
        "--check", action="store_true", help="prove it headless, then exit 0 or 1"
    )
    arguments = parser.parse_args()
    try:
        return asyncio.run(_until_stopped(check=arguments.check))
    except KeyboardInterrupt:
        return 130


async def _until_stopped(*, check: bool) -> int:
    """Run the demo as a task that Ctrl-C and SIGTERM cancel, so that all is ended."""
    task = asyncio.ensure_future(_check() if check else _show())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        print("\ndemo: everything is ended", flush=True)
        return 0 if not check else 130


async def _check() -> int:
    started = time.monotonic()
    print("demo: starting shop, server and Home Assistant", flush=True)
    async with (
        running_household(FOLDER / "state") as house,
        running_browser() as browser,
    ):
        walk = Walk(house, browser, FOLDER / "pictures")
        for number, (name, step) in enumerate(STEPS, 1):
            try:
                finding = await step(walk)
            except (CheckError, PlaywrightError, RuntimeError, TimeoutError) as err:
                print(f"  FAILED {name}: {err}", flush=True)
                return _verdict(number - 1, started)
            print(f"  ok {name}: {finding}", flush=True)
    return _verdict(len(STEPS), started)


def _verdict(passed: int, started: float) -> int:
    failed = len(STEPS) - passed
    seconds = time.monotonic() - started
    logs = (FOLDER / "state" / "logs").relative_to(REPOSITORY)
    if failed:
        print(f"demo: FAILED at step {passed + 1} of {len(STEPS)}; logs in {logs}")
        return 1
    print(f"demo: all {passed} checks hold ({seconds:.0f} s); pictures in .cache/demo")
    return 0


async def _show() -> int:
    print("demo: starting shop, server and Home Assistant", flush=True)
    async with running_household(
        FOLDER / "state", home_port=HOME_PORT, server_port=SERVER_PORT
    ) as house:
        async with running_browser() as browser:
            walk = Walk(house, browser, FOLDER / "pictures")
            for name, step in STEPS[:_PREPARE]:
                print(f"  {name}: {await step(walk)}", flush=True)
        print(_welcome(house), flush=True)
        await asyncio.Event().wait()
    return 0


def _welcome(house: Household) -> str:
    home = house.home_assistant
    return f"""
demo: ready
  Home Assistant  {home.url}   login: {USERNAME} / {PASSWORD}
  Media browser   {home.url}/media-browser/browser
  Server page     {house.server.url}   secret: {house.server.secret}
  Simulated shop  {house.shop.control_url}   (move positions, switch on faults)
Ctrl-C ends everything."""


if __name__ == "__main__":
    sys.exit(main())
