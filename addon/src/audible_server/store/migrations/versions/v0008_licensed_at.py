"""Remember when a title's license was given: too many in a few days are throttled."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the instant; a license of before was given about when its file came."""
    op.add_column("books", sa.Column("licensed_at", sa.BigInteger))
    op.execute(
        "UPDATE books SET licensed_at = downloaded_at WHERE downloaded_at IS NOT NULL"
    )
