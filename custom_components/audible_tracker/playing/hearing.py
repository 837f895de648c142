"""Whether somebody listens: on a speaker of the house, else by what Audible tells."""

from datetime import timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..core.decisions.overview import ReaderOverview
from ..core.store.records import AccountId
from ..core.sync.schedule import is_listening
from .sessions import sessions_of

_TOLD_WITHIN: Final = timedelta(minutes=2)
"""By then Audible has a place that was told from here, and gives it its own time."""


@callback
def is_hearing(
    hass: HomeAssistant, account_id: AccountId, reader: ReaderOverview
) -> bool:
    """Tell whether a reader listens with an account.

    A speaker says at once when that has ended. What it told of the place is no sign
    of listening after that; where Audible alone tells, some minutes after are.
    """
    sessions = sessions_of(hass)
    reader_id = reader.reader.reader_id
    if sessions.is_heard(reader_id, account_id):
        return True
    moved_at = reader.reading_now.moved_at if reader.reading_now else None
    silent_since = sessions.silent_since(reader_id)
    if moved_at is None:
        return False
    if silent_since is not None and moved_at <= silent_since + _TOLD_WITHIN:
        return False
    return is_listening(now=dt_util.utcnow(), moved_at=moved_at)
