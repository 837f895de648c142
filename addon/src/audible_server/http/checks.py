"""The self-check, for the page and for whoever helps somebody."""

from dataclasses import asdict

from aiohttp import web

from audible_server.http.answers import data_answer
from audible_server.http.services import SERVICES


async def run_self_check(request: web.Request) -> web.Response:
    """Return how each thing stands that the server needs."""
    results = await request.app[SERVICES].self_check.run()
    return data_answer({"checks": [asdict(result) for result in results]})
