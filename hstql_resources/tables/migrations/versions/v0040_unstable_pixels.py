"""Add maps of unstable pixels of WFC3 IR, and lists of these pixels."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def _columns(kind: object, *names: str, is_optional: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, kind(), nullable=is_optional) for name in names]  # type: ignore[operator]


def upgrade() -> None:
    """Add two tables."""
    kinds = [f"{kind}_{amplifier}" for kind in ("judged", "unstable") for amplifier in "abcd"]
    op.create_table(
        "unstable_pixel_maps",
        *_columns(sa.Text, "set_key", "detector"),
        *_columns(sa.Integer, "binning"),
        *_columns(sa.Text, "sample_sequence"),
        *_columns(sa.Integer, "reads"),
        *_columns(sa.Text, "source"),
        *_columns(sa.Double, "first_mjd", "last_mjd"),
        *_columns(sa.Integer, "frames", "judged", "unstable", "not_judged"),
        *_columns(sa.Integer, *kinds, is_optional=True),
        *_columns(sa.Double, "median_rate", is_optional=True),
        *_columns(sa.Text, "remark", is_optional=True),
        *_columns(sa.Text, "path"),
        sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("set_key", name="unstable_pixel_maps_pkey"),
    )
    op.create_index(
        "unstable_pixel_maps_detector_first_mjd_idx",
        "unstable_pixel_maps",
        ["detector", "first_mjd"],
    )
    op.create_table(
        "unstable_pixels",
        *_columns(sa.Text, "set_key"),
        *_columns(sa.Integer, "pix1", "pix2"),
        *_columns(sa.Text, "amplifier", is_optional=True),
        *_columns(sa.Integer, "frames"),
        *_columns(sa.Double, "share", "rate"),
        *_columns(sa.Double, "rate_error", is_optional=True),
        *_columns(sa.Double, "off_rate", "off_spread"),
        sa.PrimaryKeyConstraint("set_key", "pix1", "pix2", name="unstable_pixels_pkey"),
    )
