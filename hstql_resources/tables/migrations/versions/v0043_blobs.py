"""Add the blobs of WFC3 IR: windows of days, what is in each, and the list."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"


def _columns(kind: object, *names: str, is_optional: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, kind(), nullable=is_optional) for name in names]  # type: ignore[operator]


def upgrade() -> None:
    """Add three tables."""
    op.create_table(
        "blob_windows",
        *_columns(sa.Text, "set_key", "detector"),
        *_columns(sa.Double, "first_mjd", "last_mjd", "middle_mjd"),
        *_columns(sa.Integer, "frames"),
        *_columns(sa.Text, "filters"),
        *_columns(sa.Integer, "binning"),
        *_columns(sa.Double, "noise"),
        *_columns(sa.Integer, "blobs", "put_in", "recovered", "false_alarms"),
        *_columns(sa.Double, "shown_share"),
        *_columns(sa.Text, "path"),
        sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("set_key", name="blob_windows_pkey"),
    )
    op.create_index("blob_windows_middle_mjd_idx", "blob_windows", ["middle_mjd"])
    op.create_table(
        "blobs",
        *_columns(sa.Text, "set_key"),
        *_columns(sa.Integer, "number"),
        *_columns(
            sa.Double, "x", "y", "place_error", "radius", "radius_error", "depth", "depth_error",
            "significance",
        ),
        sa.PrimaryKeyConstraint("set_key", "number", name="blobs_pkey"),
    )  # fmt: skip
    op.create_table(
        "blob_list",
        *_columns(sa.Integer, "number"),
        *_columns(sa.Double, "x", "y", "radius", "depth", "first_seen_mjd"),
        *_columns(sa.Double, "not_seen_mjd", is_optional=True),
        *_columns(sa.Double, "last_seen_mjd"),
        *_columns(sa.Integer, "windows_seen", "windows_since"),
        sa.PrimaryKeyConstraint("number", name="blob_list_pkey"),
    )
