"""What the person who runs the server may choose; read and checked once, at start.

A new option is one line in ``Settings``, and a row each in ``addon/config.yaml``,
``addon/translations``, ``addon/DOCS.md`` and ``docs/options.md``.
"""

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from audible_core.audible.bucket import SERVER_REQUESTS_PER_MINUTE
from audible_core.errors import InvalidValueError

from audible_server.options import (
    SECRET_LENGTH_MIN,
    address,
    checked,
    database,
    flag,
    folder,
    hidden,
    number,
    one_of,
    rules_of,
    template,
    text,
)

OPTIONS_PATH: Final = Path("/data/options.json")
"""Where the Supervisor writes the options of the app."""

SUPERVISOR_TOKEN: Final = "SUPERVISOR_TOKEN"  # noqa: S105 - a name, no token
"""The variable by which the Supervisor makes itself known to its apps."""

_PREFIX: Final = "AUDIBLE_SERVER_"
_SECRET_FILE: Final = "secret"  # noqa: S105 - a name of a file
_CORES: Final = os.process_cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The choices, valid; the folders exist and can be written.

    ``is_supervised`` tells whether Home Assistant's Supervisor runs this program.
    """

    data_dir: Path = folder("/data")
    library_dir: Path = folder(
        "/media/audiobooks", app_type="match(^/(media|share)(/.+)?$)"
    )
    # A server in a container is reached from outside.
    host: str = text("0.0.0.0", in_app=False)  # noqa: S104
    port: int = number(8099, 1, 65535, in_app=False)
    # Who the program becomes when root starts it; 0: it stays root.
    user_id: int = number(0, 0, 65534, in_app=False)
    secret: str = hidden(
        rf"[!-~]{{{SECRET_LENGTH_MIN},}}",
        f"at least {SECRET_LENGTH_MIN} letters, digits or signs, no spaces",
    )
    transcode_slots: int = number(min(_CORES, 64), 1, 64)
    base_url: str = address()
    log_level: str = one_of("info", words=("debug", "info", "warning", "error"))
    database_url: str = database()
    downloads: str = one_of("demand", words=("demand", "new", "all"))
    downloads_at_once: int = number(2, 1, 5)
    downloads_per_day: int = number(20, 0, 1000)
    free_space_gib: int = number(2, 0, 1000)
    keep_newest: int = number(0, 0, 10_000)
    remove_finished: bool = flag(default=False)
    scan_every_minutes: int = number(60, 0, 10_080)
    follow_links: bool = flag(default=False)
    convert: str = one_of("off", words=("off", "m4b", "mp3", "opus"))
    convert_name: str = template("{author}/{series}/{title} [{asin}]")
    convert_kbps: int = number(64, 16, 320)
    convert_split: bool = flag(default=False)
    convert_cue: bool = flag(default=False)
    convert_strip_brand: bool = flag(default=False)
    convert_remove_source: bool = flag(default=False)
    convert_waits: bool = flag(default=False)
    is_supervised: bool = False
    requests_per_minute: int = SERVER_REQUESTS_PER_MINUTE

    @property
    def database_target(self) -> str | Path:
        """Return where the database is: a URL, or a file in the data folder."""
        return self.database_url or self.data_dir / "server.db"

    @classmethod
    def load(
        cls, environment: Mapping[str, str], options_path: Path = OPTIONS_PATH
    ) -> Self:
        """Return the settings: options before environment before defaults.

        Raises InvalidValueError that names the field, what came and what is allowed.
        """
        given = {**_from(environment), **_options(options_path)}
        values = checked(RULES, given)
        values["secret"] = values["secret"] or _own_secret(values["data_dir"])
        return cls(**values, is_supervised=bool(environment.get(SUPERVISOR_TOKEN)))


RULES: Final = rules_of(Settings)
"""Every option with its default and what is allowed."""


def _from(environment: Mapping[str, str]) -> dict[str, str]:
    named = {name: environment.get(_PREFIX + name.upper()) for name in RULES}
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
    # An option that was emptied in the app's form is one that was not chosen.
    return {name: value for name, value in options.items() if value not in (None, "")}


def _own_secret(data_dir: Path) -> str:
    """Return the secret that this installation made for itself."""
    path = data_dir / _SECRET_FILE
    try:
        if not path.exists():
            _make_secret(path)
        kept = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as err:
        raise InvalidValueError(
            field="secret", value=type(err).__name__, allowed="a file to read and write"
        ) from err
    rule = RULES["secret"]
    if not kept:
        raise InvalidValueError(
            field="secret", value="an empty file", allowed=rule.allowed
        )
    return str(checked({"secret": rule}, {"secret": kept})["secret"])


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
