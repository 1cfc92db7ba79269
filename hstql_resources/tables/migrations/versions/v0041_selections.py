"""Keep by which table of selection an exposure was measured."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Add the column."""
    op.add_column("outcomes", sa.Column("selection", sa.Text()))
