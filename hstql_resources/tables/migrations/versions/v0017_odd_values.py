"""Find at once the values that are of another kind than their column."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Index them."""
    op.create_index(
        "header_extras_table_name_keyword_kind_idx",
        "header_extras",
        ["table_name", "keyword", "kind"],
        postgresql_where=sa.text("reason = 'not of the kind of its column'"),
    )
