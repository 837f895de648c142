"""The form of every JSON answer: what was asked for, or why not."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

ERROR_CODE: Final = web.ResponseKey("error_code", str)
"""Which error an answer tells of; it is counted."""


def data_answer(
    data: Any,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Return ``{"success": true, "data": …}``."""
    body = {"success": True, "data": data}
    return web.json_response(body, status=status, headers=headers)


def refusal(
    error: Mapping[str, Any], *, status: HTTPStatus, headers: Mapping[str, str]
) -> web.Response:
    """Return ``{"success": false, "error": {"code", "message", …}}``; never cached."""
    answer = web.json_response(
        {"success": False, "error": error},
        status=status,
        headers={**headers, "Cache-Control": "no-store"},
    )
    answer[ERROR_CODE] = str(error["code"])
    return answer
