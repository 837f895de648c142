"""The owner of subprocesses, with real small programs."""

import asyncio
import gc
from collections.abc import AsyncGenerator
from itertools import product
from pathlib import Path

import pytest
from audible_core.errors import MediaToolError, Mp4FormatError

from audible_server.media.ffmpeg import FILTERS, FILTERS_OPTION, filters_option
from audible_server.media.process import Tool, ToolOutput, run, running
from audible_server.media.spare import Spare
from tests.addon.patience import GONE_S, SOON_S
from tests.addon.processes import children

ENDLESS = ("sh", "-c", "echo $$; exec yes")
MOMENTS = (*range(16), 24, 40)
"""How often the loop turns before something happens."""


async def feed(*chunks: bytes) -> AsyncGenerator[bytes]:
    for chunk in chunks:
        yield chunk


async def endless() -> AsyncGenerator[bytes]:
    while True:
        yield bytes(65_536)


async def failing() -> AsyncGenerator[bytes]:
    yield b"some"
    raise Mp4FormatError(reason="for the test")


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def open_files() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_output_is_read_to_its_end() -> None:
    """A tool that does well gives what it wrote."""
    assert b"hello\n" == await run(("echo", "hello"), timeout_s=SOON_S)


async def test_input_is_fed_while_output_is_read() -> None:
    """More than any pipe holds goes through."""
    chunks = [bytes([number]) * 65_536 for number in range(40)]
    async with running(("cat",), feed(*chunks)) as stdout:
        assert b"".join(chunks) == await stdout.read()


async def test_a_failing_tool_is_an_error_with_what_it_said_behind() -> None:
    """The sentence is safe to show; the tool's own words are for the log."""
    with pytest.raises(MediaToolError) as caught:
        await run(("sh", "-c", "echo /secret/path >&2; exit 3"), timeout_s=SOON_S)

    assert "sh failed: exit code 3." == str(caught.value)
    assert isinstance(caught.value.__cause__, ToolOutput)
    assert "/secret/path" == str(caught.value.__cause__)


async def test_a_tool_that_talks_for_ever_keeps_little() -> None:
    """Megabytes on stderr neither block the tool nor stay in memory."""
    noisy = ("sh", "-c", "head -c 5000000 /dev/zero | tr '\\0' e >&2; exit 1")
    with pytest.raises(MediaToolError) as caught:
        await run(noisy, timeout_s=SOON_S)

    assert "e" * 4096 == str(caught.value.__cause__)


async def test_a_missing_tool_is_named() -> None:
    """Without ffmpeg the error says so."""
    with pytest.raises(
        MediaToolError, match="no-such-tool failed: it is not installed"
    ):
        await run(("no-such-tool",), timeout_s=SOON_S)


async def test_a_tool_that_may_not_start_is_an_error(tmp_path: Path) -> None:
    """A file that is no program is no traceback."""
    tool = tmp_path / "tool"
    tool.write_text("")
    with pytest.raises(MediaToolError, match="it does not start"):
        await run((str(tool),), timeout_s=SOON_S)


async def test_leaving_early_ends_the_process_within_a_second() -> None:
    """Nobody listens, nobody works; unread output does not keep it alive."""
    async with asyncio.timeout(SOON_S), running(ENDLESS, endless()) as stdout:
        pid = int((await stdout.read(99)).split()[0])
        assert is_alive(pid)
        left_at = asyncio.get_running_loop().time()

    assert not is_alive(pid)
    assert asyncio.get_running_loop().time() - left_at < GONE_S


async def test_cancelling_the_reader_ends_the_process() -> None:
    """A listener whose connection is cut is cancelled, and with it the work."""
    pids: list[int] = []

    async def listen() -> None:
        async with running(ENDLESS) as stdout:
            pids.append(int((await stdout.read(99)).split()[0]))
            await asyncio.Event().wait()

    task = asyncio.create_task(listen())
    async with asyncio.timeout(SOON_S):
        while not pids:
            await asyncio.sleep(0.01)
    task.cancel()
    async with asyncio.timeout(GONE_S):
        await asyncio.wait([task])

    assert task.cancelled()
    assert not is_alive(pids[0])


@pytest.mark.parametrize("cancellations", [1, 2, 3])
async def test_whenever_it_is_cancelled_no_process_is_left(cancellations: int) -> None:
    """While it starts, runs or is collected: when the task has ended, so has it."""

    async def listen() -> None:
        async with running(("cat",), endless()) as stdout:
            await stdout.read()

    before = children()
    for first, between in product(MOMENTS, MOMENTS if cancellations > 1 else (0,)):
        task = asyncio.create_task(listen())
        await turns(first)
        for _ in range(cancellations):
            task.cancel()
            await turns(between)
        async with asyncio.timeout(SOON_S):
            await asyncio.wait([task])
        assert task.cancelled()
        assert not children() - before, (first, between)


async def test_whenever_listeners_come_and_go_no_spare_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was begun for who has left since is ended with the rest."""
    monkeypatch.setattr("audible_server.media.spare._DELAY_S", 0)
    monkeypatch.setattr("audible_server.media.spare._LINGER_S", 0)
    before = children()
    for stay, pause in product(MOMENTS, MOMENTS):
        spare = Spare()
        for _ in range(2):
            async with spare.listening(("cat",), 4096):
                await turns(stay)
            await turns(pause)
        async with asyncio.timeout(SOON_S):
            await spare.close()
        assert not children() - before, (stay, pause)


async def test_a_tool_that_was_never_needed_leaves_no_file_open() -> None:
    """It waits for its filters, and ends without them."""
    argv = ("ffmpeg", "-f", "aac", "-i", "pipe:0", FILTERS_OPTION, FILTERS)
    await (await Tool.start(argv, has_stdin=True)).end()
    before = open_files()

    await (await Tool.start(argv, has_stdin=True)).end()

    assert not open_files() - before


async def test_a_tool_that_hangs_is_ended() -> None:
    """A tool has its time."""
    with pytest.raises(MediaToolError, match=r"it took longer than 0\.05 seconds"):
        await run(("cat", "/dev/zero"), timeout_s=0.05)


async def test_input_that_fails_is_what_is_raised() -> None:
    """A book that turns out damaged never ends as if it were over."""
    with pytest.raises(Mp4FormatError, match="for the test"):
        async with running(("cat",), failing()) as stdout:
            await stdout.read()


async def test_input_that_fails_while_all_is_cancelled_is_taken_note_of() -> None:
    """Nobody is left to raise it to, and asyncio has nothing to complain of."""
    told: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context))
    has_begun = asyncio.Event()

    async def fails_to_close() -> AsyncGenerator[bytes]:
        try:
            async for chunk in endless():
                has_begun.set()
                yield chunk
        finally:
            raise Mp4FormatError(reason="for the test")

    async def read() -> None:
        async with running(("sleep", "60"), fails_to_close()):
            await has_begun.wait()
            readers[0].cancel()

    readers = [asyncio.create_task(read())]
    await asyncio.wait(readers)
    assert readers[0].cancelled()
    readers.clear()
    gc.collect()

    assert told == []


async def test_a_tool_that_stops_reading_is_judged_by_its_exit() -> None:
    """A pipe closed by the tool is not an error of ours."""
    async with running(("head", "-c", "5"), endless()) as stdout:
        assert bytes(5) == await stdout.read()
    broken = running(("sh", "-c", "exec <&-; exit 4"), endless())
    with pytest.raises(MediaToolError, match="exit code 4"):
        async with broken as stdout:
            await stdout.read()


async def test_an_error_of_the_reader_passes_through() -> None:
    """What the block raises is raised, and the process is gone."""
    pids: list[int] = []

    async def listen() -> None:
        async with running(ENDLESS) as stdout:
            pids.append(int((await stdout.read(99)).split()[0]))
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await listen()
    assert not is_alive(pids[0])


@pytest.mark.parametrize(
    ("version", "option"),
    [
        ("ffmpeg version 5.1.9-0+deb12u1 Copyright", "-filter_script:a"),
        ("ffmpeg version 6.1.1 Copyright", "-filter_script:a"),
        ("ffmpeg version 7.1.5-0+deb13u1 Copyright", "-/filter:a"),
        ("ffmpeg version n9.0.2-17-g2a571b6068 Copyright", "-/filter:a"),
        ("ffmpeg version N-121000-g0123456789 Copyright", "-/filter:a"),
    ],
)
def test_filters_come_by_the_option_of_this_ffmpeg(version: str, option: str) -> None:
    """Old ones and new ones take filters from a file in two ways."""
    assert option == filters_option(version)
