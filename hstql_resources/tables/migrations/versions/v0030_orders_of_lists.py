"""Add the indexes by which the lists of the site are sorted by target and by exposure time."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Add them; a second for each million observations."""
    op.create_index(
        "observations_target_name_order_idx", "observations", ["target_name", "rootname"]
    )
    op.create_index(
        "observations_exp_time_s_rootname_idx", "observations", ["exp_time_s", "rootname"]
    )
