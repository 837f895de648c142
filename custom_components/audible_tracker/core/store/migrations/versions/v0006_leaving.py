"""Until when a title of Plus can be heard."""

from alembic import context

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the next library fills it."""
    context.config.attributes["run_sql_beside"](__file__)
