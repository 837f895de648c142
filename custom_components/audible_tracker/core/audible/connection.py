"""Signed requests at the agreed pace; errors of the library end here."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Any, Final, Self

import audible
import httpx
from audible.activation_bytes import extract_activation_bytes
from audible.exceptions import AudibleError as LibraryError
from audible.exceptions import NotResponding

from ..errors import (
    AccountUnloadedError,
    AudibleAuthError,
    AudibleConnectionError,
    AudibleError,
    AudibleNotFoundError,
    AudibleRateLimitError,
    AudibleResponseError,
)
from ..models import Credentials
from .auth import registration_of
from .marketplaces import DOMAINS
from .pace import Line

_TIMEOUT_S: Final = 60
_DEFAULT_WAIT_S: Final = 60
_DIGITS_MAX: Final = 9
_MAX_WAIT_S: Final = 24 * 3600
_ACTIVATION_URL: Final = "https://www.audible.com/license/token"
_PLAYER: Final = {
    "player_manuf": "Audible,iPhone",
    "action": "register",
    "player_model": "iPhone",
}
_BLOB_ROWS_BYTES: Final = 8 * 71

# They write whole answers, activation bytes included, when somebody turns on DEBUG,
# and a level can be set by anybody.
for _name in ("audible.auth", "audible.client", "audible.login"):
    logging.getLogger(_name).addFilter(lambda record: record.levelno >= logging.WARNING)
logging.getLogger("audible").setLevel(logging.WARNING)


class Connection:
    """One registration's way to Audible. Nothing is retried here.

    Every method waits for its turn and raises AudibleError; answers of any status are
    returned, and judged by `body_of`.
    """

    def __init__(
        self, api: audible.AsyncClient, registration: audible.Authenticator, pace: Line
    ) -> None:
        """Use `open` instead."""
        self._api = api
        self._pace = pace
        self._under_way: set[asyncio.Future[httpx.Response]] = set()
        self._closed = asyncio.Event()
        self.registration = registration

    @classmethod
    async def open(cls, credentials: Credentials, pace: Line) -> Self:
        """Return a connection; the caller closes it.

        Raises AudibleAuthError when the credentials are damaged. Runs in a thread:
        reading certificates and keys blocks.
        """
        registration = await asyncio.to_thread(registration_of, credentials)
        api = await asyncio.to_thread(
            audible.AsyncClient, registration, timeout=_TIMEOUT_S
        )
        return cls(api, registration, pace)

    async def close(self) -> None:
        """Close it; whoever waits for an answer gets AccountUnloadedError."""
        self._closed.set()
        for request in self._under_way:
            request.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._api.close()

    @property
    def domain(self) -> str:
        """Return how the host names of the account's marketplace end."""
        return DOMAINS[self._api.marketplace]

    async def get(self, path: str, parameters: Mapping[str, str]) -> httpx.Response:
        """Ask ``api.audible`` for something."""
        return await self._sent(
            lambda: self._api.get(
                path, response_callback=_answer_of, params=dict(parameters)
            )
        )

    async def post(
        self,
        path: str,
        body: Mapping[str, Any],
        on_sending: Callable[[], None] = lambda: None,
    ) -> httpx.Response:
        """Send something to ``api.audible`` and return what it says to that.

        ``on_sending`` is called when its turn has come.
        """

        async def send() -> httpx.Response:
            on_sending()
            answer: httpx.Response = await self._api.post(
                path, dict(body), response_callback=_answer_of
            )
            return answer

        return await self._sent(send)

    async def put(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """Set something at ``api.audible``."""
        return await self._sent(
            lambda: self._api.put(path, dict(body), response_callback=_answer_of)
        )

    async def delete(self, path: str) -> httpx.Response:
        """Take something away at ``api.audible``."""
        return await self._sent(
            lambda: self._api.delete(path, response_callback=_answer_of)
        )

    async def get_elsewhere(
        self, url: str, parameters: Mapping[str, str]
    ) -> httpx.Response:
        """Ask another host of Amazon's; the signature goes there."""
        return await self._sent(
            lambda: self._api.raw_request(
                "GET", url, apply_auth_flow=True, params=dict(parameters)
            )
        )

    async def activation_bytes(self) -> str:
        """Return the account's activation bytes as the library writes them.

        It would ask itself, but tells no refused sign-in from another fault.
        """
        if (known := self.registration.activation_bytes) is not None:
            return known
        answer = await self.get_elsewhere(_ACTIVATION_URL, _PLAYER)
        check_status(answer, what="activation bytes")
        if b"BAD_LOGIN" in answer.content:
            raise AudibleAuthError
        if not _is_blob(answer.content):
            raise AudibleResponseError(field="activation bytes")
        return extract_activation_bytes(answer.content)

    async def _sent(
        self, request: Callable[[], Awaitable[httpx.Response]]
    ) -> httpx.Response:
        if self._closed.is_set():
            raise AccountUnloadedError
        asked = asyncio.ensure_future(self._in_turn(request))
        self._under_way.add(asked)
        try:
            return await asked
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._closed.is_set() and not (task and task.cancelling()):
                raise AccountUnloadedError from None
            raise
        finally:
            self._under_way.discard(asked)

    async def _in_turn(
        self, request: Callable[[], Awaitable[httpx.Response]]
    ) -> httpx.Response:
        await self._pace.wait_turn()
        try:
            return await request()
        except (LibraryError, httpx.HTTPError) as err:
            raise _translated(err) from err


def _is_blob(body: bytes) -> bool:
    """Tell whether eight rows with the activation bytes are in a body."""
    is_long = len(body) >= _BLOB_ROWS_BYTES
    return is_long and b"group_id" in body and b"Whoops" not in body


def body_of(answer: httpx.Response, *, what: str) -> Any:
    """Return the parsed body of a good answer; raise the error of a bad one."""
    check_status(answer, what=what)
    try:
        return answer.json()
    except ValueError:
        raise AudibleResponseError(field=f"{what}: no JSON") from None


def check_status(answer: httpx.Response, *, what: str) -> None:
    """Raise the error of a bad answer; the body of a good one may be empty."""
    status = answer.status_code
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise AudibleAuthError
    if status == httpx.codes.NOT_FOUND:
        raise AudibleNotFoundError(what=what)
    is_busy = status == httpx.codes.SERVICE_UNAVAILABLE
    if status == httpx.codes.TOO_MANY_REQUESTS or (
        is_busy and "Retry-After" in answer.headers
    ):
        raise AudibleRateLimitError(retry_after_s=_retry_after_s(answer.headers))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise AudibleConnectionError(reason=f"a fault at Audible, status {status}")
    if not answer.is_success:
        raise AudibleResponseError(field=f"status {status}")


def _answer_of(answer: httpx.Response) -> httpx.Response:
    """Hand the whole answer on, with its status and headers."""
    return answer


def _translated(err: Exception) -> AudibleError:
    """Return our error for one that kept an answer from coming."""
    is_late = isinstance(err, (NotResponding, httpx.TimeoutException))
    return AudibleConnectionError(reason="time-out" if is_late else "no connection")


def _retry_after_s(headers: httpx.Headers) -> int:
    """Return what is asked for, in seconds or as a date (RFC 9110, 10.2.3)."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        # More digits than that are no time, and int() refuses thousands of them.
        return min(int(text[:_DIGITS_MAX]), _MAX_WAIT_S)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return _DEFAULT_WAIT_S
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    wait_s = ceil((until - datetime.now(UTC)).total_seconds())
    return min(max(0, wait_s), _MAX_WAIT_S)
