"""The error tree: keys, sentences and data."""

import errno
import string
from collections.abc import Iterator
from typing import Any

import pytest
from audible_core import errors
from audible_core.errors import (
    InvalidValueError,
    StorageError,
    TooManyGuessesError,
    TooManyOfClientError,
    TooManyStreamsError,
    TrackerError,
)

_PACKAGE = errors.__name__


def _all_errors(
    base: type[TrackerError] = TrackerError,
) -> Iterator[type[TrackerError]]:
    yield base
    for subclass in base.__subclasses__():
        yield from _all_errors(subclass)


def test_every_error_is_in_the_one_tree() -> None:
    """No exception of the module escapes ``except TrackerError``."""
    outside = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type)
        and issubclass(value, Exception)
        and not issubclass(value, TrackerError)
    ]
    assert outside == []


def test_keys_are_stable_slugs_and_each_stands_once() -> None:
    """A key is a translation key: lower case, and of one error only."""
    tree = [error for error in _all_errors() if error.__module__.startswith(_PACKAGE)]
    bases = {base for error in tree for base in error.__bases__}
    keys = [error.key for error in tree if error not in bases]
    assert len(keys) == len(set(keys))
    assert all(set(key) <= {*string.ascii_lowercase, "_"} for key in keys)


def test_every_error_has_a_sentence() -> None:
    """The message begins with a capital or a placeholder and ends as a sentence."""
    for error in _all_errors():
        assert error.message.endswith((".", "{detail}", ": {url}")), error
        assert error.message[0].isupper() or error.message[0] == "{", error


def test_invalid_value_names_field_value_and_what_is_allowed() -> None:
    """A wrong value of any length is named, shortened."""
    error = InvalidValueError(field="port", value="x" * 500, allowed="1 to 65535")
    assert str(error).startswith("port: 'xxx")
    assert "... is not allowed. Allowed: 1 to 65535." in str(error)
    assert len(str(error)) < 140


@pytest.mark.parametrize(
    ("err", "reason"),
    [
        (OSError(errno.EROFS, "Read-only file system"), "Read-only file system"),
        (PermissionError(), "PermissionError"),
        (OSError("/secret/path"), "OSError"),
    ],
)
def test_folder_that_cannot_be_written_is_told_in_the_systems_words(
    err: OSError, reason: str
) -> None:
    """Not with a path, which is nobody's business; where it has none, by its kind."""
    assert str(StorageError.of(err)) == (
        f"The library folder cannot be written ({reason})."
    )


@pytest.mark.parametrize(
    "error",
    [
        TooManyGuessesError(retry_after_s=7),
        TooManyOfClientError(count=3, retry_after_s=7),
        TooManyStreamsError(retry_after_s=7),
    ],
)
def test_who_is_to_come_again_is_told_when(error: Any) -> None:
    """As a number for programs, and in the sentence for persons."""
    assert error.retry_after_s == 7
    assert error.placeholders["retry_after_s"] == "7"
    assert str(error).endswith(" again in 7 seconds.")
