"""The action that writes a reader's books out: into a file, or into its answer."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import probatio
from homeassistant.core import HomeAssistant, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util import slugify

from ..core.errors import ExportFileError, InvalidValueError
from ..core.store.database import Store
from ..core.store.records import Reader
from ..core.transfer.exporter import ExportFormat, export_books
from .answers import Members, plain
from .calls import ACCOUNT, READER, Action, ActionCall
from .config_files import (
    drop_export_file,
    finish_export_file,
    open_export_file,
    shown_path,
)

_CONF_FORMAT: Final = "format"
_CONF_IN_RESPONSE: Final = "in_response"

_WRITTEN_AT_ONCE: Final = 256 * 1024
_RESPONSE_MAX: Final = 256 * 1024
# Before the first book and after the last one there is a piece of the format's own.
_PIECES_AROUND: Final = 2


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that was written; its path begins at the configuration folder."""

    path: str
    size_bytes: int
    books: int


class _Counted:
    """The pieces of a file, and how many books they were."""

    def __init__(self, pieces: AsyncIterator[str]) -> None:
        self._pieces = pieces
        self._count = 0

    @property
    def books(self) -> int:
        """Return how many books there were, once all is read."""
        return self._count - _PIECES_AROUND

    async def __aiter__(self) -> AsyncIterator[str]:
        async for piece in self._pieces:
            self._count += 1
            yield piece


async def _async_export_books(action: ActionCall) -> ServiceResponse:
    """Write a reader's books into a file, or answer them."""
    export_format = ExportFormat(action.data[_CONF_FORMAT])
    async with action.store.reading() as connection:
        reader = await action.async_reader(connection)
    answer: Members = {"reader": reader.name, _CONF_FORMAT: export_format.value}
    if not action.data[_CONF_IN_RESPONSE]:
        file = await async_export_file(action.hass, action.store, reader, export_format)
        written: Members = plain(file)
        return answer | written
    found = export_books(action.store, reader.reader_id, export_format)
    async with aclosing(found):
        pieces = _Counted(found)
        answer["text"] = await _async_text(pieces)
    answer["books"] = pieces.books
    return answer


async def async_export_file(
    hass: HomeAssistant, store: Store, reader: Reader, export_format: ExportFormat
) -> ExportedFile:
    """Write a reader's books into a new file in the configuration folder.

    Raises ExportFileError, such as when the disk is full.
    """
    found = export_books(store, reader.reader_id, export_format)
    async with aclosing(found):
        pieces = _Counted(found)
        name = _name(reader, export_format)
        try:
            path, size_bytes = await _async_write(hass, pieces, name)
        except OSError as err:
            reason = err.strerror or type(err).__name__
            raise ExportFileError(reason=reason) from err
    return ExportedFile(path, size_bytes, pieces.books)


async def _async_text(pieces: _Counted) -> str:
    found: list[str] = []
    length = 0
    async for piece in pieces:
        found.append(piece)
        length += len(piece)
        if length > _RESPONSE_MAX:
            raise InvalidValueError(
                field=_CONF_IN_RESPONSE,
                value=True,
                allowed="at most 256 KiB of text; leave it out to get a file",
            )
    return "".join(found)


async def _async_write(
    hass: HomeAssistant, pieces: _Counted, name: str
) -> tuple[str, int]:
    folder = Path(hass.config.config_dir)
    run = hass.async_add_executor_job
    path, file = await run(open_export_file, folder, name)
    try:
        await _async_fill(hass, pieces, file)
        size_bytes = await run(finish_export_file, path, file)
    except BaseException:
        # Also when Home Assistant stops: half a file would pass for a whole one.
        await run(drop_export_file, path, file)
        raise
    return await run(shown_path, folder, path), size_bytes


async def _async_fill(hass: HomeAssistant, pieces: _Counted, file: IO[str]) -> None:
    waiting: list[str] = []
    length = 0
    async for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= _WRITTEN_AT_ONCE:
            await hass.async_add_executor_job(file.write, "".join(waiting))
            waiting, length = [], 0
    await hass.async_add_executor_job(file.write, "".join(waiting))


def _name(reader: Reader, export_format: ExportFormat) -> str:
    at = f"{dt_util.now():%Y-%m-%d_%H-%M-%S}"
    suffix = "json" if export_format is ExportFormat.JSON else "csv"
    return f"{slugify(reader.name)}_{export_format.value}_{at}.{suffix}"


EXPORT_BOOKS: Final = Action(
    _async_export_books,
    {
        **ACCOUNT,
        **READER,
        probatio.Optional(_CONF_FORMAT, default=ExportFormat.JSON.value): probatio.In(
            [one.value for one in ExportFormat]
        ),
        probatio.Optional(_CONF_IN_RESPONSE, default=False): cv.boolean,
    },
    needs_admin=True,
)
