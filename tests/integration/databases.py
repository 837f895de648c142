"""What the database of a house holds, read past the integration."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant

from custom_components.audible_tracker.core.decisions.journal import Action
from custom_components.audible_tracker.household_settings import (
    DATABASE_FILE,
    key_path_of,
)


def database_path(hass: HomeAssistant) -> Path:
    """Return the file of the built-in database."""
    return Path(hass.config.path(DATABASE_FILE))


def key_path(hass: HomeAssistant) -> Path:
    """Return the usual key file."""
    return key_path_of(hass, None)


def rows(hass: HomeAssistant, statement: str) -> list[Any]:
    """Return the answer of the built-in database to a statement."""
    with closing(sqlite3.connect(database_path(hass))) as connection:
        return connection.execute(statement).fetchall()


def change(hass: HomeAssistant, statement: str) -> None:
    """Change the built-in database."""
    with closing(sqlite3.connect(database_path(hass))) as connection:
        connection.execute(statement)
        connection.commit()


def refuse_noting(hass: HomeAssistant, action: Action, after: int = 0) -> None:
    """Let the database refuse to note that something is done, but for the first."""
    what = "json_extract({}details, '$.action') = '" + action + "'"
    noted = f"SELECT count(*) FROM audible_sync_logs WHERE {what.format('')}"
    change(
        hass,
        "CREATE TRIGGER not_noted BEFORE INSERT ON audible_sync_logs "
        f"WHEN {what.format('NEW.')} AND ({noted}) >= {after} "
        "BEGIN SELECT RAISE(ABORT, 'not now'); END",
    )
