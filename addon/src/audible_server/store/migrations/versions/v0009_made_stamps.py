"""Know the files that the server made by their size and time, too."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; of files of before they are not known."""
    op.add_column("made_files", sa.Column("size_bytes", sa.BigInteger))
    op.add_column("made_files", sa.Column("mtime_ns", sa.BigInteger))
