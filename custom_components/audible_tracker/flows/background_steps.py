"""Dialogs whose work takes its time: it goes on while they tell how far it is."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import probatio
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.core import callback
from homeassistant.helpers.http import current_request
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..account_entry import account_of
from ..accounts import async_known_account
from ..const import CONF_READER, DOMAIN, LOGGER
from ..core.errors import TrackerError
from ..core.store.readers import load_readers
from ..core.store.records import Reader, ReaderId
from ..household import household_of

_UNKNOWN_USER: Final = "user"


@dataclass(frozen=True, slots=True)
class ReaderChoice:
    """Whose books are meant: the readers there are, and the account's own."""

    readers: tuple[Reader, ...]
    default: Reader

    def fields(self) -> dict[probatio.Marker, Any]:
        """Return the field that asks; with one reader there is nothing to ask."""
        if len(self.readers) == 1:
            return {}
        selector = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=str(reader.reader_id), label=reader.name)
                    for reader in self.readers
                ],
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
        default = str(self.default.reader_id)
        return {probatio.Required(CONF_READER, default=default): selector}

    def chosen(self, user_input: dict[str, Any]) -> Reader:
        """Return who was chosen."""
        number = ReaderId(int(user_input.get(CONF_READER, self.default.reader_id)))
        return next(one for one in self.readers if one.reader_id == number)


class BackgroundSteps(OptionsFlow):
    """What all steps share whose work takes its time.

    What went wrong stays until the next work begins: a form may be drawn twice.
    """

    _error: TrackerError | None = None
    _work: asyncio.Task[None] | None = None

    async def _async_progress(
        self,
        step_id: str,
        work: Callable[[], Awaitable[None]],
        *,
        then: str,
        otherwise: str,
    ) -> ConfigFlowResult:
        """Show that the work goes on, then one step or, if it failed, another.

        The work ends also when the dialog is closed meanwhile: it was agreed to.
        """
        if self._work is None:
            self._error = None
            # Were it done at once, what was typed would go to the next step as well.
            self._work = self.hass.async_create_background_task(
                self._async_try(work), f"{DOMAIN} {step_id}", eager_start=False
            )
        if not self._work.done():
            return self.async_show_progress(
                step_id=step_id,
                progress_action=step_id,
                progress_task=self._watched(self._work),
            )
        self._work = None
        return self.async_show_progress_done(
            next_step_id=otherwise if self._error else then
        )

    def _watched(self, work: asyncio.Task[None]) -> asyncio.Task[Any]:
        """Return the task that Home Assistant waits for, and ends with the dialog."""
        watched = self.async_get_progress_task()
        if watched is None or watched.done():
            watched = self.hass.async_create_background_task(
                _async_watch(work), f"{DOMAIN} dialog"
            )
        return watched

    async def _async_try(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except TrackerError as err:
            self._error = err
        # Whatever it is: else the dialog would wait for ever.
        except Exception:
            LOGGER.exception("The work of a dialog failed")
            self._error = TrackerError()

    @callback
    def _broken(self, err: TrackerError) -> ConfigFlowResult:
        """End with why the database is of no use now."""
        return self.async_abort(
            reason=err.key, description_placeholders=err.placeholders
        )

    @callback
    def _unchanged(self) -> ConfigFlowResult:
        """End without a change of the entry's own options."""
        return self.async_create_entry(data=dict(self.config_entry.options))

    @callback
    def _told(self, step_id: str, **told: str | int) -> ConfigFlowResult:
        """Show a form that only tells something."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=probatio.Schema({}),
            description_placeholders={name: str(value) for name, value in told.items()},
        )

    async def _async_reader_choice(self) -> ReaderChoice:
        async with household_of(self.hass).async_opened() as store:
            known = await async_known_account(store, account_of(self.config_entry.data))
            async with store.reading() as connection:
                readers = tuple(await load_readers(connection))
        own = known.default_reader_id if known else readers[0].reader_id
        default = next(reader for reader in readers if reader.reader_id == own)
        return ReaderChoice(readers, default)

    @callback
    def _actor(self) -> str:
        """Return the name of who sits before the dialog."""
        request = current_request.get()
        user = request.get(KEY_HASS_USER) if request is not None else None
        return (user.name if user is not None else None) or _UNKNOWN_USER


async def _async_watch(work: asyncio.Task[None]) -> None:
    await asyncio.shield(work)
