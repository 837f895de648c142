"""Of this installation: keys and secret, tools, disks, database."""

import asyncio
import re
import shutil
from pathlib import Path
from typing import Final

from audible_core.errors import MediaToolError, SealError, TrackerError
from audible_core.store.engine import reading
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.media.process import run
from audible_server.self_check.report import Finding
from audible_server.settings import Settings
from audible_server.store.accounts import AccountStore
from audible_server.store.books import BookStore
from audible_server.store.files import FileStore
from audible_server.store.replicas import load_revision

_TOOL_TIMEOUT_S: Final = 10.0
_TOOLS: Final = ("ffmpeg", "ffprobe")
_ENCODERS: Final = ("libmp3lame", "libopus", "aac", "flac")
_VERSION: Final = re.compile(rb"version (\S+)")
_LOW_BYTES: Final = 2 * 1024**3
"""About four long books."""


async def keys(accounts: AccountStore, books: BookStore) -> Finding:
    """Look whether what is sealed in the database can be opened; of titles, one."""
    for account in await accounts.load_all():
        try:
            await accounts.load_credentials(account.account_id)
            await accounts.load_activation_bytes(account.account_id)
        except SealError:
            return Finding.failed(
                f"The sign-in of {account.name} cannot be opened: the key file was "
                "lost or replaced. Link the server once more in Home Assistant."
            )
    licensed = [book for book in await books.load_all() if book.has_voucher]
    for book in licensed[:1]:
        try:
            await books.load_grant(book.asin)
        except SealError:
            return Finding.failed(
                f"The key of {book.title} cannot be opened: the key file was lost or "
                "replaced. Put the old one back from a backup."
            )
    return Finding.ok(
        "The key file opens all sign-ins and activation bytes"
        f"{f', and the key of {licensed[0].title}' if licensed else ''}."
    )


async def secret(settings: Settings) -> Finding:
    """Look whether only the owner can read the secret that was made here."""
    path = settings.data_dir / "secret"
    try:
        mode = (await asyncio.to_thread(path.stat)).st_mode
    except FileNotFoundError:
        return Finding.ok("The secret comes from the settings.")
    if mode & 0o077:
        return Finding.warning("Others on this machine can read the secret's file.")
    return Finding.ok("The secret was made here, and only the server can read it.")


async def tools() -> Finding:
    """Look whether ffmpeg and ffprobe run, and what ffmpeg can write."""
    try:
        versions = [await _version(tool) for tool in _TOOLS]
        encoders = await run(
            ("ffmpeg", "-v", "error", "-encoders"), timeout_s=_TOOL_TIMEOUT_S
        )
    except MediaToolError as err:
        return Finding.failed(f"{err} Only what needs no other format plays.")
    words = set(encoders.decode(errors="replace").split())
    missing = [name for name in _ENCODERS if name not in words]
    if missing:
        return Finding.warning(f"This ffmpeg cannot write {', '.join(missing)}.")
    return Finding.ok(f"ffmpeg {versions[0]} and ffprobe {versions[1]} run.")


async def disk(settings: Settings, files: FileStore) -> Finding:
    """Look whether both folders can be written, how much is free and how much taken."""
    for folder in (settings.library_dir, settings.data_dir):
        try:
            await asyncio.to_thread(_write_probe, folder)
        except OSError as err:
            return Finding.failed(f"{folder} cannot be written ({err.strerror}).")
    usage = await asyncio.to_thread(shutil.disk_usage, settings.library_dir)
    taken_gb = await files.total_bytes() / 1e9
    said = (
        f"{usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB are free for "
        f"audiobooks, which take {taken_gb:.1f} GB now."
    )
    return Finding.ok(said) if usage.free >= _LOW_BYTES else Finding.warning(said)


async def database(engine: AsyncEngine) -> Finding:
    """Look whether the database answers, and how far it is migrated."""
    try:
        async with reading(engine) as connection:
            revision = await load_revision(connection)
    except (SQLAlchemyError, TrackerError) as err:
        return Finding.failed(f"The database does not answer ({type(err).__name__}).")
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine.dialect.name]
    return Finding.ok(f"{kind} answers, schema {revision}.")


async def _version(tool: str) -> str:
    said = _VERSION.search(await run((tool, "-version"), timeout_s=_TOOL_TIMEOUT_S))
    return said[1].decode(errors="replace") if said else "of an unknown version"


def _write_probe(folder: Path) -> None:
    probe = folder / ".self-check"
    probe.write_bytes(b"0")
    probe.unlink()
