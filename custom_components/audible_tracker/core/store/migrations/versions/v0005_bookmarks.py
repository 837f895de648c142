"""Bookmarks."""

from alembic import context

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of the places that readers have marked."""
    context.config.attributes["run_sql_beside"](__file__)
