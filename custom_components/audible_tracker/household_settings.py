"""What a house has once: its database, its keys, its server; and how it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import (
    CONF_DATABASE_URL,
    CONF_KEY_PATH,
    CONF_MEDIA_SERVER,
    CONF_SECRET,
    DOMAIN,
    LOGGER,
)
from .core.errors import InvalidValueError, SealError
from .core.vault import Vault

DATABASE_FILE: Final = f"{DOMAIN}.db"
_KEY_FILE: Final = f".{DOMAIN}.key"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class ServerLink:
    """Where the server is and the secret shared with it."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HouseholdSettings:
    """What all accounts share. Without a URL the built-in database is used.

    What no key opens stays sealed as it is, until the key is there again or something
    takes its place: ``sealed_url``, and ``sealed_link``, whose secret is sealed.
    """

    database_url: str | None = field(default=None, repr=False)
    key_path: str | None = None
    link: ServerLink | None = None
    sealed_url: str | None = field(default=None, repr=False)
    sealed_link: ServerLink | None = field(default=None, repr=False)

    @property
    def is_locked(self) -> bool:
        """Tell whether nobody knows where the database is."""
        return self.sealed_url is not None


def settings_file(hass: HomeAssistant) -> Store[dict[str, Any]]:
    """Return the file that keeps them; secrets are sealed in it."""
    return Store(
        hass, _VERSION, f"{DOMAIN}.household", private=True, atomic_writes=True
    )


def key_path_of(hass: HomeAssistant, stored: str | None) -> Path:
    """Return where the keys are; a relative path begins at the configuration."""
    return Path(hass.config.path(stored or _KEY_FILE))


def check_key_path(hass: HomeAssistant, typed: str | None) -> None:
    """Raise InvalidValueError for a place of the keys that anybody may read."""
    # Home Assistant serves this folder to everybody, without a sign-in.
    public = Path(hass.config.path("www")).resolve()
    if key_path_of(hass, typed).resolve().is_relative_to(public):
        allowed = "a file outside of the folder www, which everybody can read"
        raise InvalidValueError(field=CONF_KEY_PATH, value=typed or "", allowed=allowed)


def shown_key_path(hass: HomeAssistant, stored: str | None) -> str:
    """Return how the key file is named to people, and where in the configuration."""
    path, folder = key_path_of(hass, stored), hass.config.config_dir
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name


def to_stored(settings: HouseholdSettings, vault: Vault) -> dict[str, Any]:
    """Return the form for the file."""
    url, link = settings.database_url, settings.link
    if link is not None:
        link = ServerLink(link.url, vault.seal(link.secret))
    else:
        link = settings.sealed_link
    return {
        CONF_KEY_PATH: settings.key_path,
        CONF_DATABASE_URL: vault.seal(url) if url else settings.sealed_url,
        CONF_MEDIA_SERVER: (
            {CONF_URL: link.url, CONF_SECRET: link.secret} if link else None
        ),
    }


def from_stored(stored: Mapping[str, Any], vault: Vault | None) -> HouseholdSettings:
    """Read what the file holds, as far as the keys open it; None opens nothing."""
    url, sealed_url = _opened(stored.get(CONF_DATABASE_URL), vault)
    server = stored.get(CONF_MEDIA_SERVER) or {}
    secret, sealed_secret = _opened(server.get(CONF_SECRET), vault)
    if vault is not None and sealed_secret is not None:
        # No reason to do without the accounts; the server can be linked again.
        LOGGER.warning("The link to the server was locked with another key")
    return HouseholdSettings(
        url,
        stored.get(CONF_KEY_PATH),
        ServerLink(server[CONF_URL], secret) if secret else None,
        sealed_url,
        ServerLink(server[CONF_URL], sealed_secret) if sealed_secret else None,
    )


def _opened(
    sealed: str | None, vault: Vault | None
) -> tuple[str, None] | tuple[None, str | None]:
    """Return what was sealed, or the sealed text where no key opens it."""
    if sealed is None or vault is None:
        return None, sealed
    try:
        return vault.unseal(sealed, what="setting"), None
    except SealError:
        return None, sealed
