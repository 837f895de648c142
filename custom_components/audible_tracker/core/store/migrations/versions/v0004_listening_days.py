"""Whose listening days are, and when they were asked for; a pause has an end."""

from alembic import context

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns, and correct one rule."""
    context.config.attributes["run_sql_beside"](__file__)
