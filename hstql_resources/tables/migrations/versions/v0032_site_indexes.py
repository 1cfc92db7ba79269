"""Add the indexes by which the site lists a detector in time, and finds the flags that stand."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Add them; some seconds for each million observations."""
    op.create_index(
        "observations_detector_exp_start_mjd_rootname_idx", "observations",
        ["detector", "exp_start_mjd", "rootname"],
    )  # fmt: skip
    op.create_index(
        "anomaly_flags_standing_idx", "anomaly_flags", ["kind", "rootname"],
        postgresql_where=sa.text("unset_at IS NULL"),
    )  # fmt: skip
    op.create_index(
        "anomaly_flags_unset_at_idx", "anomaly_flags", ["unset_at"],
        postgresql_where=sa.text("unset_at IS NOT NULL"),
    )  # fmt: skip
