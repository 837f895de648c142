"""What can go wrong with a database."""

from .base import TrackerError


class StoreError(TrackerError):
    """Base of what can go wrong with a database."""


class StoreTooNewError(StoreError):
    """The database was written by a newer version."""

    key = "store_too_new"
    message = "The database is of a newer version ({found}). Install that one again."
