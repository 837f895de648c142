"""Signing in at Audible: first, again, from another country, or found by the app."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, override

import probatio
from homeassistant.config_entries import (
    SOURCE_HASSIO,
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .account_entry import account_of, credentials_of, entry_data, entry_title
from .account_state import with_library
from .const import (
    CONF_COUNTRY_CODE,
    CONF_LANDING_URL,
    CONF_MEDIA_SERVER,
    DOMAIN,
    LOGGER,
)
from .coordinator import FIRST_LIBRARIES
from .core.audible.auth import SignIn, complete_sign_in, sign_out
from .core.audible.client import AudibleClient
from .core.audible.marketplaces import DOMAINS, guess_country
from .core.errors import (
    AudibleAuthError,
    AudibleError,
    InvalidValueError,
    SignInError,
)
from .core.models import Account, Credentials
from .options_flow import AudibleOptionsFlow
from .server_link import ServerLink, any_link, async_set_link, parse_discovery

# Where the app was when it last announced itself; its card may be older.
_ANNOUNCED: HassKey[ServerLink] = HassKey(f"{DOMAIN}.announced")

_LANDING_SCHEMA: Final = probatio.Schema(
    {probatio.Required(CONF_LANDING_URL): TextSelector()}
)


@dataclass(frozen=True, slots=True)
class _Registration:
    """A virtual device that Amazon has just made."""

    account: Account
    credentials: Credentials


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


class AudibleConfigFlow(ConfigFlow, domain=DOMAIN):
    """Asks for the country, then for the address that Amazon's sign-in ends on."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        """Begin with nothing."""
        self._sign_in: SignIn | None = None
        # Not yet part of an entry: signed out again if the flow ends without one.
        self._unclaimed: _Registration | None = None

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry[Any]) -> AudibleOptionsFlow:
        """Return the flow of the options."""
        return AudibleOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the country."""
        if user_input is not None:
            return await self._async_begin(user_input[CONF_COUNTRY_CODE])
        config = self.hass.config
        guess = guess_country(territory=config.country, language=config.language)
        return self.async_show_form(step_id="user", data_schema=_country_schema(guess))

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
        self.hass.data[_ANNOUNCED] = link
        if self._async_current_entries(include_ignore=False):
            async_set_link(self.hass, link)
            return self.async_abort(reason="server_linked")
        await self.async_set_unique_id(discovery_info.uuid)
        self._abort_if_unique_id_configured()
        self.context["title_placeholders"] = {CONF_NAME: discovery_info.name}
        return await self.async_step_user()

    async def async_step_reauth(
        self,
        entry_data: Mapping[str, Any],  # noqa: ARG002 - the entry holds the same
    ) -> ConfigFlowResult:
        """Begin to sign in again."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say why, then ask in the same country."""
        account = account_of(self._get_reauth_entry().data)
        if user_input is not None:
            return await self._async_begin(account.country_code)
        return self.async_show_form(
            step_id="reauth_confirm",
            description_placeholders={CONF_NAME: entry_title(account)},
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Sign in again, perhaps in another country."""
        if user_input is not None:
            return await self._async_begin(user_input[CONF_COUNTRY_CODE])
        current = account_of(self._get_reconfigure_entry().data).country_code
        return self.async_show_form(
            step_id="reconfigure", data_schema=_country_schema(current)
        )

    async def _async_begin(self, country_code: str) -> ConfigFlowResult:
        self._sign_in = SignIn.begin(country_code)
        return await self.async_step_sign_in()

    async def async_step_sign_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the link; take the address. A mistake can be made good at once."""
        sign_in = self._sign_in
        if TYPE_CHECKING:
            assert sign_in is not None
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            try:
                return await self._async_finish(sign_in, user_input[CONF_LANDING_URL])
            except SignInError as err:
                errors[CONF_LANDING_URL] = err.key
                placeholders = err.placeholders
            except AudibleError as err:
                if isinstance(err, AudibleAuthError):
                    self._discard_registration()
                errors["base"] = err.key
                placeholders = err.placeholders
        site = f"amazon.{DOMAINS[sign_in.country_code]}"
        return self.async_show_form(
            step_id="sign_in",
            data_schema=_LANDING_SCHEMA,
            errors=errors,
            description_placeholders={
                "url": sign_in.url,
                "site": site,
                "landing": f"https://www.{site}/ap/maplanding",
                **placeholders,
            },
        )

    async def _async_finish(self, sign_in: SignIn, pasted: str) -> ConfigFlowResult:
        if self._unclaimed is None:
            # A code is good for one registration: kept for when what follows fails.
            self._unclaimed = _Registration(*await complete_sign_in(sign_in, pasted))
        registration = self._unclaimed
        account_id = registration.account.account_id
        await self.async_set_unique_id(account_id, raise_on_progress=False)
        if self.source == SOURCE_REAUTH:
            return await self._async_update(self._get_reauth_entry(), registration)
        if self.source == SOURCE_RECONFIGURE:
            return await self._async_update(self._get_reconfigure_entry(), registration)
        if self.source == SOURCE_HASSIO and (link := self._waiting_link()):
            # Accounts may have been added by hand while the app's card waited.
            async_set_link(self.hass, link)
        self._abort_if_unique_id_configured()
        await self._async_test(registration)
        return self._create(registration)

    async def _async_test(self, registration: _Registration) -> None:
        """Fetch the library; the account's first poll takes it over."""
        async with await AudibleClient.open(registration.credentials) as client:
            titles = await client.fetch_library()
        libraries = self.hass.data.setdefault(FIRST_LIBRARIES, {})
        libraries[registration.account.account_id] = with_library(
            None, titles, synced_at=dt_util.utcnow()
        )

    def _create(self, registration: _Registration) -> ConfigFlowResult:
        data = entry_data(registration.account, registration.credentials)
        if link := any_link(self.hass) or self._waiting_link():
            data[CONF_MEDIA_SERVER] = link.to_stored()
        self._unclaimed = None
        return self.async_create_entry(
            title=entry_title(registration.account), data=data
        )

    def _waiting_link(self) -> ServerLink | None:
        """Return the link of the app whose card is still shown, this one's or not."""
        is_shown = self.hass.config_entries.flow.async_progress_by_handler(
            DOMAIN, match_context={"source": SOURCE_HASSIO}
        )
        return self.hass.data.get(_ANNOUNCED) if is_shown else None

    async def _async_update(
        self, entry: ConfigEntry[Any], registration: _Registration
    ) -> ConfigFlowResult:
        self._abort_if_unique_id_mismatch(
            reason="wrong_account",
            description_placeholders={
                "expected": entry.title,
                "found": entry_title(registration.account),
            },
        )
        old = _Registration(account_of(entry.data), credentials_of(entry.data))
        if old.account.country_code != registration.account.country_code:
            # Another shop, another library: the stored one is of no use.
            await self._async_test(registration)
        self._unclaimed = None
        self._sign_out_later(old)
        return self.async_update_reload_and_abort(
            entry,
            title=entry_title(registration.account),
            data_updates=entry_data(registration.account, registration.credentials),
        )

    @callback
    @override
    def async_remove(self) -> None:
        """Leave no orphan among the account's devices."""
        self._discard_registration()

    def _discard_registration(self) -> None:
        if self._unclaimed is not None:
            self._sign_out_later(self._unclaimed)
            self._unclaimed = None

    def _sign_out_later(self, registration: _Registration) -> None:
        self.hass.async_create_background_task(
            _async_sign_out(registration.credentials), f"{DOMAIN} sign out"
        )


async def _async_sign_out(credentials: Credentials) -> None:
    try:
        await sign_out(credentials)
    except AudibleError as err:
        # Most often it is gone already: that is why somebody signs in again.
        LOGGER.info("A replaced registration could not be removed: %s", err)
