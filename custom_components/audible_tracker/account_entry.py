"""What a config entry holds of an account, and how it is read."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME

from .const import (
    CONF_ACCOUNT_ID,
    CONF_COUNTRY_CODE,
    CONF_CREDENTIALS,
    CONF_LIBRARY_INTERVAL,
    CONF_UNDER_WAY_DAYS,
    DEFAULT_LIBRARY_INTERVAL_MINUTES,
    DEFAULT_UNDER_WAY_DAYS,
)
from .core.audible.marketplaces import DOMAINS
from .core.models import Account, Credentials


def entry_data(account: Account, credentials: Credentials) -> dict[str, Any]:
    """Return what is stored of an account; the link to a server comes on top."""
    return {
        CONF_ACCOUNT_ID: account.account_id,
        CONF_NAME: account.name,
        CONF_COUNTRY_CODE: account.country_code,
        CONF_CREDENTIALS: credentials.text,
    }


def entry_title(account: Account) -> str:
    """Return a name that tells two countries' accounts of one person apart."""
    return f"{account.name} (audible.{DOMAINS[account.country_code]})"


def account_of(data: Mapping[str, Any]) -> Account:
    """Return the account of an entry's data."""
    return Account(data[CONF_ACCOUNT_ID], data[CONF_NAME], data[CONF_COUNTRY_CODE])


def credentials_of(data: Mapping[str, Any]) -> Credentials:
    """Return the registration of an entry's data."""
    return Credentials(data[CONF_CREDENTIALS])


def library_interval_minutes(entry: ConfigEntry[Any]) -> int:
    """Return the option or its default."""
    return int(
        entry.options.get(CONF_LIBRARY_INTERVAL, DEFAULT_LIBRARY_INTERVAL_MINUTES)
    )


def under_way_days(entry: ConfigEntry[Any]) -> int:
    """Return the option or its default."""
    return int(entry.options.get(CONF_UNDER_WAY_DAYS, DEFAULT_UNDER_WAY_DAYS))
