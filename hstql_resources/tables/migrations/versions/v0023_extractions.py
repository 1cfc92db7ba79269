"""Make the table of named extractions."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

TEXTS = ("path", "reason", "segments", "x1d_note", "remarks")
NUMBERS = (
    "bin_s", "background_counts", "net_counts_per_s", "mean_flux", "mean_flux_error",
    "weighted_flux", "weighted_flux_error", "band_flux", "band_flux_error", "band_angstrom",
    "exposure_s", "wave_min", "wave_max", "x1d_ratio",
)  # fmt: skip


def upgrade() -> None:
    """Make the table and its index."""
    op.create_table(
        "extractions",
        sa.Column("rootname", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("target", "about", "settings")),
        *(sa.Column(name, sa.Text()) for name in TEXTS),
        *(sa.Column(name, sa.Double()) for name in NUMBERS),
        sa.Column("bins", sa.Integer()),
        sa.Column("gross_counts", sa.BigInteger()),
        sa.Column("is_flux_calibrated", sa.Boolean()),
        sa.Column("is_background_subtracted", sa.Boolean()),
        sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("extractions_target_idx", "extractions", ["target"])
