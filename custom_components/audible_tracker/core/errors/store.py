"""What can go wrong with a database."""

from typing import Final

from .base import TrackerError


class StoreError(TrackerError):
    """Base of what can go wrong with a database."""


class StoreUnavailableError(StoreError):
    """Locked, unreachable, or the connection was lost; try later."""

    key = "store_unavailable"
    message = "The database cannot be used now ({reason}). It will be tried again."


class StoreAccessError(StoreError):
    """The database server refuses the user, the password or the database's name."""

    key = "store_access"
    message = "The database server refuses the sign-in ({reason})."


class StoreDamagedError(StoreError):
    """The file is no database, or a damaged one."""

    key = "store_damaged"
    message = "The database is damaged ({reason}). Restore a backup of it."


class StoreRefusedError(StoreError):
    """A statement breaks a rule of the database; nothing of its work is kept."""

    key = "store_refused"
    message = "The database refused a change ({reason})."


class StoreTooNewError(StoreError):
    """The database was written by a newer version."""

    key = "store_too_new"
    message = "The database is of a newer version ({found}). Install that one again."


class StoreOwnedError(StoreError):
    """The database belongs to another installation."""

    key = "store_owned"
    message = (
        "The database belongs to another installation ({owner}). Under Configure, "
        "Database it can be taken over."
    )


class StoreDriverError(StoreError):
    """The database's driver is not installed."""

    key = "store_driver"
    message = "This kind of database needs the package {package}, which is missing."


THINGS: Final = (
    "account",
    "book",
    "conflict",
    "cover",
    "entry",
    "goal",
    "link",
    "question about the position of",
    "read",
    "reader",
    "sync log",
    "title",
)
"""What an error may call the thing that it is about; the translations say the same."""


class NotInStoreError(StoreError):
    """There is no such row (any more)."""

    key = "not_in_store"
    message = "There is no {what} {number}."
