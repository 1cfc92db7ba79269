"""Add the bad pixel tables that are made of superdarks."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"


def _columns(kind: object, *names: str, is_optional: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, kind(), nullable=is_optional) for name in names]  # type: ignore[operator]


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "bad_pixel_tables",
        *_columns(sa.Text, "filename"),
        *_columns(sa.Integer, "chip"),
        *_columns(sa.Text, "set_key", "instrument", "detector", "source"),
        *_columns(sa.Integer, "binning"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        *_columns(sa.Double, "first_mjd", "last_mjd"),
        *_columns(sa.Integer, "exposures", "pixels", "table_rows", "flagged_pixels"),
        *_columns(sa.Integer, "hot_pixels", "warm_pixels", "unstable_pixels"),
        *_columns(sa.Integer, "dead_pixels", is_optional=True),
        *_columns(sa.Integer, "unknown_pixels"),
        *_columns(sa.Integer, "new_pixels", "gone_pixels", is_optional=True),
        *_columns(sa.Text, "previous", "remark", is_optional=True),
        *_columns(sa.Text, "path"),
        sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("filename", "chip", name="bad_pixel_tables_pkey"),
    )
    op.create_index("bad_pixel_tables_set_key_idx", "bad_pixel_tables", ["set_key"])
    op.create_index(
        "bad_pixel_tables_detector_first_mjd_idx", "bad_pixel_tables", ["detector", "first_mjd"]
    )
