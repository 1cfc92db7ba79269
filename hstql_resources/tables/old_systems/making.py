"""Make the schemas of the older systems, their views, and the header tables that these name.

The view of the Virtual Observatory is made here, too.

An SQL file has a comment before each view, which says what a row is, and one after each column.
They become comments in the database. Expressions in capitals stand for longer ones, see `_WORDS`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files

from sqlalchemy import Connection

from hstql_resources.header_tables.alter_tables import ensure_tables
from hstql_resources.header_tables.views import make_views as make_header_views
from hstql_resources.tables import obscore
from hstql_resources.tables.migrations import MigrationError
from hstql_resources.tables.old_systems.cosmo_headers import (
    comment_headers,
    comment_support,
    list_sources,
    select_headers,
    select_support,
)
from hstql_resources.tables.old_systems.usual_keywords import usual_tables

SCHEMAS = {"hstlc": "hstlc", "acsql": "acsql", "quicklook": "WFC3 Quicklook", "cosmo": "COSMO"}
_CAMERAS = (
    {"schema": "acsql", "instrument": "acs", "letter": "j", "name": "ACS"},
    {"schema": "quicklook", "instrument": "wfc3", "letter": "i", "name": "WFC3"},
)

# An id is not counted but computed: the first 52 bits of the SHA-256 of what the row is of, of an
# exposure its rootname, of a file its name. So it stays the same however often a row is made again,
# joins, and passes unharmed through programs that hold all numbers in double precision. Among a
# million names the odds that any two share one are one in ten thousand. Rows of `gain` are so many
# that theirs has 60 bits.
_ID = "('x' || substr(encode(sha256(convert_to({0}, 'UTF8')), 'hex'), 1, {1}))::bit({2})::bigint"
_WORDS = {
    "ID": _ID.format(r"\1", 13, 52),
    "ID15": _ID.format(r"\1", 15, 60),
    "FOLDER": r"regexp_replace(\1, '/[^/]*$', '')",
    "NAME": r"regexp_replace(\1, '^.*/', '')",
    "DAY": r"(\1 AT TIME ZONE 'UTC')::date",
    "TIME": r"timestamp '1858-11-17' + \1 * interval '1 day'",  # of an MJD
}
_ARGUMENT = r"\(((?:[^()]|\([^()]*\))*)\)"
_VIEW = re.compile(r"^-- ([^\n]+)\nCREATE VIEW (\S+) AS\n(.+?);$", re.M | re.S)
_COLUMN = re.compile(r"(\w+),? -- (.+)$", re.M)


def make_views(connection: Connection) -> None:
    """Make or replace all views with their comments.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction, at the last migration.

    Raises
    ------
    MigrationError
        If a schema is not there and the user may not make it.
    """
    for schema, system in SCHEMAS.items():
        _make_schema(connection, schema, f"The tables of {system}, as views")
    _run(connection, _read_views("hstlc.sql"))
    for camera in _CAMERAS:
        _run(connection, _read_views("cameras.sql", camera))
    ensure_tables(connection, usual_tables(), may_widen=False)
    make_header_views(connection, None, ())
    _run(connection, _read_views("cosmo.sql"))
    _run(connection, _make_cosmo_headers(connection))
    _make_schema(connection, obscore.SCHEMA, "Data models of the IVOA, as views")
    comments = [(column.name, column.about) for column in obscore.COLUMNS]
    _run(connection, _define(obscore.VIEW, obscore.select_obscore(), obscore.ABOUT, comments))


def _make_schema(connection: Connection, schema: str, about: str) -> None:
    """Make a schema, unless somebody with more rights has made it for us.

    CREATE SCHEMA IF NOT EXISTS would ask for the right even where the schema exists.
    """
    exists, allowed, user, database = connection.exec_driver_sql(
        f"SELECT to_regnamespace('{schema}') IS NOT NULL, "
        "has_database_privilege(current_database(), 'CREATE'), current_user, current_database()"
    ).one()
    if exists:
        return
    if not allowed:
        raise MigrationError(
            f"The database user {user} may not make the schema {schema}: let its owner run "
            f'GRANT CREATE ON DATABASE "{database}" TO "{user}", or '
            f'CREATE SCHEMA {schema} AUTHORIZATION "{user}".'
        )
    _run(connection, [f"CREATE SCHEMA {schema}; COMMENT ON SCHEMA {schema} IS '{about}'"])


def _read_views(filename: str, values: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the statements that make the views of a file; `values` fill what is in braces."""
    script = (files(__package__) / filename).read_text()
    for name, value in (values or {}).items():
        script = script.replace(f"{{{name}}}", value)
    for about, name, query in _VIEW.findall(script):
        yield from _define(name, query, about, _COLUMN.findall(query))


def _make_cosmo_headers(connection: Connection) -> Iterator[str]:
    """Yield the statements that make cosmo.headers and cosmo.spt, and make what these show."""
    wanted = {source.table: source.keywords for source in list_sources()}
    found = ensure_tables(connection, wanted, may_widen=False)
    columns = {name: {column.name for column in table.columns} for name, table in found.items()}
    identify = _expand("ID(main.filename)")
    for name, select, about, comments in (
        (
            "cosmo.headers",
            select_headers,
            "One row per exposure, from its x1d, else a corrtag, rawtag or rawacq file",
            comment_headers(),
        ),
        ("cosmo.spt", select_support, "One row per spt file", comment_support()),
    ):
        yield from _define(name, select(identify, columns), about, comments.items())


def _define(name: str, query: str, about: str, columns: Iterable[tuple[str, str]]) -> Iterator[str]:
    # Of whoever asks: the site has rules for each person.
    options = " WITH (security_invoker)" if name == obscore.VIEW else ""
    yield f"CREATE OR REPLACE VIEW {name}{options} AS {_expand(query)}"
    yield f"COMMENT ON VIEW {name} IS {_quote(about)}"
    for column, text in columns:
        yield f"COMMENT ON COLUMN {name}.{column} IS {_quote(text)}"


def _expand(query: str) -> str:
    """Return a query with the long expressions for words in capitals."""
    for word, expression in _WORDS.items():
        query = re.sub(rf"\b{word}{_ARGUMENT}", expression, query)
    return query


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _run(connection: Connection, statements: Iterable[str]) -> None:
    """Run statements as they are: a % in them is a %, and a colon a colon."""
    connection.exec_driver_sql(";\n".join(statements), execution_options={"no_parameters": True})
