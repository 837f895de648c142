"""Actions."""

from enum import StrEnum
from typing import Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import service

from .const import CONF_ASIN, DOMAIN
from .coordinator import AudibleConfigEntry
from .core.audible.parse import is_asin
from .core.errors import InvalidValueError
from .core.models import Asin
from .core.wire import to_json
from .failures import translated_failures
from .server_link import media_server_of


class AudibleAction(StrEnum):
    """Names of the actions."""

    DOWNLOAD = "download"


_DOWNLOAD_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        probatio.Required(CONF_ASIN): cv.string,
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register all actions."""
    hass.services.async_register(
        DOMAIN,
        AudibleAction.DOWNLOAD,
        _async_download,
        schema=_DOWNLOAD_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


def parse_asin(text: str) -> Asin:
    """Return the ASIN in what was typed; raise InvalidValueError."""
    asin = text.strip().upper()
    if not is_asin(asin):
        raise InvalidValueError(
            field=CONF_ASIN, value=text, allowed="ten letters and digits"
        )
    return Asin(asin)


async def _async_download(call: ServiceCall) -> ServiceResponse:
    """Ask the server to download a title; return what it holds of it."""
    entry: AudibleConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    with translated_failures():
        asin = parse_asin(call.data[CONF_ASIN])
        book = await media_server_of(call.hass, entry).start_download(asin)
    return to_json(book) if call.return_response else None
