"""Make the tables of what is heard on the page, of what happened, and of chapters."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "positions",
        sa.Column("asin", sa.Text, nullable=False),
        sa.Column("position_ms", sa.BigInteger, nullable=False),
        sa.Column("heard_at", sa.BigInteger, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("asin", name="pk_positions"),
    )
    op.create_table(
        "bookmarks",
        sa.Column("bookmark_id", sa.Text, nullable=False),
        sa.Column("asin", sa.Text, nullable=False),
        sa.Column("position_ms", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("bookmark_id", name="pk_bookmarks"),
    )
    op.create_index("ix_bookmarks_asin", "bookmarks", ["asin"])
    op.create_table(
        "events",
        sa.Column("event_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_events"),
    )
    op.create_table(
        "chapters",
        sa.Column("asin", sa.Text, nullable=False),
        sa.Column("chapters", sa.Text, nullable=False),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("asin", name="pk_chapters"),
    )
