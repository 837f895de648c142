"""What somebody wants to have, and what they want to hear next."""

from alembic import context

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of wishlists and of what comes next."""
    context.config.attributes["run_sql_beside"](__file__)
