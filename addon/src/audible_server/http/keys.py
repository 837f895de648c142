"""Keys of this installation: changing them."""

from aiohttp import web
from audible_core.errors import ServerNotAloneError

from audible_server.http.answers import data_answer
from audible_server.http.services import SERVICES


async def rotate(request: web.Request) -> web.Response:
    """Seal all that is secret under a new key; the old ones are forgotten."""
    services = request.app[SERVICES]
    others = len(await services.queries.replicas.load_alive()) - 1
    if others > 0:
        # They would go on sealing with a key that is gone.
        raise ServerNotAloneError(count=others)
    count = await services.key_change.run()
    return data_answer({"resealed": count})
