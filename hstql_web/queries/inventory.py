"""Count all that there is: files by type and day, exposures by detector and month, rows by table.

It takes seconds where there are a million exposures: `hstql_web.inventory` does so beside the
pages, and keeps what was found.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, func, literal, select, table, text, union_all

SMALL_BYTES = 1 << 20  # of a table whose rows are counted; of others Postgres knows about how many
_OF_HST = {"first": 40_000.0, "last": 100_000.0}  # MJD: what is beyond is none
_FILES = text("""
SELECT CAST(timezone('UTC', first_ingest_date) AS date) AS day, filetype AS kind,
       count(*) AS number, sum(size_bytes)::bigint AS size_bytes
FROM files LEFT JOIN observations USING (rootname) WHERE set_aside_at IS NULL GROUP BY 1, 2
""")
_EXPOSURES = text("""
SELECT coalesce(instrument, 'instrument unknown') AS instrument,
       coalesce(detector, 'detector unknown') AS kind, count(*) AS number,
       CASE WHEN exp_start_mjd BETWEEN :first AND :last THEN CAST(date_trunc(
           'month', DATE '1858-11-17' + CAST(floor(exp_start_mjd) AS int)) AS date) END AS day
FROM observations WHERE association IS DISTINCT FROM rootname GROUP BY 1, 2, 4
""")
_TABLES = text("""
SELECT relname::text AS name, pg_total_relation_size(oid) AS size_bytes,
       greatest(reltuples, pg_stat_get_live_tuples(oid), 0)::bigint AS rows,
       pg_relation_size(oid) <= :small AS is_small
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')
ORDER BY relname
""")
_DATABASE = text("""
SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
""")


class TableCount(NamedTuple):
    """How many rows a table has.

    Attributes
    ----------
    name : str
        Of the table.
    rows : int
        How many.
    is_exact : bool
        Whether they were counted.
    size_bytes : int
        With its indexes.
    """

    name: str
    rows: int
    is_exact: bool
    size_bytes: int


class DayCount(NamedTuple):
    """How many there are of a kind, of a day.

    Attributes
    ----------
    day : date or None
        UTC.
    kind : str
        Such as a type of files.
    number : int
        How many.
    size_bytes : int
        How large they are together; 0 where that makes no sense.
    """

    day: date | None
    kind: str
    number: int
    size_bytes: int = 0


def count_files(connection: Connection) -> list[DayCount]:
    """Return files by the day on which their exposure came, and by type."""
    return [DayCount(*row) for row in connection.execute(_FILES)]


def count_exposures(connection: Connection) -> dict[str, list[DayCount]]:
    """Return by instrument the exposures of each detector and month, by its first day."""
    found: dict[str, list[DayCount]] = {}
    for row in connection.execute(_EXPOSURES, _OF_HST):
        count = DayCount(row.day, row.kind, row.number)
        found.setdefault(row.instrument, []).append(count)
    return found


def count_rows(connection: Connection) -> list[TableCount]:
    """Return how many rows each table has, exactly where it is small."""
    found = connection.execute(_TABLES, {"small": SMALL_BYTES}).all()
    exact = _count_exactly(connection, [row.name for row in found if row.is_small])
    counts = [
        TableCount(row.name, exact.get(row.name, row.rows), row.name in exact, row.size_bytes)
        for row in found
    ]
    return sorted(counts, key=lambda one: (-one.rows, one.name))


def _count_exactly(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    if not names:
        return {}
    counts = (select(literal(name), func.count()).select_from(table(name)) for name in names)
    return {row[0]: int(row[1]) for row in connection.execute(union_all(*counts))}


def measure_database(connection: Connection) -> int:
    """Return how large all tables are with their indexes, bytes."""
    return int(connection.execute(_DATABASE).scalar_one())
