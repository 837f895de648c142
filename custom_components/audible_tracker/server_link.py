"""The link to the server: one per house, for all accounts."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from homeassistant.config_entries import SOURCE_HASSIO, ConfigEntryState
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util.hass_dict import HassKey
from yarl import URL

from .account_entry import account_key, account_of
from .accounts import async_credentials
from .const import CONF_REFUSAL, CONF_SECRET, DOMAIN, HAND_OVER_RETRY, LOGGER
from .coordinator import AudibleConfigEntry
from .core.errors import (
    InvalidValueError,
    MediaServerError,
    MediaServerMissingError,
    MediaServerUnreachableError,
    TrackerError,
)
from .core.media_server import MediaServerClient
from .household import household_of
from .household_settings import ServerLink

_HAND_OVERS: HassKey[_HandOvers] = HassKey(f"{DOMAIN}.hand_overs")

# Where the app was when it last announced itself; its card may be older.
_ANNOUNCED: HassKey[ServerLink] = HassKey(f"{DOMAIN}.announced")

_ALLOWED_URL = "http://host:port or https://host:port, without a path"
_SET_UP = (ConfigEntryState.LOADED, ConfigEntryState.SETUP_IN_PROGRESS)


class _HandOvers:
    """Which server has each account's present sign-in, by entry.

    What a server says of an account before that is about an older sign-in. One speaks
    with the server at a time, so that an answer is not older than it looks.
    """

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.done: dict[str, ServerLink] = {}


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


@callback
def announce_link(hass: HomeAssistant, link: ServerLink) -> None:
    """Note where the app says that it is."""
    hass.data[_ANNOUNCED] = link


@callback
def waiting_link(hass: HomeAssistant) -> ServerLink | None:
    """Return the link of the app whose card is still shown, whichever flow asks."""
    is_shown = hass.config_entries.flow.async_progress_by_handler(
        DOMAIN, match_context={"source": SOURCE_HASSIO}
    )
    return hass.data.get(_ANNOUNCED) if is_shown else None


def link_of(hass: HomeAssistant) -> ServerLink | None:
    """Return the link of this house, if there is one."""
    return household_of(hass).link


def client_of(hass: HomeAssistant, link: ServerLink) -> MediaServerClient:
    """Return a client of the linked server; it holds nothing to be closed."""
    session = async_get_clientsession(hass)
    return MediaServerClient(session, url=link.url, secret=link.secret)


def media_server_of(hass: HomeAssistant) -> MediaServerClient:
    """Return a client of the server; raise MediaServerMissingError without a link."""
    link = link_of(hass)
    if link is None:
        raise MediaServerMissingError
    return client_of(hass, link)


async def async_set_link(hass: HomeAssistant, link: ServerLink | None) -> None:
    """Keep the link and hand all accounts over; raise TrackerError if it cannot be.

    A changed address takes effect at once: nothing has to be reloaded.
    """
    old = link_of(hass)
    await household_of(hass).async_use_server(link)
    for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        entry.async_create_background_task(
            hass, _async_relink(hass, entry, old), f"{DOMAIN} relink"
        )


async def _async_relink(
    hass: HomeAssistant, entry: AudibleConfigEntry, old: ServerLink | None
) -> None:
    new = link_of(hass)
    if old is not None and (new is None or new.url != old.url):
        await async_take_back(hass, account_key(account_of(entry.data)), old)
    await async_hand_over(hass, entry)


async def async_hand_over(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Give the server the account, as soon as it answers; runs in the background."""
    link = link_of(hass)
    is_told = False
    _hand_overs(hass).done.pop(entry.entry_id, None)
    while link is not None and link == link_of(hass):
        try:
            await _async_hand_over_now(hass, entry, link)
        except MediaServerUnreachableError as err:
            if not is_told:
                LOGGER.warning("The account waits to be handed over: %s", err)
            is_told = True
        except TrackerError as err:
            LOGGER.warning("The account cannot be handed over: %s", err)
            return
        else:
            return
        await asyncio.sleep(HAND_OVER_RETRY.total_seconds())


async def _async_hand_over_now(
    hass: HomeAssistant, entry: AudibleConfigEntry, link: ServerLink
) -> None:
    account = account_of(entry.data)
    async with household_of(hass).async_opened() as store:
        found = await async_credentials(store, account)
    if found is not None:
        # A customer may have one account in each of several countries.
        named = replace(account, account_id=account_key(account))
        hand_overs = _hand_overs(hass)
        async with hand_overs.turn:
            await client_of(hass, link).hand_over(named, found[1])
            hand_overs.done[entry.entry_id] = link
        await async_ask_for_sign_ins(hass, link)


@callback
def _hand_overs(hass: HomeAssistant) -> _HandOvers:
    return hass.data.setdefault(_HAND_OVERS, _HandOvers())


async def async_ask_for_sign_ins(hass: HomeAssistant, link: ServerLink) -> None:
    """Have the user sign in again where Audible refuses that to the server."""
    hand_overs = _hand_overs(hass)
    async with hand_overs.turn:
        try:
            accounts = await client_of(hass, link).fetch_accounts()
        except (MediaServerError, InvalidValueError) as err:
            LOGGER.debug("The server does not tell of its accounts: %s", err)
            return
        refusals = {one.account_id: one.refusal for one in accounts if one.refusal}
        for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False):
            refusal = refusals.get(account_key(account_of(entry.data)))
            is_known = hand_overs.done.get(entry.entry_id) == link
            if refusal is not None and is_known and entry.state in _SET_UP:
                entry.async_start_reauth(hass, data={CONF_REFUSAL: refusal})


async def async_take_back(
    hass: HomeAssistant, server_account_id: str, link: ServerLink
) -> None:
    """Make a server forget an account, if it answers."""
    try:
        await client_of(hass, link).remove_account(server_account_id)
    except MediaServerError as err:
        LOGGER.warning(
            "The server still knows the account (%s). Send it DELETE "
            "/api/accounts/{account_id}, as docs/removal.md explains",
            err,
        )
