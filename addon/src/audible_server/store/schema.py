"""The server's tables. Instants are epoch milliseconds, JSON is text, texts sealed."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
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
    Column("error", Text),
    Column("error_text", Text),
    Column("updated_at", BigInteger, nullable=False),
    Index(None, "account_id"),
    Index(None, "state"),
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
