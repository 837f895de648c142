"""Goals."""

from alembic import context

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of what readers want to reach."""
    context.config.attributes["run_sql_beside"](__file__)
