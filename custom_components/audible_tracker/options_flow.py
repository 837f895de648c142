"""Options: how often the library is asked for, what is under way, and the server."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.const import CONF_URL, UnitOfTime
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .account_entry import library_interval_minutes, under_way_days
from .const import (
    CONF_LIBRARY_INTERVAL,
    CONF_MEDIA_SERVER,
    CONF_SECRET,
    CONF_UNDER_WAY_DAYS,
    LIBRARY_INTERVAL_MINUTES,
    UNDER_WAY_DAYS,
)
from .core.errors import (
    InvalidValueError,
    MediaServerSecretError,
    MediaServerUnreachableError,
    TrackerError,
)
from .server_link import (
    ServerLink,
    async_set_link,
    client_of,
    link_of,
    parse_server_url,
)

# Without bounds: a selector's own complaint does not say what is allowed.
_SETTINGS_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_LIBRARY_INTERVAL): NumberSelector(
            NumberSelectorConfig(
                mode=NumberSelectorMode.BOX, unit_of_measurement=UnitOfTime.MINUTES
            )
        ),
        probatio.Required(CONF_UNDER_WAY_DAYS): NumberSelector(
            NumberSelectorConfig(
                mode=NumberSelectorMode.BOX, unit_of_measurement=UnitOfTime.DAYS
            )
        ),
    }
)
_MEDIA_SERVER_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(CONF_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL)
        ),
        probatio.Optional(probatio.Secret(CONF_SECRET)): TextSelector(
            TextSelectorConfig(type=TextSelectorType.PASSWORD)
        ),
    }
)
_EXAMPLE_URL: Final = "http://192.168.1.20:8099"
_BOUNDS: Final[Mapping[str, range]] = {
    CONF_LIBRARY_INTERVAL: LIBRARY_INTERVAL_MINUTES,
    CONF_UNDER_WAY_DAYS: UNDER_WAY_DAYS,
}


def _whole_number(field: str, value: float) -> int:
    """Return the number; raise InvalidValueError that says what is allowed."""
    bounds = _BOUNDS[field]
    is_whole = float(value).is_integer()
    if not is_whole or int(value) not in bounds:
        raise InvalidValueError(
            field=field,
            value=int(value) if is_whole else value,
            allowed=f"a whole number, {bounds.start} to {bounds.stop - 1}",
        )
    return int(value)


class AudibleOptionsFlow(OptionsFlowWithReload):
    """Changes the options of one account, or the server of all."""

    async def async_step_init(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - a menu sends none
    ) -> ConfigFlowResult:
        """Ask what to change."""
        return self.async_show_menu(
            step_id="init", menu_options=["settings", CONF_MEDIA_SERVER]
        )

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the numbers."""
        error: InvalidValueError | None = None
        if user_input is not None:
            try:
                options = {
                    field: _whole_number(field, user_input[field]) for field in _BOUNDS
                }
            except InvalidValueError as err:
                error = err
            else:
                return self.async_create_entry(data=options)
        shown = user_input or {
            CONF_LIBRARY_INTERVAL: library_interval_minutes(self.config_entry),
            CONF_UNDER_WAY_DAYS: under_way_days(self.config_entry),
        }
        return self.async_show_form(
            step_id="settings",
            data_schema=self.add_suggested_values_to_schema(_SETTINGS_SCHEMA, shown),
            errors={error.placeholders["field"]: error.key} if error else {},
            description_placeholders=error.placeholders if error else None,
        )

    async def async_step_media_server(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Link a server after it has proved itself; no address ends the link."""
        current = link_of(self.config_entry.data)
        error: TrackerError | None = None
        if user_input is not None:
            try:
                link = _typed_link(user_input, current)
                if link is not None:
                    await client_of(self.hass, link).check()
            except TrackerError as err:
                error = err
            else:
                async_set_link(self.hass, link)
                return self.async_create_entry(data=dict(self.config_entry.options))
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
