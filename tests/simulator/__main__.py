"""Run the simulated shop until it is told to stop."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from .catalog import DEMO_EMAIL, DEMO_PASSWORD
from .simulator import Simulator, running_simulator


def main() -> int:
    """Read the arguments and run; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator")
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--proxy-port", type=int, default=0)
    parser.add_argument("--ready-file", type=Path)
    arguments = parser.parse_args()
    asyncio.run(_run(arguments))
    return 0


async def _run(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running_simulator(
        arguments.state_dir.resolve(),
        control_port=arguments.control_port,
        proxy_port=arguments.proxy_port,
    ) as simulator:
        ready = json.dumps(_ready(simulator), indent=1)
        if arguments.ready_file:
            _write_whole(arguments.ready_file, ready)
        print(ready, flush=True)
        await stop.wait()


def _ready(simulator: Simulator) -> dict[str, str]:
    return {
        "proxy_url": simulator.proxy_url,
        "control_url": simulator.control_url,
        "ca_path": str(simulator.ca_path),
        "email": DEMO_EMAIL,
        "password": DEMO_PASSWORD,
    }


def _write_whole(path: Path, text: str) -> None:
    """Write a file that a watcher never sees half."""
    made = path.with_name(f".{path.name}.part")
    made.write_text(text, encoding="utf-8")
    made.replace(path)


if __name__ == "__main__":
    sys.exit(main())
