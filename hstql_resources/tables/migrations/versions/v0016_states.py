"""Add when monitors become stale, and whether stims are out of their places."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("monitor_states", sa.Column("stale_at", sa.DateTime(timezone=True)))
    for stim in (1, 2):
        op.add_column("stim_pulses", sa.Column(f"stim{stim}_flag", sa.Text()))
