"""The one place where errors of core become what Home Assistant shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, TypedDict

from homeassistant.core import async_get_hass, callback
from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    ConfigEntryError,
    ConfigEntryNotReady,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .core.errors import (
    AudibleAuthError,
    AudibleRateLimitError,
    DecisionError,
    ImportFileError,
    InvalidValueError,
    MissingValueError,
    NothingToUndoError,
    NotInStoreError,
    OtherReaderError,
    PlayingError,
    StoreUnavailableError,
    SyncRefusedError,
    SyncWaitingError,
    TrackerError,
)

_MISTAKES = (
    DecisionError,
    ImportFileError,
    InvalidValueError,
    MissingValueError,
    NotInStoreError,
    PlayingError,
    SyncRefusedError,
)
"""What whoever called can do something about: other values, or another time."""


_CAUSES: Final = f"component.{DOMAIN}.selector.sync_cause.options"
_THINGS: Final = f"component.{DOMAIN}.selector.stored_thing.options"
_ABOUT_A_THING: Final = (NotInStoreError, NothingToUndoError, OtherReaderError)
_TROUBLESHOOTING: Final = (
    "https://github.com/audible-tracker/audible-tracker/blob/main/docs/"
    "troubleshooting.md"
)


class Translation(TypedDict):
    """What Home Assistant needs to show an error in the user's language."""

    translation_domain: str
    translation_key: str
    translation_placeholders: dict[str, str]


def translation_of(err: TrackerError) -> Translation:
    """Return the keyword arguments of any of Home Assistant's exceptions."""
    return Translation(
        translation_domain=DOMAIN,
        translation_key=err.key,
        translation_placeholders=told_placeholders(err),
    )


def local_placeholders(err: TrackerError) -> dict[str, str]:
    """Return what fills an error's sentence; a time is Home Assistant's."""
    if isinstance(err, SyncRefusedError) and err.until is not None:
        return err.placeholders | {"until": local_time(err.until)}
    return err.placeholders


@callback
def told_placeholders(err: TrackerError) -> dict[str, str]:
    """Return what fills a translated sentence, in the language of Home Assistant.

    It translates sentences for whoever looks at them, but not what fills them.
    """
    placeholders = local_placeholders(err)
    if isinstance(err, SyncWaitingError):
        texts = _selector_texts()
        other = texts.get(f"{_CAUSES}.other", placeholders["cause"])
        return placeholders | {"cause": texts.get(f"{_CAUSES}.{err.cause}", other)}
    if isinstance(err, _ABOUT_A_THING):
        what = placeholders["what"]
        key = f"{_THINGS}.{what.replace(' ', '_')}"
        return placeholders | {"what": _selector_texts().get(key, what)}
    return placeholders


def _selector_texts() -> dict[str, str]:
    hass = async_get_hass()
    return async_get_cached_translations(hass, hass.config.language, "selector", DOMAIN)


def local_sentence(err: TrackerError) -> str:
    """Return an error's sentence in English, for an answer."""
    return err.message.format(**local_placeholders(err))


def local_time(instant: datetime | None) -> str:
    """Return an instant as Home Assistant's clock shows it; "?" for an unknown one."""
    return f"{dt_util.as_local(instant):%Y-%m-%d %H:%M}" if instant else "?"


def troubleshooting_url(key: str) -> str:
    """Return where the documentation says what helps against a failed sync."""
    is_license = key.startswith("license_")
    return f"{_TROUBLESHOOTING}#{'licenses-and-downloads' if is_license else 'audible'}"


def setup_failure(
    err: TrackerError,
) -> ConfigEntryAuthFailed | ConfigEntryNotReady | ConfigEntryError:
    """Return what a set-up raises: sign in again, try later, or wait for the user."""
    if isinstance(err, AudibleAuthError):
        return ConfigEntryAuthFailed(**translation_of(err))
    if isinstance(err, StoreUnavailableError):
        return ConfigEntryNotReady(**translation_of(err))
    return ConfigEntryError(**translation_of(err))


def poll_failure(err: TrackerError) -> ConfigEntryAuthFailed | UpdateFailed:
    """Return what a coordinator raises: sign in again, wait, or try later."""
    if isinstance(err, AudibleAuthError):
        return ConfigEntryAuthFailed(**translation_of(err))
    wait_s = err.retry_after_s if isinstance(err, AudibleRateLimitError) else None
    return UpdateFailed(**translation_of(err), retry_after=wait_s)


@contextmanager
def translated_failures() -> Iterator[None]:
    """Turn errors of core into the message that an action shows."""
    try:
        yield
    except _MISTAKES as err:
        raise ServiceValidationError(**translation_of(err)) from err
    except TrackerError as err:
        raise HomeAssistantError(**translation_of(err)) from err
