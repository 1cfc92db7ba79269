"""What a schema consists of, as lines, to compare two databases."""

from sqlalchemy import Connection, text

from hstql_resources.tables.views import HEADER_VIEWS

_HEADER_TABLES = text("""
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'headers'::regclass ORDER BY relname
""")
# Header tables, and the views that show them, depend on what files were seen.
_SEEN = [view.name for view in HEADER_VIEWS]
_LISTING = text("""
WITH relation AS (
    SELECT pg_class.*, relnamespace::regnamespace || '.' || relname AS name FROM pg_class
    WHERE relnamespace::regnamespace::text
          IN ('public', 'hstlc', 'acsql', 'quicklook', 'cosmo', 'ivoa')
      AND relkind IN ('r', 'v') AND relname <> ALL(:seen)
)
SELECT concat_ws(' ', 'relation', name, relkind, relacl, obj_description(oid, 'pg_class'),
                 CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) END)
FROM relation
UNION ALL
SELECT concat_ws(' ', 'column', name, attname, format_type(atttypid, atttypmod), attnotnull,
                 pg_get_expr(adbin, adrelid), col_description(relation.oid, attnum))
FROM relation JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
UNION ALL
SELECT concat_ws(' ', 'constraint', name, conname, pg_get_constraintdef(pg_constraint.oid))
FROM relation JOIN pg_constraint ON conrelid = relation.oid
UNION ALL
SELECT concat_ws(' ', 'index', name, pg_get_indexdef(indexrelid))
FROM relation JOIN pg_index ON indrelid = relation.oid
UNION ALL
SELECT concat_ws(' ', 'function', proname) FROM pg_proc
WHERE pronamespace::regnamespace::text IN ('public', 'hstlc', 'acsql', 'quicklook', 'cosmo', 'ivoa')
UNION ALL
SELECT concat_ws(' ', 'schema', nspname, obj_description(oid, 'pg_namespace')) FROM pg_namespace
WHERE nspname !~ '^pg_'
ORDER BY 1
""")


def list_header_tables(connection: Connection) -> list[str]:
    """Return the names of all header tables in order."""
    return list(connection.scalars(_HEADER_TABLES))


def list_schema(connection: Connection) -> list[str]:
    """Return a line for each relation, column, constraint, index, function and schema."""
    seen = [*_SEEN, *list_header_tables(connection)]
    return list(connection.scalars(_LISTING, {"seen": seen}))
