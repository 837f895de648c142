"""Whose tracker is shown, where nobody is named."""

from sqlalchemy.ext.asyncio import AsyncConnection

from ..actions.calls import ActionCall
from ..const import CONF_READER
from ..core.errors import MissingValueError, ReadingHiddenError
from ..core.store.records import Reader


async def async_shown_reader(
    action: ActionCall, connection: AsyncConnection
) -> tuple[Reader, list[str]]:
    """Return the reader who is named or meant, else the first; and all names."""
    readers = await action.async_readers(connection)
    names = [reader.name for reader in readers]
    try:
        return await action.async_reader(connection), names
    except MissingValueError, ReadingHiddenError:
        if CONF_READER in action.data or not readers:
            raise
        return readers[0], names
