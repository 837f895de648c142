"""The one owner of subprocesses: a process never outlives the block that runs it."""

import asyncio
import fcntl
import logging
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from typing import TYPE_CHECKING, Any, Final, Self

from audible_core.errors import MediaToolError
from audible_core.unbroken import unbroken

from audible_server.media.ffmpeg import FILTERS, FILTERS_OPTION, filters_option

_LOGGER = logging.getLogger(__name__)
_STDERR_TAIL_BYTES = 4_096
_BUFFER_BYTES: Final = 64 * 1024
_INPUT_BYTES: Final = 16 * 1024
_IDLE: Final = 19
_VERSION_TIMEOUT_S: Final = 10.0
_FILTERS_OPTIONS: Final[dict[str, str]] = {}


class ToolOutput(Exception):  # noqa: N818 - it carries what a tool said, as a cause
    """The end of what a tool wrote to stderr; for the log, it may name paths."""


class ToolExitError(MediaToolError):
    """A tool ran and gave up: mostly because of the file."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A process that runs, and is ended by whoever was given it: see `end`.

    One that was started ahead waits for its input, and for its filters.
    """

    name: str
    process: Process
    errors: asyncio.Task[str]
    filters: FileIO | None

    @classmethod
    async def start(
        cls,
        argv: tuple[str, ...],
        *,
        has_stdin: bool,
        buffer_bytes: int = _BUFFER_BYTES,
    ) -> Self:
        """Start a tool; raise MediaToolError if that is not possible.

        No more than about three times `buffer_bytes` of output wait to be read. Where
        an argument is `FILTERS`, it becomes the name of a file that `set_filters`
        writes, and `FILTERS_OPTION` the option of this ffmpeg that reads it. Who is
        cancelled meanwhile leaves no process behind.
        """
        if FILTERS in argv:
            option = await _filters_option(argv[0])
            argv = tuple(option if it == FILTERS_OPTION else it for it in argv)
        starting = asyncio.create_task(cls._start(argv, has_stdin, buffer_bytes))
        try:
            return await unbroken(starting)
        except asyncio.CancelledError:
            if not starting.cancelled() and starting.exception() is None:
                await starting.result().end()
            raise

    @classmethod
    async def _start(
        cls, argv: tuple[str, ...], has_stdin: bool, buffer_bytes: int
    ) -> Self:
        if FILTERS not in argv:
            process = await _spawn(argv, has_stdin, buffer_bytes, ())
            return cls(argv[0], process, _watched(process), None)
        theirs, ours = os.pipe()
        filters = FileIO(ours, "wb")
        try:
            place = f"/dev/fd/{theirs}"
            named = tuple(place if it == FILTERS else it for it in argv)
            process = await _spawn(named, has_stdin, buffer_bytes, (theirs,))
        except BaseException:
            filters.close()
            raise
        finally:
            os.close(theirs)
        return cls(argv[0], process, _watched(process), filters)

    @property
    def is_alive(self) -> bool:
        """Tell whether it still runs."""
        return self.process.returncode is None

    def set_filters(self, filters: str) -> None:
        """Tell an ffmpeg its filters, once."""
        if self.filters is not None:
            # Far less than a pipe holds, so this never waits.
            with suppress(BrokenPipeError), self.filters:
                self.filters.write(filters.encode())

    def stand_back(self) -> None:
        """Let everybody else have the processor and the disk first."""
        # The kernel ranks reads and writes by the same number.
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, _IDLE)

    async def end(self, pump: asyncio.Task[None] | None = None) -> None:
        """Kill the process if it lives, and collect everything that belongs to it.

        Also where who waits for that is cancelled: else it would stay a zombie where
        the loop ends, too.
        """
        with suppress(ProcessLookupError):
            self.process.kill()
        if self.filters is not None:
            self.filters.close()
        await unbroken(self._collect(pump))

    async def _collect(self, pump: asyncio.Task[None] | None) -> None:
        tasks: list[asyncio.Task[Any]] = [self.errors]
        if pump is not None:
            tasks.append(pump)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        if pump is not None and not pump.cancelled() and pump.exception() is not None:
            # Taken note of by who read to the end; else nobody wants it. Asked for
            # here, whoever is cancelled: asyncio would tell of it as never retrieved.
            _LOGGER.debug("Input of %s failed", self.name, exc_info=pump.exception())
        # wait() alone may hang while unread output fills the pipe.
        await self.process.communicate()


@dataclass(frozen=True, slots=True)
class Output:
    """What a tool writes to stdout; at the end it is known whether that is all."""

    tool: Tool
    pump: asyncio.Task[None]

    async def read(self, most_bytes: int = -1) -> bytes:
        """Return what there is next, b"" at the end; or all of it.

        Raises what the feed raised, or MediaToolError if the tool failed.
        """
        stdout = self.tool.process.stdout
        if TYPE_CHECKING:
            assert stdout
        data = await stdout.read(most_bytes)
        if most_bytes < 0 or not data:
            await self._check()
        return data

    async def _check(self) -> None:
        """Raise what went wrong with a tool that closed its stdout."""
        code = await self.tool.process.wait()
        if self.pump.done():
            await self.pump
        if code:
            output = ToolOutput(await self.tool.errors)
            reason = f"exit code {code}"
            raise ToolExitError(tool=self.tool.name, reason=reason) from output


@asynccontextmanager
async def running(
    argv: tuple[str, ...],
    feed: AsyncGenerator[bytes] | None = None,
    *,
    filters: str = "",
    ready: Tool | None = None,
    buffer_bytes: int = _BUFFER_BYTES,
) -> AsyncGenerator[Output]:
    """Run a tool and yield its stdout; leaving the block ends the process.

    `feed` is written to stdin, as fast as the tool reads. Reading stdout to its end
    raises what `feed` raised, or MediaToolError if the tool failed. MediaToolError also
    if it cannot be started. `ready` is a tool that was started ahead with the same
    arguments.
    """
    tool = ready or await Tool.start(
        argv, has_stdin=feed is not None, buffer_bytes=buffer_bytes
    )
    tool.set_filters(filters)
    pump = asyncio.create_task(_pump(tool.process, feed))
    try:
        yield Output(tool, pump)
    finally:
        await tool.end(pump)


async def run(
    argv: tuple[str, ...], *, timeout_s: float, is_idle: bool = False
) -> bytes:
    """Run a tool to its end and return its stdout; raise MediaToolError.

    For tools whose output is small. What is idle stands back behind everybody else.
    """
    try:
        async with asyncio.timeout(timeout_s), running(argv) as stdout:
            if is_idle:
                stdout.tool.stand_back()
            return await stdout.read()
    except TimeoutError as err:
        reason = f"it took longer than {timeout_s:g} seconds"
        raise MediaToolError(tool=argv[0], reason=reason) from err


async def _filters_option(tool: str) -> str:
    """Return how this ffmpeg is given filters in a file; it is asked once."""
    if tool not in _FILTERS_OPTIONS:
        said = await run((tool, "-version"), timeout_s=_VERSION_TIMEOUT_S)
        _FILTERS_OPTIONS[tool] = filters_option(said.decode(errors="replace"))
    return _FILTERS_OPTIONS[tool]


async def feed_all(argv: tuple[str, ...], feed: AsyncGenerator[bytes]) -> None:
    """Run a tool on all of a feed; raise what that and its output raise."""
    async with running(argv, feed) as stdout:
        await stdout.read()


async def fed(piece: bytes) -> AsyncGenerator[bytes]:
    """Yield one piece, for a tool that needs no more."""
    yield piece


async def _spawn(
    argv: tuple[str, ...],
    has_stdin: bool,
    buffer_bytes: int,
    inherited: tuple[int, ...],
) -> Process:
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=PIPE if has_stdin else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            limit=buffer_bytes,
            pass_fds=inherited,
        )
    except FileNotFoundError as err:
        raise MediaToolError(tool=argv[0], reason="it is not installed") from err
    except OSError as err:
        reason = f"it does not start ({err.strerror})"
        raise MediaToolError(tool=argv[0], reason=reason) from err
    _narrow_input(process)
    return process


def _narrow_input(process: Process) -> None:
    """Let little wait to be read, so that a tool is not fed far ahead."""
    if process.stdin is not None and not process.stdin.transport.is_closing():
        process.stdin.transport.set_write_buffer_limits(high=0)
        pipe = process.stdin.transport.get_extra_info("pipe")
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _INPUT_BYTES)


def _watched(process: Process) -> asyncio.Task[str]:
    if TYPE_CHECKING:
        assert process.stderr
    return asyncio.create_task(_tail(process.stderr))


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
