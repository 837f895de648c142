"""Options: one account's, and those of the house; files in and out."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_URL
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import (
    CONF_DATABASE_URL,
    CONF_KEY_PATH,
    CONF_MEDIA_SERVER,
    CONF_SECRET,
    DOMAIN,
)
from ..core.errors import (
    InvalidValueError,
    KeyFileUnusableError,
    MediaServerSecretError,
    MediaServerUnreachableError,
    StoreOwnedError,
    TrackerError,
)
from ..core.store.engine import parse_address
from ..household import household_of
from ..household_settings import DATABASE_FILE, ServerLink
from ..server_link import async_set_link, client_of, link_of, parse_server_url
from .account_options import (
    async_load_options,
    async_save_options,
    kept_by_entry,
    options_schema,
    parse_options,
)
from .health import HealthSteps
from .speaker_test import SpeakerSteps
from .transfers import TransferSteps

_PASSWORD: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
_MEDIA_SERVER_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(CONF_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL)
        ),
        probatio.Optional(probatio.Secret(CONF_SECRET)): _PASSWORD,
    }
)
_DATABASE_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(probatio.Secret(CONF_DATABASE_URL)): _PASSWORD,
        probatio.Optional(CONF_KEY_PATH): TextSelector(),
    }
)
_CONF_BUILT_IN: Final = "built_in"
_LOCKED_SCHEMA: Final = _DATABASE_SCHEMA.extend(
    {probatio.Optional(_CONF_BUILT_IN, default=False): BooleanSelector()}
)
_EXAMPLE_URL: Final = "http://192.168.1.20:8099"
_EXAMPLE_DATABASE: Final = "postgresql://user:password@host/database"


class AudibleOptionsFlow(HealthSteps, SpeakerSteps, TransferSteps):
    """Changes the options of one account, or what all accounts share."""

    _database_url: str | None = None
    _key_path: str | None = None

    async def async_step_init(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - a menu sends none
    ) -> ConfigFlowResult:
        """Ask what to change."""
        return self.async_show_menu(
            step_id="init",
            menu_options=[
                "health",
                "settings",
                "transfer",
                CONF_MEDIA_SERVER,
                "speaker",
                "database",
            ],
        )

    # --- the account ------------------------------------------------------------------

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change how the account is synced."""
        entry = self.config_entry
        error: InvalidValueError | None = None
        try:
            async with household_of(self.hass).async_opened() as store:
                present = await async_load_options(store, entry)
                if user_input is not None:
                    try:
                        values = parse_options(user_input)
                    except InvalidValueError as err:
                        error = err
                    else:
                        options = kept_by_entry(values)
                        await async_save_options(
                            store, entry, values, actor=self._actor()
                        )
                        entries = self.hass.config_entries
                        # Before it is reloaded, not after the flow has ended.
                        entries.async_update_entry(entry, options=options)
                        entries.async_schedule_reload(entry.entry_id)
                        return self.async_create_entry(data=options)
        except TrackerError as err:
            return self.async_abort(
                reason=err.key, description_placeholders=err.placeholders
            )
        return self.async_show_form(
            step_id="settings",
            data_schema=self.add_suggested_values_to_schema(
                options_schema(present.readers), user_input or present.values
            ),
            errors={error.placeholders["field"]: error.key} if error else {},
            description_placeholders=error.placeholders if error else None,
        )

    # --- the server -------------------------------------------------------------------

    async def async_step_media_server(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Link a server after it has proved itself; no address ends the link."""
        current = link_of(self.hass)
        error: TrackerError | None = None
        if user_input is not None:
            try:
                link = _typed_link(user_input, current)
                if link is not None:
                    await client_of(self.hass, link).check()
                await async_set_link(self.hass, link)
            except TrackerError as err:
                error = err
            else:
                return self._unchanged()
        url = (user_input or {}).get(CONF_URL) or (current.url if current else "")
        return self.async_show_form(
            step_id=CONF_MEDIA_SERVER,
            data_schema=self.add_suggested_values_to_schema(
                _MEDIA_SERVER_SCHEMA, {CONF_URL: url}
            ),
            errors={_field_of(error): error.key} if error else {},
            description_placeholders={
                "example": _EXAMPLE_URL,
                **(error.placeholders if error else {}),
            },
        )

    # --- the database -----------------------------------------------------------------

    async def async_step_database(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change where everything is kept, after it was tried."""
        household = household_of(self.hass)
        await household.async_look()
        if user_input is not None:
            return await self._async_change_database("database", user_input)
        is_locked = household.settings.is_locked
        return self._database_form("database_locked" if is_locked else "database")

    async def async_step_database_locked(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Do so where no key opens the address of the present one."""
        if user_input is None:
            return self._database_form("database_locked")
        return await self._async_change_database("database_locked", user_input)

    async def _async_change_database(
        self, step_id: str, user_input: Mapping[str, Any]
    ) -> ConfigFlowResult:
        self._key_path = str(user_input.get(CONF_KEY_PATH) or "").strip() or None
        field = CONF_KEY_PATH
        try:
            await household_of(self.hass).async_use_keys(self._key_path)
            field = CONF_DATABASE_URL
            self._database_url = self._typed_database(step_id, user_input)
            return await self._async_use_database(take_over=False)
        except StoreOwnedError as err:
            return self._take_over_form(None, err.placeholders)
        except TrackerError as err:
            if isinstance(err, KeyFileUnusableError):
                field = CONF_KEY_PATH
            return self._database_form(step_id, {field: err})

    def _database_form(
        self, step_id: str, errors: Mapping[str, TrackerError] | None = None
    ) -> ConfigFlowResult:
        household = household_of(self.hass)
        present = self._shown_database()
        is_locked = step_id == "database_locked"
        placeholders = {"path": household.key_name}
        for err in (errors or {}).values():
            placeholders |= err.placeholders
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                _LOCKED_SCHEMA if is_locked else _DATABASE_SCHEMA,
                {
                    CONF_DATABASE_URL: present,
                    CONF_KEY_PATH: household.settings.key_path or "",
                },
            ),
            errors={field: err.key for field, err in (errors or {}).items()},
            description_placeholders={
                "present": present or DATABASE_FILE,
                "example": _EXAMPLE_DATABASE,
                **placeholders,
            },
        )

    async def async_step_take_over(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - nothing is asked
    ) -> ConfigFlowResult:
        """Use a database of another installation, as was agreed to."""
        try:
            return await self._async_use_database(take_over=True)
        except TrackerError as err:
            return self._take_over_form(err, err.placeholders)

    def _take_over_form(
        self, error: TrackerError | None, placeholders: Mapping[str, str]
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="take_over",
            errors={"base": error.key} if error else {},
            description_placeholders={"owner": "?", **placeholders},
        )

    async def _async_use_database(self, *, take_over: bool) -> ConfigFlowResult:
        household = household_of(self.hass)
        await household.async_use_database(self._database_url, take_over=take_over)
        for entry in self.hass.config_entries.async_entries(
            DOMAIN, include_ignore=False, include_disabled=False
        ):
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self._unchanged()

    def _typed_database(
        self, step_id: str, user_input: Mapping[str, Any]
    ) -> str | None:
        """Return the URL that was typed; what was shown of the present one keeps it.

        An address that cannot be read is given up only where that is said; raises
        KeyLostError else.
        """
        household = household_of(self.hass)
        typed = str(user_input.get(CONF_DATABASE_URL) or "").strip()
        if typed and typed == self._shown_database():
            return household.settings.database_url
        if typed:
            return typed
        if step_id == "database" or user_input.get(_CONF_BUILT_IN):
            return None
        if household.settings.is_locked:
            raise household.key_lost()
        # The key file that was named opens it.
        return household.settings.database_url

    def _shown_database(self) -> str:
        url = household_of(self.hass).settings.database_url
        return parse_address(url).shown if url else ""


def _typed_link(
    user_input: Mapping[str, Any], current: ServerLink | None
) -> ServerLink | None:
    """Return the link that was typed; an empty secret keeps the one there was."""
    url = str(user_input.get(CONF_URL) or "").strip()
    if not url:
        return None
    secret = str(user_input.get(CONF_SECRET) or "").strip()
    if not secret and current is not None:
        secret = current.secret
    if not secret:
        raise InvalidValueError(
            field=CONF_SECRET, value="", allowed="the server's secret"
        )
    return ServerLink(parse_server_url(url), secret)


def _field_of(err: TrackerError) -> str:
    """Return which field of the form the error belongs to."""
    match err:
        case InvalidValueError():
            return err.placeholders["field"]
        case MediaServerUnreachableError():
            return CONF_URL
        case MediaServerSecretError():
            return CONF_SECRET
    return "base"
