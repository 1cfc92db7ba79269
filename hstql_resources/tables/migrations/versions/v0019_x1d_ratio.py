"""Say how a lightcurve compares with the x1d of its exposure."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the ratio and the reasons."""
    op.add_column("lightcurves", sa.Column("x1d_ratio", sa.Double))
    op.add_column("lightcurves", sa.Column("x1d_note", sa.Text))
