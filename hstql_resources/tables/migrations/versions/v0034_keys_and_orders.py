"""Add keys of programs that ask the site, the history of monitors, and indexes for lists."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add two tables, and indexes: some seconds for each million observations.

    The history begins with the states that are there.
    """
    op.create_table(
        "program_keys",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("person", "name", "digest")),
        sa.Column("made_at", _TIME, nullable=False, server_default=sa.func.now()),
        sa.Column("revoked_at", _TIME),
        sa.UniqueConstraint("digest", name="program_keys_digest_key"),
    )
    op.create_index("program_keys_person_idx", "program_keys", ["person"])
    op.create_table(
        "monitor_state_changes",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("monitor", "title", "state")),
        sa.Column("before", sa.Text),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
    )
    op.create_index("monitor_state_changes_monitor_idx", "monitor_state_changes", ["monitor"])
    op.execute(
        "INSERT INTO monitor_state_changes (monitor, title, state, summary, changed_at) "
        "SELECT monitor, title, state, summary, changed_at FROM monitor_states ORDER BY changed_at"
    )
    for name in ("detector", "filter"):
        _index(name, "rootname")
    for name in (
        "detector", "exp_time_s", "filter", "first_ingest_date", "proposal_id", "target_name",
    ):  # fmt: skip
        _index("instrument", name, "rootname")
    for name in ("rootname", "target"):
        op.create_index(
            f"observations_{name}_like_idx", "observations", [name],
            postgresql_ops={name: "text_pattern_ops"},
        )  # fmt: skip


def _index(*columns: str) -> None:
    op.create_index(f"observations_{'_'.join(columns)}_idx", "observations", list(columns))
