"""The repair of an account that is not synced any more: one cure, which it offers."""

from typing import Any, Final

import probatio
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.components.repairs.const import FlowType
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.exceptions import HomeAssistantError

from ..const import CONF_REFUSAL, DOMAIN
from ..coordinator import AudibleConfigEntry
from ..core.errors import SyncWaitingError
from ..core.sync.trouble import Cure
from ..failures import local_time
from .translated_texts import TranslatedTexts

_UNKNOWN: Final = "?"


class SyncRepair(RepairsFlow):
    """Explains what is wrong; agreeing to it is the cure."""

    def __init__(self, entry: AudibleConfigEntry, data: dict[str, Any]) -> None:
        """Take what the issue says."""
        super().__init__()
        self._entry = entry
        self._cure = Cure(data["cure"])
        self._cause = str(data["cause"])
        self._words = {
            name: str(data.get(name) or _UNKNOWN)
            for name in ("name", "last_sync", "tries", "next_try")
        }

    async def async_step_init(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - each step gets it
    ) -> RepairsFlowResult:
        """Show the cure."""
        if self._cure is Cure.SIGN_IN:
            return await self.async_step_sign_in()
        return await self.async_step_try_again()

    async def async_step_sign_in(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Go on with the sign-in; what was collected stays."""
        if user_input is None:
            return await self._async_form("sign_in")
        flow_id = await self._async_sign_in_flow()
        return self.async_create_entry(
            data={}, next_flow=(FlowType.CONFIG_FLOW, flow_id)
        )

    async def async_step_try_again(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask Audible now."""
        if user_input is None:
            return await self._async_form("try_again")
        if self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        coordinator = self._entry.runtime_data.coordinator
        await coordinator.async_refresh()
        if coordinator.last_update_success:
            return self.async_create_entry(data={})
        account = coordinator.data.account
        self._cause = account.wait_reason or self._cause
        self._words["next_try"] = local_time(account.wait_until)
        # Within a pause nobody was asked: that it fails would be a guess.
        failure = coordinator.last_exception
        is_paused = (
            isinstance(failure, HomeAssistantError)
            and failure.translation_key == SyncWaitingError.key
        )
        error = "paused" if is_paused else "still_failing"
        return await self._async_form("try_again", errors={"base": error})

    async def _async_form(
        self, step_id: str, errors: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        texts = await TranslatedTexts.async_load(self.hass)
        return self.async_show_form(
            step_id=step_id,
            data_schema=probatio.Schema({}),
            description_placeholders={
                **self._words,
                "cause": texts.cause(self._cause),
            },
            errors=errors or {},
        )

    async def _async_sign_in_flow(self) -> str:
        """Return the sign-in that is open already, or a new one."""
        for flow in self._entry.async_get_active_flows(self.hass, {SOURCE_REAUTH}):
            return flow["flow_id"]
        flow = await self.hass.config_entries.flow.async_init(
            DOMAIN,
            context={
                "source": SOURCE_REAUTH,
                "entry_id": self._entry.entry_id,
                "title_placeholders": {"name": self._entry.title},
                "unique_id": self._entry.unique_id,
            },
            data={**self._entry.data, CONF_REFUSAL: self._cause},
        )
        return flow["flow_id"]
