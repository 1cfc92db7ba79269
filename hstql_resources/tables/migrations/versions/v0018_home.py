"""Add which home the database belongs to, and where that was last found."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the table; the next start of a home fills it, and brings the paths of all tables."""
    op.create_table(
        "home",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("archive", sa.Text()),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
