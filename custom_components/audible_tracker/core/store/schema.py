"""The tables and plain indexes. Views, triggers and functions are in objects.py."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

from ..kinds import (
    BookStatus,
    BookType,
    ConflictType,
    DateSource,
    GoalKind,
    ReadOutcome,
    Resolution,
    Source,
    SyncStatus,
    SyncType,
)
from .shapes import CANDIDATES, CHAPTERS, DOCUMENT, EVIDENCE, SERIES, WORDS
from .types import ROW_ID, Choice, Instant, OutsideText

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _required(name: str, kind: Any, *more: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, *more, nullable=False, **options)


def _to(target: str, ondelete: str | None = None) -> ForeignKey:
    return ForeignKey(target, ondelete=ondelete)


def _flag(name: str, *, default: bool) -> Column[Any]:
    return _required(name, Boolean, server_default=true() if default else false())


def _count(name: str) -> Column[Any]:
    return _required(name, Integer, server_default="0")


def _table(name: str, *parts: Any) -> Table:
    """Make a table with its own row numbers, which are never given twice."""
    number: Column[Any] = Column("id", ROW_ID, primary_key=True, autoincrement=True)
    return Table(name, METADATA, number, *parts, sqlite_autoincrement=True)


OWNER: Final = Table(
    "database_owner",
    METADATA,
    Column("id", Integer, CheckConstraint("id = 1", name="one"), primary_key=True),
    _required("owner", Text),
    _required("time_zone", Text),
)

READERS: Final = _table(
    "readers",
    _required("name", OutsideText, unique=True),
    Column("person", Text),
    _required("created_at", Instant),
)

ACCOUNTS: Final = _table(
    "audible_config",
    _required("customer_id", Text),
    _required("marketplace", Text),
    _required("name", OutsideText),
    Column("email", OutsideText),
    # Null for an account that was removed: its history stays, its keys do not.
    Column("encrypted_credentials", Text),
    _required("default_reader_id", ROW_ID, _to("readers.id")),
    _flag("enabled", default=True),
    _flag("auto_sync_progress", default=True),
    _required("sync_interval_minutes", Integer, server_default="60"),
    Column("last_sync_at", Instant),
    _count("sync_count_today"),
    Column("sync_count_on", Date),
    Column("wait_until", Instant),
    Column("wait_reason", Text),
    Column("state_token", Text),
    _required("created_at", Instant),
    Column("days_asked_on", Date),
    Column("purchases_asked_at", Instant),
    UniqueConstraint("customer_id", "marketplace"),
    Index(None, "default_reader_id"),
)

ACCOUNT_READERS: Final = Table(
    "audible_config_readers",
    METADATA,
    Column("account_id", ROW_ID, _to("audible_config.id", "CASCADE"), primary_key=True),
    Column("reader_id", ROW_ID, _to("readers.id", "CASCADE"), primary_key=True),
    Index(None, "reader_id"),
)

TITLES: Final = Table(
    "audible_titles",
    METADATA,
    Column("account_id", ROW_ID, _to("audible_config.id", "CASCADE"), primary_key=True),
    Column("asin", Text, primary_key=True),
    _required("fingerprint", BigInteger),
    Column("title", OutsideText),
    Column("subtitle", OutsideText),
    _required("authors", WORDS),
    _required("narrators", WORDS),
    _required("series", SERIES),
    Column("runtime_ms", BigInteger),
    Column("language", OutsideText),
    Column("cover_url", OutsideText),
    Column("percent_complete", Double),
    Column("is_finished", Boolean),
    Column("status_changed_at", Instant),
    Column("purchased_at", Instant),
    Column("content_type", OutsideText),
    Column("content_delivery_type", OutsideText),
    _required("is_plus", Boolean),
    Column("is_consumable", Boolean),
    _required("codecs", WORDS),
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
    _required("first_seen_at", Instant),
    _required("updated_at", Instant),
    Column("removed_at", Instant),
    Index(None, "asin"),
    Index(None, "sku_lite"),
)

BOOKS: Final = _table(
    "books",
    _required("reader_id", ROW_ID, _to("readers.id")),
    _required("title", OutsideText),
    Column("subtitle", OutsideText),
    _required("authors", WORDS),
    _required("narrators", WORDS),
    _required("series", SERIES),
    _required("book_type", Choice(BookType)),
    Column("isbn13", Text),
    _required("isbns", WORDS),
    Column("asin", Text),
    Column("publisher", OutsideText),
    Column("year", Integer),
    Column("language", OutsideText),
    Column("page_count", Integer),
    Column("runtime_ms", BigInteger),
    Column("cover_url", OutsideText),
    _required("status", Choice(BookStatus)),
    Column("current_position_ms", BigInteger),
    Column("percent_complete", Double),
    Column("current_page", Integer),
    Column("started_on", Date),
    Column("started_source", Choice(DateSource)),
    Column("finished_on", Date),
    Column("finished_source", Choice(DateSource)),
    Column("added_on", Date),
    Column("rating", Double),
    Column("review", OutsideText),
    Column("private_notes", OutsideText),
    _required("tags", WORDS),
    _required("source", Choice(Source)),
    Column("source_key", OutsideText),
    Column("sync_log_id", ROW_ID),
    _required("extra", DOCUMENT),
    _required("created_at", Instant),
    _required("updated_at", Instant),
    Index(None, "reader_id", "status"),
    Index(None, "isbn13"),
    Index(None, "asin"),
    Index(None, "sync_log_id"),
)

LINKS: Final = _table(
    "audible_book_mappings",
    _required("reader_id", ROW_ID, _to("readers.id")),
    _required("asin", Text),
    Column("account_id", ROW_ID, _to("audible_config.id", "SET NULL")),
    Column("book_id", ROW_ID, _to("books.id", "SET NULL")),
    _required("audible_title", OutsideText),
    Column("is_finished", Boolean),
    Column("last_position_ms", BigInteger),
    Column("last_position_at", Instant),
    Column("last_percentage", Double),
    Column("match_confidence", Double),
    Column("match_method", Text),
    _required("evidence", EVIDENCE),
    _flag("manually_confirmed", default=False),
    _flag("is_ignored", default=False),
    _flag("sync_enabled", default=True),
    Column("sync_interval_minutes", Integer),
    Column("removed_at", Instant),
    _required("first_seen_at", Instant),
    _required("updated_at", Instant),
    Column("restarted_at", Instant),
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

READS: Final = _table(
    "reads",
    _required("reader_id", ROW_ID, _to("readers.id")),
    Column("book_id", ROW_ID, _to("books.id", "SET NULL")),
    Column("link_id", ROW_ID, _to("audible_book_mappings.id", "SET NULL")),
    _required("outcome", Choice(ReadOutcome)),
    Column("started_on", Date),
    Column("started_source", Choice(DateSource)),
    Column("finished_on", Date),
    Column("finished_source", Choice(DateSource)),
    Column("finished_at", Instant),
    Column("stopped_on", Date),
    _required("source", Choice(Source)),
    Column("sync_log_id", ROW_ID),
    _required("created_at", Instant),
    _required("updated_at", Instant),
    Index(None, "book_id"),
    Index(None, "link_id", "id"),
    Index(None, "reader_id", "finished_on"),
    Index(None, "sync_log_id"),
)

CONFLICTS: Final = _table(
    "audible_conflicts",
    _required("link_id", ROW_ID, _to("audible_book_mappings.id", "CASCADE")),
    _required("conflict_type", Choice(ConflictType)),
    _required("candidates", CANDIDATES),
    _flag("resolved", default=False),
    Column("resolver", Text),
    Column("resolution", Choice(Resolution)),
    Column("resolved_book_id", ROW_ID, _to("books.id", "SET NULL")),
    _required("created_at", Instant),
    _required("updated_at", Instant),
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

SYNC_LOGS: Final = _table(
    "audible_sync_logs",
    Column("account_id", ROW_ID, _to("audible_config.id", "SET NULL")),
    _required("sync_type", Choice(SyncType)),
    _required("status", Choice(SyncStatus)),
    _required("started_at", Instant),
    _required("duration_ms", BigInteger),
    Column("error_key", Text),
    _count("titles_seen"),
    _count("titles_new"),
    _count("titles_changed"),
    _count("titles_removed"),
    _count("positions_moved"),
    _count("links_made"),
    _count("conflicts_made"),
    _count("books_made"),
    _required("details", DOCUMENT),
    Index(None, "account_id", "started_at"),
    Index(None, "started_at"),
    Index(None, "status"),
)

# The ledger keeps the number of a sync whose log row is long gone, so it refers to no
# row of it.
HISTORY: Final = _table(
    "audible_progress_history",
    _required("link_id", ROW_ID, _to("audible_book_mappings.id")),
    Column("position_ms", BigInteger),
    Column("percentage", Double),
    Column("is_finished", Boolean),
    _required("source", Choice(Source)),
    Column("sync_log_id", ROW_ID),
    Column("actor", Text),
    Column("heard_at", Instant),
    _required("recorded_at", Instant),
    Index(None, "link_id", "recorded_at"),
)

LISTENING_DAYS: Final = Table(
    "listening_days",
    METADATA,
    Column("account_id", ROW_ID, _to("audible_config.id", "CASCADE"), primary_key=True),
    Column("identifier", Text, primary_key=True),
    _required("day_on", Date),
    _required("listened_ms", BigInteger),
    _required("updated_at", Instant),
    Index(None, "account_id", "day_on"),
)

EVENTS: Final = Table(
    "tracker_events",
    METADATA,
    Column("event_id", Text, primary_key=True),
    _required("event_type", Text),
    Column("account_id", ROW_ID, _to("audible_config.id", "SET NULL")),
    Column("reader_id", ROW_ID, _to("readers.id", "SET NULL")),
    Column("asin", Text),
    Column("book_id", ROW_ID, _to("books.id", "SET NULL")),
    _required("created_at", Instant),
    _required("data", DOCUMENT),
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
    Column("account_id", ROW_ID, _to("audible_config.id", "CASCADE"), primary_key=True),
    Column("asin", Text, primary_key=True),
    _required("position_ms", BigInteger),
    _required("heard_at", Instant),
    Column("reader_id", ROW_ID, _to("readers.id", "SET NULL")),
    _required("source", Choice(Source)),
    _count("attempts"),
    Column("try_after", Instant),
    Column("known_ms", BigInteger),
    Column("known_at", Instant),
    Index(None, "reader_id"),
)

POSITION_QUESTIONS: Final = Table(
    "audible_position_questions",
    METADATA,
    Column("account_id", ROW_ID, _to("audible_config.id", "CASCADE"), primary_key=True),
    Column("asin", Text, primary_key=True),
    Column("reader_id", ROW_ID, _to("readers.id", "SET NULL")),
    _required("ours_ms", BigInteger),
    _required("ours_at", Instant),
    _required("theirs_ms", BigInteger),
    _required("theirs_at", Instant),
    _required("created_at", Instant),
    Index(None, "reader_id"),
)

GOALS: Final = _table(
    "goals",
    _required("reader_id", ROW_ID, _to("readers.id", "CASCADE")),
    _required("kind", Choice(GoalKind)),
    _required("starts_on", Date),
    _required("ends_on", Date),
    _required("target", Integer),
    _required("created_at", Instant),
    _required("updated_at", Instant),
    UniqueConstraint("reader_id", "kind", "starts_on", "ends_on"),
)
