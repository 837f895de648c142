"""The cards' files: served under a path that changes with them, and loaded by pages."""

import hashlib
from pathlib import Path
from typing import Final

from homeassistant.components.http.server import StaticPathConfig
from homeassistant.core import HomeAssistant

from ..const import DOMAIN

FOLDER: Final = Path(__file__).parents[1] / "www"
_ENTRY: Final = "cards.js"
_HASH_LENGTH: Final = 12


async def async_setup_frontend(hass: HomeAssistant) -> None:
    """Serve the cards and let every page load them; without a frontend do nothing."""
    if "frontend" not in hass.config.components:
        return
    # It is there now, and only then: tests and small installations go without.
    from homeassistant.components.frontend import add_extra_js_url

    version = await hass.async_add_executor_job(version_of, FOLDER)
    path = f"/{DOMAIN}/{version}"
    # Browsers keep them for a month: what they import lies beside them, so that one
    # hash in the path renews all of it.
    await hass.http.async_register_static_paths(
        [StaticPathConfig(path, str(FOLDER), cache_headers=True)]
    )
    add_extra_js_url(hass, f"{path}/{_ENTRY}")


def version_of(folder: Path) -> str:
    """Return a word that changes when any file of a folder does. Reads them all."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:_HASH_LENGTH]
