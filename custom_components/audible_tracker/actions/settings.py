"""Actions about what is synced, how often, and with which keys it is kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import probatio
from homeassistant.core import ServiceResponse
from homeassistant.helpers import config_validation as cv

from ..accounts import settings_of
from ..const import CONF_ASIN, LIBRARY_INTERVAL_MINUTES
from ..core.decisions.links import set_sync_enabled, set_sync_interval
from ..core.errors import InvalidValueError, MissingValueError
from ..core.store.accounts import AccountSettings, change_settings, load_account
from ..core.store.records import TrackedAccount
from ..household import household_of
from .answers import Members, link_members
from .calls import CONF_BOOK_ID, INTEGER, THING, Action, ActionCall

_CONF_CLEAR: Final = "clear"
_CONF_ENABLED: Final = "enabled"
_CONF_MINUTES: Final = "minutes"


async def _async_set_sync_enabled(action: ActionCall) -> ServiceResponse:
    """Switch the sync of one title, or of a whole account, on or off."""
    enabled: bool = action.data[_CONF_ENABLED]
    if not _is_about_title(action):
        return await _async_change_account(
            action, lambda settings: replace(settings, enabled=enabled)
        )
    async with action.changing() as connection:
        link = await action.async_link(connection)
        changed = await set_sync_enabled(
            connection,
            link.fields.reader_id,
            link.fields.asin,
            enabled,
            actor=await action.async_actor(),
            now=action.now,
        )
    return link_members(changed)


async def _async_set_sync_interval(action: ActionCall) -> ServiceResponse:
    """Give one title an interval of its own, or an account another one."""
    minutes: int | None = action.data.get(_CONF_MINUTES)
    if action.data[_CONF_CLEAR]:
        if minutes is not None:
            allowed = f"minutes, or {_CONF_CLEAR}, not both"
            raise InvalidValueError(field=_CONF_MINUTES, value=minutes, allowed=allowed)
    elif minutes is None or minutes not in LIBRARY_INTERVAL_MINUTES:
        raise _wrong_minutes(minutes)
    if not _is_about_title(action):
        if minutes is None:
            raise _wrong_minutes(None)
        wanted = minutes
        return await _async_change_account(
            action, lambda settings: replace(settings, sync_interval_minutes=wanted)
        )
    async with action.changing() as connection:
        link = await action.async_link(connection)
        changed = await set_sync_interval(
            connection,
            link.fields.reader_id,
            link.fields.asin,
            minutes,
            actor=await action.async_actor(),
            now=action.now,
        )
    return link_members(changed)


async def _async_rotate_keys(action: ActionCall) -> ServiceResponse:
    """Seal all sign-ins under a new key."""
    resealed = await household_of(action.hass).async_rotate_keys()
    return {"accounts": resealed.accounts, "unreadable": resealed.unreadable}


async def _async_change_account(
    action: ActionCall, change: Callable[[AccountSettings], AccountSettings]
) -> Members:
    entry = action.entry
    account_id = entry.runtime_data.account_id
    async with action.changing() as connection:
        account = await load_account(connection, account_id)
        await change_settings(connection, account_id, change(settings_of(account)))
        account = await load_account(connection, account_id)
    return {
        "config_entry_id": entry.entry_id,
        "account": entry.title,
        **_settings(account),
    }


def _settings(account: TrackedAccount) -> Members:
    return {
        "enabled": account.enabled,
        "auto_sync": account.auto_sync_progress,
        "sync_interval_minutes": account.sync_interval_minutes,
    }


def _is_about_title(action: ActionCall) -> bool:
    return CONF_ASIN in action.data or CONF_BOOK_ID in action.data


def _wrong_minutes(minutes: int | None) -> InvalidValueError | MissingValueError:
    bounds = LIBRARY_INTERVAL_MINUTES
    allowed = f"{bounds.start} to {bounds.stop - 1} minutes"
    if minutes is None:
        return MissingValueError(field=_CONF_MINUTES, allowed=allowed)
    return InvalidValueError(field=_CONF_MINUTES, value=minutes, allowed=allowed)


SET_SYNC_ENABLED: Final = Action(
    _async_set_sync_enabled,
    {**THING, probatio.Required(_CONF_ENABLED): cv.boolean},
)
SET_SYNC_INTERVAL: Final = Action(
    _async_set_sync_interval,
    {
        **THING,
        probatio.Optional(_CONF_MINUTES): INTEGER,
        probatio.Optional(_CONF_CLEAR, default=False): cv.boolean,
    },
)
ROTATE_KEYS: Final = Action(_async_rotate_keys, {}, needs_admin=True)
