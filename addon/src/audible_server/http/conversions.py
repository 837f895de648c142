"""Conversions: make a title's file now."""

from http import HTTPStatus
from typing import Any

from aiohttp import web
from audible_core.errors import InvalidValueError

from audible_server.conversion.choices import Target
from audible_server.http.answers import data_answer
from audible_server.http.parameters import asin_of, json_body
from audible_server.http.services import SERVICES
from audible_server.jobs.desk import shown


async def start_conversion(request: web.Request) -> web.Response:
    """Begin to convert a title; without a body, as the settings say, else to M4B."""
    asin = asin_of(request)
    body = await json_body(request) if request.can_read_body else {}
    target = _target(body)
    job = await request.app[SERVICES].conversions.start(asin, target)
    return data_answer(shown(job), status=HTTPStatus.ACCEPTED)


def _target(body: Any) -> Target | None:
    if not isinstance(body, dict):
        raise InvalidValueError(
            field="body", value=type(body).__name__, allowed="a JSON object"
        )
    if "format" not in body:
        return None
    wanted = body["format"]
    try:
        return Target(wanted)
    except ValueError:
        allowed = ", ".join(Target)
        raise InvalidValueError(field="format", value=wanted, allowed=allowed) from None
