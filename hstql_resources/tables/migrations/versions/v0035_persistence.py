"""Add what exposures of the infrared detector leave in later ones."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def _columns(kind: object, *names: str, is_optional: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, kind(), nullable=is_optional) for name in names]  # type: ignore[operator]


def upgrade() -> None:
    """Add two tables."""
    op.create_table(
        "persistence",
        *_columns(sa.Text, "rootname"),
        *_columns(sa.Double, "exp_start_mjd"),
        *_columns(sa.Text, "source", "model"),
        *_columns(sa.Integer, "predecessors", "used", "unusable"),
        *_columns(
            sa.Double, "above_001", "above_003", "above_01", "external_above_001",
            "external_above_003", "external_above_01", "highest_e_per_s", is_optional=True,
        ),
        *_columns(
            sa.Double, "unknown", "leaves_half", "leaves_1", "leaves_2", "leaves_5", "leaves_10"
        ),
        *_columns(sa.Text, "path", is_optional=True),
        *_columns(sa.Text, "members"),
        sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rootname", name="persistence_pkey"),
    )  # fmt: skip
    op.create_index("persistence_exp_start_mjd_idx", "persistence", ["exp_start_mjd"])
    op.create_table(
        "persistence_stimuli",
        *_columns(sa.Text, "rootname", "stimulus"),
        *_columns(sa.Double, "delay_s", "exposure_s", is_optional=True),
        *_columns(sa.Boolean, "is_external"),
        *_columns(sa.Double, "above_001", "leads", is_optional=True),
        *_columns(sa.Text, "reason", "detail", is_optional=True),
        sa.PrimaryKeyConstraint("rootname", "stimulus", name="persistence_stimuli_pkey"),
    )
    op.create_index("persistence_stimuli_stimulus_idx", "persistence_stimuli", ["stimulus"])
