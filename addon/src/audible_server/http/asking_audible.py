"""What is asked of Audible by hand: a sign-in, a library, a place, a token."""

import json
import time
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from audible_core.audible.parse import is_asin
from audible_core.errors import (
    InvalidValueError,
    NoAccountError,
    SealError,
    SignInOverError,
    SyncTooSoonError,
)
from audible_core.models import Account, Asin, Position

from audible_server.http.accounts import account_id_in, checked_country
from audible_server.http.answers import data_answer
from audible_server.http.parameters import asin_of, member_text, members_of
from audible_server.http.services import SERVICES, Services
from audible_server.store.books import Book
from audible_server.store.listening import instant

SIGN_IN_LIFE_S: Final = 3600
ASINS_MAX: Final = 100
_LANDING_LENGTH_MAX: Final = 8000


async def sign_in(request: web.Request) -> web.Response:
    """Begin a sign-in with a country, or end it with the address that one landed at."""
    members = await members_of(request, {"country_code", "sign_in", "landing_url"})
    if "country_code" in members:
        if len(members) > 1:
            raise InvalidValueError(
                field="body", value=sorted(members), allowed="country_code alone"
            )
        return await _begin(request, checked_country(members["country_code"]))
    return await _complete(
        request,
        member_text(members, "sign_in", _LANDING_LENGTH_MAX),
        member_text(members, "landing_url", _LANDING_LENGTH_MAX),
    )


async def _begin(request: web.Request, country_code: str) -> web.Response:
    services = request.app[SERVICES]
    begun = await services.shop.begin_sign_in(country_code)
    expires_at = int(time.time()) + SIGN_IN_LIFE_S
    # Nothing is stored: any server with the same keys can end what this one began.
    sealed = services.vault.seal(
        json.dumps({"expires_at": expires_at, "sign_in": begun.to_text()})
    )
    return data_answer(
        {"url": begun.url, "sign_in": sealed, "expires_at": instant(expires_at * 1000)}
    )


async def _complete(
    request: web.Request, sealed: str, landing_url: str
) -> web.Response:
    services = request.app[SERVICES]
    try:
        kept = json.loads(services.vault.unseal(sealed, what="sign-in"))
    except SealError:
        raise SignInOverError from None
    if kept["expires_at"] < time.time():
        raise SignInOverError
    account, credentials = await services.shop.complete_sign_in(
        kept["sign_in"], landing_url
    )
    named = Account(account.key, account.name, account.country_code)
    await services.shop.adopt(named, credentials, is_fresh=True)
    await services.libraries.refresh(named.account_id)
    await services.downloads.go_on(named.account_id)
    await services.conversions.go_on(named.account_id)
    return data_answer(
        {
            "account_id": named.account_id,
            "name": named.name,
            "country_code": named.country_code,
        },
        status=HTTPStatus.CREATED,
    )


async def fetch_library(request: web.Request) -> web.Response:
    """Begin to fetch the libraries of all accounts or of one, within the floor."""
    services = request.app[SERVICES]
    members = await members_of(request, {"account_id"})
    if "account_id" in members:
        wanted = [account_id_in(members["account_id"])]
    else:
        accounts = await services.accounts.load_all()
        wanted = [account.account_id for account in accounts]
    started, refusals = [], []
    for account_id in wanted:
        try:
            next_at = await services.libraries.fetch_now(account_id)
        except SyncTooSoonError as err:
            refusals.append(err)
        else:
            started.append({"account_id": account_id, "next_at": next_at.isoformat()})
    if refusals and not started:
        raise refusals[0]
    return data_answer({"accounts": started}, status=HTTPStatus.ACCEPTED)


async def fetch_progress(request: web.Request) -> web.Response:
    """Ask Audible where listening of one title stands."""
    services = request.app[SERVICES]
    book = await services.books.load(asin_of(request))
    [place] = await _places(services, [book])
    return data_answer(place)


async def fetch_progress_of_many(request: web.Request) -> web.Response:
    """Ask Audible where listening of several titles stands, 25 in one request."""
    services = request.app[SERVICES]
    asins: Any = (await members_of(request, {"asins"})).get("asins")
    if not _are_asins(asins):
        raise InvalidValueError(
            field="asins", value=asins, allowed=f"a list of 1 to {ASINS_MAX} ASINs"
        )
    books = [await services.books.load(Asin(asin)) for asin in dict.fromkeys(asins)]
    return data_answer({"progress": await _places(services, books)})


async def refresh_token(request: web.Request) -> web.Response:
    """Prove that an account's registration still holds, by a new access token."""
    members = await members_of(request, {"account_id"})
    account_id = account_id_in(members.get("account_id"))
    await request.app[SERVICES].shop.refresh_token(account_id)
    return data_answer({"account_id": account_id})


def _are_asins(value: Any) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= ASINS_MAX
        and all(isinstance(asin, str) and is_asin(asin) for asin in value)
    )


async def _places(services: Services, books: list[Book]) -> list[dict[str, Any]]:
    by_account: dict[str, list[Asin]] = {}
    for book in books:
        if book.account_id is None:
            raise NoAccountError(asin=book.asin)
        by_account.setdefault(book.account_id, []).append(book.asin)
    found: dict[Asin, Position] = {}
    for account_id, asins in by_account.items():
        found |= await services.shop.fetch_positions(account_id, asins)
    for asin, position in found.items():
        heard_at = int(position.updated_at.timestamp() * 1000)
        await services.removal.heard(asin, position.position_ms, heard_at)
    return [_progress(book, found.get(book.asin)) for book in books]


def _progress(book: Book, position: Position | None) -> dict[str, Any]:
    runtime_ms = book.runtime_ms or book.duration_ms
    percentage = None
    if position is not None and runtime_ms:
        share = 100 * position.position_ms / runtime_ms
        percentage = round(min(100.0, share), 2)
    return {
        "asin": book.asin,
        "position_ms": None if position is None else position.position_ms,
        "updated_at": None if position is None else position.updated_at.isoformat(),
        "runtime_ms": runtime_ms,
        "percentage": percentage,
    }
