"""The definition of all that is in a database, as text that can be compared."""

import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from audible_core.store.database import MIGRATIONS

from tests.core.store.postgres import PostgresServer


def schema_of(target: str | Path, postgres: PostgresServer | None) -> list[str]:
    """Return the definitions but for the table of versions, in a fixed order."""
    if isinstance(target, Path):
        return _file_schema(target)
    assert postgres is not None
    return _server_schema(postgres, target.rsplit("/", 1)[-1])


def _file_schema(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != ?",
            (MIGRATIONS.version_table,),
        ).fetchall()
    return sorted(f"{name}: {' '.join(sql.split())}" for name, sql in rows)


def _server_schema(postgres: PostgresServer, database: str) -> list[str]:
    dump = postgres.dump(database, "--schema-only")
    # Newer versions of the tool write lines with a random word.
    text = re.sub(r"^(?:--|\\).*\n", "", dump, flags=re.MULTILINE)
    statements = (" ".join(part.split()) for part in text.split(";\n"))
    return sorted(
        statement
        for statement in statements
        if statement and MIGRATIONS.version_table not in statement
    )


def dump_of(target: str | Path, postgres: PostgresServer | None) -> str:
    """Return statements that make the same database again, with its rows."""
    if isinstance(target, Path):
        with closing(sqlite3.connect(target)) as connection:
            return "\n".join(_file_dump(connection)) + "\n"
    assert postgres is not None
    dump = postgres.dump(target.rsplit("/", 1)[-1], "--inserts")
    return re.sub(r"^\\.*\n", "", dump, flags=re.MULTILINE)


def _file_dump(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the statements; the index of the search is built and not copied."""
    statements = connection.iterdump()
    yield next(statements)
    inner = re.compile(
        r"^\S+ (?:INTO |TABLE )?['\"]?(?:books_search|sqlite_master)|^PRAGMA"
    )
    yield from (
        statement
        for statement in statements
        if not inner.match(statement) and statement != "COMMIT;"
    )
    (sql,) = connection.execute(
        "SELECT sql FROM sqlite_master WHERE name = 'books_search'"
    ).fetchone()
    yield f"{sql};"
    yield "INSERT INTO books_search (books_search) VALUES ('rebuild');"
    yield "COMMIT;"


def restore(dump: str, target: str | Path, postgres: PostgresServer | None) -> None:
    """Make a database from a dump."""
    if isinstance(target, Path):
        with closing(sqlite3.connect(target, autocommit=True)) as connection:
            connection.executescript(dump)
        return
    assert postgres is not None
    subprocess.run(
        [postgres.binaries / "psql", "-q", "-v", "ON_ERROR_STOP=1", target],
        input=dump,
        check=True,
        capture_output=True,
        text=True,
    )
