"""Whose listening a trigger or a condition is about: an account's, a reader's."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, CONF_OPTIONS
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .const import CONF_READER, DOMAIN
from .coordinator import AudibleConfigEntry
from .core.audible.parse import is_asin
from .core.decisions.overview import AccountOverview, ReaderOverview
from .core.models import Asin

CONF_ENTRY: Final = ATTR_CONFIG_ENTRY_ID

WHOSE: Final[Mapping[probatio.Marker, Any]] = {
    probatio.Optional(CONF_ENTRY): cv.string,
    probatio.Optional(CONF_READER): cv.string,
}


def checked_options(
    config: ConfigType, options: Mapping[probatio.Marker, Any]
) -> ConfigType:
    """Validate what an automation says of a trigger or a condition."""
    schema = probatio.Schema(
        {probatio.Required(CONF_OPTIONS, default=dict): probatio.Schema(dict(options))}
    )
    return cast(ConfigType, schema(config))


def one_asin(value: Any) -> Asin:
    """Return the ASIN in what was written."""
    asin = cv.string(value).strip().upper()
    if not is_asin(asin):
        raise probatio.Invalid("expected an ASIN: ten letters and digits")
    return Asin(asin)


@callback
def overviews(
    hass: HomeAssistant, wanted: Mapping[str, Any]
) -> Iterator[AccountOverview]:
    """Yield what is shown of the accounts that are meant, as far as they are loaded."""
    entry: AudibleConfigEntry
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        if wanted.get(CONF_ENTRY) in (None, entry.entry_id):
            yield entry.runtime_data.coordinator.data


@callback
def readers(hass: HomeAssistant, wanted: Mapping[str, Any]) -> Iterator[ReaderOverview]:
    """Yield what is shown of the readers that are meant."""
    for _, reader in readers_of_accounts(hass, wanted):
        yield reader


@callback
def readers_of_accounts(
    hass: HomeAssistant, wanted: Mapping[str, Any]
) -> Iterator[tuple[AccountOverview, ReaderOverview]]:
    """Yield the readers that are meant, each with an account that they listen with."""
    for overview in overviews(hass, wanted):
        for reader in overview.readers:
            if _is_named(wanted, reader.reader.name):
                yield overview, reader


@callback
def is_of(
    hass: HomeAssistant,
    wanted: Mapping[str, Any],
    *,
    entry_id: str | None,
    reader_id: int | None,
) -> bool:
    """Tell whether something is of the account and the reader that are meant."""
    if wanted.get(CONF_ENTRY) not in (None, entry_id):
        return False
    if CONF_READER not in wanted:
        return True
    here = {**wanted, CONF_ENTRY: entry_id}
    return any(one.reader.reader_id == reader_id for one in readers(hass, here))


@callback
def reader_name(
    hass: HomeAssistant, entry_id: str | None, reader_id: int | None
) -> str | None:
    """Return what a reader is called; None where nobody is meant, or known now."""
    found = readers(hass, {CONF_ENTRY: entry_id})
    names = (one.reader.name for one in found if one.reader.reader_id == reader_id)
    return next(names, None)


def _is_named(wanted: Mapping[str, Any], name: str) -> bool:
    reader: str | None = wanted.get(CONF_READER)
    return reader is None or reader.strip().casefold() == name.casefold()
