"""The OpenAPI 3.1 document, made from the table of operations."""

import re
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from audible_core.wire import SECRET_HEADER

from audible_server import __version__
from audible_server.http.audio_operations import AUDIO_OPERATIONS, ENDLESS
from audible_server.http.operations import (
    JSON,
    OPERATIONS,
    PARAMETERS,
    Operation,
    envelope,
)
from audible_server.http.schemas import COMPONENTS, ref

_IN_PATH: Final = re.compile(r"\{(\w+)\}")
# Somebody asked wrongly, proved nothing, or too often; the server, or its database,
# has a fault.
_EVERYWHERE: Final = (400, 401, 429, 500)
_BODILESS: Final = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_WITH_WAIT: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_WAIT: Final = {"Retry-After": {"type": "integer", "minimum": 0}}
_WITH_BODY: Final = (408, 413)


async def show_document(_request: web.Request) -> web.Response:
    """Return the document."""
    return web.json_response(document(), headers={"Cache-Control": "no-cache"})


@cache
def document() -> dict[str, Any]:
    """Return the document of this version."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in (*OPERATIONS, *AUDIO_OPERATIONS):
        item = paths.setdefault(operation.path, {})
        item[operation.method.lower()] = _described(operation)
        if operation.method == "GET" and operation.path != ENDLESS:
            item["head"] = _described(replace(operation, method="HEAD"))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Audible Tracker server",
            "version": __version__,
            "license": {"name": "AGPL-3.0-only", "identifier": "AGPL-3.0-only"},
        },
        "servers": [{"url": "/"}],
        "security": [{"secret": []}],
        "paths": paths,
        "components": {
            "schemas": COMPONENTS,
            "securitySchemes": {
                "secret": {"type": "apiKey", "in": "header", "name": SECRET_HEADER}
            },
        },
    }


def _described(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": _name(operation),
        "parameters": [
            *(_parameter(name, "path", PARAMETERS[name]) for name in _names(operation)),
            *(_parameter(name, "query", of) for name, of in operation.query.items()),
            *_wishes(operation),
            *(_parameter(name, "header", of) for name, of in operation.headers.items()),
        ],
        "responses": _responses(operation),
    }
    if operation.is_open:
        described["security"] = []
    if operation.body is not None:
        content = {JSON: {"schema": operation.body}}
        described["requestBody"] = {
            "required": operation.needs_body,
            "content": content,
        }
    return described


def _names(operation: Operation) -> list[str]:
    return _IN_PATH.findall(operation.path)


def _name(operation: Operation) -> str:
    words = re.findall(r"\w+", operation.path)
    return "_".join((operation.method.lower(), *words))


def _parameter(name: str, place: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _wishes(operation: Operation) -> list[dict[str, Any]]:
    """Return the object whose members stand in the query, each for itself."""
    if operation.wish is None:
        return []
    spread = {"style": "form", "explode": True}
    return [_parameter("wish", "query", operation.wish) | spread]


def _responses(operation: Operation) -> dict[str, Any]:
    everywhere = () if operation.is_open else _EVERYWHERE
    with_body = _WITH_BODY if operation.body is not None else ()
    found = {str(operation.status): _answer(operation)}
    for status in sorted(
        {*everywhere, *with_body, *operation.errors, *operation.wordless}
    ):
        other = replace(operation, status=status)
        is_error = status >= HTTPStatus.BAD_REQUEST and status not in operation.wordless
        found[str(status)] = _error(other) if is_error else _answer(other)
    for other_status, data in operation.others.items():
        other = replace(operation, status=other_status, data=data)
        found[str(other_status)] = _answer(other)
    return found


def _answer(operation: Operation) -> dict[str, Any]:
    answer = _plain(operation, operation.summary)
    if operation.status in _BODILESS or operation.method == "HEAD":
        return answer
    if operation.data is not None:
        answer["content"] = {JSON: {"schema": envelope(operation.data)}}
    else:
        answer["content"] = {kind: {} for kind in operation.content_types}
    return answer


def _error(operation: Operation) -> dict[str, Any]:
    answer = _plain(operation, HTTPStatus(operation.status).phrase)
    if operation.method == "HEAD":
        return answer
    return answer | {"content": {JSON: {"schema": ref("Error")}}}


def _plain(operation: Operation, description: str) -> dict[str, Any]:
    """Return an answer without its body."""
    # What a title that is still at the shop will be, HEAD only foretells.
    is_sure = operation.method != "HEAD"
    status = operation.status
    headers = {
        name: {"required": is_sure, "schema": schema}
        for name, schema in operation.answer_headers.get(status, {}).items()
    } | {
        name: {"schema": schema}
        for name, schema in {
            **operation.headers_at_times.get(status, {}),
            **(_WAIT if status in _WITH_WAIT else {}),
        }.items()
    }
    return {"description": description} | ({"headers": headers} if headers else {})
