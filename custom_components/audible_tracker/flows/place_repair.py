"""The repair of titles that were heard in two places: here, or there."""

from typing import Final

import probatio
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util

from ..account_entry import options_of
from ..actions.calls import async_show
from ..const import CONF_WRITES_BACK
from ..coordinator import AudibleConfigEntry
from ..core.decisions.positions import (
    OpenQuestion,
    PlaceChoice,
    answer_question,
    list_questions,
)
from ..core.errors import NotInStoreError, TrackerError
from ..failures import local_time
from ..playing.sessions import sessions_of
from ..shown import clock
from .translated_texts import async_sentence, marked_down

_CONF_ANSWER: Final = "answer"
_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(_CONF_ANSWER): SelectSelector(
            SelectSelectorConfig(
                options=[one.value for one in PlaceChoice],
                mode=SelectSelectorMode.LIST,
                translation_key="position_answer",
            )
        )
    }
)
_MS_PER_S: Final = 1_000


class PlaceRepair(RepairsFlow):
    """Asks about one title after the other, the oldest question first."""

    def __init__(self, entry: AudibleConfigEntry) -> None:
        """Ask about the titles of an account."""
        super().__init__()
        self._entry = entry
        self._asked: OpenQuestion | None = None

    async def async_step_init(
        self,
        user_input: dict[str, str] | None = None,  # noqa: ARG002 - each step gets it
    ) -> RepairsFlowResult:
        """Ask about the first title."""
        return await self.async_step_place()

    async def async_step_place(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Take an answer, and ask about the next title, until none is left."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        try:
            if user_input is not None and self._asked is not None:
                await self._async_answer(
                    self._asked, PlaceChoice(user_input[_CONF_ANSWER])
                )
            runtime = self._entry.runtime_data
            async with runtime.store.reading() as connection:
                asked = await list_questions(connection, runtime.account_id)
        except TrackerError as err:
            return self.async_abort(
                reason="failed",
                description_placeholders={
                    "error": await async_sentence(self.hass, err)
                },
            )
        except HomeAssistantError as err:
            # The place is the reader's by now, but the speaker is elsewhere.
            return self.async_abort(
                reason="failed", description_placeholders={"error": str(err)}
            )
        if not asked:
            return self.async_create_entry(data={})
        self._asked = asked[0]
        return self.async_show_form(
            step_id="place",
            data_schema=_SCHEMA,
            description_placeholders=_words(asked[0], len(asked)),
        )

    async def _async_answer(self, asked: OpenQuestion, choice: PlaceChoice) -> None:
        runtime = self._entry.runtime_data
        try:
            async with runtime.store.transaction() as connection:
                moved = await answer_question(
                    connection,
                    runtime.account_id,
                    asked.question.asin,
                    choice,
                    writes_back=bool(options_of(self._entry)[CONF_WRITES_BACK]),
                    actor=None,
                    now=dt_util.utcnow(),
                )
        except NotInStoreError:
            # Somebody else has answered meanwhile.
            return
        await async_show(self.hass)
        if choice is PlaceChoice.THERE:
            await sessions_of(self.hass).async_bring(moved.link.fields)


def _words(asked: OpenQuestion, left: int) -> dict[str, str]:
    question = asked.question
    return {
        "title": marked_down(asked.link.fields.audible_title),
        "here": clock(question.ours_ms // _MS_PER_S),
        "here_at": local_time(question.ours_at),
        "there": clock(question.theirs_ms // _MS_PER_S),
        "there_at": local_time(question.theirs_at),
        "left": str(left - 1),
    }
