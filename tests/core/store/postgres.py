"""A real PostgreSQL server for the tests, from the binaries of the system's package."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

_BINARIES = Path("/usr/lib/postgresql")
_USER = "tracker"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server that listens on the loopback address alone."""

    port: int
    password: str
    binaries: Path
    control: Callable[..., None]
    user: str = _USER

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return (
            f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"
        )

    async def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the server's owner."""
        connection = await asyncpg.connect(self.url(database))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def create_database(self) -> str:
        """Make an empty database and return its name."""
        name = f"tracker_{secrets.token_hex(6)}"
        await self.execute(f'CREATE DATABASE "{name}"')
        return name

    async def empty_database(self, name: str) -> None:
        """Remove all rows, which takes a tenth of the time of a new database."""
        await self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{name}'"
        )
        # Tests of the integration, which know core by another name, start servers too.
        from audible_core.store.schema import METADATA

        tables = ", ".join(table.name for table in METADATA.sorted_tables)
        # Triggers rest meanwhile: the ledger refuses to be emptied.
        await self.execute(
            "SET session_replication_role = replica; "
            f"TRUNCATE {tables} RESTART IDENTITY CASCADE",
            name,
        )

    async def drop_database(self, name: str) -> None:
        """Drop a database with whoever still uses it."""
        await self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop it without asking who is connected; nothing that is in it is lost."""
        self.control("stop", "--mode=fast")

    def start(self) -> None:
        """Start it again, with what it holds and where it was."""
        self.control("start")

    def dump(self, database: str, *options: str) -> str:
        """Return statements that make a database again."""
        answer = subprocess.run(
            [
                *(self.binaries / "pg_dump", "--no-owner", *options),
                *("--host=127.0.0.1", f"--port={self.port}"),
                *(f"--username={self.user}", database),
            ],
            check=True,
            capture_output=True,
            text=True,
            # Arguments can be read by everybody.
            env={**os.environ, "PGPASSWORD": self.password},
        )
        return answer.stdout


def newest_binaries() -> Path:
    """Return the folder of the newest installed server."""
    found = sorted(_BINARIES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    assert found, "PostgreSQL is missing: apt-get install postgresql"
    return found[-1].parent


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Run a server in a temporary folder; it and the folder are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-postgres-"))
    try:
        binaries = newest_binaries()
        run = _unprivileged(folder)
        port, password = _free_port(), secrets.token_hex(16)
        (folder / "password").write_text(password, encoding="ascii")
        run(
            binaries / "initdb",
            f"--pgdata={folder / 'data'}",
            f"--username={_USER}",
            f"--pwfile={folder / 'password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )

        def control(word: str, *options: str) -> None:
            run(
                *(binaries / "pg_ctl", word, f"--pgdata={folder / 'data'}", "--wait"),
                *(f"--log={folder / 'log'}", f"--options={_options(port)}"),
                *options,
            )

        server = PostgresServer(port, password, binaries, control)
        server.start()
        try:
            yield server
        finally:
            # Whoever is still connected is not waited for.
            control("stop", "--mode=immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> Callable[..., None]:
    """Return what runs a command, as somebody else if we are root: it refuses root."""
    account = pwd.getpwnam("postgres") if os.getuid() == 0 else None
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)

    def run(*command: str | Path) -> None:
        # The server outlives the command and must hold none of our pipes.
        answer = subprocess.run(
            command,
            check=False,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=account.pw_uid if account is not None else None,
            group=account.pw_gid if account is not None else None,
            extra_groups=[] if account is not None else None,
        )
        log = folder / "log"
        said = log.read_text(errors="replace") if log.exists() else ""
        assert answer.returncode == 0, f"{command[0]} failed: {said}"

    return run


def _options(port: int) -> str:
    # What makes a server safe through a power cut makes these tests slow.
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "''",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum": "off",
        "max_connections": "40",
    }
    return " ".join(f"-c {name}={value}" for name, value in options.items())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
