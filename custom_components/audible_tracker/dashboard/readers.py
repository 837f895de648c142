"""Whose tracker is shown, where nobody is named."""

from sqlalchemy.ext.asyncio import AsyncConnection

from ..actions.calls import ActionCall
from ..core.errors import MissingValueError
from ..core.store.readers import load_readers
from ..core.store.records import Reader


async def async_shown_reader(
    action: ActionCall, connection: AsyncConnection
) -> tuple[Reader, list[str]]:
    """Return the reader who is named or meant, else the first; and all names."""
    readers = await load_readers(connection)
    names = [reader.name for reader in readers]
    try:
        return await action.async_reader(connection), names
    except MissingValueError:
        # There is one at least: every account has a default reader.
        return readers[0], names
