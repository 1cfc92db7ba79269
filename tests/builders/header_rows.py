"""Rows of header tables, of observations and of files, as the header step would write them."""

import datetime as dt
from collections.abc import Mapping

from psycopg2 import sql
from sqlalchemy import text

from hstql_resources import tables
from hstql_resources.header_tables.alter_tables import ensure_tables
from hstql_resources.header_tables.kinds import BIGINT, BOOLEAN, DOUBLE, TEXT
from hstql_resources.header_tables.names import column_name
from hstql_resources.postgres.database import Database

NIGHT = dt.datetime(2015, 1, 10, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=-2)))
NEXT_DAY = dt.date(2015, 1, 11)  # in UTC
KINDS = {bool: BOOLEAN, int: BIGINT, float: DOUBLE, str: TEXT}
INSTRUMENTS = {"j": "acs", "i": "wfc3"}


def add_header(
    database: Database, table: str, filename: str, ext: int, keywords: Mapping[str, object]
) -> None:
    """Write one header, after making room for it."""
    with database.write() as writer:
        kinds = {name: KINDS[type(value)] for name, value in keywords.items()}
        ensure_tables(writer.connection, {table: kinds})
        columns = [column_name(name) or "" for name in keywords]
        names = ["filename", "ext", "rootname", *columns]
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join(sql.Placeholder() * len(names)),
        )
        with writer.connection.connection.cursor() as cursor:
            cursor.execute(statement, (filename, ext, filename[:9], *keywords.values()))


def add_exposure(database: Database, rootname: str, detector: str, *filetypes: str) -> None:
    """Write the rows of `observations` and `files`."""
    observation = {
        "rootname": rootname, "instrument": INSTRUMENTS[rootname[0]], "detector": detector,
        "proposal_id": 13012, "proposal_type": "GO", "path": f"/archive/{rootname[:4]}/{rootname}",
        "first_ingest_date": NIGHT, "last_ingest_date": NIGHT,
    }  # fmt: skip
    files = [
        {
            "filename": f"{rootname}_{filetype}.fits", "rootname": rootname, "filetype": filetype,
            "kind": "raw", "path": f"/archive/{rootname}_{filetype}.fits.gz", "size_bytes": 1,
            "ingest_date": NIGHT,
        }
        for filetype in filetypes
    ]  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.Observation, [observation])
        writer.upsert(tables.File, files)


def ask(database: Database, query: str) -> list[tuple[object, ...]]:
    """Ask as a user asks."""
    return list(database.query_read_only(query).rows)


def change(database: Database, *statements: str) -> None:
    """Run statements."""
    with database.write() as writer:
        for statement in statements:
            writer.execute(text(statement))


def oid(database: Database, view: str) -> object:
    """Return what Postgres knows a view by: another number if it was made anew."""
    return ask(database, f"SELECT '{view}'::regclass::oid")[0][0]
