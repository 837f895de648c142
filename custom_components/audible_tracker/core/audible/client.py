"""The only module that talks to api.audible; errors of the library end here."""

import asyncio
import logging
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

import audible
import httpx
from audible.exceptions import AudibleError as LibraryError
from audible.exceptions import NotResponding

from ..errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleError,
    AudibleNotFoundError,
    AudibleRateLimitError,
    AudibleResponseError,
    LicenseFormatError,
    LicenseThrottledError,
)
from ..models import (
    Asin,
    AudibleTitle,
    ContentMetadata,
    Credentials,
    License,
    Position,
)
from . import requests
from .auth import registration_of
from .license import parse_license
from .marketplaces import DOMAINS
from .parse import parse_content_metadata, parse_library_page, parse_positions

_TIMEOUT_S: Final = 60
_DEFAULT_WAIT_S: Final = 60
_MAX_WAIT_S: Final = 3600
_MAX_PAGES: Final = 50
_AAX_URL: Final = (
    "https://cde-ta-g7g.amazon.com/FionaCDEServiceEngine/FSDownloadContent"
)
_AAX_CODECS: Final = (
    "LC_128_44100_stereo",
    "LC_64_44100_stereo",
    "LC_64_22050_stereo",
    "LC_32_22050_stereo",
    "LC_32_22050_mono",
)

# They write whole answers, activation bytes included, when somebody turns on DEBUG,
# and a level can be set by anybody.
for _name in ("audible.auth", "audible.client", "audible.login"):
    logging.getLogger(_name).addFilter(lambda record: record.levelno >= logging.WARNING)
logging.getLogger("audible").setLevel(logging.WARNING)


class AudibleClient:
    """One account's door to Audible. Signed requests only; nothing is retried here."""

    def __init__(
        self, api: audible.AsyncClient, registration: audible.Authenticator
    ) -> None:
        """Use `open` instead."""
        self._api = api
        self._registration = registration

    @classmethod
    async def open(cls, credentials: Credentials) -> Self:
        """Return a client; the caller closes it.

        Raises AudibleAuthError when the credentials are damaged. Runs in a thread:
        reading certificates and keys blocks.
        """
        registration = await asyncio.to_thread(registration_of, credentials)
        api = await asyncio.to_thread(
            audible.AsyncClient, registration, timeout=_TIMEOUT_S
        )
        return cls(api, registration)

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def __aenter__(self) -> Self:
        """Enter; nothing to do."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close on leaving."""
        await self.close()

    async def fetch_library(self) -> tuple[AudibleTitle, ...]:
        """Return all titles of the library, newest purchase first.

        One request per 1,000 titles. Raises AudibleError.
        """
        titles: dict[Asin, AudibleTitle] = {}
        token: str | None = None
        for _ in range(_MAX_PAGES):
            answer, headers = await self._get(
                "library", requests.library_parameters(token)
            )
            titles |= {title.asin: title for title in parse_library_page(answer)}
            token = headers.get("Continuation-Token")
            if not token:
                return tuple(titles.values())
        raise AudibleResponseError(field="library: no end of pages")

    async def fetch_positions(self, asins: Sequence[Asin]) -> dict[Asin, Position]:
        """Return where listening stands, for those of the titles that were ever heard.

        One request per 25 titles. Raises AudibleError.
        """
        positions: dict[Asin, Position] = {}
        step = requests.POSITIONS_PER_CALL
        for start in range(0, len(asins), step):
            answer, _ = await self._get(
                "annotations/lastpositions",
                requests.positions_parameters(asins[start : start + step]),
            )
            positions |= parse_positions(answer)
        return positions

    async def fetch_metadata(self, asin: Asin) -> ContentMetadata:
        """Return chapters and facts of the recording; costs no license.

        Raises AudibleNotFoundError for titles without a downloadable form.
        """
        answer, _ = await self._get(
            f"content/{asin}/metadata", requests.metadata_parameters()
        )
        return parse_content_metadata(answer, asin)

    async def request_license(self, asin: Asin) -> License:
        """Return a license to download the title. Each call counts against a limit.

        Raises LicenseError for a refusal, AudibleError for anything else.
        """
        try:
            answer = await self._api.post(
                f"content/{asin}/licenserequest",
                body=requests.license_body(),
                response_callback=_answer_of,
            )
        except (LibraryError, httpx.HTTPError) as err:
            raise _translated(err) from err
        try:
            body, _ = _checked(answer, what=f"the title {asin}")
        except AudibleNotFoundError as err:
            raise LicenseFormatError(asin=asin) from err
        except AudibleAuthError as err:
            # 403 "above threshold for content license grant count" is no lost sign-in.
            if (
                answer.status_code == httpx.codes.FORBIDDEN
                and "threshold" in answer.text
            ):
                raise LicenseThrottledError from err
            raise
        return parse_license(body, asin, self._registration)

    async def fetch_aax_url(self, title: AudibleTitle) -> str:
        """Return the address of the title's AAX file, the older of the two forms.

        Raises LicenseFormatError when there is none. Not counted as a license.
        """
        codec = next((name for name in title.codecs if name in _AAX_CODECS), None)
        if codec is None or title.is_plus:
            raise LicenseFormatError(asin=title.asin)
        try:
            answer = await self._api.raw_request(
                "GET",
                _AAX_URL,
                apply_auth_flow=True,
                params={
                    "type": "AUDI",
                    "currentTransportMethod": "WIFI",
                    "key": title.asin,
                    "codec": codec,
                },
            )
        except (LibraryError, httpx.HTTPError) as err:
            raise _translated(err) from err
        location: str = answer.headers.get("Location", "")
        if answer.status_code != httpx.codes.FOUND or not location.startswith(
            "https://"
        ):
            raise LicenseFormatError(asin=title.asin)
        domain = DOMAINS[self._api.marketplace]
        return location.replace("//cds.audible.com/", f"//cds.audible.{domain}/", 1)

    async def fetch_activation_bytes(self) -> bytes:
        """Return the account's four activation bytes, the key to its AAX files."""
        try:
            text = await asyncio.to_thread(self._registration.get_activation_bytes)
            return bytes.fromhex(str(text))
        except httpx.TransportError as err:
            raise _translated(err) from err
        except Exception as err:
            # The library raises bare exceptions with the service's words in them.
            raise AudibleResponseError(field="activation bytes") from err

    async def _get(
        self, path: str, parameters: dict[str, str]
    ) -> tuple[Any, httpx.Headers]:
        try:
            answer = await self._api.get(
                path, response_callback=_answer_of, params=parameters
            )
        except (LibraryError, httpx.HTTPError) as err:
            raise _translated(err) from err
        return _checked(answer, what=path)


def _answer_of(answer: httpx.Response) -> httpx.Response:
    """Hand the whole answer on, with its status and headers."""
    return answer


def _translated(err: Exception) -> AudibleError:
    """Return our error for one that kept an answer from coming."""
    is_late = isinstance(err, (NotResponding, httpx.TimeoutException))
    return AudibleConnectionError(reason="time-out" if is_late else "no connection")


def _checked(answer: httpx.Response, *, what: str) -> tuple[Any, httpx.Headers]:
    """Return the parsed body of a good answer; raise the error of a bad one."""
    status = answer.status_code
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise AudibleAuthError
    if status == httpx.codes.NOT_FOUND:
        raise AudibleNotFoundError(what=what)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise AudibleRateLimitError(retry_after_s=_retry_after_s(answer.headers))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise AudibleConnectionError(reason=f"a fault at Audible, status {status}")
    if status != httpx.codes.OK:
        raise AudibleResponseError(field=f"status {status}")
    try:
        return answer.json(), answer.headers
    except ValueError:
        raise AudibleResponseError(field=f"{what}: no JSON") from None


def _retry_after_s(headers: httpx.Headers) -> int:
    text = headers.get("Retry-After", "")
    return min(int(text), _MAX_WAIT_S) if text.isdigit() else _DEFAULT_WAIT_S
