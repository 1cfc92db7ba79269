"""Define the views of the schemas acsql and quicklook over the header tables.

A view shows the rows of one HDU number: the rootname, its first eight characters, the file name,
and every keyword column of its table. A view whose table was never made is there too, and empty.
acsql left out what was blank: its views show NULL there, but for what has an index.
Which views there are is told in `tables.views`.

A new column needs nothing put aside: it is appended to the views, and whatever was made from them
stays. Only a column that changes its type does: `drop_views` before, `make_views` after, in one
transaction.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import islice

from psycopg2 import sql
from sqlalchemy import Connection, TextClause, text

from hstql_resources.header_tables.dependent_views import DroppedView, drop_dependents, restore, run
from hstql_resources.header_tables.kinds import BIGINT, DOUBLE, NUMERIC, TEXT
from hstql_resources.header_tables.layout import INDEXED, MAX_COLUMNS
from hstql_resources.header_tables.statements import convert
from hstql_resources.tables.views import HEADER_VIEWS, HeaderView

Kinds = dict[str, str]  # by column, in order: the type as Postgres writes it

_OURS = frozenset(f"{view.schema}.{view.name}" for view in HEADER_VIEWS)
_NUMBERS = {BIGINT, DOUBLE, NUMERIC}
_FIRST = {"rootname": "text", "rootname8": "text", "filename": "text", "extver": "integer"}
_ROOTNAME8 = "left(rootname, 8)"
_ABOUT_ROOTNAME8 = "First eight characters of the rootname"

_OIDS = text("""
SELECT relation.oid FROM pg_class AS relation
JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
WHERE nspname = current_schema() AND relname = ANY(:tables) AND relkind IN ('r', 'p')
""")
_COLUMNS = """
SELECT nspname || '.' || relname, attname, format_type(atttypid, atttypmod)
FROM pg_class AS relation
JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
"""
_TABLE_COLUMNS = text(
    f"{_COLUMNS} WHERE nspname = current_schema() AND relname = ANY(:names) ORDER BY 1, attnum"
)
_VIEW_COLUMNS = text(
    f"{_COLUMNS} WHERE nspname || '.' || relname = ANY(:names) AND relkind = 'v' ORDER BY 1, attnum"
)
# What the columns of the tables say of themselves, for the columns of views that say nothing.
_COMMENTS = text("""
SELECT DISTINCT ON (of_view.oid, shown.attname)
       format('COMMENT ON COLUMN %I.%I.%I IS %L', view_schema, view_name, shown.attname,
              CASE shown.attname WHEN 'rootname8' THEN :rootname8
                   ELSE split_part(col_description(of_table.oid, source.attnum), ', ', 1) END)
FROM unnest(CAST(:schemas AS text[]), CAST(:views AS text[]), CAST(:tables AS text[]))
     AS pair (view_schema, view_name, table_name)
JOIN pg_namespace AS namespace ON namespace.nspname = view_schema
JOIN pg_class AS of_view ON of_view.relnamespace = namespace.oid AND of_view.relname = view_name
JOIN pg_attribute AS shown ON shown.attrelid = of_view.oid AND shown.attnum > 0
JOIN pg_namespace AS own ON own.nspname = current_schema()
JOIN pg_class AS of_table ON of_table.relnamespace = own.oid AND of_table.relname = table_name
JOIN pg_attribute AS source ON source.attrelid = of_table.oid AND NOT source.attisdropped
     AND source.attname = CASE shown.attname WHEN 'rootname8' THEN 'rootname' ELSE shown.attname END
WHERE col_description(of_view.oid, shown.attnum) IS NULL
  AND (shown.attname = 'rootname8' OR col_description(of_table.oid, source.attnum) IS NOT NULL)
""")


def drop_views(
    connection: Connection, tables: Collection[str] | None = None
) -> tuple[DroppedView, ...]:
    """Drop all views that show header tables, those of users too, so that types can change.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        With an open transaction, in which `make_views` has to follow.
    tables : collection of str, optional
        Header tables; by default all that have views here.

    Returns
    -------
    tuple of DroppedView
        For `make_views`.

    Raises
    ------
    DatabaseError
        If a view cannot be dropped; it is named.
    """
    if tables is None:
        tables = {table for view in HEADER_VIEWS for table in view.tables}
    found = connection.scalars(_OIDS, {"tables": sorted(tables)}).all()
    return drop_dependents(connection, found, _OURS)


def make_views(
    connection: Connection, tables: Collection[str] | None, dropped: Sequence[DroppedView]
) -> None:
    """Make the views that show header tables, or give them the columns that are new.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        With an open transaction.
    tables : collection of str or None
        Header tables that were made or changed; None stands for all.
    dropped : sequence of DroppedView
        What `drop_views` gave, in the same transaction; empty if it was not needed.

    Raises
    ------
    DatabaseError
        If a view of a user cannot be made again; it is named.
    """
    wanted = [
        view for view in HEADER_VIEWS if tables is None or not set(view.tables).isdisjoint(tables)
    ]
    if wanted:
        dropped = (*dropped, *_make(connection, wanted))
    restore(connection, dropped)


def _make(connection: Connection, wanted: Sequence[HeaderView]) -> tuple[DroppedView, ...]:
    """Make or extend our own views; return those that had to be dropped for it."""
    names = [table for view in wanted for table in view.tables]
    shapes = {
        name.partition(".")[2]: kinds
        for name, kinds in _read_shapes(connection, _TABLE_COLUMNS, names).items()
    }
    here = _read_shapes(connection, _VIEW_COLUMNS, [f"{v.schema}.{v.name}" for v in wanted])
    columns = {view: _merge_columns(view, shapes) for view in wanted}
    stiff = {
        table
        for view in wanted
        if not _can_grow(here.get(f"{view.schema}.{view.name}", {}), columns[view])
        for table in view.tables
    }
    dropped = drop_views(connection, stiff) if stiff else ()
    run(connection, ";".join(_define(connection, view, columns[view], shapes) for view in wanted))
    _comment(connection, wanted)
    return dropped


def _read_shapes(
    connection: Connection, query: TextClause, names: Sequence[str]
) -> dict[str, Kinds]:
    shapes: dict[str, Kinds] = defaultdict(dict)
    for name, column, kind in connection.execute(query, {"names": list(names)}):
        shapes[name][column] = kind
    return shapes


def _merge_columns(view: HeaderView, shapes: Mapping[str, Kinds]) -> Kinds:
    """Return the columns of a view; one that two tables have as two types is numeric or text."""
    columns = dict(_FIRST)
    for table in view.tables:
        for name, kind in shapes.get(table, {}).items():
            if name in (*_FIRST, "ext"):
                continue
            other = columns.setdefault(name, kind)
            if other != kind:
                columns[name] = NUMERIC if {other, kind} <= _NUMBERS else TEXT
    return dict(islice(columns.items(), MAX_COLUMNS))  # what is more, only the tables show


def _can_grow(here: Kinds, wanted: Kinds) -> bool:
    """Tell whether a view that is here becomes the wanted one by appending columns."""
    return list(here.items()) == list(wanted.items())[: len(here)]


def _define(
    connection: Connection, view: HeaderView, columns: Kinds, shapes: Mapping[str, Kinds]
) -> str:
    parts = [
        _select(table, view, columns, shapes[table]) for table in view.tables if table in shapes
    ]
    if not parts:
        nothing = sql.SQL(", ").join(_null(name, kind) for name, kind in columns.items())
        parts = [sql.SQL("SELECT {} WHERE false").format(nothing)]
    name = sql.Identifier(view.schema, view.name)
    definition = sql.SQL("CREATE OR REPLACE VIEW {0} AS {1}; COMMENT ON VIEW {0} IS {2}").format(
        name, sql.SQL(" UNION ALL ").join(parts), sql.Literal(view.about)
    )
    return str(definition.as_string(connection.connection.dbapi_connection))


def _select(table: str, view: HeaderView, columns: Kinds, here: Kinds) -> sql.Composed:
    blank_is_null = {
        name for name, kind in columns.items() if view.schema == "acsql" and kind == TEXT
    } - {*_FIRST, *INDEXED}
    shown = (
        sql.SQL("NULLIF({0}, '') AS {0}").format(sql.Identifier(name))
        if name in blank_is_null and here.get(name) == TEXT
        else _show(name, kind, here)
        for name, kind in columns.items()
    )
    return sql.SQL("SELECT {} FROM {} WHERE ext = {}").format(
        sql.SQL(", ").join(shown), sql.Identifier(table), sql.Literal(view.ext)
    )


def _show(name: str, kind: str, here: Kinds) -> sql.Composable:
    if name == "rootname8":
        return sql.SQL(f"{_ROOTNAME8} AS rootname8")
    if name not in here:
        return _null(name, kind)
    if here[name] != kind:
        column = sql.Identifier(name)
        return sql.SQL("{} AS {}").format(convert(column, here[name], kind), column)
    return sql.Identifier(name)


def _null(name: str, kind: str) -> sql.Composed:
    return sql.SQL("CAST(NULL AS {}) AS {}").format(sql.SQL(kind), sql.Identifier(name))


def _comment(connection: Connection, views: Sequence[HeaderView]) -> None:
    pairs = [(view.schema, view.name, table) for view in views for table in view.tables]
    schemas, names, tables = (list(part) for part in zip(*pairs, strict=True))
    arguments = {"schemas": schemas, "views": names, "tables": tables}
    statements = connection.scalars(_COMMENTS, arguments | {"rootname8": _ABOUT_ROOTNAME8}).all()
    if statements:
        run(connection, ";".join(statements))
