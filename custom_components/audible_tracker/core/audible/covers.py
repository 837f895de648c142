"""Cover images, straight from where the shop keeps them."""

import asyncio
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import httpx

from ..errors import (
    AudibleConnectionError,
    AudibleNotFoundError,
    AudibleResponseError,
)

COVER_BYTES_MAX: Final = 5 * 1024 * 1024
"""No cover is larger; what is so is none."""

_TIMEOUT_S: Final = 20
_HOSTS: Final = (".media-amazon.com", ".ssl-images-amazon.com", ".images-amazon.com")
_MAGIC: Final = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF8": "image/gif",
}


def image_type(content: bytes) -> str | None:
    """Return the kind of image that some bytes are; None for what is no image."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next(
        (kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None
    )


def is_cover_url(url: str) -> bool:
    """Tell whether an address is one of the shop's images: nothing else is asked."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and port is None and f".{host}".endswith(_HOSTS)


async def fetch_cover(url: str) -> bytes:
    """Return an image. The shop is not asked about anything: it is no request to it.

    Raises AudibleNotFoundError, AudibleConnectionError, AudibleResponseError.
    """
    if not is_cover_url(url):
        raise AudibleResponseError(field="cover_url")
    # Certificates are read from disk.
    client = await asyncio.to_thread(httpx.AsyncClient, timeout=_TIMEOUT_S)
    try:
        async with client, client.stream("GET", url) as answer:
            if answer.status_code != HTTPStatus.OK:
                raise AudibleNotFoundError(what="the cover")
            content = await _body(answer)
    except httpx.HTTPError as err:
        raise AudibleConnectionError(reason=type(err).__name__) from err
    if image_type(content) is None:
        raise AudibleResponseError(field="cover")
    return content


async def _body(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > COVER_BYTES_MAX:
            raise AudibleResponseError(field="cover")
    return bytes(content)
