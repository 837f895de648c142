"""Import and export, in the options: their menu, unsure rows, undo, and files out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import probatio
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util

from ..actions.calls import async_match_again
from ..actions.exports import ExportedFile, async_export_file
from ..core.errors import TrackerError
from ..core.store.records import BookId, Reader
from ..core.transfer.exporter import ExportFormat
from ..core.transfer.records import Choice, RowChoice, RowPlan, UndoResult
from ..core.transfer.row_decisions import decide_waiting_rows
from ..core.transfer.undo import undo_import
from ..household import household_of
from .background_steps import ReaderChoice
from .imports import LATER, ImportSteps
from .past_imports import (
    PastImport,
    WaitingRows,
    async_past_imports,
    async_undoable,
    async_waiting_rows,
)
from .translated_texts import TranslatedTexts, marked_down, named

CONF_FORMAT: Final = "format"
CONF_IMPORT: Final = "import"

ROWS_AT_ONCE: Final = 5
_LISTED_MAX: Final = 20
"""More can be chosen from than are seen at once."""

_DECIDED: Final = ("made", "joined", "skipped", "unsure")


def export_schema(choice: ReaderChoice) -> probatio.Schema:
    """Return the fields that ask what to export."""
    selector = SelectSelector(
        SelectSelectorConfig(
            options=[one.value for one in ExportFormat],
            mode=SelectSelectorMode.LIST,
            translation_key="export_format",
        )
    )
    default = ExportFormat.JSON.value
    return probatio.Schema(
        {
            probatio.Required(CONF_FORMAT, default=default): selector,
            **choice.fields(),
        }
    )


def undo_schema(lines: Mapping[str, str]) -> probatio.Schema:
    """Return the field that asks for an import; ``lines`` say what each was."""
    selector = SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=number, label=line)
                for number, line in lines.items()
            ],
            mode=(
                SelectSelectorMode.LIST
                if len(lines) <= _LISTED_MAX
                else SelectSelectorMode.DROPDOWN
            ),
        )
    )
    return probatio.Schema({probatio.Required(CONF_IMPORT): selector})


def rows_schema(candidates: Mapping[str, Mapping[str, str]]) -> probatio.Schema:
    """Return a field for each row, with the books that it may be by their numbers."""
    return probatio.Schema(
        {
            probatio.Required(name, default=LATER): SelectSelector(
                SelectSelectorConfig(
                    options=[
                        SelectOptionDict(value=value, label=label)
                        for value, label in {
                            **books,
                            Choice.NEW.value: Choice.NEW.value,
                            Choice.SKIP.value: Choice.SKIP.value,
                            LATER: LATER,
                        }.items()
                    ],
                    mode=SelectSelectorMode.LIST,
                    translation_key="row_choice",
                )
            )
            for name, books in candidates.items()
        }
    )


def field_of(place: int) -> str:
    """Return the name of the field of a row on a page, from 0."""
    return f"row_{place + 1}"


class TransferSteps(ImportSteps):
    """What goes in, what comes out, and what is taken back."""

    _past: tuple[PastImport, ...] = ()
    _undoable: tuple[PastImport, ...] = ()
    _chosen: PastImport | None = None
    _undone: UndoResult | None = None
    _waiting: list[WaitingRows] | None = None
    _offset: int = 0
    _decided: dict[str, int] | None = None
    _export: tuple[Reader, ExportFormat] | None = None
    _exported: ExportedFile | None = None

    async def async_step_transfer(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - a menu sends none
    ) -> ConfigFlowResult:
        """Ask what to do; only what there is something for."""
        try:
            async with household_of(self.hass).async_opened() as store:
                self._past = await async_past_imports(store)
        except TrackerError as err:
            return self._broken(err)
        steps = ["import_file"]
        if any(past.has_waiting for past in self._past):
            steps.append("unsure_rows")
        if self._past:
            steps.append("undo_import")
        return self.async_show_menu(
            step_id="transfer", menu_options=[*steps, "export_books"]
        )

    # --- rows that wait ---------------------------------------------------------------

    async def async_step_unsure_rows(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which books the rows are, some at a time; each answer is acted on."""
        self._error = None
        try:
            if self._waiting is None:
                await self._async_load_waiting()
            if user_input is not None:
                await self._async_decide(user_input)
        except TrackerError as err:
            self._error = err
            # Somebody else may have been faster.
            try:
                await self._async_load_waiting()
            except TrackerError as broken:
                return self._broken(broken)
        if not self._waiting:
            return await self.async_step_unsure_done()
        return await self._async_rows_form(self._waiting[0])

    async def async_step_unsure_done(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what has come of the rows."""
        if user_input is not None:
            return self._unchanged()
        return self._told("unsure_done", **self._sums())

    async def _async_load_waiting(self) -> None:
        async with household_of(self.hass).async_opened() as store:
            self._past = await async_past_imports(store)
            self._waiting = [
                await async_waiting_rows(store, past)
                for past in self._past
                if past.has_waiting
            ]
        self._offset = 0

    async def _async_decide(self, user_input: Mapping[str, Any]) -> None:
        """Do what was said of the rows of this page, and turn it."""
        if TYPE_CHECKING:
            assert self._waiting is not None
        waiting, sums = self._waiting[0], self._sums()
        page = self._page(waiting)
        choices = {
            row.number: _row_choice(user_input[field_of(place)])
            for place, row in enumerate(page)
            if user_input[field_of(place)] != LATER
        }
        if choices:
            async with household_of(self.hass).async_opened() as store:
                result = await decide_waiting_rows(
                    store,
                    waiting.past.import_id,
                    choices,
                    actor=self._actor(),
                    now=dt_util.utcnow(),
                )
            sums["made"] += result.made
            sums["joined"] += result.joined + result.unchanged
            sums["skipped"] += result.skipped
            await async_match_again(self.hass)
        sums["unsure"] += len(page) - len(choices)
        self._offset += len(page)
        if self._offset >= len(waiting.rows):
            self._waiting.pop(0)
            self._offset = 0

    @callback
    def _sums(self) -> dict[str, int]:
        """Return how many rows were decided so far, and how."""
        if self._decided is None:
            self._decided = dict.fromkeys(_DECIDED, 0)
        return self._decided

    @callback
    def _page(self, waiting: WaitingRows) -> tuple[RowPlan, ...]:
        return waiting.rows[self._offset : self._offset + ROWS_AT_ONCE]

    async def _async_rows_form(self, waiting: WaitingRows) -> ConfigFlowResult:
        texts = await TranslatedTexts.async_load(self.hass)
        page = self._page(waiting)
        told: dict[str, str] = {
            "import": marked_down(waiting.past.line(texts)),
            "first": str(self._offset + 1),
            "last": str(self._offset + len(page)),
            "total": str(len(waiting.rows)),
        }
        fields: dict[str, dict[str, str]] = {}
        for place, row in enumerate(page):
            field = field_of(place)
            told[field] = named(row.title, row.authors)
            told[f"why_{place + 1}"] = marked_down(texts.words(row))
            fields[field] = {
                str(one.book_id): texts.candidate(one, waiting.books.get(one.book_id))
                for one in row.candidates
            }
        error = self._error
        return self.async_show_form(
            step_id="unsure_rows",
            data_schema=rows_schema(fields),
            errors={"base": error.key} if error else {},
            description_placeholders=told | (error.placeholders if error else {}),
        )

    # --- undo -------------------------------------------------------------------------

    async def async_step_undo_import(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which import is to be undone."""
        if user_input is not None:
            number = int(user_input[CONF_IMPORT])
            self._chosen = next(
                one for one in self._undoable if one.import_id == number
            )
            return await self.async_step_undo_confirm()
        try:
            async with household_of(self.hass).async_opened() as store:
                undoable = await async_undoable(store, self._past)
        except TrackerError as err:
            return self._broken(err)
        self._undoable = undoable.shown
        texts = await TranslatedTexts.async_load(self.hass)
        return self.async_show_form(
            step_id="undo_import",
            data_schema=undo_schema(
                {str(past.import_id): past.line(texts) for past in undoable.shown}
            ),
            description_placeholders={"older": texts.older(undoable.left_out)},
        )

    async def async_step_undo_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask once more."""
        chosen = self._chosen
        if TYPE_CHECKING:
            assert chosen is not None
        if user_input is not None:
            return await self.async_step_take_back()
        texts = await TranslatedTexts.async_load(self.hass)
        error = self._error
        return self.async_show_form(
            step_id="undo_confirm",
            data_schema=probatio.Schema({}),
            errors={"base": error.key} if error else {},
            description_placeholders={
                "import": marked_down(chosen.line(texts)),
                **(error.placeholders if error else {}),
            },
        )

    async def async_step_take_back(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - nothing is asked
    ) -> ConfigFlowResult:
        """Undo the import."""
        return await self._async_progress(
            "take_back",
            self._async_take_back,
            then="undo_done",
            otherwise="undo_confirm",
        )

    async def async_step_undo_done(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what was taken back."""
        if user_input is not None:
            return self._unchanged()
        undone = self._undone
        if TYPE_CHECKING:
            assert undone is not None
        return self._told(
            "undo_done",
            books_removed=undone.books_removed,
            books_kept=undone.books_kept,
            books_restored=undone.books_restored,
            reads_removed=undone.reads_removed,
        )

    async def _async_take_back(self) -> None:
        chosen = self._chosen
        if TYPE_CHECKING:
            assert chosen is not None
        async with household_of(self.hass).async_opened() as store:
            self._undone = await undo_import(
                store, chosen.import_id, now=dt_util.utcnow()
            )
        await async_match_again(self.hass)

    # --- export -----------------------------------------------------------------------

    async def async_step_export_books(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a format, and whose books."""
        try:
            choice = await self._async_reader_choice()
        except TrackerError as err:
            return self._broken(err)
        if user_input is not None:
            export_format = ExportFormat(user_input[CONF_FORMAT])
            self._export = (choice.chosen(user_input), export_format)
            return await self.async_step_write_export()
        error = self._error
        return self.async_show_form(
            step_id="export_books",
            data_schema=export_schema(choice),
            errors={"base": error.key} if error else {},
            description_placeholders=error.placeholders if error else None,
        )

    async def async_step_write_export(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - nothing is asked
    ) -> ConfigFlowResult:
        """Write the file."""
        return await self._async_progress(
            "write_export",
            self._async_export,
            then="export_done",
            otherwise="export_books",
        )

    async def async_step_export_done(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say where the file is."""
        if user_input is not None:
            return self._unchanged()
        exported = self._exported
        if TYPE_CHECKING:
            assert exported is not None
        return self._told(
            "export_done",
            path=marked_down(exported.path),
            folder=marked_down(self.hass.config.config_dir),
            books=exported.books,
        )

    async def _async_export(self) -> None:
        if TYPE_CHECKING:
            assert self._export is not None
        async with household_of(self.hass).async_opened() as store:
            self._exported = await async_export_file(self.hass, store, *self._export)


def _row_choice(value: str) -> RowChoice:
    return Choice(value) if value in {*Choice} else BookId(int(value))
