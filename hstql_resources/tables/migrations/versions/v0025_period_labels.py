"""Say what red noise makes of a period, and what was found in a word."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add both."""
    op.add_column("statistics", sa.Column("red_noise_probability", sa.Double))
    op.add_column("statistics", sa.Column("period_label", sa.Text))
