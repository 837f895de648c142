"""The base of the tree, and what belongs to no single part."""

from typing import ClassVar


class TrackerError(Exception):
    """Base of every error that a user may see."""

    key: ClassVar[str] = "unexpected"
    message: ClassVar[str] = "Something unexpected happened."

    def __init__(self, **placeholders: str | float) -> None:
        """Keep the data; the sentence is made from it."""
        self.placeholders = {name: str(value) for name, value in placeholders.items()}
        super().__init__(self.message.format(**self.placeholders))


class InvalidValueError(TrackerError):
    """A value from outside is not allowed: field, what came, what is allowed."""

    key = "invalid_value"
    message = "{field}: {value} is not allowed. Allowed: {allowed}."

    def __init__(self, *, field: str, value: object, allowed: str) -> None:
        """Shorten what came: it may be anything, of any length."""
        text = repr(value)
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        super().__init__(field=field, value=shown, allowed=allowed)


class MissingValueError(TrackerError):
    """A value that is needed was not given: field, what to give."""

    key = "value_missing"
    message = "Say {field}: {allowed}."

    def __init__(self, *, field: str, allowed: str) -> None:
        """Name the field and what it may be."""
        super().__init__(field=field, allowed=allowed)


class SealError(TrackerError):
    """Something sealed cannot be opened: another secret, or damaged."""

    key = "seal_broken"
    message = "The sealed {what} cannot be opened: it was made with another secret."


class KeyFileUnusableError(TrackerError):
    """The key file is empty, damaged, or cannot be read; ``path`` names it shortly."""

    key = "key_file_unusable"
    message = (
        "The key file {path} cannot be used. Put the one of your backup back; or "
        "delete it, then each account has to sign in again."
    )


class KeyLostError(TrackerError):
    """What is sealed was sealed with other keys; ``path`` names the file shortly."""

    key = "key_lost"
    message = (
        "What is locked here cannot be opened with the key file {path}: it is a new "
        "or another one. Put the one of your backup back, then reload."
    )
