"""The one owner of subprocesses: a process never outlives the block that runs it."""

import asyncio
import logging
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TYPE_CHECKING

from audible_core.errors import MediaToolError

_LOGGER = logging.getLogger(__name__)
_STDERR_TAIL_BYTES = 4_096


class ToolOutput(Exception):  # noqa: N818 - it carries what a tool said, as a cause
    """The end of what a tool wrote to stderr; for the log, it may name paths."""


class ToolExitError(MediaToolError):
    """A tool ran and gave up: mostly because of the file."""


@asynccontextmanager
async def running(
    argv: tuple[str, ...], feed: AsyncGenerator[bytes] | None = None
) -> AsyncGenerator[asyncio.StreamReader]:
    """Run a tool and yield its stdout; leaving the block ends the process.

    `feed` is written to stdin, as fast as the tool reads. After stdout was read to its
    end, leaving raises what `feed` raised, or MediaToolError if the tool failed.
    MediaToolError also if it cannot be started.
    """
    process = await _start(argv, has_stdin=feed is not None)
    if TYPE_CHECKING:
        assert process.stdout
        assert process.stderr
    errors = asyncio.create_task(_tail(process.stderr))
    pump = asyncio.create_task(_pump(process, feed))
    try:
        yield process.stdout
        if process.stdout.at_eof():
            await _check(argv[0], process, errors, pump)
    finally:
        await _end(process, errors, pump)


async def run(argv: tuple[str, ...], *, timeout_s: float) -> bytes:
    """Run a tool to its end and return its stdout; raise MediaToolError.

    For tools whose output is small.
    """
    try:
        async with asyncio.timeout(timeout_s), running(argv) as stdout:
            return await stdout.read()
    except TimeoutError as err:
        reason = f"it took longer than {timeout_s:g} seconds"
        raise MediaToolError(tool=argv[0], reason=reason) from err


async def _start(argv: tuple[str, ...], *, has_stdin: bool) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            *argv, stdin=PIPE if has_stdin else DEVNULL, stdout=PIPE, stderr=PIPE
        )
    except FileNotFoundError as err:
        raise MediaToolError(tool=argv[0], reason="it is not installed") from err
    except OSError as err:
        reason = f"it does not start ({err.strerror})"
        raise MediaToolError(tool=argv[0], reason=reason) from err


async def _pump(process: Process, feed: AsyncGenerator[bytes] | None) -> None:
    """Write the feed to stdin; when the feed fails, the tool must not finish well."""
    if feed is None or process.stdin is None:
        return
    try:
        # The tool may stop reading, and then its exit code says why.
        with suppress(ConnectionError):
            async with aclosing(feed):
                async for chunk in feed:
                    process.stdin.write(chunk)
                    await process.stdin.drain()
            process.stdin.close()
            await process.stdin.wait_closed()
    except Exception:
        with suppress(ProcessLookupError):
            process.kill()
        raise


async def _tail(stderr: asyncio.StreamReader) -> str:
    """Read stderr to its end, so that the tool never waits, and keep the last part."""
    tail = b""
    while chunk := await stderr.read(_STDERR_TAIL_BYTES):
        tail = (tail + chunk)[-_STDERR_TAIL_BYTES:]
    return tail.decode("utf-8", "replace").strip()


async def _check(
    tool: str,
    process: Process,
    errors: asyncio.Task[str],
    pump: asyncio.Task[None],
) -> None:
    """Raise what went wrong with a tool that closed its stdout."""
    code = await process.wait()
    if pump.done():
        await pump
    if code:
        output = ToolOutput(await errors)
        raise ToolExitError(tool=tool, reason=f"exit code {code}") from output


async def _end(
    process: Process, errors: asyncio.Task[str], pump: asyncio.Task[None]
) -> None:
    """Kill the process if it lives, and collect everything that belongs to it."""
    with suppress(ProcessLookupError):
        process.kill()
    tasks = (errors, pump)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    if not pump.cancelled() and pump.exception() is not None:
        # Taken note of by the block if it read to the end; else nobody wants it.
        _LOGGER.debug("Input of %s failed", process.pid, exc_info=pump.exception())
    # wait() alone may hang while unread output fills the pipe.
    await process.communicate()
