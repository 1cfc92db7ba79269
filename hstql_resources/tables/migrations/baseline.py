"""Take over databases that were made before the baseline, if their tables are those of it.

The tables once came by twelve migrations, 0001 to 0012. No version with them was ever released, so
a database whose tables are not those of the last of them is not brought further.
"""

from importlib.resources import files

from sqlalchemy import Connection, text

BASELINE = "0013"
OLD_REVISIONS = frozenset(f"{number:04}" for number in range(1, 13))

# What the tables of a schema consist of, a row for each column, constraint and index.
_PARTS = """
SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull::text,
       pg_get_expr(adbin, adrelid)
FROM pg_class AS relation
JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relkind = 'r' AND relnamespace = {schema}
UNION ALL
SELECT relname, conname, pg_get_constraintdef(limits.oid), NULL, NULL
FROM pg_constraint AS limits JOIN pg_class AS relation ON relation.oid = conrelid
WHERE contype <> 'n' AND relnamespace = {schema}
UNION ALL
SELECT relation.relname, of_index.relname,
       substring(pg_get_indexdef(indexrelid) FROM ' USING .*'), indisunique::text, NULL
FROM pg_index
JOIN pg_class AS relation ON relation.oid = indrelid
JOIN pg_class AS of_index ON of_index.oid = indexrelid
WHERE relation.relnamespace = {schema}
"""
_MISSING = text(
    f"({_PARTS.format(schema='pg_my_temp_schema()')}) EXCEPT "
    f"({_PARTS.format(schema='CAST(:schema AS regnamespace)')}) ORDER BY 1, 2"
)


def read_baseline() -> str:
    """Return the statements that make the tables of the baseline."""
    return (files(__package__) / "baseline.sql").read_text()


def find_difference(connection: Connection) -> str | None:
    """Return the first part of the baseline that a database does not have; None if it has all.

    The tables are made once more as temporary ones, to be compared in the catalog.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction, without temporary tables.

    Returns
    -------
    str or None
        Such as `files.origin`: the table, and its column, constraint or index.
    """
    schema = connection.scalar(text("SELECT current_schema()"))
    attempt = connection.begin_nested()
    connection.exec_driver_sql(f"SET LOCAL search_path TO pg_temp;\n{read_baseline()}")
    missing = connection.execute(_MISSING, {"schema": schema}).first()
    attempt.rollback()
    return None if missing is None else f"{missing[0]}.{missing[1]}"
