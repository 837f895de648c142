"""A file to import, in the options: chosen, looked at, and only then imported."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import probatio
from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import (
    FileSelector,
    FileSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util

from ..actions.answers import Members, plain
from ..actions.calls import async_match_again
from ..actions.config_files import IMPORT_BYTES_MAX, IMPORT_SUFFIXES
from ..actions.import_jobs import ImportJob, begin_job
from ..core.errors import (
    ImportFileError,
    ImportFileGoneError,
    ImportFileTooLargeError,
    TrackerError,
)
from ..core.imports import supported_formats
from ..core.store.records import Reader
from ..core.transfer.importer import ImportPreview, apply_import, preview_import
from ..core.transfer.records import (
    Choice,
    ImportResult,
    RowChoice,
    RowOutcome,
    RowPlan,
)
from ..household import household_of
from .background_steps import BackgroundSteps, ReaderChoice
from .translated_texts import TranslatedTexts, marked_down

CONF_FILE: Final = "file"
CONF_DECISION: Final = "decision"
CONF_UNSURE: Final = "unsure"

LATER: Final = "later"
_IMPORT: Final = "import"
_CANCEL: Final = "cancel"
_LOOKED_AT_MAX: Final = 10

_DECISION: Final = SelectSelector(
    SelectSelectorConfig(
        options=[_IMPORT, _CANCEL],
        mode=SelectSelectorMode.LIST,
        translation_key="import_decision",
    )
)
_UNSURE: Final = SelectSelector(
    SelectSelectorConfig(
        options=[LATER, Choice.NEW.value, Choice.SKIP.value],
        mode=SelectSelectorMode.LIST,
        translation_key="unsure_rows",
    )
)


def file_schema(choice: ReaderChoice) -> probatio.Schema:
    """Return the fields that ask for a file."""
    selector = FileSelector(FileSelectorConfig(accept=",".join(IMPORT_SUFFIXES)))
    return probatio.Schema(
        {probatio.Required(CONF_FILE): selector, **choice.fields()},
    )


def preview_schema(*, has_unsure: bool) -> probatio.Schema:
    """Return the fields that ask whether to import, and what of unsure rows."""
    fields: dict[probatio.Marker, Any] = {
        probatio.Required(CONF_DECISION, default=_IMPORT): _DECISION
    }
    if has_unsure:
        fields[probatio.Required(CONF_UNSURE, default=LATER)] = _UNSURE
    return probatio.Schema(fields)


class ImportSteps(BackgroundSteps):
    """The way of a file into the tracker; nothing is written before it is agreed to."""

    _file_id: str | None = None
    _file_name: str = ""
    _file_reader: Reader | None = None
    _preview: ImportPreview | None = None
    _unsure: str = LATER
    _result: ImportResult | None = None

    async def async_step_import_file(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a file, and whose books are in it."""
        try:
            choice = await self._async_reader_choice()
        except TrackerError as err:
            return self._broken(err)
        if user_input is not None:
            self._file_id = user_input[CONF_FILE]
            self._file_reader = choice.chosen(user_input)
            return await self.async_step_read_file()
        error = self._error
        field = CONF_FILE if isinstance(error, ImportFileError) else "base"
        return self.async_show_form(
            step_id="import_file",
            data_schema=file_schema(choice),
            errors={field: error.key} if error else {},
            description_placeholders={
                "formats": ", ".join(supported_formats()),
                "limit_mib": str(IMPORT_BYTES_MAX // 1024**2),
                **(error.placeholders if error else {}),
            },
        )

    async def async_step_read_file(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - nothing is asked
    ) -> ConfigFlowResult:
        """Read the file, and find out what would come of it."""
        return await self._async_progress(
            "read_file", self._async_read, then="preview", otherwise="import_file"
        )

    async def async_step_preview(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what would come of the file; ask whether that is wanted."""
        preview = self._preview
        if TYPE_CHECKING:
            assert preview is not None
        if user_input is not None:
            if user_input[CONF_DECISION] == _CANCEL:
                return self.async_abort(reason="import_cancelled")
            self._unsure = user_input.get(CONF_UNSURE, LATER)
            return await self.async_step_write_import()
        error = self._error
        return self.async_show_form(
            step_id="preview",
            data_schema=preview_schema(
                has_unsure=bool(preview.counts[RowOutcome.UNSURE])
            ),
            errors={"base": error.key} if error else {},
            description_placeholders={
                **await self._async_described(preview),
                **(error.placeholders if error else {}),
            },
        )

    async def async_step_write_import(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - nothing is asked
    ) -> ConfigFlowResult:
        """Import the file, as was agreed to."""
        return await self._async_progress(
            "write_import", self._async_write, then="import_done", otherwise="preview"
        )

    async def async_step_import_done(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what has come of the file."""
        if user_input is not None:
            return self._unchanged()
        result = self._result
        if TYPE_CHECKING:
            assert result is not None
        return self._told("import_done", **plain(result))

    # --- the work ---------------------------------------------------------------------

    async def _async_read(self) -> None:
        reader, file_id = self._file_reader, self._file_id
        if TYPE_CHECKING:
            assert reader is not None
            assert file_id is not None
        self._preview = None
        self._file_name, data = await self.hass.async_add_executor_job(
            _take_upload, self.hass, file_id
        )
        job = self._job(is_preview=True)

        async def look() -> Members:
            async with household_of(self.hass).async_opened() as store:
                preview = await preview_import(
                    store,
                    reader.reader_id,
                    data,
                    file_name=self._file_name,
                    progress=self._teller(job),
                )
            self._preview = preview
            counts = {one.value: number for one, number in preview.counts.items()}
            return {"format": preview.format.value, "counts": counts}

        await job.async_run(look)

    async def _async_write(self) -> None:
        preview, actor = self._preview, self._actor()
        if TYPE_CHECKING:
            assert preview is not None
        job = self._job(is_preview=False)

        async def write() -> Members:
            async with household_of(self.hass).async_opened() as store:
                result = await apply_import(
                    store,
                    preview,
                    choices=_choices(preview, self._unsure),
                    actor=actor,
                    now=dt_util.utcnow(),
                    progress=self._teller(job),
                )
            self._result = result
            return {"import_id": result.sync_log_id, **plain(result)}

        await job.async_run(write)
        await async_match_again(self.hass)

    def _job(self, *, is_preview: bool) -> ImportJob:
        reader = self._file_reader
        if TYPE_CHECKING:
            assert reader is not None
        return begin_job(
            self.hass,
            file_name=self._file_name,
            reader=reader.name,
            is_preview=is_preview,
        )

    @callback
    def _teller(self, job: ImportJob) -> Any:
        def tell(done: int, total: int) -> None:
            job.note_progress(done, total)
            self.async_update_progress(done / total if total else 1.0)

        return tell

    # --- what is shown ----------------------------------------------------------------

    async def _async_described(self, preview: ImportPreview) -> dict[str, str]:
        texts = await TranslatedTexts.async_load(self.hass)
        shown, left_out = await self.hass.async_add_executor_job(_looked_at, preview)
        reader = self._file_reader
        if TYPE_CHECKING:
            assert reader is not None
        return {
            "format": texts.format_name(preview.format),
            "file": marked_down(self._file_name),
            "reader": marked_down(reader.name),
            "total": str(len(preview.rows)),
            "rows": texts.looked_at(shown, left_out),
            **{one.value: str(number) for one, number in preview.counts.items()},
        }


def _take_upload(hass: HomeAssistant, file_id: str) -> tuple[str, bytes]:
    """Return name and content of an uploaded file, and remove it. It blocks."""
    try:
        with process_uploaded_file(hass, file_id) as path:
            if path.stat().st_size > IMPORT_BYTES_MAX:
                limit_mib = IMPORT_BYTES_MAX // 1024**2
                raise ImportFileTooLargeError(limit_mib=limit_mib)
            return path.name, path.read_bytes()
    except (OSError, ValueError) as err:
        # Home Assistant has no better word for a file that it does not know.
        raise ImportFileGoneError from err


def _choices(preview: ImportPreview, unsure: str) -> Mapping[int, RowChoice]:
    """Return what was chosen for all unsure rows; no choice lets them wait."""
    if unsure == LATER:
        return {}
    choice = Choice(unsure)
    return {
        row.number: choice
        for row in preview.plan.rows
        if row.outcome is RowOutcome.UNSURE
    }


def _looked_at(preview: ImportPreview) -> tuple[tuple[RowPlan, ...], int]:
    """Return the first rows that need a look, and how many more there are.

    Those that are not imported come before those of which something is not taken.
    """
    rows = preview.plan.rows
    urgent = [
        row for row in rows if row.outcome in (RowOutcome.UNSURE, RowOutcome.REJECTED)
    ]
    taken = [row for row in rows if row.outcome in (RowOutcome.MADE, RowOutcome.JOINED)]
    against = [row for row in taken if row.kept]
    remarked = [row for row in taken if row.notes and not row.kept]
    found = urgent + against + remarked
    shown = sorted(found[:_LOOKED_AT_MAX], key=lambda row: row.number)
    return tuple(shown), len(found) - len(shown)
