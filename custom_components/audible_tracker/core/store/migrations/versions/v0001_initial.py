"""Accounts, titles, books, reads, links, conflicts, logs, the ledger and events."""

from alembic import context

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything that the first release needs."""
    context.config.attributes["run_sql_beside"](__file__)
