"""What all tables are made of."""

from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    false,
    true,
)

from .types import ROW_ID

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def required(name: str, kind: Any, *more: Any, **options: Any) -> Column[Any]:
    """Return a column that is never null."""
    return Column(name, kind, *more, nullable=False, **options)


def to(target: str, ondelete: str | None = None) -> ForeignKey:
    """Return a reference to another table's column."""
    return ForeignKey(target, ondelete=ondelete)


def account_key() -> Column[Any]:
    """Return the account as a part of a row's key; what is kept of it goes with it."""
    account = to("audible_config.id", "CASCADE")
    return Column("account_id", ROW_ID, account, primary_key=True)


def flag(name: str, *, default: bool) -> Column[Any]:
    """Return a column that says yes or no."""
    return required(name, Boolean, server_default=true() if default else false())


def count(name: str) -> Column[Any]:
    """Return a column that counts from 0."""
    return required(name, Integer, server_default="0")


def numbered_table(name: str, *parts: Any) -> Table:
    """Make a table with its own row numbers, which are never given twice."""
    number: Column[Any] = Column("id", ROW_ID, primary_key=True, autoincrement=True)
    return Table(name, METADATA, number, *parts, sqlite_autoincrement=True)
