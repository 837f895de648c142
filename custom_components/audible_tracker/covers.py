"""Covers as files of this house: browsers never fetch them from the shop."""

import asyncio
import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER
from .core.audible.covers import fetch_cover, image_type
from .core.errors import TrackerError

_KEPT_MAX: Final = 2000
"""So many files are kept, about 100 MB; the longest unused go first."""

_AT_ONCE: Final = 4
_COVERS: HassKey[Covers] = HassKey(f"{DOMAIN}.covers")


@callback
def covers_of(hass: HomeAssistant) -> Covers:
    """Return the covers of this Home Assistant; nothing is read yet."""
    if _COVERS not in hass.data:
        hass.data[_COVERS] = Covers(hass)
    return hass.data[_COVERS]


class Covers:
    """Keeps each image once it was fetched; what is changed has another address."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Use `covers_of` instead."""
        self._hass = hass
        # Backups leave this folder out: all of it can be fetched again.
        self._folder = Path(hass.config.cache_path(DOMAIN, "covers"))
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def async_get(self, url: str) -> bytes:
        """Return an image; raise AudibleError where it is neither here nor there."""
        path = self._folder / cover_key(url)
        run = self._hass.async_add_executor_job
        async with self._turns:
            known = await run(_read, path)
            if known is not None:
                return known
            content = await fetch_cover(url)
            await run(_keep, path, content)
            return content

    async def async_find(self, url: str | None) -> bytes | None:
        """Return an image; None where there is none, or none can be had now."""
        if url is None:
            return None
        try:
            return await self.async_get(url)
        except TrackerError as err:
            LOGGER.debug("A cover cannot be shown: %s", err.key)
            return None


def cover_key(url: str) -> str:
    """Return what an image is known by here, made of its address in the shop."""
    return hashlib.sha256(url.encode()).hexdigest()


def _read(path: Path) -> bytes | None:
    """Return what is kept, and note that it was used. Blocks."""
    try:
        content = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    # A disk that was full may have kept a part.
    return content if image_type(content) else None


def _keep(path: Path, content: bytes) -> None:
    """Keep an image; a disk that takes none is no reason to show none. Blocks."""
    new = path.with_name(f"{path.name}.{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(content)
        new.replace(path)
        _remove_unused(path.parent)
    except OSError:
        # Where no folder can be made there is no part of a file either.
        with suppress(OSError):
            new.unlink(missing_ok=True)


def _remove_unused(folder: Path) -> None:
    files = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(folder)]
    for _, name in sorted(files)[: max(0, len(files) - _KEPT_MAX)]:
        Path(name).unlink(missing_ok=True)
