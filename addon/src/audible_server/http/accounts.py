"""Accounts: handed over by the integration, taken back by it."""

import re
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from audible_core.audible.marketplaces import DOMAINS
from audible_core.errors import InvalidValueError, SealError
from audible_core.models import Account, Credentials
from audible_core.sealing import unseal
from audible_core.wire import AccountHandOver

from audible_server.http.answers import data_answer
from audible_server.http.errors import error_answer
from audible_server.http.parameters import json_body
from audible_server.http.services import SECRET, SERVICES
from audible_server.store.accounts import StoredAccount
from audible_server.store.listening import instant, instant_if_known

_ACCOUNT_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")
_NAME_LENGTH_MAX: Final = 200


async def put_account(request: web.Request) -> web.Response:
    """Take an account over, and begin to fetch its library."""
    services = request.app[SERVICES]
    account_id = _account_id(request)
    hand_over = AccountHandOver.from_json(await json_body(request))
    account = Account(
        account_id=account_id,
        name=hand_over.name[:_NAME_LENGTH_MAX],
        country_code=checked_country(hand_over.country_code),
    )
    try:
        text = unseal(request.app[SECRET], hand_over.sealed, what="credentials")
    except SealError as err:
        # Of this request; what is sealed in the database is no fault of a client.
        return error_answer(err, status=HTTPStatus.FORBIDDEN)
    is_other = await services.shop.adopt(account, Credentials(text))
    await services.libraries.refresh_if_due(account_id)
    if is_other:
        await services.downloads.go_on(account_id)
        await services.conversions.go_on(account_id)
    return data_answer({"account_id": account_id})


async def delete_account(request: web.Request) -> web.Response:
    """Forget an account's credentials; its downloaded files stay and play."""
    services = request.app[SERVICES]
    account_id = _account_id(request)
    await services.libraries.forget(account_id)
    await services.accounts.delete(account_id)
    if not await services.books.delete_orphans():
        return web.Response(status=204)
    # Titles that another account owns too may have gone with it.
    for account in await services.accounts.load_all():
        await services.libraries.refresh_if_due(account.account_id)
    return web.Response(status=204)


async def list_accounts(request: web.Request) -> web.Response:
    """Return the accounts, without anything secret."""
    accounts = await request.app[SERVICES].accounts.load_all()
    return data_answer({"accounts": [_shown(account) for account in accounts]})


def _shown(account: StoredAccount) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "country_code": account.country_code,
        "name": account.name,
        "created_at": instant(account.created_at),
        "library_fetched_at": instant_if_known(account.library_fetched_at),
        "needs_sign_in": account.needs_sign_in,
        "error": account.error,
        "error_text": account.error_text,
    }


def _account_id(request: web.Request) -> str:
    return account_id_in(request.match_info["account_id"])


def account_id_in(text: Any) -> str:
    """Return an account's id; raise InvalidValueError for anything else."""
    if not isinstance(text, str) or _ACCOUNT_ID.fullmatch(text) is None:
        allowed = "up to 128 letters, digits, dots, dashes, underscores"
        raise InvalidValueError(field="account_id", value=text, allowed=allowed)
    return text


def checked_country(code: Any) -> str:
    """Return the code of a country with a shop; raise InvalidValueError."""
    if not isinstance(code, str) or code not in DOMAINS:
        raise InvalidValueError(
            field="country_code", value=code, allowed=", ".join(DOMAINS)
        )
    return code
