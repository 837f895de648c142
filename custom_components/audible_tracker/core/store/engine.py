"""Where a database is, how it is opened, and what its errors mean. Knows no book."""

import os
import re
import socket
import sqlite3
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from ..errors import (
    InvalidValueError,
    StoreAccessError,
    StoreDamagedError,
    StoreDriverError,
    StoreError,
    StoreRefusedError,
    StoreUnavailableError,
    TrackerError,
)
from .sqlite import PRAGMAS, READ_ONLY, FileConnection, begin, prepare

MIGRATION_LOCK: Final = 0x41554449424C45
"""Any number will do that no other program locks: two that start at once take turns."""

_CONNECT_TIMEOUT_S: Final = 10
_STATEMENT_TIMEOUT_S: Final = 60
_RECYCLE_S: Final = 1800
_TLS_MODES: Final = ("disable", "prefer", "require", "verify-ca", "verify-full")
# Hosting pages write these; they mean nothing to this driver, or are set by us.
_IGNORED_OPTIONS: Final = ("application_name", "channel_binding", "connect_timeout")


@dataclass(frozen=True, slots=True)
class Address:
    """A database: a file, or a place on a server. Never prints a password."""

    url: URL = field(repr=False)

    @property
    def is_file(self) -> bool:
        """Tell whether it is SQLite."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path:
        """Return the file of an SQLite database."""
        return Path(self.url.database or "")

    @property
    def shown(self) -> str:
        """Return a form without user, password and options."""
        if self.is_file:
            return f"sqlite:{self.path.name}"
        return f"postgresql://{self.url.host or ''}/{self.url.database or ''}"

    def __repr__(self) -> str:
        """Show what may be shown."""
        return f"<Address {self.shown}>"


def parse_address(target: str | Path) -> Address:
    """Return the address in a path or in a ``postgresql://`` URL.

    Its options may be ``sslmode``, as other programs write it, and ``host``. Raises
    InvalidValueError, which never repeats the URL.
    """
    if isinstance(target, Path):
        return Address(URL.create("sqlite+aiosqlite", database=str(target)))
    try:
        url = make_url(target.strip())
    except ArgumentError, ValueError:
        raise _wrong_url("no URL") from None
    if url.drivername not in ("postgresql", "postgres", "postgresql+asyncpg"):
        raise _wrong_url(url.drivername)
    if not url.database:
        raise _wrong_url("a URL without database")
    query = {
        "ssl" if name == "sslmode" else name: value
        for name, value in url.query.items()
        if name not in _IGNORED_OPTIONS
    }
    if query.get("ssl", "prefer") not in _TLS_MODES:
        raise _wrong_url("sslmode")
    # A folder in place of a host is where the server's socket is.
    if unknown := query.keys() - {"ssl", "host"}:
        raise _wrong_url(min(unknown))
    return Address(url.set(drivername="postgresql+asyncpg", query=query))


def _wrong_url(value: str) -> InvalidValueError:
    return InvalidValueError(
        field="database URL",
        value=value,
        allowed="postgresql://user:password@host/database",
    )


def create_engine_at(
    address: Address, *, is_pooled: bool = True, has_references: bool = True
) -> AsyncEngine:
    """Return an engine that opens connections when they are needed. Blocks.

    Without ``has_references`` SQLite does not watch over foreign keys. Raises
    StoreDriverError if the driver is not installed.
    """
    options: dict[str, Any] = {"hide_parameters": True}
    if not is_pooled:
        options["poolclass"] = NullPool
    elif not address.is_file:
        # A connection that died in the pool is replaced before it is used.
        options |= {"pool_pre_ping": True, "pool_recycle": _RECYCLE_S}
    options["connect_args"] = (
        {"factory": FileConnection} if address.is_file else _server_options(address)
    )
    try:
        engine = create_async_engine(address.url, **options)
    except ImportError as err:
        raise StoreDriverError(package=err.name or "asyncpg") from err
    if address.is_file:
        pragmas = (*PRAGMAS, f"PRAGMA foreign_keys = {int(has_references)}")
        event.listen(engine.sync_engine, "connect", partial(prepare, pragmas))
        event.listen(engine.sync_engine, "begin", begin)
    return engine


def _server_options(address: Address) -> dict[str, Any]:
    options: dict[str, Any] = {
        "timeout": _CONNECT_TIMEOUT_S,
        "command_timeout": _STATEMENT_TIMEOUT_S,
    }
    mode = address.url.query.get("ssl", "prefer")
    if mode == "disable":
        return options
    # Left to the driver, certificates are looked for on the event loop.
    if mode in ("verify-ca", "verify-full"):
        options["ssl"] = ssl.create_default_context()
        options["ssl"].check_hostname = mode == "verify-full"
        return options
    options["ssl"] = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    options["ssl"].check_hostname = False
    options["ssl"].verify_mode = ssl.CERT_NONE
    if mode == "prefer":
        options["async_creator_fn"] = _connect_preferring_tls
    return options


async def _connect_preferring_tls(*places: Any, **options: Any) -> Any:
    """Connect with TLS, or without where the server has none."""
    # Installed only where a server is used.
    import asyncpg  # type: ignore[import-untyped]  # it ships no types

    try:
        return await asyncpg.connect(*places, **options)
    except ConnectionError, asyncpg.InvalidAuthorizationSpecificationError:
        return await asyncpg.connect(*places, **{**options, "ssl": False})


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Yield a connection that sees one state of the database and changes nothing."""
    with translated_errors():
        async with engine.connect() as plain:
            options: dict[str, Any] = {READ_ONLY: True}
            if plain.dialect.name == "postgresql":
                # Left alone, each statement of a transaction sees a state of its own.
                options["postgresql_readonly"] = True
                options["isolation_level"] = "REPEATABLE READ"
            connection = await plain.execution_options(**options)
            yield connection


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Yield a connection whose work is kept whole at the end, or not at all."""
    with translated_errors():
        async with engine.begin() as connection:
            yield connection


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what drivers raise into our errors; others pass."""
    try:
        yield
    except TrackerError:
        raise
    # Drivers raise classes of their own before a connection stands.
    except Exception as err:
        if (ours := store_error(err)) is None:
            raise
        raise ours from err


def store_error(err: Exception) -> StoreError | None:
    """Return what a driver's error means for the user, None for any other error."""
    match err:
        case PoolTimeoutError():
            return StoreUnavailableError(reason="too many connections")
        case DBAPIError():
            return _driver_error(err)
        case sqlite3.Error():
            return _file_error(err)
        case OSError():
            return StoreUnavailableError(reason=_reason_of(err))
    is_server = type(err).__module__.startswith("asyncpg.")
    return _server_error(err) if is_server else None


def _file_error(err: sqlite3.Error) -> StoreError:
    """Judge what copying a file raises, which has no other layer in between."""
    text = str(err).lower()
    return _damage_in(text) or StoreUnavailableError(reason=_sqlite_reason(text))


def _driver_error(err: DBAPIError) -> StoreError:
    text = str(err.orig).lower()
    if err.connection_invalidated or isinstance(err, InterfaceError):
        return StoreUnavailableError(reason="the connection was lost")
    if (damage := _damage_in(text)) is not None:
        return damage
    if isinstance(err, IntegrityError):
        return StoreRefusedError(reason=_rule_of(err))
    if isinstance(err, OperationalError):
        return StoreUnavailableError(reason=_sqlite_reason(text))
    cause = getattr(err.orig, "__cause__", None)
    ours = _server_error(cause) if isinstance(cause, Exception) else None
    # The text of all others is SQL, and may have values in it.
    return ours or StoreRefusedError(reason=_statement_reason(err, cause))


def _damage_in(text: str) -> StoreDamagedError | None:
    if "not a database" in text:
        return StoreDamagedError(reason="the file is no database")
    if "malformed" in text:
        return StoreDamagedError(reason="its content cannot be read")
    return None


def _statement_reason(err: DBAPIError, cause: object) -> str:
    is_value = isinstance(err, DataError) or isinstance(cause, ValueError)
    is_value |= str(getattr(cause, "sqlstate", "")).startswith("22")
    return "a value does not fit" if is_value else "a statement failed"


_SQLITE_REASONS: Final = {
    "locked": "it is locked",
    "full": "the disk is full",
    "readonly": "it is read-only",
    "unable to open": "the file cannot be opened",
    "disk i/o": "the disk does not work",
}


def _sqlite_reason(text: str) -> str:
    return next(
        (reason for part, reason in _SQLITE_REASONS.items() if part in text),
        "the connection failed",
    )


def _rule_of(err: IntegrityError) -> str:
    """Return which rule was broken, without the value that broke it."""
    cause = getattr(err.orig, "__cause__", None)
    if (name := getattr(cause, "constraint_name", None)) is not None:
        return str(name)
    return re.split(r"[\n(]", str(err.orig), maxsplit=1)[0].strip()[:100]


def _server_error(err: Exception) -> StoreError | None:
    """Judge by SQLSTATE: its first two characters are the class."""
    state = str(getattr(err, "sqlstate", "") or "")
    if state[:2] in ("28", "3D") or state == "42501":
        return StoreAccessError(reason=_reason_of(err, state))
    if not state and isinstance(err, ValueError):
        # The driver itself refuses what does not fit, before the server sees it.
        return None
    if state[:2] in ("08", "53", "57", "40", "55", "25") or not state:
        return StoreUnavailableError(reason=_reason_of(err, state))
    return None


# PostgreSQL's own codes; the first that the state begins with counts.
_STATE_REASONS: Final = {
    "28P01": "the password is wrong",
    "28": "this user may not sign in",
    "3D": "there is no database of this name",
    "42501": "the user lacks a right",
    "53100": "the disk is full",
    "53300": "too many connections",
    "53": "the server has no room left",
    "57014": "it took too long",
    "57P03": "the server is starting",
    "57P": "the server was shut down",
    "40": "two changes were in each other's way",
    "55": "it is locked",
    "25": "it is read-only",
    "08": "the connection was lost",
}
# The first that fits counts: they are kinds of each other.
_KIND_REASONS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (socket.gaierror, "no server of this name is known"),
    (ssl.SSLCertVerificationError, "its certificate is not trusted"),
    (ssl.SSLError, "there is no secure connection to it"),
    (ConnectionRefusedError, "no database answers at this address"),
    (TimeoutError, "the server does not answer"),
    (ConnectionError, "the connection was lost"),
    (PermissionError, "the file may not be opened"),
    (FileNotFoundError, "it is not there"),
)


def _reason_of(err: Exception, state: str = "") -> str:
    """Return in words why a database cannot be used; never a class's name."""
    for code, reason in _STATE_REASONS.items():
        if state.startswith(code):
            return reason
    return next(
        (reason for kind, reason in _KIND_REASONS if isinstance(err, kind)),
        "the connection failed",
    )


def make_private(path: Path) -> None:
    """Make an empty file for a database that only its owner reads. Blocks.

    What SQLite puts beside it gets the same mode.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
