"""Client of the server; the session is injected and never closed here."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from yarl import URL

from .errors import (
    InvalidValueError,
    MediaServerError,
    MediaServerRefusedError,
    MediaServerSecretError,
    MediaServerUnreachableError,
    MediaServerVersionError,
    UnknownAccountError,
)
from .models import Account, Asin, Chapter, Credentials
from .sealing import seal
from .wire import (
    API_VERSION,
    SECRET_HEADER,
    AccountHandOver,
    BookPage,
    Health,
    ServerAccount,
    ServerBook,
    ServerEvent,
    accounts_of,
    chapters_of,
    data_of,
    hls_path_of,
    to_json,
)

_PAGE_SIZE: Final = 1000
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30)
# A stream may last for days, but never be silent for long.
_STREAM_TIMEOUT: Final = aiohttp.ClientTimeout(
    total=None, sock_connect=10, sock_read=60
)


class MediaServerClient:
    """What the integration asks of one server.

    Every method raises MediaServerError: unreachable, wrong secret, other version, or
    refused with the server's own words; InvalidValueError if an answer is malformed.
    """

    def __init__(
        self, session: aiohttp.ClientSession, *, url: str, secret: str
    ) -> None:
        """Use an open session; ``url`` without a path."""
        self._session = session
        self._secret = secret
        self.url = url.rstrip("/")

    async def check(self) -> Health:
        """Return the server's health after proving that the secret fits."""
        try:
            health = Health.from_json(await self._call("GET", "/health"))
            if not health.is_compatible:
                raise MediaServerVersionError(
                    found=health.api_version, expected=API_VERSION
                )
            await self._call("GET", "/api/books?limit=1")
        except InvalidValueError, MediaServerRefusedError:
            # Something else answers at that address.
            raise MediaServerUnreachableError(url=self.url) from None
        return health

    async def hand_over(self, account: Account, credentials: Credentials) -> None:
        """Give the server an account to download with; the credentials go sealed."""
        body = AccountHandOver(
            country_code=account.country_code,
            name=account.name,
            sealed=seal(self._secret, credentials.text),
        )
        await self._call(
            "PUT", f"/api/accounts/{account.account_id}", body=to_json(body)
        )

    async def fetch_accounts(self) -> tuple[ServerAccount, ...]:
        """Return the accounts that the server was handed."""
        return accounts_of(await self._call("GET", "/api/accounts"))

    async def remove_account(self, account_id: str) -> None:
        """Make the server forget an account's credentials; its files stay.

        An account that it does not know is forgotten already.
        """
        try:
            await self._call("DELETE", f"/api/accounts/{account_id}")
        except MediaServerRefusedError as err:
            if err.code != UnknownAccountError.key:
                raise

    async def fetch_books(self) -> tuple[ServerBook, ...]:
        """Return all titles that the server knows, in its order."""
        found: dict[str, ServerBook] = {}
        offset = 0
        while True:
            path = f"/api/books?limit={_PAGE_SIZE}&offset={offset}"
            page = BookPage.from_json(await self._call("GET", path))
            found |= {book.asin: book for book in page.books}
            offset += len(page.books)
            if not page.books or offset >= page.total:
                return tuple(found.values())

    async def fetch_book(self, asin: Asin) -> ServerBook:
        """Return one title."""
        return ServerBook.from_json(await self._call("GET", f"/api/books/{asin}"))

    async def fetch_chapters(self, asin: Asin) -> tuple[Chapter, ...]:
        """Return a title's chapters; none where nobody knows them."""
        return chapters_of(await self._call("GET", f"/api/books/{asin}/chapters"))

    async def start_download(self, asin: Asin) -> ServerBook:
        """Ask for a title to be downloaded; return at once."""
        answer = await self._call("POST", f"/api/books/{asin}/download")
        return ServerBook.from_json(answer)

    async def listen(self, last_id: int) -> AsyncIterator[ServerEvent | None]:
        """Yield what happened after an event, then what happens, as long as it lasts.

        None is a sign of life: nothing happened for some seconds. Ends when the server
        ends it.
        """
        try:
            async with self._session.get(
                f"{self.url}/api/events",
                headers={SECRET_HEADER: self._secret, "Last-Event-ID": str(last_id)},
                timeout=_STREAM_TIMEOUT,
                allow_redirects=False,
            ) as answer:
                if answer.status != HTTPStatus.OK:
                    raise _refusal(answer.status, await _json_of(answer))
                lines: list[str] = []
                async for line in answer.content:
                    lines.append(line.decode(errors="replace").rstrip("\r\n"))
                    if not lines[-1]:
                        yield event_of(lines)
                        lines = []
        except (aiohttp.ClientError, TimeoutError, ValueError) as err:
            raise MediaServerUnreachableError(url=self.url) from err

    def open_stream(
        self,
        method: str,
        asin: Asin,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Open the audio; the caller forwards status, headers and body as they are.

        ``query`` asks for another format (docs/streaming.md). A redirect is not
        followed: it would take the secret along.
        """
        known = {**headers, SECRET_HEADER: self._secret}
        return self._open(method, f"{self.url}/stream/{asin}", known, query)

    async def sign_hls(self, asin: Asin) -> str:
        """Return a path to a title's HLS playlist that holds without the secret.

        It holds for days, also over a restart of either side.
        """
        answer = await self._call("POST", f"/api/books/{asin}/sign", body={})
        return hls_path_of(answer)

    def open_signed(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Open what a signed path names; the server judges the signature alone."""
        return self._open(method, URL(f"{self.url}{path}", encoded=True), headers)

    def _open(
        self,
        method: str,
        url: str | URL,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self._session.request(
            method,
            url,
            params=query,
            headers=headers,
            timeout=_STREAM_TIMEOUT,
            allow_redirects=False,
            auto_decompress=False,
        )

    def open_cover(
        self, asin: Asin
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Open the cover image of a title; a redirect is not followed."""
        return self._session.get(
            f"{self.url}/api/books/{asin}/cover",
            headers={SECRET_HEADER: self._secret},
            timeout=_TIMEOUT,
            allow_redirects=False,
        )

    async def _call(
        self, method: str, path: str, *, body: dict[str, Any] | None = None
    ) -> Any:
        try:
            async with self._session.request(
                method,
                f"{self.url}{path}",
                json=body,
                headers={SECRET_HEADER: self._secret},
                timeout=_TIMEOUT,
                allow_redirects=False,
            ) as answer:
                content = await _json_of(answer)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as err:
            raise MediaServerUnreachableError(url=self.url) from err
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise _refusal(status, content)
        return data_of(content)


async def _json_of(answer: aiohttp.ClientResponse) -> Any:
    return await answer.json(content_type=None)


def event_of(lines: Sequence[str]) -> ServerEvent | None:
    """Return the event in a block of lines (WHATWG HTML, section 9.2.6), if any."""
    fields = (line.partition(":") for line in lines if not line.startswith(":"))
    members = {name: text.removeprefix(" ") for name, _, text in fields if name}
    if "data" not in members:
        return None
    data = json.loads(members["data"])
    number = members.get("id", "")
    is_number = number.isascii() and number.isdigit()
    return ServerEvent(
        members.get("event", "message"),
        data if isinstance(data, Mapping) else {},
        int(number) if is_number else None,
    )


def _refusal(status: int, content: Any) -> MediaServerError:
    if status == HTTPStatus.UNAUTHORIZED:
        return MediaServerSecretError()
    error = content.get("error") if isinstance(content, Mapping) else None
    members = error if isinstance(error, Mapping) else {}
    return MediaServerRefusedError(
        code=str(members.get("code", "unknown")),
        detail=str(members.get("message", f"status {status}")),
        status=status,
    )
