"""Note in each row which transaction wrote it, and of what rows were deleted.

A column with a constant default is added at once, whatever the number of rows; the indexes take a
second for each million.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_FUNCTIONS = """
CREATE FUNCTION stamp_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.transaction_id := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
CREATE FUNCTION note_deleted_outcomes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deletions (name) SELECT DISTINCT asset FROM gone ORDER BY asset
    ON CONFLICT (name) DO UPDATE SET name = excluded.name;
    RETURN NULL;
END $$;
CREATE FUNCTION note_deleted_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deletions (name) SELECT DISTINCT 'files/' || left(rootname, 1) FROM gone
    ON CONFLICT (name) DO UPDATE SET name = excluded.name;
    RETURN NULL;
END $$;
"""


def upgrade() -> None:
    """Add the numbers of transactions and the table of deletions, both kept by triggers."""
    op.create_table("deletions", sa.Column("name", sa.Text(), primary_key=True))
    op.execute(_FUNCTIONS)
    for table in ("outcomes", "files", "products", "deletions"):
        number = sa.Column("transaction_id", sa.BigInteger, nullable=False, server_default="0")
        op.add_column(table, number)
        op.execute(
            f"CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION stamp_row()"
        )
    for table in ("outcomes", "files", "products"):
        op.create_index(f"{table}_transaction_id_idx", table, ["transaction_id"])
    for table in ("outcomes", "files"):
        op.execute(
            f"CREATE TRIGGER note_deleted AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone "
            f"FOR EACH STATEMENT EXECUTE FUNCTION note_deleted_{table}()"
        )
    op.create_index(
        "outcomes_decided_at_idx", "outcomes", ["decided_at", "asset"],
        postgresql_where=sa.text("remarks IS NOT NULL"),
    )  # fmt: skip
