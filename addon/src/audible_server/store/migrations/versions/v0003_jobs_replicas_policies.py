"""Jobs, the servers that share the database, and what the download policies need."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('queued', 'running', 'paused')")


def upgrade() -> None:
    """Make the tables and columns."""
    _make_jobs()
    _make_replicas_and_paces()
    _add_policies()


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("wish", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("step", sa.Text),
        sa.Column("fraction", sa.Float),
        sa.Column("done_bytes", sa.BigInteger),
        sa.Column("total_bytes", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.Column("error_text", sa.Text),
        sa.Column("queue_number", sa.BigInteger),
        sa.Column("lease", sa.Text),
        sa.Column("not_before", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_jobs"),
    )
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["kind", "subject"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_jobs_state", "jobs", ["state"])


def _make_replicas_and_paces() -> None:
    op.create_table(
        "replicas",
        sa.Column("replica_id", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("revision", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("replica_id", name="pk_replicas"),
    )
    op.create_table(
        "paces",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("tokens", sa.Float, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_paces"),
    )


def _add_policies() -> None:
    op.add_column("accounts", sa.Column("baseline_at", sa.BigInteger))
    op.add_column("books", sa.Column("listed_at", sa.BigInteger))
    op.add_column("books", sa.Column("downloaded_at", sa.BigInteger))
    op.add_column(
        "books",
        sa.Column(
            "is_unwanted",
            sa.Boolean,
            nullable=False,
            server_default=sa.text("false"),
        ),
    )
    op.create_table(
        "made_files",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("asin", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_made_files"),
    )
    op.create_index("ix_made_files_asin", "made_files", ["asin"])
    # What was downloaded before this table came is known by its license.
    op.execute(
        "INSERT INTO made_files (name, asin, made_at) "
        "SELECT local_path_aax, asin, updated_at FROM books "
        "WHERE local_path_aax IS NOT NULL AND voucher IS NOT NULL"
    )
    op.execute(
        "UPDATE books SET downloaded_at = updated_at "
        "WHERE local_path_aax IS NOT NULL AND voucher IS NOT NULL"
    )
