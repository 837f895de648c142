"""The tables of lists: what somebody wants, what comes out, what is heard next."""

from typing import Final

from sqlalchemy import Column, Date, Index, Integer, Table, Text

from .columns import METADATA, account_key, flag, numbered_table, required, to
from .shapes import WORDS
from .types import ROW_ID, Instant, OutsideText

WISHES: Final = Table(
    "wishlist",
    METADATA,
    account_key(),
    Column("asin", Text, primary_key=True),
    required("title", OutsideText),
    required("authors", WORDS),
    Column("release_on", Date),
    Column("added_at", Instant),
    required("seen_at", Instant),
)

RELEASES: Final = Table(
    "series_releases",
    METADATA,
    account_key(),
    Column("asin", Text, primary_key=True),
    required("series", OutsideText),
    required("title", OutsideText),
    required("authors", WORDS),
    required("release_on", Date),
    required("seen_at", Instant),
)

UP_NEXT: Final = numbered_table(
    "up_next",
    required("reader_id", ROW_ID, to("readers.id", "CASCADE")),
    required("title", OutsideText),
    required("note", OutsideText),
    required("place", Integer),
    flag("is_done", default=False),
    required("created_at", Instant),
    required("updated_at", Instant),
    Index(None, "reader_id", "place"),
)
