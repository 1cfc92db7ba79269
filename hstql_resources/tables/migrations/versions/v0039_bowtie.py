"""Add the ratios of flats of UVIS around a saturated one."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def _columns(kind: object, *names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, kind(), nullable=False) for name in names]  # type: ignore[operator]


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "bowtie",
        *_columns(sa.Text, "set_key", "rootname"),
        *_columns(sa.Integer, "chip"),
        *_columns(
            sa.Text, "before_rootname", "after_rootname", "detector", "lamp", "filter_name",
        ),
        *_columns(sa.Double, "exposure_s", "saturated_exposure_s"),
        *_columns(sa.Integer, "binning"),
        *_columns(sa.Text, "source"),
        *_columns(
            sa.Double, "before_mjd", "after_mjd", "days", "level", "saturated_share", "ratio",
            "ratio_error", "normalised", "lamp_ratio", "pattern", "pattern_error", "pattern_range",
        ),
        *_columns(sa.Integer, "blocks", "pixels"),
        *_columns(sa.Text, "path"),
        sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("set_key", "rootname", "chip", name="bowtie_pkey"),
    )  # fmt: skip
    op.create_index("bowtie_before_mjd_rootname_idx", "bowtie", ["before_mjd", "rootname"])
    for name in ("before_rootname", "after_rootname"):
        op.create_index(f"bowtie_{name}_idx", "bowtie", [name])
