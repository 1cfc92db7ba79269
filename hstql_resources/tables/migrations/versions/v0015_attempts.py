"""Make the table of keys that wait to be tried again."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the table and its index."""
    at = sa.DateTime(timezone=True)
    op.create_table(
        "attempts",
        sa.Column("asset", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tried_at", at, nullable=False),
        sa.Column("next_at", at, nullable=False),
    )
    op.create_index("attempts_asset_next_at_idx", "attempts", ["asset", "next_at"])
