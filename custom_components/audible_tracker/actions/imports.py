"""The action that takes books in from a file, and undoes that."""

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any, Final

import probatio
from homeassistant.core import ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..core.errors import InvalidValueError, MissingValueError
from ..core.store.records import BookId, Reader, SyncLogId
from ..core.transfer.importer import ImportPreview, apply_import, preview_import
from ..core.transfer.records import Choice, ImportResult, RowChoice, RowOutcome, RowPlan
from ..core.transfer.row_decisions import (
    decide_waiting_rows,
    load_rejected_rows,
    load_waiting_rows,
    preview_decision,
)
from ..core.transfer.undo import undo_import
from ..household import household_of
from .answers import Members, evidence_members, plain
from .calls import (
    ACCOUNT,
    CONF_LIMIT,
    CONF_OFFSET,
    NUMBER,
    NUMBER_MAX,
    OFFSET,
    READER,
    Action,
    ActionCall,
    async_match_again,
    whole_number,
)
from .config_files import CONF_PATH, file_size, read_import_file
from .import_jobs import ImportJob, begin_job

_CONF_BACKGROUND: Final = "background"
_CONF_CHOICES: Final = "choices"
_CONF_FINGERPRINT: Final = "fingerprint"
_CONF_IMPORT_ID: Final = "import_id"
_CONF_OUTCOMES: Final = "outcomes"
_CONF_PREVIEW: Final = "preview"
_CONF_UNDO: Final = "undo"

_SOURCES: Final = (CONF_PATH, _CONF_IMPORT_ID, _CONF_UNDO)
_BACKGROUND_FROM_BYTES: Final = 512 * 1024
_CHOICES_ALLOWED: Final = "the numbers of rows, each with new, skip or a book_id"


async def _async_import_books(action: ActionCall) -> ServiceResponse:
    """Import a file, or decide the rows of an import that waited, or undo one."""
    named = [name for name in _SOURCES if name in action.data]
    if not named:
        raise MissingValueError(field=", ".join(_SOURCES), allowed="one of them")
    if len(named) > 1:
        raise InvalidValueError(
            field=", ".join(named),
            value=[action.data[name] for name in named],
            allowed="one of them",
        )
    match named[0]:
        case "undo":
            _refuse_beside_undo(action)
            return await _async_undo(action)
        case "import_id":
            return await _async_decide(action)
    return await _async_import_file(action)


def _refuse_beside_undo(action: ActionCall) -> None:
    """Refuse what an undo would not heed; a preview above all."""
    named = [
        name
        for name in (_CONF_PREVIEW, _CONF_CHOICES, _CONF_FINGERPRINT)
        if action.data.get(name)
    ]
    if named:
        raise InvalidValueError(
            field=", ".join(named),
            value=[action.data[name] for name in named],
            allowed=f"nothing beside {_CONF_UNDO}, which takes the import back at once",
        )


async def _async_import_file(action: ActionCall) -> ServiceResponse:
    text: str = action.data[CONF_PATH]
    folder = Path(action.hass.config.config_dir)
    size = await action.hass.async_add_executor_job(file_size, folder, text)
    async with action.store.reading() as connection:
        reader = await action.async_reader(connection)
    if _choices_of(action) and _CONF_FINGERPRINT not in action.data:
        allowed = "what the preview has answered, so that the numbers mean its rows"
        raise MissingValueError(field=_CONF_FINGERPRINT, allowed=allowed)
    job = begin_job(
        action.hass,
        file_name=PurePath(text).name,
        reader=reader.name,
        is_preview=action.data[_CONF_PREVIEW],
    )
    actor = await action.async_actor()

    async def work() -> Members:
        return await _async_work(action, job, reader, actor)

    if action.data.get(_CONF_BACKGROUND, size >= _BACKGROUND_FROM_BYTES):
        action.hass.async_create_background_task(
            job.async_run_alone(work), f"{DOMAIN} import {job.job_id}"
        )
        return {"job_id": job.job_id, "state": job.state.value}
    answer = await job.async_run(work)
    return {"job_id": job.job_id, "state": job.state.value, **answer}


async def _async_work(
    action: ActionCall, job: ImportJob, reader: Reader, actor: str
) -> Members:
    folder = Path(action.hass.config.config_dir)
    data = await action.hass.async_add_executor_job(
        read_import_file, folder, action.data[CONF_PATH]
    )
    # The account may be unloaded meanwhile; its database stays open as long as this.
    async with household_of(action.hass).async_opened() as store:
        preview = await preview_import(
            store,
            reader.reader_id,
            data,
            file_name=job.file_name,
            choices=_choices_of(action),
            fingerprint=action.data.get(_CONF_FINGERPRINT),
            progress=job.note_progress,
        )
        if job.is_preview:
            return await action.hass.async_add_executor_job(
                _preview, preview, action.data
            )
        result = await apply_import(
            store,
            preview,
            actor=actor,
            now=dt_util.utcnow(),
            progress=job.note_progress,
        )
    await async_match_again(action.hass)
    return {"format": preview.format.value, **_result(result)}


async def _async_decide(action: ActionCall) -> ServiceResponse:
    """List the rows of an import that wait, or import them as was decided."""
    import_id = SyncLogId(action.data[_CONF_IMPORT_ID])
    choices = _choices_of(action)
    if action.data[_CONF_PREVIEW] or not choices:
        rows = await _async_waiting_rows(action, import_id, choices)
        rejected = await load_rejected_rows(action.store, import_id)
        offset, limit = action.data[CONF_OFFSET], action.data[CONF_LIMIT]
        return {
            _CONF_IMPORT_ID: import_id,
            "total": len(rows),
            "rows": [_row(row) for row in rows[offset : offset + limit]],
            "rejected_total": len(rejected),
            "rejected": [
                {"row": row.number, "title": row.title, "words": list(row.reasons)}
                for row in rejected[offset : offset + limit]
            ],
        }
    result = await decide_waiting_rows(
        action.store,
        import_id,
        choices,
        actor=await action.async_actor(),
        now=action.now,
    )
    await async_match_again(action.hass)
    return _result(result)


async def _async_waiting_rows(
    action: ActionCall, import_id: SyncLogId, choices: Mapping[int, RowChoice]
) -> list[RowPlan]:
    """Return the rows that wait; of those chosen for, what would become of them."""
    rows = {row.number: row for row in await load_waiting_rows(action.store, import_id)}
    if choices:
        chosen = await preview_decision(action.store, import_id, choices)
        rows.update((row.number, row) for row in chosen)
    return list(rows.values())


async def _async_undo(action: ActionCall) -> ServiceResponse:
    import_id = SyncLogId(action.data[_CONF_UNDO])
    result = await undo_import(action.store, import_id, now=action.now)
    await async_match_again(action.hass)
    return {"undone": import_id, **plain(result)}


def _choices_of(action: ActionCall) -> dict[int, RowChoice]:
    """Return what was decided of rows, by their number."""
    choices: dict[int, RowChoice] = {}
    for number, choice in action.data.get(_CONF_CHOICES, {}).items():
        try:
            choices[int(number)] = _choice(choice)
        except TypeError, ValueError:
            raise InvalidValueError(
                field=_CONF_CHOICES,
                value={number: choice},
                allowed=_CHOICES_ALLOWED,
            ) from None
    return choices


def _choice(value: Any) -> RowChoice:
    text = str(value).strip().lower()
    if text in {*Choice}:
        return Choice(text)
    number = int(text)
    if not 1 <= number <= NUMBER_MAX:
        raise ValueError(text)
    return BookId(number)


def _preview(preview: ImportPreview, data: Mapping[str, Any]) -> Members:
    outcomes = [RowOutcome(name) for name in data.get(_CONF_OUTCOMES, ())]
    counts = preview.counts
    wanted = outcomes or [*RowOutcome]
    return {
        "format": preview.format.value,
        "fingerprint": preview.fingerprint,
        "counts": {outcome.value: number for outcome, number in counts.items()},
        "total": sum(counts[outcome] for outcome in wanted),
        "rows": [
            _row(row)
            for row in preview.page(data[CONF_OFFSET], data[CONF_LIMIT], *outcomes)
        ],
    }


def _row(row: RowPlan) -> Members:
    return {
        "row": row.number,
        "title": row.title,
        "authors": list(row.authors),
        "outcome": row.outcome.value,
        "reason": row.reason.value,
        "words": list(row.sentences),
        "book_id": row.book_id,
        "joins_row": row.joins_row,
        "candidates": [
            {
                "book_id": one.book_id,
                "title": one.title,
                "authors": list(one.authors),
                "confidence": one.confidence,
                "evidence": evidence_members(one.evidence),
            }
            for one in row.candidates
        ],
        "filled": list(row.filled),
        "reads_added": row.reads_added,
        "kept": plain(row.kept),
    }


def _result(result: ImportResult) -> Members:
    members: Members = plain(result)
    return {_CONF_IMPORT_ID: members.pop("sync_log_id"), **members}


IMPORT_BOOKS: Final = Action(
    _async_import_books,
    {
        **ACCOUNT,
        **READER,
        probatio.Optional(CONF_PATH): cv.string,
        probatio.Optional(_CONF_PREVIEW, default=False): cv.boolean,
        probatio.Optional(_CONF_CHOICES): dict,
        probatio.Optional(_CONF_FINGERPRINT): cv.string,
        probatio.Optional(_CONF_BACKGROUND): cv.boolean,
        probatio.Optional(_CONF_OUTCOMES): probatio.All(
            cv.ensure_list, [probatio.In([outcome.value for outcome in RowOutcome])]
        ),
        probatio.Optional(CONF_OFFSET, default=0): OFFSET,
        probatio.Optional(CONF_LIMIT, default=100): whole_number(1, 1000),
        probatio.Optional(_CONF_IMPORT_ID): NUMBER,
        probatio.Optional(_CONF_UNDO): NUMBER,
    },
    needs_admin=True,
)
