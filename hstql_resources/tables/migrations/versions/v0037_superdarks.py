"""Add the superdarks that are made of windows of darks."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def _columns(kind: object, *names: str, is_optional: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, kind(), nullable=is_optional) for name in names]  # type: ignore[operator]


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "superdarks",
        *_columns(sa.Text, "filename"),
        *_columns(sa.Integer, "chip"),
        *_columns(sa.Text, "set_key", "filetype", "detector"),
        *_columns(sa.Integer, "binning"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        *_columns(sa.Double, "first_mjd", "last_mjd"),
        *_columns(sa.Integer, "frames", "master_frames"),
        *_columns(sa.Double, "median_dark", is_optional=True),
        *_columns(sa.Integer, "hot_pixels"),
        *_columns(sa.Double, "hot_fraction"),
        *_columns(sa.Integer, "bad_pixels"),
        *_columns(sa.Double, "lowest_threshold", is_optional=True),
        *_columns(sa.Integer, "new_hot", "gone_hot", is_optional=True),
        *_columns(sa.Double, "median_difference", is_optional=True),
        *_columns(sa.Text, "previous", "remark", is_optional=True),
        *_columns(sa.Text, "path"),
        *_columns(sa.Text, "tile_path", is_optional=True),
        sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("filename", "chip", name="superdarks_pkey"),
    )
    op.create_index("superdarks_set_key_idx", "superdarks", ["set_key"])
    op.create_index(
        "superdarks_detector_filetype_first_mjd_idx",
        "superdarks",
        ["detector", "filetype", "first_mjd"],
    )
