"""How a connection to an SQLite file is begun, and how it ends."""

import sqlite3
from collections.abc import Iterable
from typing import Any, Final
from weakref import WeakSet

from sqlalchemy import Connection

READ_ONLY: Final = "read_only"
"""The option of a connection that changes nothing."""

PRAGMAS: Final = (
    # A journal mode belongs to the file and cannot change inside a transaction.
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA busy_timeout = 5000",
)


class FileConnection(sqlite3.Connection):
    """A connection that lets go of its file when it is closed, at once.

    The driver leaves that to SQLite, which waits for the last open statement
    (``sqlite3_close_v2``). Where a task was cancelled, its traceback holds one, and the
    file was locked for everybody until Python collected its garbage.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take what `sqlite3.connect` takes."""
        super().__init__(*args, **options)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, *args: Any, **options: Any) -> Any:
        """Return a cursor, and remember it as long as it is used."""
        cursor = super().cursor(*args, **options)
        self._cursors.add(cursor)
        return cursor

    def execute(self, *args: Any) -> sqlite3.Cursor:
        """Run a statement on a cursor that is remembered; the module would not."""
        cursor: sqlite3.Cursor = self.cursor()
        return cursor.execute(*args)

    def close(self) -> None:
        """Give up every statement, then close; closed twice is closed."""
        cursors, self._cursors = list(self._cursors), WeakSet()
        try:
            for cursor in cursors:
                cursor.close()
        finally:
            super().close()


def prepare(pragmas: Iterable[str], connection: Any, _record: Any) -> None:
    """Set up a connection that was just made, as SQLAlchemy's event "connect"."""
    # Left alone, the driver opens no transaction before a read or a change of schema.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(pragma)
    cursor.close()


def begin(connection: Connection) -> None:
    """Open a transaction, as SQLAlchemy's event "begin"."""
    # A transaction that reads first and writes later could be refused midway.
    is_reading = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")
