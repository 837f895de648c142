"""The repair that pages through all titles of an account that need a person."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import probatio
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ..actions.calls import async_show
from ..coordinator import AudibleConfigEntry
from ..core.decisions.conflicts import OpenConflict, list_conflicts
from ..core.decisions.settling import Choice
from ..core.errors import ConflictSettledError, TrackerError
from ..core.kinds import Resolution
from ..core.store.books import search_books_and_persons
from ..core.store.records import Book, BookId, ConflictId, ReaderId
from ..dashboard.covers import async_signed_covers, signed_title_cover
from .conflict_decisions import REST_ACCEPTED_FROM, ConflictDecisions
from .conflict_texts import (
    book_words,
    candidate_table,
    candidate_words,
    cover_picture,
    title_words,
)
from .translated_texts import TranslatedTexts, async_sentence, marked_down

CONF_CHOICE: Final = "choice"
CONF_SEARCH: Final = "search"

_BOOK: Final = "book_"
_FOUND_MAX: Final = 20
_DECIDED: Final = {
    "create": Resolution.CREATED,
    "ignore": Resolution.IGNORED,
    "not_a_book": Resolution.NOT_A_BOOK,
}


class ConflictRepair(RepairsFlow):
    """Shows one title after another, until none is left or the person has enough."""

    def __init__(self, entry: AudibleConfigEntry) -> None:
        """Begin with the oldest."""
        super().__init__()
        self._shown: OpenConflict | None = None
        self._after: ConflictId | None = None
        self._done = ConflictDecisions(entry)
        self._words: dict[str, str] = {}
        self._found: tuple[Book, ...] = ()
        self._wanted = Choice(None)

    async def async_step_init(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - each step gets it
    ) -> RepairsFlowResult:
        """Show the first title."""
        return await self._async_next()

    async def async_step_conflict(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Do what was chosen for the title that is shown."""
        if user_input is None or self._shown is None or not self._done.is_loaded:
            return await self._async_next()
        choice: str = user_input[CONF_CHOICE]
        match choice:
            case "later":
                self._after = self._shown.conflict.conflict_id
            case "search":
                return await self.async_step_search()
            case "rest":
                return await self.async_step_rest()
            case "undo":
                return await self._async_do(self._async_undo)
            case _:
                self._wanted = _choice_of(choice)
                return await self._async_do(self._async_decide)
        return await self._async_next()

    async def async_step_search(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Look for the book that the title is."""
        errors = {}
        if user_input is not None and self._shown is not None:
            reader_id = self._shown.link.fields.reader_id
            try:
                self._found = await self._async_search(
                    reader_id, user_input[CONF_SEARCH]
                )
            except TrackerError as err:
                return await self._async_give_up(err)
            if self._found:
                return await self.async_step_found()
            errors[CONF_SEARCH] = "nothing_found"
        typed = (user_input or {}).get(CONF_SEARCH, self._name)
        schema = {probatio.Required(CONF_SEARCH, default=typed): TextSelector()}
        return self.async_show_form(
            step_id="search",
            data_schema=probatio.Schema(schema),
            description_placeholders={"title": marked_down(self._name)},
            errors=errors,
        )

    async def async_step_found(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Choose one of the books that were found, or none of them."""
        if user_input is not None:
            if user_input[CONF_CHOICE] == "back":
                return await self._async_next()
            self._wanted = _choice_of(user_input[CONF_CHOICE])
            return await self._async_do(self._async_decide)
        options = [*map(_option, self._found), SelectOptionDict(value="back", label="")]
        return self.async_show_form(
            step_id="found",
            data_schema=_one_of(options),
            description_placeholders={"title": marked_down(self._name)},
        )

    async def async_step_rest(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Decide all that is clear enough, once the person has agreed."""
        if user_input is not None:
            return await self._async_do(self._async_decide_rest)
        percent = f"{REST_ACCEPTED_FROM * 100:.0f}"
        return self.async_show_form(
            step_id="rest",
            data_schema=probatio.Schema({}),
            description_placeholders={"left": str(self._left), "percent": percent},
        )

    async def async_step_done(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """End, unless the last decision was a slip."""
        if not self._done.is_loaded:
            return self.async_abort(reason="not_loaded")
        if user_input is None:
            return self._show_done()
        if user_input[CONF_CHOICE] == "undo":
            return await self._async_do(self._async_undo)
        return self._end()

    # --- what is done -----------------------------------------------------------------

    async def _async_do(self, work: Callable[[], Awaitable[None]]) -> RepairsFlowResult:
        """Do something, and go on with the next title, or say why it was not done."""
        try:
            await work()
        except ConflictSettledError:
            # Somebody else was faster: the next one is shown.
            pass
        except TrackerError as err:
            # Some of it may be done all the same.
            await async_show(self.hass)
            return await self._async_next(failed=await async_sentence(self.hass, err))
        await async_show(self.hass)
        return await self._async_next()

    async def _async_decide(self) -> None:
        if self._shown is None:
            return
        await self._done.async_decide(self._shown.conflict.conflict_id, self._wanted)

    async def _async_decide_rest(self) -> None:
        # What is left is to be looked at from the beginning.
        self._after = None
        await self._done.async_decide_rest()

    async def _async_undo(self) -> None:
        self._after = None
        await self._done.async_undo()

    # --- what is shown ----------------------------------------------------------------

    async def _async_next(self, failed: str | None = None) -> RepairsFlowResult:
        """Show the next title; end where none is left."""
        if not self._done.is_loaded:
            return self.async_abort(reason="not_loaded")
        try:
            self._shown = await self._async_load()
        except TrackerError as err:
            return await self._async_give_up(err)
        if self._shown is None:
            is_told = self._done or failed
            return self._show_done(failed) if is_told else self._end()
        fitting = [
            one
            for one in self._shown.candidates
            if one.confidence >= REST_ACCEPTED_FROM
        ]
        chosen = f"{_BOOK}{fitting[0].book.book_id}" if len(fitting) == 1 else "later"
        return self._form(
            "conflict",
            _one_of(self._options(self._shown), chosen),
            self._words,
            failed,
        )

    def _show_done(self, failed: str | None = None) -> RepairsFlowResult:
        """Tell what was decided: nothing more is left to look at."""
        choices = ("finish", "undo") if self._done else ("finish",)
        options = [SelectOptionDict(value=one, label="") for one in choices]
        decided = str(len(self._done))
        return self._form("done", _one_of(options), {"decided": decided}, failed)

    def _form(
        self,
        step_id: str,
        schema: probatio.Schema,
        words: Mapping[str, str],
        failed: str | None,
    ) -> RepairsFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema,
            description_placeholders={
                **words,
                "left": str(self._left),
                "error": failed or "",
            },
            errors={"base": "failed"} if failed else {},
        )

    def _end(self) -> RepairsFlowResult:
        """Close the repair, unless titles were put off."""
        if self._left:
            return self.async_abort(
                reason="left", description_placeholders={"left": str(self._left)}
            )
        return self.async_create_entry(data={})

    async def _async_give_up(self, err: TrackerError) -> RepairsFlowResult:
        """Say why no title can be shown; the repair stays."""
        return self.async_abort(
            reason="failed",
            description_placeholders={"error": await async_sentence(self.hass, err)},
        )

    async def _async_search(self, reader_id: ReaderId, typed: str) -> tuple[Book, ...]:
        async with self._done.runtime.store.reading() as connection:
            return await search_books_and_persons(
                connection, reader_id, typed, limit=_FOUND_MAX
            )

    async def _async_load(self) -> OpenConflict | None:
        """Return the next conflict of this account."""
        runtime = self._done.runtime
        async with runtime.store.reading() as connection:
            found = await list_conflicts(
                connection, account_id=runtime.account_id, after=self._after, limit=1
            )
            for shown in found:
                self._words = await self._async_words(connection, shown)
                return shown
        return None

    async def _async_words(
        self, connection: AsyncConnection, shown: OpenConflict
    ) -> dict[str, str]:
        """Return what fills the sentences about a title, with all covers."""
        books = [candidate.book for candidate in shown.candidates]
        covers = await async_signed_covers(self.hass, connection, books)
        has_cover = shown.title is not None and shown.title.cover_url is not None
        fields = shown.link.fields
        cover = signed_title_cover(self.hass, fields.account_id, fields.asin)
        texts = await TranslatedTexts.async_load(self.hass)
        return title_words(shown, texts) | {
            "cover": cover_picture(cover if has_cover else None),
            "candidates": candidate_table(shown.candidates, covers, texts),
        }

    def _options(self, shown: OpenConflict) -> list[SelectOptionDict]:
        books = [
            SelectOptionDict(
                value=f"{_BOOK}{candidate.book.book_id}",
                label=candidate_words(number, candidate),
            )
            for number, candidate in enumerate(shown.candidates, start=1)
        ]
        others = ["search", "create", "ignore", "not_a_book", "later", "rest"]
        if self._done:
            others.append("undo")
        return [*books, *(SelectOptionDict(value=one, label="") for one in others)]

    @property
    def _left(self) -> int:
        return self._done.runtime.coordinator.data.conflicts_open

    @property
    def _name(self) -> str:
        return self._shown.link.fields.audible_title if self._shown else ""


def _option(book: Book) -> SelectOptionDict:
    return SelectOptionDict(value=f"{_BOOK}{book.book_id}", label=book_words(book))


def _choice_of(chosen: str) -> Choice:
    if chosen.startswith(_BOOK):
        book_id = BookId(int(chosen.removeprefix(_BOOK)))
        return Choice(Resolution.LINKED, book_id)
    return Choice(_DECIDED[chosen])


def _one_of(
    options: Sequence[SelectOptionDict], chosen: str | None = None
) -> probatio.Schema:
    """Return a form with one choice; what has no name of its own has a translation.

    Unless told, the first is chosen already.
    """
    selector = SelectSelector(
        SelectSelectorConfig(
            options=list(options),
            mode=SelectSelectorMode.LIST,
            translation_key="conflict_choice",
        )
    )
    default = chosen or options[0]["value"]
    return probatio.Schema({probatio.Required(CONF_CHOICE, default=default): selector})
