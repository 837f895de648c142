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


class SealError(TrackerError):
    """Something sealed cannot be opened: another secret, or damaged."""

    key = "seal_broken"
    message = "The sealed {what} cannot be opened: it was made with another secret."
