"""The migrations of the server's database. Importing them takes a third of a second.

Only who has something to migrate imports this module.
"""

from pathlib import Path
from typing import Final

from audible_core.errors import InvalidValueError
from audible_core.store.migrate import Migrations
from sqlalchemy import Connection, inspect

from audible_server.store.replicas import (
    VERSION_TABLE,
    refuse_while_older_ones_run,
)

_TRACKERS_TABLE: Final = "audible_schema_version"


def _check(connection: Connection, found: str | None) -> None:
    """Refuse what must not be changed, before anything is.

    Raises InvalidValueError and ServerInUseError.
    """
    if connection.dialect.name != "postgresql":
        # A file has one program.
        return
    if found is not None:
        refuse_while_older_ones_run(connection)
    elif inspect(connection).has_table(_TRACKERS_TABLE):
        raise InvalidValueError(
            field="database_url",
            value="the database of the integration",
            allowed="a database of its own",
        )


MIGRATIONS: Final = Migrations(
    folder=Path(__file__).parent / "migrations",
    version_table=VERSION_TABLE,
    check=_check,
)
