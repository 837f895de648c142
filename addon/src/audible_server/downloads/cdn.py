"""Fetching one audio file from the shop's CDN into a part file, in several tries."""

import asyncio
import os
import re
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Final, Self

import httpx
from audible_core.errors import DownloadError, StorageError

from audible_server.library.files import size_of

_USER_AGENT: Final = "Audible/671 CFNetwork/1240.0.4 Darwin/20.6.0"
"""Others are refused by the CDN (audible-api reference, section 5.5)."""

_TIMEOUT: Final = httpx.Timeout(60.0, connect=20.0)
_WRITE_BYTES: Final = 1024 * 1024
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_UNSATISFIED: Final = re.compile(r"bytes \*/(\d+)")
_PAST_END: Final = httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE
_AUDIO: Final = ("audio/", "video/mp4", "application/octet-stream", "binary/")

type Progress = Callable[[int], Awaitable[None]]
"""Told how many bytes the part file has."""


class CutError(DownloadError):
    """The connection failed or the CDN has a fault: worth another try."""


class RefusedError(DownloadError):
    """The CDN refuses the address: perhaps it is too old."""


class Cdn:
    """Anonymous requests; nothing is signed and no redirect is followed."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        """Use `open` instead."""
        self._client = client

    @classmethod
    async def open(cls) -> Self:
        """Return a client; the caller closes it. Reading certificates blocks."""
        return cls(await asyncio.to_thread(_client))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def fetch_part(
        self, url: str, part: Path, *, size_bytes: int | None, progress: Progress
    ) -> int:
        """Continue a part file to its end; return the size of the whole.

        What came is in the file however this ends. Raises CutError, RefusedError,
        another DownloadError that no second try cures, or StorageError.
        """
        have = await asyncio.to_thread(size_of, part)
        if size_bytes is not None and have == size_bytes:
            return size_bytes
        if size_bytes is not None and have > size_bytes:
            await asyncio.to_thread(os.truncate, part, 0)
            have = 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        try:
            async with self._client.stream("GET", url, headers=headers) as answer:
                if answer.status_code == _PAST_END:
                    return await _after_end(answer, part, have)
                start, total = _checked(answer, have, size_bytes)
                await _save(answer, part, start=start, progress=progress)
        except httpx.InvalidURL as err:
            raise DownloadError(reason="the address is none") from err
        except httpx.HTTPError as err:
            raise CutError(reason=type(err).__name__) from err
        got = await asyncio.to_thread(size_of, part)
        if total is not None and got != total:
            raise CutError(reason=f"{got} of {total} bytes")
        return got

    async def fetch_small(self, url: str, *, most_bytes: int) -> bytes:
        """Return a small file, such as a cover; raise DownloadError."""
        body = bytearray()
        try:
            async with self._client.stream("GET", url) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise DownloadError(reason=f"status {answer.status_code}")
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > most_bytes:
                        raise DownloadError(reason="too large")
        except httpx.InvalidURL as err:
            raise DownloadError(reason="the address is none") from err
        except httpx.HTTPError as err:
            raise CutError(reason=type(err).__name__) from err
        return bytes(body)


async def _after_end(answer: httpx.Response, part: Path, have: int) -> int:
    """Return the size if all bytes had come before; else start over."""
    match = _UNSATISFIED.fullmatch(answer.headers.get("Content-Range", ""))
    if match is not None and int(match[1]) == have:
        return have
    await asyncio.to_thread(os.truncate, part, 0)
    raise CutError(reason="what was kept is no part of the file")


class _Part:
    """A part file; bytes are collected and written by a thread in large pieces.

    Whatever was added is written by the time it is closed, also when the task that
    added it was cancelled in the middle.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._pending = bytearray()
        self._lock = threading.Lock()

    async def add(self, chunk: bytes) -> bool:
        """Take bytes; return whether a piece was written."""
        with self._lock:
            self._pending += chunk
        if len(self._pending) < _WRITE_BYTES:
            return False
        await asyncio.to_thread(self._write)
        return True

    def close(self) -> None:
        """Write the rest; waits for a thread that still writes. Blocks."""
        self._write()
        with self._lock:
            self._file.close()

    def _write(self) -> None:
        with self._lock:
            if self._pending:
                data, self._pending = self._pending, bytearray()
                self._file.write(data)


async def _save(
    answer: httpx.Response, part: Path, *, start: int, progress: Progress
) -> None:
    async with _opened(part, start) as file:
        have = start
        async for chunk in answer.aiter_raw():
            have += len(chunk)
            if await file.add(chunk):
                await progress(have)


@asynccontextmanager
async def _opened(part: Path, start: int) -> AsyncGenerator[_Part]:
    try:
        file = _Part(await asyncio.to_thread(_open, part, start))
    except OSError as err:
        raise StorageError(reason=err.strerror or "unknown") from err
    try:
        yield file
    except OSError as err:
        raise StorageError(reason=err.strerror or "unknown") from err
    finally:
        # Not in a thread: a cancelled task could not wait for it.
        file.close()


def _open(part: Path, start: int) -> IO[bytes]:
    if start == 0:
        return part.open("wb")
    return part.open("ab")


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        headers={"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"},
        timeout=_TIMEOUT,
        follow_redirects=False,
    )


def _checked(
    answer: httpx.Response, have: int, size_bytes: int | None
) -> tuple[int, int | None]:
    """Return at which byte the body begins, and the size of the whole if known."""
    _check_status(answer.status_code)
    content_type = answer.headers.get("Content-Type", "").lower()
    if not content_type.startswith(_AUDIO):
        shown = content_type.partition(";")[0][:40] or "nothing"
        raise DownloadError(reason=f"{shown} came instead of audio")
    start, total = _place(answer)
    if start not in {0, have}:
        raise DownloadError(reason="other bytes came than were asked for")
    if size_bytes is not None and total is not None and total != size_bytes:
        reason = f"the file has {total} bytes instead of {size_bytes}"
        raise DownloadError(reason=reason)
    return start, total if total is not None else size_bytes


def _check_status(status: int) -> None:
    if status in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
        return
    if status in (httpx.codes.FORBIDDEN, httpx.codes.UNAUTHORIZED, httpx.codes.GONE):
        raise RefusedError(reason=f"the shop refuses the address, status {status}")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in (
        httpx.codes.TOO_MANY_REQUESTS,
        httpx.codes.REQUEST_TIMEOUT,
    ):
        raise CutError(reason=f"status {status}")
    raise DownloadError(reason=f"status {status}")


def _place(answer: httpx.Response) -> tuple[int, int | None]:
    if answer.status_code == httpx.codes.PARTIAL_CONTENT:
        header = answer.headers.get("Content-Range", "")
        match = _CONTENT_RANGE.fullmatch(header)
        if match is None:
            raise DownloadError(reason="Content-Range is unreadable")
        return int(match[1]), int(match[3])
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else None
