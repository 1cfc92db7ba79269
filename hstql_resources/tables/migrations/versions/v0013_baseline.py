"""Make all tables as they were when migrations began: `baseline.sql`, which never changes."""

from alembic import op

from hstql_resources.tables.migrations.baseline import read_baseline

revision = "0013"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.get_bind().exec_driver_sql(read_baseline())
    op.execute("COMMENT ON TABLE alembic_version IS 'The migration that the tables are at'")
    op.execute("COMMENT ON COLUMN alembic_version.version_num IS 'Name of the migration'")
