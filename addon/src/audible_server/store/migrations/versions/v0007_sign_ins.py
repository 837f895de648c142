"""Remember when an account was signed in again."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the instant; of what was handed over before, nobody knows it."""
    op.add_column("accounts", sa.Column("signed_in_at", sa.BigInteger))
