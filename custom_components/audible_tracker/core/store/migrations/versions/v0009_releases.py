"""What comes out in a series that somebody reads."""

from alembic import context

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the next days fill it."""
    context.config.attributes["run_sql_beside"](__file__)
