"""The tracker's SQLite database, as somebody else's program sees it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.fernet import Fernet, MultiFernet

from tests.simulator.catalog import DEMO_EMAIL, demo_shop

_KEY_FILE: Final = ".audible_tracker.key"
_BUSY_S: Final = 10
_TWO_MINUTES_MS: Final = 120_000
_TWO_HOURS_MS: Final = 7_200_000
_A_DAY_MS: Final = 93_600_000


def database_path(home_folder: Path) -> Path:
    """Return where a home keeps it."""
    return home_folder / "audible_tracker.db"


@contextmanager
def open_database(home_folder: Path) -> Iterator[sqlite3.Connection]:
    """Open it beside the program that writes it."""
    path = database_path(home_folder)
    with closing(sqlite3.connect(path, timeout=_BUSY_S)) as connection:
        yield connection


def count_rows(home_folder: Path, table: str, where: str = "1") -> int:
    """Return how many rows of a table fulfill a condition."""
    with open_database(home_folder) as connection:
        statement = f"SELECT count(*) FROM {table} WHERE {where}"
        return int(connection.execute(statement).fetchone()[0])


def let_two_hours_pass(home_folder: Path) -> None:
    """Move the last sync two hours back.

    The product has no hook for tests, and asks for no library twice in 15 minutes.
    """
    _let_pass(home_folder, _TWO_HOURS_MS)


def let_a_day_pass(home_folder: Path) -> None:
    """Move the last sync 26 hours back: nothing has succeeded for a day."""
    _let_pass(home_folder, _A_DAY_MS)


def _let_pass(home_folder: Path, ms: int) -> None:
    with open_database(home_folder) as connection, connection:
        connection.execute(
            "UPDATE audible_config SET last_sync_at = last_sync_at - ?, "
            "wait_until = wait_until - ?",
            (ms, ms),
        )


def let_two_minutes_pass(home_folder: Path) -> None:
    """Move the last questions about positions two minutes back.

    No title is asked about twice in a minute, whoever asks.
    """
    with open_database(home_folder) as connection, connection:
        for statement in (
            "UPDATE audible_config SET polled_at = polled_at - ?",
            "UPDATE audible_titles SET asked_at = asked_at - ?",
        ):
            connection.execute(statement, (_TWO_MINUTES_MS,))


def recorded_events(home_folder: Path, event_type: str) -> list[dict[str, Any]]:
    """Return what Home Assistant's recorder knows of a type of event, oldest first."""
    path = home_folder / "home-assistant_v2.db"
    with closing(sqlite3.connect(path, timeout=_BUSY_S)) as connection:
        rows = connection.execute(
            "SELECT shared_data FROM events JOIN event_types USING (event_type_id) "
            "JOIN event_data USING (data_id) "
            "WHERE event_types.event_type = ? ORDER BY event_id",
            (event_type,),
        ).fetchall()
    return [json.loads(text) for (text,) in rows]


def key_path(home_folder: Path) -> Path:
    """Return the one file that may hold keys."""
    return home_folder / _KEY_FILE


def read_keys(home_folder: Path) -> list[str]:
    """Return the keys of the installation, the newest first."""
    return key_path(home_folder).read_text(encoding="ascii").split()


def unseal(home_folder: Path, sealed: str) -> str:
    """Open a sealed text with the installation's keys."""
    vault = MultiFernet([Fernet(key) for key in read_keys(home_folder)])
    return vault.decrypt(sealed).decode()


def let_a_year_be_known(home_folder: Path) -> None:
    """Keep the listening days that the newest account would be told of in eleven days.

    Each day one more month of the past is asked for.
    """
    rows = [
        (heard.day.isoformat(), heard.day.isoformat(), int(heard.listened_ms))
        for heard in demo_shop(datetime.now(UTC)).accounts[DEMO_EMAIL].heard
    ]
    with open_database(home_folder) as connection, connection:
        connection.executemany(
            "INSERT OR IGNORE INTO listening_days "
            "(account_id, identifier, day_on, listened_ms, updated_at, reader_id) "
            "SELECT id, ?, ?, ?, 0, default_reader_id FROM audible_config "
            "ORDER BY id DESC LIMIT 1",
            rows,
        )
