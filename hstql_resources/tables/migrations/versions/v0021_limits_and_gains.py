"""Give dark rates their Poisson limits, and say where the gain of an amplifier is from."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the columns."""
    for name in ("rate", "all_rate"):
        op.add_column("dark_rates", sa.Column(f"{name}_lower", sa.Double))
        op.add_column("dark_rates", sa.Column(f"{name}_upper", sa.Double))
    op.add_column("image_statistics", sa.Column("gain_source", sa.Text))
