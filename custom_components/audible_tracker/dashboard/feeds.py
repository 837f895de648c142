"""A feed: a question that is answered again whenever the tracker has changed."""

from typing import Any, Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..actions.answers import Members
from ..actions.calls import Action, ActionCall
from ..const import DOMAIN, LOGGER, SIGNAL_CHANGED
from ..failures import translated_failures

_COOLDOWN_S: Final = 0.5
"""Changes that come together, such as those of an import, are told as one."""


class Feed:
    """One subscription of one browser; it says nothing twice."""

    def __init__(
        self,
        hass: HomeAssistant,
        connection: ActiveConnection,
        message: dict[str, Any],
        question: Action,
    ) -> None:
        """Answer a message; nothing is loaded yet."""
        self._hass = hass
        self._connection = connection
        self._id: int = message["id"]
        data = {
            name: value for name, value in message.items() if name not in ("id", "type")
        }
        self._question = question
        self._call = ServiceCall(
            hass, DOMAIN, message["type"], data, connection.context(message), True
        )
        self._told: Members | None = None
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._debouncer = Debouncer(
            hass,
            LOGGER,
            cooldown=_COOLDOWN_S,
            immediate=True,
            function=self._async_tell,
            background=True,
        )

    async def async_begin(self) -> None:
        """Tell what there is now, and every change from now on."""
        connect = async_dispatcher_connect
        self._unsubscribe = [
            connect(self._hass, SIGNAL_CHANGED, self._debouncer.async_schedule_call),
            connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._follow_accounts),
        ]
        self._connection.subscriptions[self._id] = self._end
        self._connection.send_result(self._id)
        await self._debouncer.async_call()

    @callback
    def _follow_accounts(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Look anew when an account comes, goes or is set up."""
        if entry.domain == DOMAIN:
            self._debouncer.async_schedule_call()

    @callback
    def _end(self) -> None:
        self._debouncer.async_shutdown()
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    async def _async_tell(self) -> None:
        told = await self._async_answer()
        if told != self._told:
            self._told = told
            self._connection.send_event(self._id, told)

    async def _async_answer(self) -> Members:
        """Return the answer, or why there is none: that may change as well."""
        try:
            with translated_failures():
                answer = await self._question.async_run(ActionCall(self._call))
        except HomeAssistantError as err:
            return {
                "error": {
                    "message": str(err),
                    "translation_domain": err.translation_domain,
                    "translation_key": err.translation_key,
                    "translation_placeholders": err.translation_placeholders,
                }
            }
        return {"data": answer}
