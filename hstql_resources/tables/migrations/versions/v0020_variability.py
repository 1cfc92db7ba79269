"""Say whether a lightcurve varies more than events of a constant source do."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add what tells it."""
    op.add_column("statistics", sa.Column("stdev_over_error", sa.Double))
    op.add_column("statistics", sa.Column("variability_probability", sa.Double))
    op.add_column("statistics", sa.Column("is_variable", sa.Boolean))
