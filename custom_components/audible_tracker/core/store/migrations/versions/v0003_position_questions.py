"""Questions about two places; a clock set back; what is paused is not being read."""

from alembic import context

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of questions, and correct one rule and one view."""
    context.config.attributes["run_sql_beside"](__file__)
