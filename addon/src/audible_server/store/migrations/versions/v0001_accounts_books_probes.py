"""Make the first tables: accounts, books, probes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_accounts()
    _make_books()
    _make_probes()


def _make_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Text, nullable=False),
        sa.Column("country_code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("credentials", sa.Text, nullable=False),
        sa.Column("activation_bytes", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("library_fetched_at", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.Column("error_text", sa.Text),
        sa.PrimaryKeyConstraint("account_id", name="pk_accounts"),
    )


def _make_books() -> None:
    op.create_table(
        "books",
        sa.Column("asin", sa.Text, nullable=False),
        sa.Column("account_id", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("authors", sa.Text, nullable=False),
        sa.Column("runtime_ms", sa.BigInteger),
        sa.Column("cover_url", sa.Text),
        sa.Column("codecs", sa.Text, nullable=False),
        sa.Column("is_plus", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("local_path_converted", sa.Text),
        sa.Column("local_path_aax", sa.Text),
        sa.Column("duration_ms", sa.BigInteger),
        sa.Column("codec", sa.Text),
        sa.Column("size_bytes", sa.BigInteger),
        sa.Column("downloaded_bytes", sa.BigInteger),
        sa.Column("voucher", sa.Text),
        sa.Column("license_count", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("error_text", sa.Text),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("asin", name="pk_books"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.account_id"],
            name="fk_books_account_id",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_books_account_id", "books", ["account_id"])
    op.create_index("ix_books_state", "books", ["state"])


def _make_probes() -> None:
    op.create_table(
        "probes",
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_probes"),
    )
