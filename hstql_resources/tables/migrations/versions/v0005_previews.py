"""The pictures of images, spectra and event lists."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TIMESTAMP = sa.DateTime(timezone=True)

REQUIRED = (
    ("filename", sa.Text, "FITS file without folder and without .gz"),
    ("number", sa.Integer, "Of the picture of this file, from 1"),
    ("rootname", sa.Text, "Exposure or association"),
    ("filetype", sa.Text, "What follows the rootname, such as flt"),
    ("kind", sa.Text, "image, spectrum or events"),
    (
        "extver",
        sa.Integer,
        "EXTVER of the extension shown; of chips that are shown together the first",
    ),
    ("path", sa.Text, "Path of the picture, JPEG at full resolution"),
    ("thumbnail_path", sa.Text, "Path of the thumbnail, JPEG of 128 pixels at most"),
    ("width", sa.Integer, "Columns of the picture, pixels"),
    ("height", sa.Integer, "Rows of the picture, pixels"),
    ("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC"),
)
OPTIONAL = (
    (
        "low_value",
        sa.Double,
        "1st percentile of the good pixels, which is black, or lower end of the flux axis",
    ),
    (
        "high_value",
        sa.Double,
        "99th percentile of the good pixels, or upper end of the flux axis",
    ),
    ("unit", sa.Text, "Unit of these values, as in the file"),
    ("place", sa.Text, "Part of the detector that was read; NULL if all of it or not known"),
    ("note", sa.Text, "Why there is nothing to be seen, one sentence; NULL if there is"),
)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "previews",
        *(_column(*column, required=True) for column in REQUIRED),
        *(_column(*column, required=False) for column in OPTIONAL),
        sa.Column(
            "is_preferred",
            sa.Boolean,
            comment="Whether it stands for its observation; one row does",
            nullable=False,
            server_default=sa.false(),
        ),
        sa.PrimaryKeyConstraint("filename", "number", name="previews_pkey"),
        sa.CheckConstraint(
            "kind IN ('image', 'spectrum', 'events')", name=op.f("previews_kind_check")
        ),
        comment="One row per picture of a FITS file; a file can have several",
    )
    op.create_index("previews_rootname_idx", "previews", ["rootname"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("previews")


def _column(
    name: str, kind: sa.types.TypeEngine[Any] | type, comment: str, *, required: bool
) -> sa.Column[object]:
    return sa.Column(name, kind, comment=comment, nullable=not required)
