"""Read which keys begin as somebody has typed; the import of what it needs takes 0.3 s."""

import contextlib

import psycopg2

from hstql_resources.postgres.address import database_url, render_address
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.settings import load_settings

LONGEST_MS = 300
# Names in the order of the index, from the first that begins so: an index of any collation would
# be of no use to LIKE.
_FIND = """
    (SELECT DISTINCT {column} AS name FROM {table}
     WHERE {column} >= %(begun)s AND starts_with({column}, %(begun)s)
     ORDER BY {column} LIMIT %(most)s)
"""


def read_names(columns: tuple[tuple[str, str], ...], begun: str, most: int) -> list[str]:
    """Return the first names in some columns of tables; none if the database does not run."""
    settings = load_settings()
    if settings.database_url is None and not EmbeddedPostgres(settings.home).is_running():
        return []
    question = " UNION ".join(_FIND.format(table=table, column=column) for table, column in columns)
    address = render_address(database_url(settings), hide_password=False)
    with contextlib.closing(psycopg2.connect(address)) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SET statement_timeout = {LONGEST_MS}")
        cursor.execute(question, {"begun": begun, "most": most})
        return sorted(str(row[0]) for row in cursor if row[0])
