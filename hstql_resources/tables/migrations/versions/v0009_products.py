"""What the archive lists, where files came from, and when decisions last had another result."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"

TIMESTAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table `products` and the new columns of `files` and `outcomes`."""
    _make_products()
    _extend_files()
    _extend_outcomes()


def downgrade() -> None:
    """Drop them."""
    op.drop_column("outcomes", "changed_at")
    for name in ("origin", "archived_at", "reference_files"):
        op.drop_column("files", name)
    op.drop_table("products")


def _make_products() -> None:
    op.create_table(
        "products",
        _column("filename", sa.Text, "Name of the file without folder and without .gz", False),
        _column("rootname", sa.Text, "Exposure or association", False),
        _column(
            "dataset",
            sa.Text,
            "Data set that it is listed under: its association, or the exposure",
            False,
        ),
        _column("uri", sa.Text, "Where the archive has it", False),
        _column("size_bytes", sa.BigInteger, "Size that the archive tells, bytes"),
        _column("access", sa.Text, "public or proprietary", False),
        _column("released_at", TIMESTAMP, "When it becomes or became public, UTC"),
        _column("archived_at", TIMESTAMP, "When the archive last took in its data set, UTC"),
        _column("listed_at", TIMESTAMP, "When the archive was last asked, UTC", False),
        sa.PrimaryKeyConstraint("filename", name="products_pkey"),
        comment="One row per file that the archive lists",
    )
    for name in ("rootname", "dataset"):
        op.create_index(f"products_{name}_idx", "products", [name])


def _extend_files() -> None:
    for name, kind, comment in (
        (
            "origin",
            sa.Text,
            "Where it came from: archive, or the pipeline that made it here, such as calcos",
        ),
        (
            "archived_at",
            TIMESTAMP,
            "When the archive had last taken in its data set as it was fetched, UTC",
        ),
        (
            "reference_files",
            JSONB,
            "Calibration reference files by the keyword that names them, such as FLATFILE",
        ),
    ):
        op.add_column("files", _column(name, kind, comment))
    # Corrected events of STIS were all made here; everything else came from the archive.
    op.execute(
        "UPDATE files SET origin = CASE WHEN rootname LIKE 'o%' AND filetype = 'corrtag' "
        "THEN 'hstql' ELSE 'archive' END"
    )


def _extend_outcomes() -> None:
    comment = "When a decision last had another result than the one before it, UTC"
    op.add_column("outcomes", _column("changed_at", TIMESTAMP, comment))
    op.execute("UPDATE outcomes SET changed_at = decided_at")
    op.alter_column("outcomes", "changed_at", nullable=False)


def _column(name: str, kind: Any, comment: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable, comment=comment)
