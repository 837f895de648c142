"""m.media-amazon.com: cover images in any size."""

import asyncio
import re
from typing import Final

from aiohttp import web

from ..answers import SHOP
from ..covers import cover_image

_NAME: Final = re.compile(r"(?P<image>[\w+-]+)\.(?:.*_S[LX](?P<side>\d+)_.*\.)?jpg")
_USUAL_SIDE: Final = 500
_MAX_SIDE: Final = 2400


def images() -> web.Application:
    """Return the application of this host."""
    app = web.Application()
    app.router.add_get("/images/I/{name}", _image)
    return app


async def _image(request: web.Request) -> web.Response:
    match = _NAME.fullmatch(request.match_info["name"])
    titles = request.config_dict[SHOP].titles.values()
    image = match["image"] if match else ""
    title = next((title for title in titles if title.image_id == image), None)
    if match is None or title is None:
        return web.Response(status=404, text="Not Found")
    side = min(int(match["side"] or _USUAL_SIDE), _MAX_SIDE)
    body = await asyncio.to_thread(cover_image, title, max(side, 16), "JPEG")
    headers = {"Cache-Control": "max-age=630720000,public"}
    return web.Response(body=body, content_type="image/jpeg", headers=headers)
