"""Make the table of time-resolved spectra."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "time_resolved_spectra",
        sa.Column("rootname", sa.Text(), primary_key=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("segments", sa.Text(), nullable=False),
        sa.Column("intervals", sa.Integer(), nullable=False),
        sa.Column("interval_s", sa.Double(), nullable=False),
        sa.Column("wavelength_bins", sa.Integer(), nullable=False),
        sa.Column("bin_columns", sa.Integer(), nullable=False),
        sa.Column("gross_counts", sa.BigInteger(), nullable=False),
        sa.Column("exposure_s", sa.Double(), nullable=False),
        sa.Column("wave_min", sa.Double()),
        sa.Column("wave_max", sa.Double()),
        sa.Column("is_flux_calibrated", sa.Boolean(), nullable=False),
        sa.Column("x1d_ratio", sa.Double()),
        sa.Column("settings", sa.Text()),
        sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remarks", sa.Text()),
    )
