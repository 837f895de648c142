"""How the account is doing, in one place, with what helps."""

from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util

from ..account_entry import account_key, account_of, is_shared
from ..const import CONF_REFUSAL
from ..core.decisions.status import AccountStatus, get_status
from ..core.errors import InvalidValueError, MediaServerError, TrackerError
from ..core.store.limits import DAILY_MAX
from ..core.sync.health import SyncHealth, health_of
from ..core.sync.trouble import SIGN_IN_HELPS
from ..failures import local_time
from ..server_link import client_of, link_of
from .background_steps import BackgroundSteps
from .translated_texts import TextKind, TranslatedTexts

CONF_CURE: Final = "cure"
NOTHING: Final = "nothing"
SYNC: Final = "sync"
SIGN_IN: Final = "sign_in"

BY_HAND: Final = "by_hand"
"""Why somebody signs in again whom nobody refused."""

_NONE: Final = "-"


def cure_schema(default: str) -> probatio.Schema:
    """Return the field that asks what to do; what helps is chosen already."""
    selector = SelectSelector(
        SelectSelectorConfig(
            options=[NOTHING, SYNC, SIGN_IN],
            mode=SelectSelectorMode.LIST,
            translation_key="account_cure",
        )
    )
    return probatio.Schema({probatio.Required(CONF_CURE, default=default): selector})


class HealthSteps(BackgroundSteps):
    """Tells how syncs and licenses go, and does the one thing that helps."""

    async def async_step_health(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show how it goes; do what was chosen."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        cure = (user_input or {}).get(CONF_CURE)
        if cure == NOTHING:
            return self._unchanged()
        if cure == SYNC:
            await self.config_entry.runtime_data.coordinator.async_refresh()
        try:
            status = await self._async_status()
        except TrackerError as err:
            return self._broken(err)
        if cure == SIGN_IN:
            refusal = status.account.wait_reason or BY_HAND
            self.config_entry.async_start_reauth(
                self.hass, data={CONF_REFUSAL: refusal}
            )
            return self.async_abort(reason="signing_in")
        return await self._async_show(status)

    async def _async_show(self, status: AccountStatus) -> ConfigFlowResult:
        account = status.account
        health = health_of(
            account, now=dt_util.utcnow(), time_zone=dt_util.get_default_time_zone()
        )
        texts = await TranslatedTexts.async_load(self.hass)
        shared = "yes" if is_shared(self.config_entry.data) else "no"
        return self.async_show_form(
            step_id="health",
            data_schema=cure_schema(_cure_of(health)),
            description_placeholders={
                "name": self.config_entry.title,
                "health": texts.of(TextKind.HEALTH, health),
                "cause": (
                    texts.cause(account.wait_reason) if account.wait_reason else _NONE
                ),
                "last_sync": local_time(account.last_sync_at),
                "next_sync": local_time(status.next_sync.at),
                "requests": str(status.syncs_today),
                "requests_max": str(DAILY_MAX),
                "shared": texts.of(TextKind.SHARED, shared),
                "licenses": texts.of(TextKind.LICENSES, await self._async_licenses()),
            },
        )

    async def _async_status(self) -> AccountStatus:
        runtime = self.config_entry.runtime_data
        async with runtime.store.reading() as connection:
            return await get_status(
                connection,
                runtime.account_id,
                now=dt_util.utcnow(),
                time_zone=runtime.store.time_zone,
                jitter=runtime.coordinator.jitter,
            )

    async def _async_licenses(self) -> str:
        """Return what the server says of the account's licenses."""
        link = link_of(self.hass)
        if link is None:
            return "no_server"
        try:
            accounts = await client_of(self.hass, link).fetch_accounts()
        except MediaServerError, InvalidValueError:
            return "unreachable"
        key = account_key(account_of(self.config_entry.data))
        ours = next((one for one in accounts if one.account_id == key), None)
        if ours is None:
            return "unknown"
        return "refused" if ours.refusal else "granted"


def _cure_of(health: SyncHealth) -> str:
    if health in SIGN_IN_HELPS:
        return SIGN_IN
    return SYNC if health.is_problem else NOTHING
