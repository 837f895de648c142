"""The options of one account: what a form shows of them, and where each is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
from homeassistant.util import dt as dt_util

from ..account_entry import account_of, options_of
from ..accounts import async_known_account, async_reader, settings_of
from ..const import (
    CONF_AUTO_SYNC,
    CONF_CREATES_BOOKS,
    CONF_FINISH_REST,
    CONF_LIBRARY_INTERVAL,
    CONF_LOG_DAYS,
    CONF_READER,
    CONF_UNDER_WAY_DAYS,
    CONF_WRITES_BACK,
    DEFAULT_LIBRARY_INTERVAL_MINUTES,
    FINISH_REST_MINUTES,
    LIBRARY_INTERVAL_MINUTES,
    LOG_DAYS,
    UNDER_WAY_DAYS,
)
from ..core.decisions.listeners import set_default_reader
from ..core.errors import InvalidValueError
from ..core.store.accounts import change_settings
from ..core.store.database import Store
from ..core.store.readers import load_readers
from .first_sync import parse_reader, reader_selector

_BOUNDS: Final[Mapping[str, tuple[range, str]]] = {
    CONF_LIBRARY_INTERVAL: (LIBRARY_INTERVAL_MINUTES, UnitOfTime.MINUTES),
    CONF_FINISH_REST: (FINISH_REST_MINUTES, UnitOfTime.MINUTES),
    CONF_UNDER_WAY_DAYS: (UNDER_WAY_DAYS, UnitOfTime.DAYS),
    CONF_LOG_DAYS: (LOG_DAYS, UnitOfTime.DAYS),
}
# The others are the store's: the sync itself looks at them.
_OF_ENTRY: Final = (
    CONF_FINISH_REST,
    CONF_CREATES_BOOKS,
    CONF_WRITES_BACK,
    CONF_UNDER_WAY_DAYS,
    CONF_LOG_DAYS,
)


@dataclass(frozen=True, slots=True)
class AccountOptions:
    """Present values, by field, and the readers there are."""

    values: dict[str, Any]
    readers: tuple[str, ...]


def options_schema(readers: tuple[str, ...] = ()) -> probatio.Schema:
    """Return the form's fields.

    Numbers have no bounds here: a selector would not say which are allowed.
    """
    return probatio.Schema(
        {
            probatio.Required(CONF_READER): reader_selector(readers),
            probatio.Required(CONF_AUTO_SYNC): BooleanSelector(),
            probatio.Required(CONF_LIBRARY_INTERVAL): _number(CONF_LIBRARY_INTERVAL),
            probatio.Required(CONF_FINISH_REST): _number(CONF_FINISH_REST),
            probatio.Required(CONF_CREATES_BOOKS): BooleanSelector(),
            probatio.Required(CONF_WRITES_BACK): BooleanSelector(),
            probatio.Required(CONF_UNDER_WAY_DAYS): _number(CONF_UNDER_WAY_DAYS),
            probatio.Required(CONF_LOG_DAYS): _number(CONF_LOG_DAYS),
        }
    )


async def async_load_options(store: Store, entry: ConfigEntry[Any]) -> AccountOptions:
    """Return how the account is set."""
    account = account_of(entry.data)
    known = await async_known_account(store, account)
    async with store.reading() as connection:
        readers = await load_readers(connection)
    names = {reader.reader_id: reader.name for reader in readers}
    values = {name: options_of(entry)[name] for name in _OF_ENTRY}
    values[CONF_READER] = names[known.default_reader_id] if known else account.name
    values[CONF_AUTO_SYNC] = known.auto_sync_progress if known else True
    values[CONF_LIBRARY_INTERVAL] = (
        known.sync_interval_minutes if known else DEFAULT_LIBRARY_INTERVAL_MINUTES
    )
    return AccountOptions(values, tuple(names.values()))


def parse_options(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed; raise InvalidValueError that says what is allowed."""
    values = dict(user_input)
    for field in _BOUNDS:
        values[field] = _whole_number(field, values[field])
    values[CONF_READER] = parse_reader(values[CONF_READER])
    return values


async def async_save_options(
    store: Store, entry: ConfigEntry[Any], values: Mapping[str, Any], *, actor: str
) -> None:
    """Keep what the store keeps."""
    known = await async_known_account(store, account_of(entry.data))
    if known is None:
        return
    now = dt_util.utcnow()
    settings = replace(
        settings_of(known),
        auto_sync_progress=values[CONF_AUTO_SYNC],
        sync_interval_minutes=values[CONF_LIBRARY_INTERVAL],
    )
    async with store.transaction() as connection:
        await change_settings(connection, known.account_id, settings)
        reader_id = await async_reader(connection, values[CONF_READER], now=now)
        await set_default_reader(
            connection, known.account_id, reader_id, actor=actor, now=now
        )


def kept_by_entry(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the options the entry keeps."""
    return {name: values[name] for name in _OF_ENTRY}


def _number(field: str) -> NumberSelector:
    _, unit = _BOUNDS[field]
    return NumberSelector(
        NumberSelectorConfig(mode=NumberSelectorMode.BOX, unit_of_measurement=unit)
    )


def _whole_number(field: str, value: float) -> int:
    bounds, _ = _BOUNDS[field]
    is_whole = float(value).is_integer()
    if not is_whole or int(value) not in bounds:
        raise InvalidValueError(
            field=field,
            value=int(value) if is_whole else value,
            allowed=f"a whole number, {bounds.start} to {bounds.stop - 1}",
        )
    return int(value)
