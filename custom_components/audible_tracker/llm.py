"""Tools for language models: what is heard, and what speakers do about it."""

from abc import abstractmethod
from typing import Any, Final, override

import probatio
from homeassistant.components.llm import LLMTools
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.llm import (
    LLM_API_ASSIST,
    LLMContext,
    Tool,
    ToolAnnotations,
    ToolInput,
    ToolResult,
)

from .assist.listening import Asker, Reading
from .const import DOMAIN
from .core.matching.persons import written_by

_S_PER_MINUTE: Final = 60


@callback
def async_get_tools(
    hass: HomeAssistant, llm_context: LLMContext, api_id: str
) -> LLMTools | None:
    """Return the tools where a reader is exposed to the assistant."""
    if api_id != LLM_API_ASSIST:
        return None
    readers = _asker(hass, llm_context).readers()
    if not readers:
        return None
    kinds = (GetReadingTool, ContinueTool, JumpTool, StopAfterChapterTool)
    return LLMTools(tools=[kind(readers) for kind in kinds])


def _asker(hass: HomeAssistant, context: LLMContext) -> Asker:
    return Asker(hass, context.assistant, context.device_id, context.context)


class ReaderTool(Tool):
    """A tool about what a reader hears; without a name, whoever heard last."""

    integration = DOMAIN
    more: dict[probatio.Marker, Any] = {}  # noqa: RUF012 - each kind has its own
    annotations = ToolAnnotations(destructive=False, open_world=False)

    def __init__(self, readers: list[str]) -> None:
        """Name the readers that may be asked about."""
        self.parameters = probatio.Schema(
            {
                probatio.Optional(
                    "reader", description="Whose book it is"
                ): probatio.In(readers),
                **self.more,
            }
        )

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Answer, or say why that cannot be."""
        data = self.parameters(tool_input.tool_args)
        asker = _asker(hass, llm_context)
        reader = data.get("reader")
        if reader is not None and reader not in asker.readers():
            return ToolResult(data={"error": "This reader is not known"}, error=True)
        reading = asker.reading(reader)
        if reading is None:
            return ToolResult(data={"reading": None})
        try:
            return await self.answer(asker, reading, data)
        except HomeAssistantError as err:
            return ToolResult(data={"error": str(err)}, error=True)

    @abstractmethod
    async def answer(
        self, asker: Asker, reading: Reading, data: dict[str, Any]
    ) -> ToolResult:
        """Return what came of it."""


class GetReadingTool(ReaderTool):
    """What is being listened to, and how long it goes on."""

    name = f"{DOMAIN}__get_reading"
    title = "Get current audiobook"
    description = (
        "Tells which audiobook somebody listens to now, its author, chapter, progress, "
        "and how many minutes are left. Use it for questions like 'What am I listening "
        "to?' or 'How long is left of my book?'."
    )
    annotations = ToolAnnotations(
        read_only=True, destructive=False, idempotent=True, open_world=False
    )

    @override
    async def answer(
        self, asker: Asker, reading: Reading, data: dict[str, Any]
    ) -> ToolResult:
        heard = reading.heard
        percent = heard.percentage
        return ToolResult(
            data={
                "reading": {
                    "reader": reading.reader,
                    "title": heard.title.name,
                    "authors": list(written_by(heard.title.authors)),
                    "narrators": list(heard.title.narrators),
                    "chapter": reading.chapter,
                    "percent": None if percent is None else round(percent),
                    "minutes_left": reading.minutes_left,
                    "last_moved_at": heard.moved_at.isoformat(),
                }
            }
        )


class ContinueTool(ReaderTool):
    """The book goes on in a room."""

    name = f"{DOMAIN}__continue_book"
    title = "Continue audiobook"
    description = (
        "Plays the audiobook that somebody listens to where they stopped, on a speaker "
        "named by its name or its room. Use it for 'Continue my book in the kitchen'."
    )
    more = {  # noqa: RUF012
        probatio.Optional(
            "where", description="Name of a speaker or of a room"
        ): cv.string
    }

    @override
    async def answer(
        self, asker: Asker, reading: Reading, data: dict[str, Any]
    ) -> ToolResult:
        where = data.get("where")
        speaker = asker.speaker(where)
        if where is not None and speaker is None:
            return ToolResult(data={"error": f"No speaker: {where}"}, error=True)
        speaker = await asker.go_on(reading, speaker)
        return ToolResult(data={"title": reading.heard.title.name, "speaker": speaker})


class JumpTool(ReaderTool):
    """A few minutes back or ahead."""

    name = f"{DOMAIN}__jump"
    title = "Jump in audiobook"
    description = (
        "Jumps in the audiobook that plays on a speaker of the house. Use it for 'Back "
        "five minutes' (minutes: -5)."
    )
    more = {  # noqa: RUF012
        probatio.Required(
            "minutes", description="How far ahead; below zero is back"
        ): probatio.All(probatio.Coerce(float), probatio.Range(min=-600, max=600))
    }

    @override
    async def answer(
        self, asker: Asker, reading: Reading, data: dict[str, Any]
    ) -> ToolResult:
        seconds = round(data["minutes"] * _S_PER_MINUTE)
        await asker.act("jump", reading, seconds=seconds)
        return ToolResult(data={"jumped_seconds": seconds})


class StopAfterChapterTool(ReaderTool):
    """The book stops at the end of the chapter."""

    name = f"{DOMAIN}__stop_after_chapter"
    title = "Stop audiobook after chapter"
    description = (
        "Lets the audiobook that plays on a speaker stop at the end of the "
        "chapter. Use it for 'Stop after this chapter'."
    )

    @override
    async def answer(
        self, asker: Asker, reading: Reading, data: dict[str, Any]
    ) -> ToolResult:
        await asker.act("stop_after_chapter", reading)
        return ToolResult(data={"stops": "after this chapter"})
