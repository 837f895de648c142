"""Add the table of files in the library folder, and more of what the shop says."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the column."""
    op.add_column("books", sa.Column("details", sa.Text))
    op.create_table(
        "files",
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("asin", sa.Text),
        sa.Column("recognized_by", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("header", sa.Text, nullable=False),
        sa.Column("duration_ms", sa.BigInteger),
        sa.Column("probed_ms", sa.BigInteger),
        sa.PrimaryKeyConstraint("path", name="pk_files"),
    )
    op.create_index("ix_files_asin", "files", ["asin"])
