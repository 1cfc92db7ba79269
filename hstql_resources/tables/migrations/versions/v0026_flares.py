"""Make the table of flares."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

NUMBERS = ("start_mjd", "end_mjd", "peak_mjd", "significance", "counts")
UNKNOWN = (
    "equivalent_duration_s", "equivalent_duration_error_s", "fluence", "fluence_error",
)  # fmt: skip


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "flares",
        sa.Column("rootname", sa.Text(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in NUMBERS),
        *(sa.Column(name, sa.Double()) for name in UNKNOWN),
        sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False),
    )
