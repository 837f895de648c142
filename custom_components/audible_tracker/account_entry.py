"""What a config entry holds of an account, and how it is read. No secret is in it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME

from .const import (
    CONF_ACCOUNT_ID,
    CONF_COUNTRY_CODE,
    CONF_CREATES_BOOKS,
    CONF_CUSTOMER_ID,
    CONF_FINISH_REST,
    CONF_LOG_DAYS,
    CONF_SHARED_SIGN_IN,
    CONF_UNDER_WAY_DAYS,
    CONF_WRITES_BACK,
    DEFAULT_FINISH_REST_MINUTES,
    DEFAULT_LOG_DAYS,
    DEFAULT_UNDER_WAY_DAYS,
)
from .core.audible.marketplaces import DOMAINS
from .core.models import Account
from .core.store.records import AccountId
from .core.sync.rules import MS_PER_MINUTE, Rules

_DEFAULTS: Final[Mapping[str, Any]] = {
    CONF_CREATES_BOOKS: True,
    CONF_FINISH_REST: DEFAULT_FINISH_REST_MINUTES,
    CONF_LOG_DAYS: DEFAULT_LOG_DAYS,
    CONF_UNDER_WAY_DAYS: DEFAULT_UNDER_WAY_DAYS,
    CONF_WRITES_BACK: False,
}


def entry_data(
    account: Account, account_id: AccountId, *, is_shared: bool = False
) -> dict[str, Any]:
    """Return what is stored of an account; ``account_id`` is its row.

    A shared sign-in was taken over from another program, which goes on using it.
    """
    shared = {CONF_SHARED_SIGN_IN: True} if is_shared else {}
    return {
        **shared,
        CONF_CUSTOMER_ID: account.account_id,
        CONF_ACCOUNT_ID: account_id,
        CONF_NAME: account.name,
        CONF_COUNTRY_CODE: account.country_code,
    }


def is_shared(data: Mapping[str, Any]) -> bool:
    """Tell whether another program signs in with the same virtual device."""
    return bool(data.get(CONF_SHARED_SIGN_IN))


def entry_title(account: Account) -> str:
    """Return a name that tells two countries' accounts of one person apart."""
    return f"{account.name} (audible.{DOMAINS[account.country_code]})"


def account_of(data: Mapping[str, Any]) -> Account:
    """Return the account of an entry's data, known by Amazon's id of the customer."""
    return Account(data[CONF_CUSTOMER_ID], data[CONF_NAME], data[CONF_COUNTRY_CODE])


def account_key(account: Account) -> str:
    """Return the id of one customer's account in one country's shop."""
    return account.key


def options_of(entry: ConfigEntry[Any]) -> dict[str, Any]:
    """Return all options, those never set with their defaults."""
    return {**_DEFAULTS, **entry.options}


def rules_of(entry: ConfigEntry[Any]) -> Rules:
    """Return the options that a sync goes by."""
    options = options_of(entry)
    return Rules(
        finish_rest_ms=int(options[CONF_FINISH_REST]) * MS_PER_MINUTE,
        creates_books=bool(options[CONF_CREATES_BOOKS]),
    )


def under_way_days(entry: ConfigEntry[Any]) -> int:
    """Return the option or its default."""
    return int(options_of(entry)[CONF_UNDER_WAY_DAYS])
