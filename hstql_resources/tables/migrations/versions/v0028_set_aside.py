"""Add to files when one was set aside: removed, for it can be fetched again."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Add the column, with an index that is empty where everything is kept."""
    op.add_column("files", sa.Column("set_aside_at", sa.DateTime(timezone=True)))
    op.create_index(
        "files_set_aside_at_idx", "files", ["set_aside_at"],
        postgresql_where=sa.text("set_aside_at IS NOT NULL"),
    )  # fmt: skip
