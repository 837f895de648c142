"""Let titles be searched and put in order without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the text that is searched; the next fetch of a library fills it well."""
    op.add_column(
        "books",
        sa.Column("search_text", sa.Text, nullable=False, server_default=""),
    )
    op.execute("UPDATE books SET search_text = lower(title)")
    op.create_index("ix_books_search_text", "books", ["search_text"])
