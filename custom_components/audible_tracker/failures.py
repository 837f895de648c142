"""The one place where errors of core become what Home Assistant shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypedDict

from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.update_coordinator import UpdateFailed

from .const import DOMAIN
from .core.errors import (
    AudibleAuthError,
    AudibleRateLimitError,
    InvalidValueError,
    TrackerError,
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
        translation_placeholders=err.placeholders,
    )


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
    except InvalidValueError as err:
        raise ServiceValidationError(**translation_of(err)) from err
    except TrackerError as err:
        raise HomeAssistantError(**translation_of(err)) from err
