"""Asking the shop's CDN for bytes, and what its answers mean."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from audible_core.errors import DownloadError

if TYPE_CHECKING:
    import httpx

_USER_AGENT: Final = "Audible/671 CFNetwork/1240.0.4 Darwin/20.6.0"
"""Others are refused by the CDN (audible-api reference, section 5.5)."""

_ANSWER_WITHIN_S: Final = 60.0
_CONNECT_WITHIN_S: Final = 20.0
_CONTENT_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_UNSATISFIED: Final = re.compile(r"bytes \*/(\d+)")
_AUDIO: Final = ("audio/", "video/mp4", "application/octet-stream", "binary/")


class CutError(DownloadError):
    """The connection failed or the CDN has a fault: worth another try."""


class RefusedError(DownloadError):
    """The CDN refuses the address: perhaps it is too old."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes on their way: from ``start`` to before ``end``, of how many in all.

    None means that the shop does not say. ``has_ranges`` tells whether another place
    can be asked for.
    """

    start: int
    end: int | None
    size_bytes: int | None
    has_ranges: bool
    chunks: AsyncIterator[bytes]


class OtherFileError(CutError):
    """The file is another one than that of which bytes were kept."""


class Cdn:
    """Anonymous requests; nothing is signed and no redirect is followed.

    What is needed for them, 10 MB, is there from the first one on.
    """

    def __init__(self) -> None:
        """Make a client without connections; the caller closes it."""
        self._client: httpx.AsyncClient | None = None
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    @asynccontextmanager
    async def _asked(
        self, url: str, headers: dict[str, str] | None = None
    ) -> AsyncGenerator[httpx.Response]:
        """Send a request; errors of the library become ours, in the block as well."""
        async with self._turn:
            if self._client is None:
                self._client = await asyncio.to_thread(_client)
        import httpx

        try:
            async with self._client.stream("GET", url, headers=headers) as answer:
                yield answer
        except httpx.InvalidURL as err:
            raise DownloadError(reason="the address is none") from err
        except httpx.HTTPError as err:
            raise CutError(reason=_told(err)) from err

    @asynccontextmanager
    async def ask(
        self, url: str, start: int, end: int | None, *, size_bytes: int | None
    ) -> AsyncGenerator[Answer]:
        """Ask for bytes of a file, to its end where ``end`` is None.

        Raises CutError, also from within the block when the line breaks; RefusedError;
        or another DownloadError, which no second try cures. Leaving early ends the
        transfer.
        """
        async with self._asked(url, _range(start, end, size_bytes)) as answer:
            yield _checked(answer, start, size_bytes)

    async def fetch_small(self, url: str, *, most_bytes: int) -> bytes:
        """Return a small file, such as a cover; raise DownloadError."""
        body = bytearray()
        async with self._asked(url) as answer:
            if answer.status_code != HTTPStatus.OK:
                raise DownloadError(reason=f"status {answer.status_code}")
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > most_bytes:
                    raise DownloadError(reason="too large")
        return bytes(body)


def _told(err: httpx.HTTPError) -> str:
    """Return in a few words what broke."""
    import httpx

    match err:
        case httpx.ConnectTimeout() | httpx.ConnectError():
            return "the shop's file server cannot be reached"
        case httpx.TimeoutException():
            return "no answer came in time"
        case httpx.ProxyError():
            return "the proxy refuses"
        case httpx.NetworkError() | httpx.RemoteProtocolError():
            return "the connection broke"
        case _:
            return "the answer cannot be read"


def _range(start: int, end: int | None, size_bytes: int | None) -> dict[str, str]:
    last = "" if end is None or end == size_bytes else end - 1
    if start == 0 and last == "":
        return {}
    return {"Range": f"bytes={start}-{last}"}


def _client() -> httpx.AsyncClient:
    """Return a client. Reading the certificates blocks."""
    import httpx

    return httpx.AsyncClient(
        headers={"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(_ANSWER_WITHIN_S, connect=_CONNECT_WITHIN_S),
        follow_redirects=False,
    )


def _checked(answer: httpx.Response, asked: int, size_bytes: int | None) -> Answer:
    if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return _past_end(answer, asked)
    _check_status(answer.status_code)
    content_type = answer.headers.get("Content-Type", "").lower()
    if not content_type.startswith(_AUDIO):
        shown = content_type.partition(";")[0][:40] or "nothing"
        raise DownloadError(reason=f"{shown} came instead of audio")
    start, end, total = _place(answer)
    if start not in {0, asked}:
        raise DownloadError(reason="other bytes came than were asked for")
    if size_bytes is not None and total is not None and total != size_bytes:
        reason = f"the file has {total} bytes instead of {size_bytes}"
        raise DownloadError(reason=reason)
    has_ranges = (
        answer.status_code == HTTPStatus.PARTIAL_CONTENT
        or answer.headers.get("Accept-Ranges") == "bytes"
    )
    size_bytes = size_bytes if total is None else total
    end = size_bytes if end is None else end
    return Answer(start, end, size_bytes, has_ranges, answer.aiter_raw())


def _past_end(answer: httpx.Response, asked: int) -> Answer:
    """Return an answer without bytes if the file ends where more was asked for."""
    match = _UNSATISFIED.fullmatch(answer.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != asked:
        raise OtherFileError(reason="what was kept is no part of the file")
    return Answer(asked, asked, asked, has_ranges=True, chunks=_nothing())


async def _nothing() -> AsyncGenerator[bytes]:
    nothing: tuple[bytes, ...] = ()
    for chunk in nothing:
        yield chunk


def _check_status(status: int) -> None:
    if status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED, HTTPStatus.GONE):
        raise RefusedError(reason=f"the shop refuses the address, status {status}")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in (
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.REQUEST_TIMEOUT,
    ):
        raise CutError(reason=f"the shop's file server has a fault, status {status}")
    raise DownloadError(reason=f"status {status}")


def _place(answer: httpx.Response) -> tuple[int, int | None, int | None]:
    """Return from where to where the body reaches, and the size of the whole."""
    if answer.status_code == HTTPStatus.PARTIAL_CONTENT:
        header = answer.headers.get("Content-Range", "")
        match = _CONTENT_RANGE.fullmatch(header)
        if match is None:
            raise DownloadError(reason="Content-Range is unreadable")
        return int(match[1]), int(match[2]) + 1, int(match[3])
    length = answer.headers.get("Content-Length", "")
    size_bytes = int(length) if length.isdigit() else None
    return 0, size_bytes, size_bytes
