"""Add what the monitor of dark rates sums of them; it fills the tables when it is made next."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Add two tables."""
    texts = {name: sa.Column(name, sa.Text(), nullable=False) for name in
             ("filename", "region", "rootname", "detector")}  # fmt: skip
    op.create_table(
        "dark_sums",
        *texts.values(),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("start_mjd", sa.Double(), nullable=False),
        sa.Column("last_mjd", sa.Double(), nullable=False),
        sa.Column("pixels", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Integer()),
        sa.Column("all_counts", sa.Integer()),
        sa.Column("live_time_s", sa.Double()),
        sa.Column("mjd", sa.Double()),
        sa.Column("temperature_c", sa.Double()),
        sa.Column("first_ingest_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_ingest_date", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("filename", "region", name="dark_sums_pkey"),
    )
    op.create_index("dark_sums_rootname_idx", "dark_sums", ["rootname"])
    op.create_index("dark_sums_block_idx", "dark_sums", ["block"])
    op.create_table(
        "dark_cells",
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("detector", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("counts", sa.BigInteger(), nullable=False),
        sa.Column("live_time_s", sa.Double(), nullable=False),
        sa.Column("stretches", sa.Integer(), nullable=False),
        sa.Column("pixels", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("block", "detector", "kind", "x", "y", name="dark_cells_pkey"),
    )
