"""The demo as a command: it starts, says where to look, and ends without a trace."""

import asyncio
import fcntl
import os
import signal
import sys
from pathlib import Path

import pytest

from .home_assistant import REPOSITORY
from .logs import complaints
from .processes import wait_until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


def _descendants(root: int) -> set[int]:
    """Return the ids of all processes below ``root``, from /proc."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(after_name[1])
    found: set[int] = set()
    todo = {root}
    while todo:
        todo = {child for child, parent in parents.items() if parent in todo} - found
        found |= todo
    return found


async def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    """Two would destroy each other's state; the second says so and ends."""
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.e2e.demo", "--folder", str(tmp_path)),
            cwd=REPOSITORY,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await second.communicate()
    assert second.returncode == 1
    assert said.decode().startswith("demo: another one is running in ")


async def test_ctrl_c_ends_every_process(tmp_path: Path) -> None:
    """After Ctrl-C nothing that the demo started is left."""
    log_path = tmp_path / "demo.log"
    with log_path.open("wb") as log:
        demo = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.e2e.demo", "--folder", str(tmp_path)),
            cwd=REPOSITORY,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    async def is_ready() -> bool | None:
        return True if "demo: ready" in log_path.read_text() else None

    try:
        await wait_until("the demo is ready", is_ready, timeout_s=150, process=demo)
        children = _descendants(demo.pid)
        assert len(children) >= 3
        demo.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            assert await demo.wait() == 0
    finally:
        if demo.returncode is None:
            demo.kill()
            await demo.wait()
    text = log_path.read_text()
    assert "login: demo / demo" in text
    assert text.rstrip().endswith("demo: everything is ended")
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
    assert complaints(tmp_path / "state") == []
