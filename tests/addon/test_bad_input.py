"""Every wrong value in a request gets a 4xx with field, value and what is allowed."""

import asyncio
from io import BytesIO
from typing import Any

import pytest
from audible_core.sealing import seal

from audible_server.http.sessions import SESSION_COOKIE

from .server import SECRET, Server, error_of

GOOD = {"country_code": "us", "name": "Ada", "sealed": seal(SECRET, "{}")}


def _content(body: dict[str, object] | str | None) -> dict[str, Any]:
    if isinstance(body, str):
        return {"data": BytesIO(body.encode())}
    return {"json": body}


REQUESTS = [
    ("GET", "/api/books/short", None, 400, "asin"),
    ("GET", "/api/books/b000000001", None, 400, "asin"),
    ("GET", "/api/books/B0000000012", None, 400, "asin"),
    ("GET", "/api/books/B00000000%C3%A9", None, 400, "asin"),
    ("GET", "/api/books/..%2Fserver.d", None, 400, "asin"),
    ("GET", "/api/books/" + "A" * 5000, None, 400, "asin"),
    ("POST", "/api/books/B00/download", None, 400, "asin"),
    ("GET", "/api/books/B00/cover", None, 400, "asin"),
    ("GET", "/stream/..%2F..%2Fetc", None, 400, "asin"),
    ("GET", "/stream/B000000001?format=ape", None, 400, "format"),
    ("GET", "/stream/B000000001?format=", None, 400, "format"),
    ("GET", "/stream/B000000001?format=mp3&format=mp3", None, 400, "format"),
    ("GET", "/stream/B000000001?format=mp3&bitrate=8", None, 400, "bitrate"),
    ("GET", "/stream/B000000001?format=mp3&bitrate=321", None, 400, "bitrate"),
    ("GET", "/stream/B000000001?format=mp3&bitrate=64k", None, 400, "bitrate"),
    ("GET", "/stream/B000000001?format=mp3&bitrate=-64", None, 400, "bitrate"),
    ("GET", "/stream/B000000001?format=mp3&start_ms=-1", None, 400, "start_ms"),
    ("GET", "/stream/B000000001?format=mp3&start_ms=1.5", None, 400, "start_ms"),
    (
        "GET",
        "/stream/B000000001?format=mp3&start_ms=9" + "9" * 99,
        None,
        400,
        "start_ms",
    ),
    ("GET", "/stream/B000000001?start_ms=5", None, 400, "start_ms"),
    ("GET", "/stream/B000000001?bitrate=64", None, 400, "bitrate"),
    ("PUT", "/api/accounts/a%20b", GOOD, 400, "account_id"),
    ("PUT", "/api/accounts/" + "a" * 129, GOOD, 400, "account_id"),
    ("DELETE", "/api/accounts/a%2Fb", None, 400, "account_id"),
    ("PUT", "/api/accounts/ada", "{", 400, "body"),
    ("PUT", "/api/accounts/ada", "[]", 400, "body"),
    ("PUT", "/api/accounts/ada", "\ufeff{}", 400, "body"),
    ("PUT", "/api/accounts/ada", {}, 400, "country_code"),
    ("PUT", "/api/accounts/ada", {**GOOD, "country_code": "xx"}, 400, "country_code"),
    ("PUT", "/api/accounts/ada", {**GOOD, "country_code": 5}, 400, "country_code"),
    ("PUT", "/api/accounts/ada", {**GOOD, "name": ""}, 400, "name"),
    ("PUT", "/api/accounts/ada", {**GOOD, "name": None}, 400, "name"),
    ("PUT", "/api/accounts/ada", {**GOOD, "sealed": []}, 400, "sealed"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "field"), REQUESTS)
async def test_wrong_value_is_named(
    server: Server,
    method: str,
    path: str,
    body: dict[str, object] | str | None,
    status: int,
    field: str,
) -> None:
    """The answer names the field, what came, and what is allowed."""
    content = _content(body)
    async with server.client.request(method, path, **content) as answer:
        assert status == answer.status, await answer.text()
        error = await error_of(answer)

    assert ("invalid_value", field) == (error["code"], error["field"])
    assert error["allowed"]
    assert error["allowed"] in error["message"]


OTHERS = [
    ("GET", "/api/books/B000000001", None, 404, "unknown_book"),
    ("POST", "/api/books/B000000001/download", None, 404, "unknown_book"),
    ("GET", "/api/books/B000000001/cover", None, 404, "unknown_book"),
    ("GET", "/stream/B000000001", None, 404, "unknown_book"),
    ("GET", "/stream/B000000001?format=mp3", None, 404, "unknown_book"),
    ("DELETE", "/api/accounts/nobody", None, 404, "unknown_account"),
    ("PUT", "/api/accounts/ada", {**GOOD, "sealed": "x"}, 403, "seal_broken"),
    (
        "PUT",
        "/api/accounts/ada",
        {**GOOD, "sealed": seal("some other long secret", "{}")},
        403,
        "seal_broken",
    ),
    ("PUT", "/api/accounts/ada", GOOD, 403, "audible_auth"),
    (
        "PUT",
        "/api/accounts/ada",
        {**GOOD, "sealed": seal(SECRET, "no JSON")},
        403,
        "audible_auth",
    ),
    ("GET", "/nothing", None, 404, "not_found"),
    ("GET", "/web/..%2Fsettings.py", None, 404, "not_found"),
    ("GET", "/web/__init__.py", None, 404, "not_found"),
    ("GET", "/api/books/B000000001/download", None, 405, "method_not_allowed"),
    ("POST", "/stream/B000000001", None, 405, "method_not_allowed"),
    ("PATCH", "/health", None, 405, "method_not_allowed"),
    ("PUT", "/api/accounts/ada", "x" * 2_000_000, 413, "too_large"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), OTHERS)
async def test_refusal_has_a_code_and_a_sentence(
    server: Server,
    method: str,
    path: str,
    body: dict[str, object] | str | None,
    status: int,
    code: str,
) -> None:
    """Whatever is refused, the answer is JSON with a code and a sentence."""
    content = _content(body)
    async with server.client.request(method, path, **content) as answer:
        assert status == answer.status, await answer.text()
        error = await error_of(answer)

    assert code == error["code"]
    assert error["message"].endswith(".")


BODIES: list[tuple[bytes, dict[str, str]]] = [
    (b"9" * 5000, {}),
    (b"[" * 200_000, {}),
    (b"{}", {"Content-Encoding": "gzip"}),
    (b"{}", {"Content-Type": "application/json; charset=nope"}),
    (b"{}", {"Content-Type": "application/json; charset=hex"}),
    (b"{}", {"Content-Type": "application/json; charset=undefined"}),
    (b"\xff\xfe", {"Content-Type": "application/json"}),
]


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/api/accounts/ada"), ("POST", "/session")]
)
@pytest.mark.parametrize(("body", "headers"), BODIES, ids=range(len(BODIES)))
async def test_body_that_is_no_json_is_named(
    server: Server, method: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    """However a body is broken, that is said, and nothing unexpected happens."""
    async with server.client.request(
        method, path, data=body, headers=headers
    ) as answer:
        assert 400 == answer.status, await answer.text()
        error = await error_of(answer)

    assert ("invalid_value", "body") == (error["code"], error["field"])


async def test_origin_that_is_no_address_is_refused(server: Server) -> None:
    """An unreadable origin is not the own page's."""
    headers = {"Origin": "http://[bad"}
    async with server.stranger.post(
        "/session", json={"secret": SECRET}, headers=headers
    ) as answer:
        assert 400 == answer.status
        assert "Origin" == (await error_of(answer))["field"]


async def test_cookie_that_is_no_text_opens_nothing(server: Server) -> None:
    """Any bytes may stand in a cookie."""
    port = server.client.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    cookie = f"Cookie: {SESSION_COOKIE}=".encode() + b"\xff\xfe.\xff.\xfe\r\n"
    writer.write(b"GET /api/books HTTP/1.1\r\nHost: x\r\n" + cookie + b"\r\n")
    status_line = await reader.readline()
    writer.close()

    assert b" 401 " in status_line
