"""Keep remarks: what was left out of what was made, or is odd about it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

TABLES = ("outcomes", "observations", "lightcurves", "composites")


def upgrade() -> None:
    """Add the columns."""
    for table in TABLES:
        op.add_column(table, sa.Column("remarks", sa.Text()))
