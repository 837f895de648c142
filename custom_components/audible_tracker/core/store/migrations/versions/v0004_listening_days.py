"""Whose listening days are; what was asked when; titles heard again; pauses end."""

from alembic import context

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and indexes, and correct one rule."""
    context.config.attributes["run_sql_beside"](__file__)
