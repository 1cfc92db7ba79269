"""Add the light of standard stars, and its change over time."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def _columns(kind: object, *names: str, is_optional: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, kind(), nullable=is_optional) for name in names]  # type: ignore[operator]


def upgrade() -> None:
    """Add two tables."""
    op.create_table(
        "throughput",
        *_columns(sa.Text, "rootname", "filename", "filetype", "instrument", "detector"),
        *_columns(sa.Integer, "chip"),
        *_columns(sa.Text, "amplifier", "filter_name"),
        *_columns(sa.Double, "pivot", is_optional=True),
        *_columns(sa.Text, "star"),
        *_columns(sa.Double, "exp_start_mjd", "exp_time_s"),
        *_columns(sa.Boolean, "is_subarray"),
        *_columns(
            sa.Double, "rate", "rate_error", "photon_error", "read_error", "sky_error", "aperture",
            "sky_level", "sky_sigma",
        ),
        *_columns(sa.Integer, "sky_pixels"),
        *_columns(sa.Double, "pixel_area", is_optional=True),
        *_columns(sa.Double, "image_column", "image_row", "offset", "peak"),
        *_columns(sa.Integer, "cosmic_ray_pixels", "flagged_pixels"),
        sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rootname", name="throughput_pkey"),
    )  # fmt: skip
    op.create_index(
        "throughput_detector_filter_name_exp_start_mjd_idx",
        "throughput",
        ["detector", "filter_name", "exp_start_mjd"],
    )
    op.create_table(
        "throughput_slopes",
        *_columns(sa.Text, "detector"),
        *_columns(sa.Integer, "chip"),
        *_columns(sa.Text, "filter_name", "filetype"),
        *_columns(sa.Double, "pivot", is_optional=True),
        *_columns(sa.Integer, "exposures", "odd_exposures"),
        *_columns(sa.Double, "first_mjd", "last_mjd"),
        *_columns(sa.Double, "slope", "slope_error", "chi_square", is_optional=True),
        sa.PrimaryKeyConstraint(
            "detector", "chip", "filter_name", "filetype", name="throughput_slopes_pkey"
        ),
    )
