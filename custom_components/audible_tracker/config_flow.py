"""Signing in at Audible: first, again, from another country, or found by the app."""

from collections.abc import Mapping
from typing import Any, Final, override

import probatio
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.service_info.hassio import HassioServiceInfo

from .account_entry import account_of, entry_title
from .const import CONF_COUNTRY_CODE, CONF_REFUSAL, DOMAIN, SUBENTRY_READER
from .core.audible.marketplaces import DOMAINS, guess_country
from .core.errors import (
    AudiblePaceError,
    AudibleRateLimitError,
    InvalidValueError,
    LicenseThrottledError,
    RegistrationTooOldError,
    TrackerError,
)
from .flows.first_sync import async_is_locked
from .flows.health import BY_HAND
from .flows.login_file import (
    CONF_FILE,
    CONF_LOGIN_FILE,
    LOGIN_FILE_FIELDS,
    LoginFileFlow,
)
from .flows.options import AudibleOptionsFlow
from .flows.reader import ReaderFlow
from .household import household_of
from .migration import VERSION
from .server_link import announce_link, async_set_link, parse_discovery

# Nobody ended the sign-in: a new virtual device is what helps, or what is wished for.
_ANEW: Final = (
    AudiblePaceError.key,
    AudibleRateLimitError.key,
    BY_HAND,
    LicenseThrottledError.key,
)


def _country_schema(default: str) -> probatio.Schema:
    selector = SelectSelector(
        SelectSelectorConfig(
            options=list(DOMAINS),
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=CONF_COUNTRY_CODE,
        )
    )
    return probatio.Schema(
        {probatio.Required(CONF_COUNTRY_CODE, default=default): selector}
    )


def _user_schema(default: str) -> probatio.Schema:
    return _country_schema(default).extend(dict(LOGIN_FILE_FIELDS))


class AudibleConfigFlow(LoginFileFlow, domain=DOMAIN):
    """Asks for the country of an account, new or known, and signs in."""

    VERSION = VERSION
    MINOR_VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry[Any]) -> AudibleOptionsFlow:
        """Return the flow of the options."""
        return AudibleOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls,
        config_entry: ConfigEntry[Any],
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what an account may have several of."""
        return {SUBENTRY_READER: ReaderFlow}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the country, or for the login file of another program."""
        config = self.hass.config
        country = guess_country(territory=config.country, language=config.language)

        def show(error: TrackerError | None) -> ConfigFlowResult:
            return self._form("user", error, schema=_user_schema(country))

        if user_input is None:
            return show(None)
        country = user_input[CONF_COUNTRY_CODE]
        login_file = user_input.get(CONF_LOGIN_FILE) or {}
        if login_file.get(CONF_FILE):
            return await self._async_take_login(login_file, show)
        return await self._async_begin(country, show)

    async def async_step_hassio(
        self, discovery_info: HassioServiceInfo
    ) -> ConfigFlowResult:
        """Link the app; without an account yet, ask for one."""
        try:
            link = parse_discovery(discovery_info.config)
        except InvalidValueError as err:
            return self.async_abort(
                reason="invalid_discovery", description_placeholders=err.placeholders
            )
        announce_link(self.hass, link)
        if self._async_current_entries(include_ignore=False):
            await async_set_link(self.hass, link)
            return self.async_abort(reason="server_linked")
        await self.async_set_unique_id(discovery_info.uuid)
        self._abort_if_unique_id_configured()
        self.context["title_placeholders"] = {CONF_NAME: discovery_info.name}
        return await self.async_step_user()

    async def async_step_reauth(
        self,
        entry_data: Mapping[str, Any],
    ) -> ConfigFlowResult:
        """Begin to sign in again; the data holds why, if that is not the usual."""
        if await async_is_locked(self.hass, account_of(self._get_reauth_entry().data)):
            return await self.async_step_reauth_key_lost()
        refusal = entry_data.get(CONF_REFUSAL)
        if refusal == RegistrationTooOldError.key:
            return await self.async_step_reauth_registration_old()
        if refusal in _ANEW:
            return await self.async_step_reauth_anew()
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that Audible ended it, then ask in the same country."""
        return await self._async_reauth("reauth_confirm", user_input)

    async def async_step_reauth_registration_old(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that nothing can be downloaded with it, then ask in the same country."""
        return await self._async_reauth("reauth_registration_old", user_input)

    async def async_step_reauth_anew(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that another virtual device takes the place of this one."""
        return await self._async_reauth("reauth_anew", user_input)

    async def async_step_reauth_key_lost(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that no key opens it, then ask in the same country."""
        return await self._async_reauth("reauth_key_lost", user_input)

    async def _async_reauth(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        account = account_of(self._get_reauth_entry().data)
        path = household_of(self.hass).key_name
        placeholders = {CONF_NAME: entry_title(account), "path": path}

        def show(error: TrackerError | None) -> ConfigFlowResult:
            return self._form(step_id, error, placeholders=placeholders)

        if user_input is None:
            return show(None)
        return await self._async_begin(account.country_code, show)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Sign in again, perhaps in another country."""
        country = account_of(self._get_reconfigure_entry().data).country_code

        def show(error: TrackerError | None) -> ConfigFlowResult:
            return self._form("reconfigure", error, schema=_country_schema(country))

        if user_input is None:
            return show(None)
        country = user_input[CONF_COUNTRY_CODE]
        return await self._async_begin(country, show)
