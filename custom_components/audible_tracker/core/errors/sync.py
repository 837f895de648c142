"""Why Audible is not asked now."""

from datetime import datetime
from typing import Final

from .base import TrackerError


class AccountUnloadedError(TrackerError):
    """The account was unloaded or reloaded while it was being asked about."""

    key = "account_unloaded"
    message = "The account was unloaded meanwhile. Try again once it is loaded."


class SyncRefusedError(TrackerError):
    """A sync is not allowed now; ``until`` is None until a setting is changed."""

    key = "sync_refused"
    message = "A sync is not possible now."

    def __init__(self, *, until: datetime | None = None, **data: str) -> None:
        """Keep the instant too: it is shown in the user's own time."""
        self.until = until
        shown = {} if until is None else {"until": f"{until:%Y-%m-%d %H:%M} UTC"}
        super().__init__(**data, **shown)


class SyncDisabledError(SyncRefusedError):
    """The account is switched off."""

    key = "sync_disabled"
    message = "The account is switched off. The action set_sync_enabled switches it on."


class SyncOffError(SyncRefusedError):
    """The account is only synced by hand."""

    key = "sync_off"
    message = "The account is only synced by hand. That can be changed in its options."


CAUSES: Final = {
    "audible_auth": "it no longer accepts this sign-in",
    "audible_not_found": "it does not know what was asked for",
    "audible_pace": "it is asked slowly, and others come first",
    "audible_rate_limit": "it asks to wait",
    "audible_response": "it answered in an unexpected form",
    "audible_unreachable": "it does not answer",
    "license_registration_old": (
        "it grants this registration no licenses any more: it is too old"
    ),
    "license_throttled": "it refuses this registration for now",
}
"""The gist of the sentences of the errors that end a sync, by their keys.

The translations say the same, of Audible by its name.
"""

OTHER_CAUSE: Final = "it refused"
"""What an older version has noted."""


class SyncWaitingError(SyncRefusedError):
    """Audible refused before; ``cause`` is the key of that error, shown in words."""

    key = "sync_waiting"
    message = "Audible is left alone until {until} ({cause})."

    def __init__(self, *, until: datetime | None, cause: str) -> None:
        """Keep the key, and say it in words."""
        self.cause = cause
        super().__init__(until=until, cause=CAUSES.get(cause, OTHER_CAUSE))


class SyncTooSoonError(SyncRefusedError):
    """The last library sync was less than 15 minutes ago."""

    key = "sync_too_soon"
    message = "The library was synced lately. The next sync is possible from {until}."


class SyncDailyLimitError(SyncRefusedError):
    """Audible was asked as often as is allowed on one day."""

    key = "sync_daily_limit"
    message = "Audible was asked 600 times today. It goes on at {until}."


class TitleNotFollowedError(SyncRefusedError):
    """The sync of one title is switched off, or it left the library."""

    key = "title_not_followed"
    message = "The title {asin} is not synced: it was switched off, or is gone."
