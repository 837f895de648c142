"""The page and its files; relative addresses only, so that it works under ingress."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from aiohttp import web
from audible_core.wire import API_VERSION, API_VERSION_SERVED_MIN, Health, to_json

from audible_server import __version__

_FOLDER: Final = Path(__file__).parent.parent / "web"
_TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


@dataclass(frozen=True, slots=True)
class PageFiles:
    """The page's files, in memory: they are few, and small."""

    files: Mapping[str, tuple[bytes, str]]

    @classmethod
    def load(cls) -> Self:
        """Read them all. Blocks."""
        return cls(
            {
                path.relative_to(_FOLDER).as_posix(): (
                    path.read_bytes(),
                    _TYPES[path.suffix],
                )
                for path in _FOLDER.rglob("*")
                if path.suffix in _TYPES
            }
        )


PAGE_FILES: Final = web.AppKey("page_files", PageFiles)


async def show_page(request: web.Request) -> web.Response:
    """Return the page."""
    return _answer(request, "index.html")


async def show_file(request: web.Request) -> web.Response:
    """Return one of the page's files."""
    return _answer(request, request.match_info["name"])


async def show_health(_request: web.Request) -> web.Response:
    """Tell that the server runs, and which version it speaks."""
    health = Health("ok", __version__, API_VERSION, API_VERSION_SERVED_MIN)
    data = to_json(health)
    # An integration of version 1 looks outside, and tells which versions do not fit.
    body = {**data, "success": True, "data": data}
    return web.json_response(body, headers={"Cache-Control": "no-store"})


async def add_safety_headers(_request: web.Request, answer: web.StreamResponse) -> None:
    """Tell browsers to guess no types, to leak no addresses, to run only our code."""
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Content-Security-Policy"] = _POLICY


def _answer(request: web.Request, name: str) -> web.Response:
    found = request.app[PAGE_FILES].files.get(name)
    if found is None:
        raise web.HTTPNotFound
    body, content_type = found
    return web.Response(
        body=body,
        content_type=content_type,
        charset="utf-8",
        headers={"Cache-Control": "no-cache"},
    )
