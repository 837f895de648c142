"""The tables and plain indexes. Views, triggers and functions are in objects.py."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from .. import kinds
from . import list_tables  # noqa: F401 - its tables are among METADATA
from .columns import METADATA as _METADATA
from .columns import account_key, count, flag, numbered_table, required, to
from .shapes import CANDIDATES, CHAPTERS, DOCUMENT, EVIDENCE, SERIES, WORDS
from .types import ROW_ID, Choice, Instant, OutsideText

METADATA: Final = _METADATA
"""All tables, once this module is loaded."""

OWNER: Final = Table(
    "database_owner",
    METADATA,
    Column("id", Integer, CheckConstraint("id = 1", name="one"), primary_key=True),
    required("owner", Text),
    required("time_zone", Text),
)

READERS: Final = numbered_table(
    "readers",
    required("name", OutsideText, unique=True),
    Column("person", Text),
    required("created_at", Instant),
)

ACCOUNTS: Final = numbered_table(
    "audible_config",
    required("customer_id", Text),
    required("marketplace", Text),
    required("name", OutsideText),
    Column("email", OutsideText),
    # Null for an account that was removed: its history stays, its keys do not.
    Column("encrypted_credentials", Text),
    required("default_reader_id", ROW_ID, to("readers.id")),
    flag("enabled", default=True),
    flag("auto_sync_progress", default=True),
    required("sync_interval_minutes", Integer, server_default="60"),
    Column("last_sync_at", Instant),
    count("sync_count_today"),
    Column("sync_count_on", Date),
    Column("wait_until", Instant),
    Column("wait_reason", Text),
    Column("state_token", Text),
    required("created_at", Instant),
    Column("days_asked_on", Date),
    Column("purchases_asked_at", Instant),
    Column("polled_at", Instant),
    UniqueConstraint("customer_id", "marketplace"),
    Index(None, "default_reader_id"),
)

ACCOUNT_READERS: Final = Table(
    "audible_config_readers",
    METADATA,
    account_key(),
    Column("reader_id", ROW_ID, to("readers.id", "CASCADE"), primary_key=True),
    Index(None, "reader_id"),
)

TITLES: Final = Table(
    "audible_titles",
    METADATA,
    account_key(),
    Column("asin", Text, primary_key=True),
    required("fingerprint", BigInteger),
    Column("title", OutsideText),
    Column("subtitle", OutsideText),
    required("authors", WORDS),
    required("narrators", WORDS),
    required("series", SERIES),
    Column("runtime_ms", BigInteger),
    Column("language", OutsideText),
    Column("cover_url", OutsideText),
    Column("percent_complete", Double),
    Column("is_finished", Boolean),
    Column("status_changed_at", Instant),
    Column("purchased_at", Instant),
    Column("content_type", OutsideText),
    Column("content_delivery_type", OutsideText),
    required("is_plus", Boolean),
    Column("is_consumable", Boolean),
    required("codecs", WORDS),
    Column("isbn", OutsideText),
    Column("sku_lite", OutsideText),
    Column("publisher", OutsideText),
    Column("year", Integer),
    Column("format_type", OutsideText),
    Column("position_ms", BigInteger),
    Column("position_at", Instant),
    Column("asked_at", Instant),
    Column("acr", OutsideText),
    Column("version", OutsideText),
    Column("chapters", CHAPTERS),
    required("first_seen_at", Instant),
    required("updated_at", Instant),
    Column("removed_at", Instant),
    Column("consumable_until", Instant),
    Index(None, "asin"),
    Index(None, "sku_lite"),
)

BOOKS: Final = numbered_table(
    "books",
    required("reader_id", ROW_ID, to("readers.id")),
    required("title", OutsideText),
    Column("subtitle", OutsideText),
    required("authors", WORDS),
    required("narrators", WORDS),
    required("series", SERIES),
    required("book_type", Choice(kinds.BookType)),
    Column("isbn13", Text),
    required("isbns", WORDS),
    Column("asin", Text),
    Column("publisher", OutsideText),
    Column("year", Integer),
    Column("language", OutsideText),
    Column("page_count", Integer),
    Column("runtime_ms", BigInteger),
    Column("cover_url", OutsideText),
    required("status", Choice(kinds.BookStatus)),
    Column("current_position_ms", BigInteger),
    Column("percent_complete", Double),
    Column("current_page", Integer),
    Column("started_on", Date),
    Column("started_source", Choice(kinds.DateSource)),
    Column("finished_on", Date),
    Column("finished_source", Choice(kinds.DateSource)),
    Column("added_on", Date),
    Column("rating", Double),
    Column("review", OutsideText),
    Column("private_notes", OutsideText),
    required("tags", WORDS),
    required("source", Choice(kinds.Source)),
    Column("source_key", OutsideText),
    Column("sync_log_id", ROW_ID),
    required("extra", DOCUMENT),
    required("created_at", Instant),
    required("updated_at", Instant),
    Index(None, "reader_id", "status"),
    Index(None, "isbn13"),
    Index(None, "asin"),
    Index(None, "sync_log_id"),
)

LINKS: Final = numbered_table(
    "audible_book_mappings",
    required("reader_id", ROW_ID, to("readers.id")),
    required("asin", Text),
    Column("account_id", ROW_ID, to("audible_config.id", "SET NULL")),
    Column("book_id", ROW_ID, to("books.id", "SET NULL")),
    required("audible_title", OutsideText),
    Column("is_finished", Boolean),
    Column("last_position_ms", BigInteger),
    Column("last_position_at", Instant),
    Column("last_percentage", Double),
    Column("match_confidence", Double),
    Column("match_method", Text),
    required("evidence", EVIDENCE),
    flag("manually_confirmed", default=False),
    flag("is_ignored", default=False),
    flag("sync_enabled", default=True),
    Column("sync_interval_minutes", Integer),
    Column("removed_at", Instant),
    required("first_seen_at", Instant),
    required("updated_at", Instant),
    Column("restarted_at", Instant),
    Column("listening_since", Instant),
    UniqueConstraint("reader_id", "asin"),
    Index(None, "account_id", "asin"),
    Index(None, "account_id", "last_position_at"),
    Index(None, "asin"),
    Index(None, "book_id"),
)
# Hardly any title has a setting of its own.
HAS_SETTING: Final = LINKS.c.sync_enabled.is_(
    false()
) | LINKS.c.sync_interval_minutes.is_not(None)
Index(
    "ix_audible_book_mappings_with_setting",
    LINKS.c.account_id,
    sqlite_where=HAS_SETTING,
    postgresql_where=HAS_SETTING,
)

READS: Final = numbered_table(
    "reads",
    required("reader_id", ROW_ID, to("readers.id")),
    Column("book_id", ROW_ID, to("books.id", "SET NULL")),
    Column("link_id", ROW_ID, to("audible_book_mappings.id", "SET NULL")),
    required("outcome", Choice(kinds.ReadOutcome)),
    Column("started_on", Date),
    Column("started_source", Choice(kinds.DateSource)),
    Column("finished_on", Date),
    Column("finished_source", Choice(kinds.DateSource)),
    Column("finished_at", Instant),
    Column("stopped_on", Date),
    required("source", Choice(kinds.Source)),
    Column("sync_log_id", ROW_ID),
    required("created_at", Instant),
    required("updated_at", Instant),
    Index(None, "book_id"),
    Index(None, "link_id", "id"),
    Index(None, "reader_id", "finished_on"),
    Index(None, "sync_log_id"),
)

CONFLICTS: Final = numbered_table(
    "audible_conflicts",
    required("link_id", ROW_ID, to("audible_book_mappings.id", "CASCADE")),
    required("conflict_type", Choice(kinds.ConflictType)),
    required("candidates", CANDIDATES),
    flag("resolved", default=False),
    Column("resolver", Text),
    Column("resolution", Choice(kinds.Resolution)),
    Column("resolved_book_id", ROW_ID, to("books.id", "SET NULL")),
    required("created_at", Instant),
    required("updated_at", Instant),
    Column("resolved_at", Instant),
    Index(None, "link_id"),
    Index(None, "resolved_book_id"),
)
# One open conflict per title and reader; the index holds the open ones alone.
Index(
    "uq_audible_conflicts_unresolved",
    CONFLICTS.c.link_id,
    unique=True,
    sqlite_where=CONFLICTS.c.resolved.is_(false()),
    postgresql_where=CONFLICTS.c.resolved.is_(false()),
)

SYNC_LOGS: Final = numbered_table(
    "audible_sync_logs",
    Column("account_id", ROW_ID, to("audible_config.id", "SET NULL")),
    required("sync_type", Choice(kinds.SyncType)),
    required("status", Choice(kinds.SyncStatus)),
    required("started_at", Instant),
    required("duration_ms", BigInteger),
    Column("error_key", Text),
    count("titles_seen"),
    count("titles_new"),
    count("titles_changed"),
    count("titles_removed"),
    count("positions_moved"),
    count("links_made"),
    count("conflicts_made"),
    count("books_made"),
    required("details", DOCUMENT),
    Index(None, "account_id", "started_at"),
    Index(None, "started_at"),
    Index(None, "status"),
)

# The ledger keeps the number of a sync whose log row is long gone, so it refers to no
# row of it.
HISTORY: Final = numbered_table(
    "audible_progress_history",
    required("link_id", ROW_ID, to("audible_book_mappings.id")),
    Column("position_ms", BigInteger),
    Column("percentage", Double),
    Column("is_finished", Boolean),
    required("source", Choice(kinds.Source)),
    Column("sync_log_id", ROW_ID),
    Column("actor", Text),
    Column("heard_at", Instant),
    required("recorded_at", Instant),
    Index(None, "link_id", "recorded_at"),
)

BOOKMARKS: Final = numbered_table(
    "bookmarks",
    required("link_id", ROW_ID, to("audible_book_mappings.id", "CASCADE")),
    required("source", Choice(kinds.Source)),
    required("source_key", OutsideText),
    required("position_ms", BigInteger),
    required("note", OutsideText),
    required("created_at", Instant),
    required("updated_at", Instant),
    # The import that made it; null once its source has said something else.
    Column("sync_log_id", ROW_ID),
    UniqueConstraint("link_id", "source", "source_key"),
    Index(None, "sync_log_id"),
)

LISTENING_DAYS: Final = Table(
    "listening_days",
    METADATA,
    account_key(),
    Column("identifier", Text, primary_key=True),
    required("day_on", Date),
    required("listened_ms", BigInteger),
    required("updated_at", Instant),
    # Whose listening it was: the account's default reader of that time.
    Column("reader_id", ROW_ID, to("readers.id")),
    Index(None, "account_id", "day_on"),
)

EVENTS: Final = Table(
    "tracker_events",
    METADATA,
    Column("event_id", Text, primary_key=True),
    required("event_type", Text),
    Column("account_id", ROW_ID, to("audible_config.id", "SET NULL")),
    Column("reader_id", ROW_ID, to("readers.id", "SET NULL")),
    Column("asin", Text),
    Column("book_id", ROW_ID, to("books.id", "SET NULL")),
    required("created_at", Instant),
    required("data", DOCUMENT),
    Column("once_key", Text, unique=True),
    Column("sync_log_id", ROW_ID),
    Column("published_at", Instant),
    Index(None, "book_id"),
    Index(None, "account_id"),
    Index(None, "reader_id"),
)
Index(
    "ix_tracker_events_asin_event_type_created_at",
    EVENTS.c.asin,
    EVENTS.c.event_type,
    EVENTS.c.created_at.desc(),
)
Index(
    "ix_tracker_events_unpublished",
    EVENTS.c.created_at,
    sqlite_where=EVENTS.c.published_at.is_(None),
    postgresql_where=EVENTS.c.published_at.is_(None),
)

POSITION_WRITES: Final = Table(
    "audible_position_writes",
    METADATA,
    account_key(),
    Column("asin", Text, primary_key=True),
    required("position_ms", BigInteger),
    required("heard_at", Instant),
    Column("reader_id", ROW_ID, to("readers.id", "SET NULL")),
    required("source", Choice(kinds.Source)),
    count("attempts"),
    Column("try_after", Instant),
    Column("known_ms", BigInteger),
    Column("known_at", Instant),
    Index(None, "reader_id"),
)

POSITION_QUESTIONS: Final = Table(
    "audible_position_questions",
    METADATA,
    account_key(),
    Column("asin", Text, primary_key=True),
    Column("reader_id", ROW_ID, to("readers.id", "SET NULL")),
    required("ours_ms", BigInteger),
    required("ours_at", Instant),
    required("theirs_ms", BigInteger),
    required("theirs_at", Instant),
    required("created_at", Instant),
    Index(None, "reader_id"),
)

GOALS: Final = numbered_table(
    "goals",
    required("reader_id", ROW_ID, to("readers.id", "CASCADE")),
    required("kind", Choice(kinds.GoalKind)),
    required("starts_on", Date),
    required("ends_on", Date),
    required("target", Integer),
    required("created_at", Instant),
    required("updated_at", Instant),
    UniqueConstraint("reader_id", "kind", "starts_on", "ends_on"),
)
