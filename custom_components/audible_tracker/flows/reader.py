"""Readers of an account: who listens with it, and which person of the house that is."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
)
from homeassistant.util import dt as dt_util

from ..accounts import async_reader
from ..actions.calls import async_show
from ..const import CONF_PERSON, CONF_READER, CONF_READER_ID, CONF_SHOWN_TO_ALL
from ..core.errors import InvalidValueError, TrackerError
from ..core.store.readers import load_readers, share_account
from ..core.store.records import ReaderId
from .first_sync import parse_reader, reader_selector

_ANYBODY: Final = EntitySelector(EntitySelectorConfig(domain="person"))
_PERSON: Final[Mapping[probatio.Marker, Any]] = {
    probatio.Optional(CONF_PERSON): _ANYBODY,
    probatio.Optional(CONF_SHOWN_TO_ALL, default=False): BooleanSelector(),
}
PERSON_SCHEMA: Final = probatio.Schema(dict(_PERSON))


def reader_schema(readers: tuple[str, ...] = ()) -> probatio.Schema:
    """Return the fields of one more reader."""
    return probatio.Schema(
        {probatio.Required(CONF_READER): reader_selector(readers), **_PERSON}
    )


class ReaderFlow(ConfigSubentryFlow):
    """Adds somebody who listens with the account, or says who somebody is."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask who listens, too."""
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        error: TrackerError | None = None
        try:
            if user_input is not None:
                return await self._async_add(user_input)
        except TrackerError as err:
            error = err
        field = CONF_READER if isinstance(error, InvalidValueError) else "base"
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                reader_schema(await self._async_names()), user_input or {}
            ),
            errors={field: error.key} if error else {},
            description_placeholders=error.placeholders if error else None,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which person it is."""
        subentry = self._get_reconfigure_subentry()
        if user_input is None:
            return self.async_show_form(
                step_id="reconfigure",
                data_schema=self.add_suggested_values_to_schema(
                    PERSON_SCHEMA, subentry.data
                ),
                description_placeholders={"name": subentry.title},
            )
        data = _data(subentry.data[CONF_READER_ID], user_input)
        return self.async_update_and_abort(self._get_entry(), subentry, data=data)

    async def _async_add(self, user_input: Mapping[str, Any]) -> SubentryFlowResult:
        name = parse_reader(user_input[CONF_READER])
        runtime = self._get_entry().runtime_data
        async with runtime.store.transaction() as connection:
            reader_id = await async_reader(connection, name, now=dt_util.utcnow())
            if self._is_there(reader_id):
                return self.async_abort(reason="already_configured")
            await share_account(connection, runtime.account_id, reader_id)
        await async_show(self.hass)
        return self.async_create_entry(
            title=name, data=_data(reader_id, user_input), unique_id=str(reader_id)
        )

    @callback
    def _is_there(self, reader_id: ReaderId) -> bool:
        subentries = self._get_entry().subentries.values()
        return any(one.unique_id == str(reader_id) for one in subentries)

    async def _async_names(self) -> tuple[str, ...]:
        """Return the readers who are there and have no entry of their own yet."""
        async with self._get_entry().runtime_data.store.reading() as connection:
            readers = await load_readers(connection)
        return tuple(
            reader.name for reader in readers if not self._is_there(reader.reader_id)
        )


def _data(reader_id: ReaderId, user_input: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {CONF_READER_ID: reader_id}
    if person := user_input.get(CONF_PERSON):
        data[CONF_PERSON] = person
        data[CONF_SHOWN_TO_ALL] = user_input[CONF_SHOWN_TO_ALL]
    return data
