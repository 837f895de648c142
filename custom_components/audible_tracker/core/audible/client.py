"""What is asked of Audible, as methods; every request waits for its turn."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Final, Self

import httpx

from ..errors import (
    AudibleAuthError,
    AudibleNotFoundError,
    AudibleResponseError,
    LicenseFormatError,
    LicenseThrottledError,
)
from ..models import (
    Asin,
    AudibleTitle,
    ContentMetadata,
    Credentials,
    Description,
    License,
    ListeningInterval,
    Position,
    Release,
    Wish,
)
from . import listening, requests
from .connection import Connection, body_of, check_status
from .license import parse_license
from .pace import Line
from .parse import (
    parse_content_metadata,
    parse_description,
    parse_library_item,
    parse_library_page,
    parse_positions,
    parse_releases,
    parse_revoked,
    parse_wishes,
    parse_with_pdf,
)

_MAX_PAGES: Final = 50
_NO_STATE: Final = "0"
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_NOT_OWNED: Final = "not present in customer library"
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


@dataclass(frozen=True, slots=True)
class LibraryAnswer:
    """A whole library, newest purchase first, and the number of requests it took.

    ``state_token`` is what `AudibleClient.fetch_library_delta` starts from, and
    ``fetched_at`` is when it was asked for: nothing later is in it. With ``is_short``
    fewer titles came than Audible says there are: what lacks may be there all the same.
    ``with_pdf`` are the titles that have a companion PDF.
    """

    titles: tuple[AudibleTitle, ...]
    state_token: str | None
    requests: int
    fetched_at: datetime | None = None
    is_short: bool = False
    with_pdf: frozenset[Asin] = frozenset()


@dataclass(frozen=True, slots=True)
class LibraryDelta:
    """What came (``titles``, new or changed) and went (``revoked``) since a token.

    Whether a title of which only the progress changed is among them is unknown.
    """

    titles: tuple[AudibleTitle, ...]
    revoked: frozenset[Asin]
    state_token: str
    requests: int


@dataclass(frozen=True, slots=True)
class _Page:
    titles: tuple[AudibleTitle, ...]
    revoked: frozenset[Asin]
    state_token: str | None
    items: int
    total: int | None
    with_pdf: frozenset[Asin]


class AudibleClient:
    """One account's door to Audible. Signed requests only; nothing is retried here.

    Every method raises AudibleError.
    """

    def __init__(self, connection: Connection) -> None:
        """Use `open` instead."""
        self._connection = connection

    @classmethod
    async def open(cls, credentials: Credentials, pace: Line) -> Self:
        """Return a client that asks no faster than the pace; the caller closes it.

        Raises AudibleAuthError when the credentials are damaged.
        """
        return cls(await Connection.open(credentials, pace))

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

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

    # --- the library ----------------------------------------------------------------

    async def fetch_library(self) -> LibraryAnswer:
        """Return the whole library; one request per 1,000 titles."""
        at = datetime.now(UTC)
        pages = await self._pages(requests.library_parameters())
        token = pages[0].state_token
        return LibraryAnswer(
            _titles(pages),
            token,
            len(pages),
            at,
            _is_short(pages),
            frozenset().union(*(page.with_pdf for page in pages)),
        )

    async def fetch_library_delta(self, state_token: str) -> LibraryDelta:
        """Return what came and went since the token of an earlier answer."""
        pages = await self._pages(requests.delta_parameters(state_token))
        titles = _titles(pages)
        revoked = frozenset(asin for page in pages for asin in page.revoked)
        # Returned and bought again: it is there.
        revoked -= {title.asin for title in titles}
        token = pages[0].state_token or state_token
        return LibraryDelta(titles, revoked, token, len(pages))

    async def fetch_title(self, asin: Asin) -> AudibleTitle | None:
        """Return one title of the library; None when it is not in there."""
        path = f"library/{asin}"
        answer = await self._connection.get(path, requests.title_parameters())
        # Which status that answer has is not certain, but its words are.
        if answer.is_client_error and _NOT_OWNED in answer.text:
            return None
        try:
            return parse_library_item(body_of(answer, what=path))
        except AudibleNotFoundError:
            return None

    async def fetch_description(self, asin: Asin) -> Description:
        """Return what the shop tells of a title of the library at length."""
        path = f"library/{asin}"
        answer = await self._connection.get(path, requests.title_parameters())
        return parse_description(body_of(answer, what=path))

    async def _pages(self, parameters: dict[str, str]) -> list[_Page]:
        pages: list[_Page] = []
        token: str | None = None
        while len(pages) < _MAX_PAGES:
            answer = await self._connection.get(
                "library", requests.page_parameters(parameters, token)
            )
            # A thousand titles are several megabytes.
            pages.append(await asyncio.to_thread(_page_of, answer))
            token = answer.headers.get("Continuation-Token")
            if not token:
                return pages
        raise AudibleResponseError(field="library: no end of pages")

    # --- where listening stands ------------------------------------------------------

    async def fetch_positions(self, asins: Sequence[Asin]) -> dict[Asin, Position]:
        """Return where listening stands, for those of the titles that were ever heard.

        One request per 25 titles.
        """
        positions: dict[Asin, Position] = {}
        path, step = "annotations/lastpositions", requests.POSITIONS_PER_CALL
        for start in range(0, len(asins), step):
            answer = await self._connection.get(
                path, requests.positions_parameters(asins[start : start + step])
            )
            positions |= parse_positions(body_of(answer, what=path))
        return positions

    async def write_position(self, asin: Asin, acr: str, position_ms: int) -> None:
        """Set where listening stands; players see it within seconds.

        ``acr`` is of `fetch_metadata`. Audible says yes to a wrong one, too, and then
        nothing happens: only reading the position tells.
        """
        answer = await self._connection.put(
            f"lastpositions/{asin}", requests.position_body(asin, acr, position_ms)
        )
        check_status(answer, what=f"the title {asin}")

    # --- the wishlist ----------------------------------------------------------------

    async def fetch_wishlist(self) -> tuple[Wish, ...]:
        """Return the whole wishlist, the newest first; one request per 50 titles."""
        found: dict[Asin, Wish] = {}
        for page in range(requests.WISHES_PAGES_MAX):
            parameters = requests.wishlist_parameters(page)
            answer = await self._connection.get("wishlist", parameters)
            wishes, total = parse_wishes(body_of(answer, what="wishlist"))
            found |= {wish.asin: wish for wish in wishes}
            if (page + 1) * requests.WISHES_PER_PAGE >= total:
                break
        return tuple(found.values())

    async def search_catalog(self, words: str) -> tuple[Wish, ...]:
        """Return titles of the shop by words of title or persons, likeliest first."""
        parameters = requests.search_parameters(words)
        answer = await self._connection.get("catalog/products", parameters)
        found, _ = parse_wishes(body_of(answer, what="catalog"))
        return found

    async def search_series(self, series: str) -> tuple[Release, ...]:
        """Return titles of a series with their days, what comes out last first."""
        parameters = requests.series_parameters(series)
        answer = await self._connection.get("catalog/products", parameters)
        return parse_releases(body_of(answer, what="catalog"), series)

    async def add_wish(self, asin: Asin) -> None:
        """Put a title on the wishlist."""
        answer = await self._connection.post("wishlist", {"asin": asin})
        check_status(answer, what=f"the title {asin}")

    async def remove_wish(self, asin: Asin) -> None:
        """Take a title off the wishlist; one that is not on it is no mistake."""
        answer = await self._connection.delete(f"wishlist/{asin}")
        if answer.status_code != httpx.codes.NOT_FOUND:
            check_status(answer, what=f"the title {asin}")

    # --- listening statistics --------------------------------------------------------

    async def fetch_listening_days(
        self, first: date, days: int
    ) -> tuple[ListeningInterval, ...]:
        """Return what was heard on each day, each once; one request per 30 days.

        The day after the last may be among them. Per marketplace, not per title.
        """
        found: list[ListeningInterval] = []
        path = "stats/aggregates"
        for start, length in listening.windows(first, days):
            parameters = listening.window_parameters(start, length)
            answer = await self._connection.get(path, parameters)
            found += listening.parse_days(body_of(answer, what=path))
        return listening.each_once(found)

    # --- recordings and licenses -----------------------------------------------------

    async def fetch_metadata(
        self, asin: Asin, *, is_nested: bool = False
    ) -> ContentMetadata:
        """Return chapters and facts of the recording; costs no license.

        With ``is_nested`` the chapters of a part are called by it too.
        A title without a downloadable form has no chapters here, only the name and
        version of its recording, and takes two requests. Raises AudibleNotFoundError
        where there is no recording at all.
        """
        path = f"content/{asin}/metadata"
        parameters = requests.metadata_parameters(is_nested=is_nested)
        answer = await self._connection.get(path, parameters)
        if answer.status_code == httpx.codes.NOT_FOUND:
            answer = await self._connection.get(path, requests.reference_parameters())
        return parse_content_metadata(body_of(answer, what=path), asin)

    async def request_license(
        self, asin: Asin, on_sending: Callable[[], None] = lambda: None
    ) -> License:
        """Return a license to download the title. Each call counts against a limit.

        It is spent once ``on_sending`` was called, whether or not the answer comes.
        Raises LicenseError for a refusal, AudibleError for anything else.
        """
        answer = await self._connection.post(
            f"content/{asin}/licenserequest", requests.license_body(), on_sending
        )
        try:
            body = body_of(answer, what=f"the title {asin}")
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
        return parse_license(body, asin, self._connection.registration)

    async def fetch_aax_url(self, title: AudibleTitle) -> str:
        """Return the address of the title's AAX file, the older of the two forms.

        Raises LicenseFormatError when there is none. Not counted as a license.
        """
        codec = next((name for name in title.codecs if name in _AAX_CODECS), None)
        if codec is None or title.is_plus:
            raise LicenseFormatError(asin=title.asin)
        answer = await self._connection.get_elsewhere(
            _AAX_URL,
            {
                "type": "AUDI",
                "currentTransportMethod": "WIFI",
                "key": title.asin,
                "codec": codec,
            },
        )
        location: str = answer.headers.get("Location", "")
        if answer.status_code != httpx.codes.FOUND or not location.startswith(
            "https://"
        ):
            raise LicenseFormatError(asin=title.asin)
        host = f"//cds.audible.{self._connection.domain}/"
        return location.replace("//cds.audible.com/", host, 1)

    async def fetch_pdf_url(self, asin: Asin) -> str | None:
        """Return the address of a title's companion PDF; None where there is none.

        The address needs no signature (audible-api reference, section 5.5).
        """
        site = f"https://www.audible.{self._connection.domain}"
        answer = await self._connection.get_elsewhere(
            f"{site}/companion-file/{asin}", {}
        )
        location: str = answer.headers.get("Location", "")
        if answer.status_code == httpx.codes.FOUND and location.startswith("https://"):
            return location
        if not answer.is_client_error:
            check_status(answer, what=f"the PDF of {asin}")
        return None

    async def fetch_activation_bytes(self) -> bytes:
        """Return the account's four activation bytes, the key to its AAX files."""
        try:
            return bytes.fromhex(await self._connection.activation_bytes())
        except ValueError as err:
            raise AudibleResponseError(field="activation bytes") from err


def _page_of(answer: httpx.Response) -> _Page:
    body = body_of(answer, what="library")
    token = answer.headers.get("State-Token")
    total = answer.headers.get("Total-Count", "")
    return _Page(
        parse_library_page(body),
        parse_revoked(body),
        None if token in (None, "", _NO_STATE) else token,
        len(body["items"]),
        int(total) if _COUNT.fullmatch(total) else None,
        parse_with_pdf(body),
    )


def _is_short(pages: Sequence[_Page]) -> bool:
    """Tell whether Audible counts more than it sent: each item, also twice the same."""
    received = sum(page.items for page in pages)
    return any(page.total is not None and page.total > received for page in pages)


def _titles(pages: Sequence[_Page]) -> tuple[AudibleTitle, ...]:
    titles = {title.asin: title for page in pages for title in page.titles}
    return tuple(titles.values())
