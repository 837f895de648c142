"""When positions were asked for last: in the account's row, not in each title's."""

from alembic import context

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the next poll fills it."""
    context.config.attributes["run_sql_beside"](__file__)
