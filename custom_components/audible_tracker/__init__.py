"""Audible Tracker: what is being listened to, and the owned books on any speaker."""

import asyncio
from contextlib import AsyncExitStack

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

from .account_entry import account_key, account_of, entry_data, is_shared
from .accounts import async_credentials, async_forget_account, async_sign_in_of
from .const import CONF_ACCOUNT_ID, DEVICES_PAGE, DOMAIN, LOGGER, PLATFORMS
from .coordinator import (
    AudibleConfigEntry,
    AudibleCoordinator,
    AudibleRuntimeData,
)
from .core.audible.auth import sign_out
from .core.audible.client import AudibleClient
from .core.audible.marketplaces import DOMAINS
from .core.errors import SealError, TrackerError
from .core.models import Account, Credentials
from .core.store.database import Store
from .core.store.records import AccountId
from .dashboard.commands import async_setup_commands
from .dashboard.frontend import async_setup_frontend
from .devices import async_follow_devices, is_in_use
from .entity import account_device_info
from .failures import setup_failure, translation_of
from .household import Household, household_of
from .issues import async_follow_issues, async_forget_issues
from .long_term import async_follow_listening
from .migration import (
    async_give_to_reader,
    async_move_secrets,
    async_remove_state,
    async_upgrade,
    unmoved_credentials,
)
from .page_listener import async_listen, last_event_file
from .playing.questions import async_follow_questions
from .playing.reach import ProbeView
from .playing.sessions import sessions_of
from .server_link import async_hand_over, async_take_back, link_of
from .services import async_setup_services
from .views import CoverView, SignedView, StreamView

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(
    hass: HomeAssistant,
    config: ConfigType,  # noqa: ARG001 - Home Assistant hands it over by name
) -> bool:
    """Set up what all accounts share: actions and views."""
    async_setup_services(hass)
    async_setup_commands(hass)
    await async_setup_frontend(hass)
    hass.http.register_view(StreamView)
    hass.http.register_view(SignedView)
    hass.http.register_view(CoverView)
    hass.http.register_view(ProbeView)

    async def follow_time_zone(event: Event) -> None:
        """Count days in the new time zone: the database learns it when it is opened."""
        if "time_zone" in event.data:
            await household_of(hass).async_renew()
            for entry in hass.config_entries.async_loaded_entries(DOMAIN):
                hass.config_entries.async_schedule_reload(entry.entry_id)

    hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, follow_time_zone)
    if "conversation" in hass.config.components:
        # Without it there is nobody to understand a sentence, nor its libraries.
        from .assist.sentences import async_register_sentences

        async_register_sentences(hass)
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: AudibleConfigEntry) -> bool:
    """Bring an entry of an earlier version into today's form."""
    if entry.version == 1:
        async_upgrade(hass, entry)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AudibleConfigEntry) -> bool:
    """Set up one account: from the database, so that Audible may be out of reach."""
    household = household_of(hass)
    # Home Assistant ends all that it is told of at once; this has an order.
    ending = AsyncExitStack()
    entry.async_on_unload(ending.aclose)
    try:
        store = await household.async_open(entry.entry_id)
        ending.push_async_callback(household.async_release, entry.entry_id)
        is_moved = await async_move_secrets(hass, entry, household, store)
        account_id, credentials = await _async_sign_in(hass, entry, household, store)
        client = await AudibleClient.open(credentials, household.pace)
        coordinator = AudibleCoordinator(
            hass,
            entry,
            store=store,
            account_id=account_id,
            client=client,
            household=household,
        )
        # Last first: who asks Audible is let go, then waited for, then the store.
        ending.push_async_callback(coordinator.sync.close)
        ending.push_async_callback(client.close)
        is_known = await coordinator.async_restore()
    except TrackerError as err:
        raise setup_failure(err) from err
    if not is_known:
        await coordinator.async_config_entry_first_refresh()
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, **account_device_info(entry)
    )
    entry.runtime_data = AudibleRuntimeData(
        coordinator, device.id, household, store, account_id, coordinator.sync
    )
    async_give_to_reader(hass, entry)
    async_follow_devices(hass, entry)
    async_follow_listening(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    await sessions_of(hass).async_attach(entry)
    ending.push_async_callback(sessions_of(hass).async_detach, entry)
    if is_known:
        _async_poll_when_started(hass, entry)
    async_follow_issues(hass, entry)
    async_follow_questions(hass, entry)
    entry.async_create_background_task(
        hass, _async_hand_over(hass, entry, is_moved=is_moved), f"{DOMAIN} hand over"
    )
    _async_listen_to_page(hass, ending)
    return True


@callback
def _async_listen_to_page(hass: HomeAssistant, ending: AsyncExitStack) -> None:
    """Hear what is heard on the server's page; first of all to end."""
    # Home Assistant waits for background tasks of its own, and this one never ends.
    listening = hass.loop.create_task(async_listen(hass), name=f"{DOMAIN} page")

    async def end() -> None:
        listening.cancel()
        await asyncio.wait([listening])

    ending.push_async_callback(end)


async def _async_sign_in(
    hass: HomeAssistant, entry: AudibleConfigEntry, household: Household, store: Store
) -> tuple[AccountId, Credentials]:
    """Return the account's row and credentials; the row is another one elsewhere."""
    account = account_of(entry.data)
    try:
        known, credentials = await async_sign_in_of(store, account)
    except SealError as err:
        # To sign in again helps, as does the right key file.
        raise ConfigEntryAuthFailed(**translation_of(household.key_lost())) from err
    shared = is_shared(entry.data)
    data = entry_data(account, known.account_id, is_shared=shared)
    hass.config_entries.async_update_entry(entry, data=data)
    return known.account_id, credentials


@callback
def _async_poll_when_started(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Poll from when automations listen: what is told before is lost on them."""

    @callback
    def poll(_hass: HomeAssistant) -> None:
        entry.async_create_background_task(
            hass,
            entry.runtime_data.coordinator.async_refresh(),
            f"{DOMAIN} first poll",
        )

    entry.async_on_unload(async_at_started(hass, poll))


async def _async_hand_over(
    hass: HomeAssistant, entry: AudibleConfigEntry, *, is_moved: bool
) -> None:
    if is_moved and (link := link_of(hass)):
        # Before there could be two countries, the server knew it by the customer alone.
        await async_take_back(hass, account_of(entry.data).account_id, link)
    await async_hand_over(hass, entry)


async def async_unload_entry(hass: HomeAssistant, entry: AudibleConfigEntry) -> bool:
    """Unload one account; what is known of it stays in the database."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_config_entry_device(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by name
    entry: AudibleConfigEntry,
    device: dr.AnyDeviceEntry,
) -> bool:
    """Let the user delete a device that stands for nothing any more.

    What stands for something is known only while the account is loaded.
    """
    return entry.state is ConfigEntryState.LOADED and not is_in_use(entry, device)


async def async_remove_entry(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Leave no secret behind: at Amazon, on the server, in the database."""
    await async_remove_state(hass, entry)
    async_forget_issues(hass, entry.entry_id)
    await sessions_of(hass).async_forget(entry.entry_id)
    account = account_of(entry.data)
    credentials = unmoved_credentials(entry) or await _async_forget(hass, entry)
    if not is_shared(entry.data):
        await _async_sign_out(account, credentials)
    if link := link_of(hass):
        await async_take_back(hass, account_key(account), link)
    if not hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        await _async_forget_server(hass)


async def _async_forget(
    hass: HomeAssistant, entry: AudibleConfigEntry
) -> Credentials | None:
    """Drop the credentials from the database; return them if they can be opened."""
    account = account_of(entry.data)
    try:
        async with household_of(hass).async_opened() as store:
            found = await async_credentials(store, account)
            await async_forget_account(store, account)
    except TrackerError as err:
        LOGGER.warning(
            "The sign-in of account %s stays in the database, which cannot be used "
            "now (%s). docs/removal.md explains how to remove it",
            entry.data.get(CONF_ACCOUNT_ID),
            err,
        )
        return None
    return found[1] if found else None


async def _async_sign_out(account: Account, credentials: Credentials | None) -> None:
    """Remove the virtual device at Amazon, or say where it is listed."""
    reason = "its sign-in cannot be read"
    if credentials is not None:
        try:
            await sign_out(credentials)
        except TrackerError as err:
            reason = str(err)
        else:
            return
    LOGGER.warning(
        "The virtual device could not be removed from the account (%s). Remove it "
        "by hand at %s",
        reason,
        DEVICES_PAGE.format(domain=DOMAINS[account.country_code]),
    )


async def _async_forget_server(hass: HomeAssistant) -> None:
    try:
        await household_of(hass).async_use_server(None)
    except TrackerError as err:
        LOGGER.warning("The link to the server could not be removed: %s", err)
    await last_event_file(hass).async_remove()
