"""Who may ask: the secret, a page session, or the Supervisor's ingress."""

import hmac
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from audible_core.errors import (
    InvalidValueError,
    MediaServerSecretError,
    MissingValueError,
    SignatureError,
)
from audible_core.wire import SECRET_HEADER

from audible_server.http.parameters import address_of, json_body
from audible_server.http.services import (
    GUESSES,
    IS_SUPERVISED,
    IS_TRUSTED,
    SECRET,
    SERVICES,
    SESSIONS,
)
from audible_server.http.sessions import SESSION_COOKIE, SESSION_LIFE_S
from audible_server.http.signing import has_valid_signature, is_signed
from audible_server.store.clock import now_ms

_INGRESS_PEER: Final = "172.30.32.2"
"""The Supervisor's address in the network of its apps, where no other peer has it."""

_INGRESS_HEADER: Final = "X-Ingress-Path"
_SAFE: Final = frozenset({"GET", "HEAD"})
_OPEN: Final = frozenset({"/", "/health", "/web/{name}"})
_SESSION: Final = "/session"


@web.middleware
async def only_the_known(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse who proves nothing; what everybody may see is excepted."""
    if is_signed(request):
        if not has_valid_signature(request):
            raise SignatureError
    elif not _is_open(request):
        _check(request)
    return await handler(request)


async def begin_session(request: web.Request) -> web.Response:
    """Exchange the secret for a cookie that page scripts cannot read."""
    _check_origin(request)
    body = await json_body(request)
    if not isinstance(body, dict) or "secret" not in body:
        # What came is not repeated: it may hold the secret.
        raise MissingValueError(field="secret", allowed='a body {"secret": "…"}')
    secret = body["secret"]
    if not isinstance(secret, str) or not _is_secret(request, secret):
        raise MediaServerSecretError
    answer = web.Response(status=204)
    answer.set_cookie(
        SESSION_COOKIE,
        request.app[SESSIONS].issue(),
        max_age=SESSION_LIFE_S,
        httponly=True,
        samesite="Strict",
        secure=request.secure,
    )
    return answer


async def end_session(_request: web.Request) -> web.Response:
    """Take the cookie back."""
    answer = web.Response(status=204)
    answer.del_cookie(SESSION_COOKIE, httponly=True, samesite="Strict")
    return answer


def _is_open(request: web.Request) -> bool:
    """Tell by the address that was found, not by how it was written."""
    address = address_of(request)
    if request.method in _SAFE:
        return address in _OPEN
    return request.method == "POST" and address == _SESSION


def _check(request: web.Request) -> None:
    given = request.headers.get(SECRET_HEADER)
    if given is not None:
        if not _is_secret(request, given):
            raise MediaServerSecretError
        request[IS_TRUSTED] = True
        request.app[SERVICES].contact.last_call_at_ms = now_ms()
        return
    if _is_ingress(request):
        # Home Assistant's own cookie, which no other site can use, was checked there.
        return
    token = request.cookies.get(SESSION_COOKIE)
    if token is None or not request.app[SESSIONS].is_valid(token):
        raise MediaServerSecretError
    # A browser adds the cookie by itself, whoever made it ask.
    if request.method not in _SAFE:
        _check_origin(request, is_required=True)


def _is_secret(request: web.Request, given: str) -> bool:
    guesses = request.app[GUESSES]
    guesses.check(request.remote)
    expected = request.app[SECRET].encode()
    is_right = hmac.compare_digest(given.encode("utf-8", "replace"), expected)
    if not is_right:
        guesses.note_wrong(request.remote)
    return is_right


def _is_ingress(request: web.Request) -> bool:
    return (
        # In another network the address may be anybody's.
        request.app[IS_SUPERVISED]
        and request.remote == _INGRESS_PEER
        and _INGRESS_HEADER in request.headers
    )


def _host_in(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _check_origin(request: web.Request, *, is_required: bool = False) -> None:
    """Refuse what another site made the browser send."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        is_own = site in {"same-origin", "none"}
    elif (origin := request.headers.get("Origin")) is not None:
        # No other site can make a browser send the name that a proxy was asked for.
        hosts = {request.host, request.headers.get("X-Forwarded-Host")}
        is_own = _host_in(origin) in hosts - {"", None}
    else:
        is_own = not is_required
    if not is_own:
        raise InvalidValueError(
            field="Origin",
            value=request.headers.get("Origin", site),
            allowed="this server's own page",
        )
