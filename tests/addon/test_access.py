"""Who may ask: the secret, a page session, ingress; and who may not."""

import time
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from audible_core.wire import SECRET_HEADER

from audible_server.http.access import _is_ingress
from audible_server.http.services import IS_SUPERVISED
from audible_server.http.sessions import SESSION_COOKIE, SESSION_LIFE_S, SessionTokens

from .server import SECRET, Server, error_of

PROTECTED = [
    ("GET", "/api/books"),
    ("GET", "/api/books/B000000001"),
    ("POST", "/api/books/B000000001/download"),
    ("GET", "/api/books/B000000001/cover"),
    ("GET", "/api/accounts"),
    ("PUT", "/api/accounts/somebody"),
    ("DELETE", "/api/accounts/somebody"),
    ("GET", "/stream/B000000001"),
    ("HEAD", "/stream/B000000001"),
    ("DELETE", "/session"),
    ("GET", "/nothing/here"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SECRET_HEADER: ""},
        {SECRET_HEADER: "wrong"},
        {SECRET_HEADER: SECRET + "x"},
        {SECRET_HEADER: "schlüssel-mit-umlaut"},
        {"Cookie": f"{SESSION_COOKIE}=forged.token.here"},
        {"Cookie": f"{SESSION_COOKIE}="},
        {"X-Ingress-Path": "/api/hassio_ingress/x"},
        {"X-Ingress-Path": "/x", "X-Forwarded-For": "172.30.32.2"},
    ],
    ids=str,
)
async def test_who_proves_nothing_is_refused(
    server: Server, method: str, path: str, headers: dict[str, str]
) -> None:
    """Every protected address answers 401, whether or not there is such a thing."""
    async with server.stranger.request(method, path, headers=headers) as answer:
        assert 401 == answer.status
        if method != "HEAD":
            assert "media_server_secret" == (await error_of(answer))["code"]


@pytest.mark.parametrize("path", ["/", "/health", "/web/app.js", "/web/style.css"])
async def test_page_and_health_are_open(server: Server, path: str) -> None:
    """What holds no secret needs none."""
    async with server.stranger.get(path) as answer:
        assert 200 == answer.status


async def test_secret_in_the_header_opens(server: Server) -> None:
    """The integration sends the secret with every request."""
    assert [] == (await server.json("/api/books"))["books"]


async def test_session_opens_until_it_is_ended(server: Server) -> None:
    """The page exchanges the secret for a cookie, and gives it back."""
    own = {"Sec-Fetch-Site": "same-origin"}
    async with server.stranger.post(
        "/session", json={"secret": SECRET}, headers=own
    ) as answer:
        assert 204 == answer.status
        cookie = answer.cookies[SESSION_COOKIE]
    assert cookie["httponly"]
    assert "Strict" == cookie["samesite"]
    assert SECRET not in cookie.value

    async with server.stranger.get("/api/books") as answer:
        assert 200 == answer.status
    async with server.stranger.delete("/session", headers=own) as answer:
        assert 204 == answer.status
    async with server.stranger.get("/api/books") as answer:
        assert 401 == answer.status


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 400),
        ({"Sec-Fetch-Site": "same-site"}, 400),
        ({"Origin": "https://evil.example"}, 400),
        ({"Origin": "null"}, 400),
        ({}, 400),
        ({"Sec-Fetch-Site": "same-origin"}, 404),
        ({"Origin": "https://own", "X-Forwarded-Host": "own"}, 404),
    ],
)
async def test_other_site_cannot_use_the_cookie(
    server: Server, headers: dict[str, str], expected: int
) -> None:
    """What changes something must come from the page itself."""
    token = SessionTokens(SECRET).issue()
    cookie = {"Cookie": f"{SESSION_COOKIE}={token}", **headers}
    async with server.stranger.post(
        "/api/books/B000000001/download", headers=cookie
    ) as answer:
        assert expected == answer.status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"{}", 400),
        (b"\xff\xfe", 400),
        (b'{"secret": 5}', 401),
        (b'{"secret": "wrong"}', 401),
    ],
)
async def test_wrong_secret_gives_no_session(
    server: Server, body: bytes, status: int
) -> None:
    """A wrong secret, or something else, gives a sentence and no cookie."""
    async with server.stranger.post("/session", data=body) as answer:
        assert status == answer.status
        assert (await error_of(answer))["message"]
        assert not answer.cookies


async def test_session_without_a_secret_is_told_what_to_say(server: Server) -> None:
    """The member that is wanted is named."""
    async with server.stranger.post("/session", json={}) as answer:
        error = await error_of(answer)

    assert ("value_missing", "secret") == (error["code"], error["field"])
    assert 'Say secret: a body {"secret": "…"}.' == error["message"]


def test_session_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token is good for its time and no longer."""
    tokens = SessionTokens(SECRET)
    token = tokens.issue()
    assert tokens.is_valid(token)

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + SESSION_LIFE_S + 1)

    assert not tokens.is_valid(token)


def test_another_secret_ends_all_sessions() -> None:
    """Who changes the secret shuts everybody out."""
    assert not SessionTokens("another-long-secret").is_valid(
        SessionTokens(SECRET).issue()
    )


@pytest.mark.parametrize(
    ("peer", "headers", "is_supervised", "expected"),
    [
        ("172.30.32.2", {"X-Ingress-Path": "/api/hassio_ingress/x"}, True, True),
        ("172.30.32.2", {"X-Ingress-Path": "/api/hassio_ingress/x"}, False, False),
        ("172.30.32.2", {}, True, False),
        ("172.30.32.3", {"X-Ingress-Path": "/api/hassio_ingress/x"}, True, False),
    ],
)
def test_only_the_supervisor_comes_through_ingress(
    peer: str, headers: dict[str, str], is_supervised: bool, expected: bool
) -> None:
    """The header counts from the Supervisor's own address, in its own network."""

    class Transport:
        def get_extra_info(self, name: str, default: Any = None) -> Any:
            return (peer, 40000) if name == "peername" else default

        def is_closing(self) -> bool:
            return False

    app = web.Application()
    app[IS_SUPERVISED] = is_supervised
    request = make_mocked_request(
        "GET", "/", headers=headers, transport=Transport(), app=app
    )

    assert expected == _is_ingress(request)
