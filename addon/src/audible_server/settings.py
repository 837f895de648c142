"""What the person who runs the server may choose; read and checked once, at start."""

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from audible_core.audible.bucket import SERVER_REQUESTS_PER_MINUTE
from audible_core.errors import InvalidValueError

OPTIONS_PATH: Final = Path("/data/options.json")
"""Where the Supervisor writes the options of the app."""

SUPERVISOR_TOKEN: Final = "SUPERVISOR_TOKEN"  # noqa: S105 - a name, no token
"""The variable by which the Supervisor makes itself known to its apps."""

SECRET_LENGTH_MIN: Final = 16
_PREFIX: Final = "AUDIBLE_SERVER_"
_SECRET_FILE: Final = "secret"  # noqa: S105 - a name of a file
_MOST_DIGITS: Final = 9
_LOG_LEVELS: Final = ("debug", "info", "warning", "error")
_DEFAULTS: Final[Mapping[str, Any]] = {
    "data_dir": "/data",
    "library_dir": "/media/audiobooks",
    "host": "0.0.0.0",  # noqa: S104  # a server in a container is reached from outside
    "port": 8099,
    "secret": "",
    "transcode_slots": 2,
    "log_level": "info",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices, valid; ``data_dir`` and ``library_dir`` exist and can be written.

    ``transcode_slots`` is how many transcodes may run at once; ``is_supervised`` tells
    whether Home Assistant's Supervisor runs this program.
    """

    data_dir: Path
    library_dir: Path
    host: str
    port: int
    secret: str = field(repr=False)
    transcode_slots: int
    log_level: str
    is_supervised: bool = False
    requests_per_minute: int = SERVER_REQUESTS_PER_MINUTE

    @classmethod
    def load(
        cls, environment: Mapping[str, str], options_path: Path = OPTIONS_PATH
    ) -> Self:
        """Return the settings: options before environment before defaults.

        Raises InvalidValueError that names the field, what came and what is allowed.
        """
        given = {**_DEFAULTS, **_from(environment), **_options(options_path)}
        data_dir = _folder(given, "data_dir")
        return cls(
            data_dir=data_dir,
            library_dir=_folder(given, "library_dir"),
            host=_text(given, "host"),
            port=_number(given, "port", 1, 65535),
            secret=_secret(given["secret"], data_dir),
            transcode_slots=_number(given, "transcode_slots", 1, 32),
            log_level=_one_of(given, "log_level", _LOG_LEVELS),
            is_supervised=bool(environment.get(SUPERVISOR_TOKEN)),
        )


def _from(environment: Mapping[str, str]) -> dict[str, str]:
    named = {name: environment.get(_PREFIX + name.upper()) for name in _DEFAULTS}
    return {name: value for name, value in named.items() if value}


def _options(path: Path) -> dict[str, Any]:
    try:
        options = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as err:
        raise InvalidValueError(
            field="options.json", value=type(err).__name__, allowed="readable JSON"
        ) from err
    if not isinstance(options, dict):
        raise InvalidValueError(
            field="options.json", value=options, allowed="a JSON object"
        )
    return {name: options[name] for name in _DEFAULTS if options.get(name) is not None}


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given[name]
    if not isinstance(value, str) or not value.strip():
        raise InvalidValueError(field=name, value=value, allowed="a text")
    return value.strip()


def _number(given: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = given[name]
    text = str(value)
    if (
        isinstance(value, (int, str))
        and text.isascii()
        and text.isdigit()
        # Python refuses to read numbers of thousands of digits.
        and len(text) <= _MOST_DIGITS
        and low <= int(text) <= high
    ):
        return int(text)
    allowed = f"a whole number from {low} to {high}"
    raise InvalidValueError(field=name, value=value, allowed=allowed)


def _one_of(given: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = _text(given, name).lower()
    if value not in allowed:
        raise InvalidValueError(field=name, value=value, allowed=", ".join(allowed))
    return value


def _folder(given: Mapping[str, Any], name: str) -> Path:
    path = Path(_text(given, name))
    allowed = "the absolute path of a folder that can be written"
    if not path.is_absolute() or "\0" in str(path):
        raise InvalidValueError(field=name, value=str(path), allowed=allowed)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise InvalidValueError(field=name, value=str(path), allowed=allowed) from err
    if not os.access(path, os.W_OK | os.X_OK):
        raise InvalidValueError(field=name, value=str(path), allowed=allowed)
    return path


def _secret(given: Any, data_dir: Path) -> str:
    """Return the secret: the one given, else the one that this installation made."""
    if given:
        return _checked_secret(given)
    path = data_dir / _SECRET_FILE
    try:
        if not path.exists():
            _make_secret(path)
        return _checked_secret(path.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError) as err:
        raise InvalidValueError(
            field="secret", value=type(err).__name__, allowed="a file to read and write"
        ) from err


def _make_secret(path: Path) -> None:
    """Write a new secret, whole or not at all; the first of two programs wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _checked_secret(value: Any) -> str:
    allowed = f"at least {SECRET_LENGTH_MIN} letters, digits or signs, no spaces"
    if not isinstance(value, str):
        raise InvalidValueError(
            field="secret", value=f"a {type(value).__name__}", allowed=allowed
        )
    is_plain = value.isascii() and value.isprintable() and " " not in value
    if len(value) < SECRET_LENGTH_MIN or not is_plain:
        # Its length says enough; the secret itself is never repeated.
        shown = f"{len(value)} characters"
        raise InvalidValueError(field="secret", value=shown, allowed=allowed)
    return value
