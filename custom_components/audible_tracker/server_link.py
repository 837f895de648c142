"""The link to the server: one per house, kept in each account's entry."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from yarl import URL

from .account_entry import account_of, credentials_of
from .const import CONF_MEDIA_SERVER, CONF_SECRET, DOMAIN, HAND_OVER_RETRY, LOGGER
from .coordinator import AudibleConfigEntry
from .core.errors import (
    InvalidValueError,
    MediaServerError,
    MediaServerMissingError,
    MediaServerUnreachableError,
)
from .core.media_server import MediaServerClient

_ALLOWED_URL = "http://host:port or https://host:port, without a path"


@dataclass(frozen=True, slots=True)
class ServerLink:
    """Where the server is and the secret shared with it."""

    url: str
    secret: str = field(repr=False)

    @classmethod
    def from_stored(cls, stored: Mapping[str, str]) -> Self:
        """Read it from an entry's data."""
        return cls(stored[CONF_URL], stored[CONF_SECRET])

    def to_stored(self) -> dict[str, str]:
        """Return the form kept in an entry's data."""
        return {CONF_URL: self.url, CONF_SECRET: self.secret}


def parse_server_url(text: str) -> str:
    """Return a clean base address; raise InvalidValueError for anything else."""
    try:
        url = URL(text.strip())
        port = url.port
    except ValueError:
        raise _bad_url(text) from None
    is_plain = url.path in ("", "/") and not url.query_string and not url.fragment
    if url.scheme not in ("http", "https") or not url.host or not port:
        raise _bad_url(text)
    if not is_plain or url.user or url.password:
        raise _bad_url(text)
    return str(url.origin())


def _bad_url(text: str) -> InvalidValueError:
    return InvalidValueError(field=CONF_URL, value=text, allowed=_ALLOWED_URL)


def parse_discovery(config: Mapping[str, Any]) -> ServerLink:
    """Return the link in what the app announced; raise InvalidValueError."""
    host, port, secret = (config.get(name) for name in ("host", "port", CONF_SECRET))
    if not isinstance(secret, str) or not secret:
        # What came may be a secret in another form: it is not shown.
        raise InvalidValueError(field=CONF_SECRET, value="...", allowed="a text")
    return ServerLink(parse_server_url(f"http://{host}:{port}"), secret)


def link_of(data: Mapping[str, Any]) -> ServerLink | None:
    """Return the link of an entry's data, if there is one."""
    stored = data.get(CONF_MEDIA_SERVER)
    return ServerLink.from_stored(stored) if stored else None


def any_link(hass: HomeAssistant) -> ServerLink | None:
    """Return the link that the accounts of this house have."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    return next((link for entry in entries if (link := link_of(entry.data))), None)


def client_of(hass: HomeAssistant, link: ServerLink) -> MediaServerClient:
    """Return a client of the linked server; it holds nothing to be closed."""
    session = async_get_clientsession(hass)
    return MediaServerClient(session, url=link.url, secret=link.secret)


def media_server_of(
    hass: HomeAssistant, entry: AudibleConfigEntry
) -> MediaServerClient:
    """Return a client for an account; raise MediaServerMissingError without a link."""
    link = link_of(entry.data)
    if link is None:
        raise MediaServerMissingError
    return client_of(hass, link)


def async_set_link(hass: HomeAssistant, link: ServerLink | None) -> None:
    """Store the link in every account and hand the loaded ones over.

    A changed address takes effect at once: nothing has to be reloaded.
    """
    for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        old = link_of(entry.data)
        data = {k: v for k, v in entry.data.items() if k != CONF_MEDIA_SERVER}
        if link is not None:
            data[CONF_MEDIA_SERVER] = link.to_stored()
        hass.config_entries.async_update_entry(entry, data=data)
        entry.async_create_background_task(
            hass, _async_relink(hass, entry, old), f"{DOMAIN} relink"
        )


async def _async_relink(
    hass: HomeAssistant, entry: AudibleConfigEntry, old: ServerLink | None
) -> None:
    new = link_of(entry.data)
    if old is not None and (new is None or new.url != old.url):
        await async_take_back(hass, entry.data, old)
    await async_hand_over(hass, entry)


async def async_hand_over(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Give the server the account, as soon as it answers; runs in the background."""
    link = link_of(entry.data)
    is_told = False
    while link is not None and link == link_of(entry.data):
        try:
            await client_of(hass, link).hand_over(
                account_of(entry.data), credentials_of(entry.data)
            )
        except MediaServerUnreachableError as err:
            if not is_told:
                LOGGER.warning("The account waits to be handed over: %s", err)
            is_told = True
        except MediaServerError as err:
            LOGGER.warning("The account cannot be handed over: %s", err)
            return
        else:
            return
        await asyncio.sleep(HAND_OVER_RETRY.total_seconds())


async def async_take_back(
    hass: HomeAssistant, data: Mapping[str, Any], link: ServerLink
) -> None:
    """Make a server forget the account, if it answers."""
    try:
        await client_of(hass, link).remove_account(account_of(data).account_id)
    except MediaServerError as err:
        LOGGER.warning(
            "The server still knows the account (%s). Send it DELETE "
            "/api/accounts/{account_id}, as docs/removal.md explains",
            err,
        )
