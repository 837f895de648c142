"""The server's tables. Instants are epoch milliseconds, JSON is text, texts sealed."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

ACCOUNTS: Final = Table(
    "accounts",
    METADATA,
    Column("account_id", Text, primary_key=True),
    Column("country_code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("credentials", Text, nullable=False),
    Column("activation_bytes", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("library_fetched_at", BigInteger),
    Column("error", Text),
    Column("error_text", Text),
    Column("baseline_at", BigInteger),
    Column("signed_in_at", BigInteger),
)

BOOKS: Final = Table(
    "books",
    METADATA,
    Column("asin", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.account_id", ondelete="SET NULL")),
    Column("title", Text, nullable=False),
    Column("authors", Text, nullable=False),
    Column("runtime_ms", BigInteger),
    Column("cover_url", Text),
    Column("codecs", Text, nullable=False),
    Column("details", Text),
    Column("is_plus", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("local_path_converted", Text),
    Column("local_path_aax", Text),
    Column("duration_ms", BigInteger),
    Column("codec", Text),
    Column("size_bytes", BigInteger),
    Column("downloaded_bytes", BigInteger),
    Column("voucher", Text),
    Column("license_count", Integer, nullable=False),
    Column("licensed_at", BigInteger),
    Column("error", Text),
    Column("error_text", Text),
    Column("updated_at", BigInteger, nullable=False),
    Column("listed_at", BigInteger),
    Column("search_text", Text, nullable=False, server_default=""),
    Column("downloaded_at", BigInteger),
    Column("is_unwanted", Boolean, nullable=False, server_default=text("false")),
    Index(None, "account_id"),
    Index(None, "state"),
    Index(None, "search_text"),
)

PROBES: Final = Table(
    "probes",
    METADATA,
    Column("path", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("result", Text, nullable=False),
)

FILES: Final = Table(
    "files",
    METADATA,
    Column("path", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("asin", Text),
    Column("recognized_by", Text),
    Column("reason", Text),
    Column("header", Text, nullable=False),
    Column("duration_ms", BigInteger),
    Column("probed_ms", BigInteger),
    Index(None, "asin"),
)

OPEN_JOB: Final = text("state IN ('queued', 'running', 'paused')")
"""The condition of the index that allows one open job of a kind per subject."""

JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("number", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("wish", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("step", Text),
    Column("fraction", Float),
    Column("done_bytes", BigInteger),
    Column("total_bytes", BigInteger),
    Column("error", Text),
    Column("error_text", Text),
    Column("queue_number", BigInteger),
    Column("lease", Text),
    Column("not_before", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("updated_at", BigInteger, nullable=False),
    Index(
        "ix_jobs_open",
        "kind",
        "subject",
        unique=True,
        sqlite_where=OPEN_JOB,
        postgresql_where=OPEN_JOB,
    ),
    Index(None, "state"),
)

MADE_FILES: Final = Table(
    "made_files",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("asin", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("size_bytes", BigInteger),
    Column("mtime_ns", BigInteger),
    Index(None, "asin"),
)

REPLICAS: Final = Table(
    "replicas",
    METADATA,
    Column("replica_id", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("revision", Text, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

PACES: Final = Table(
    "paces",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

POSITIONS: Final = Table(
    "positions",
    METADATA,
    Column("asin", Text, primary_key=True),
    Column("position_ms", BigInteger, nullable=False),
    Column("heard_at", BigInteger, nullable=False),
    # When it was last told; while somebody listens, not every second is.
    Column("told_at", BigInteger, nullable=False),
)

BOOKMARKS: Final = Table(
    "bookmarks",
    METADATA,
    Column("bookmark_id", Text, primary_key=True),
    Column("asin", Text, nullable=False),
    Column("position_ms", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index(None, "asin"),
)

EVENTS: Final = Table(
    "events",
    METADATA,
    # Grows with the clock, also when the database begins anew.
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("data", Text, nullable=False),
)

CHAPTERS: Final = Table(
    "chapters",
    METADATA,
    Column("asin", Text, primary_key=True),
    Column("chapters", Text, nullable=False),
    Column("fetched_at", BigInteger, nullable=False),
)

PARTS: Final = Table(
    "parts",
    METADATA,
    Column("asin", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("size_bytes", BigInteger),
    Column("spans", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

QUARANTINE: Final = Table(
    "quarantine",
    METADATA,
    Column("path", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("noted_at", BigInteger, nullable=False),
)
