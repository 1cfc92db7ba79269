"""Questions of the older systems at the size of an archive: how long until the answer is there.

    python benchmarks/queries.py [--observations 200000] [--repeats 7]

Rows are generated in a temporary Postgres: half ACS/WFC, half WFC3/UVIS, with as many columns and
bytes in a row as real headers have (`observations.sql`). No FITS file is read. Prints the rows of
each answer to `questions.sql`, the median time, and which of the large tables are read from end to
end.
"""

import re
import statistics
import time
from functools import partial
from pathlib import Path

from harness import open_home, read_arguments, scratch, time_in_turn
from sqlalchemy import Connection, text

from hstql_resources.header_tables.alter_tables import ensure_tables
from hstql_resources.header_tables.kinds import BIGINT, BOOLEAN, DOUBLE, TEXT
from hstql_resources.postgres.database import Database

LARGE = (
    "observations", "files", "wfc3_uvis_flt_primary", "acs_wfc_raw_primary",
    "acs_wfc_flt_primary", "acs_wfc_flt_sci",
)  # fmt: skip
HERE = Path(__file__).parent
OBSERVATIONS = (HERE / "observations.sql").read_text()
QUESTIONS = dict(
    re.findall(r"^-- (.+)\n([^;]+);", (HERE / "questions.sql").read_text(), re.MULTILINE)
)  # by what they ask
PRIMARY = {
    "targname": "target", "date_obs": "date_obs", "proposid": "proposal", "expstart": "mjd",
    "exptime": "exptime", "ra_targ": "ra", "dec_targ": "dec", "imagetyp": "imagetyp",
    "detector": "detector", "aperture": "detector", "asn_id": "asn_id", "flashdur": "flashdur",
    "biasfile": "biasfile", "darkfile": "replace(biasfile, 'bia', 'drk')",
}  # fmt: skip
ACS = {"filter1": "filter", "filter2": "'CLEAR2L'"}
WFC3 = {"filter": "filter"}
SCIENCE = {"goodmean": "chance + 0.5", "bunit": "'ELECTRONS'", "ngoodpix": "8000000 + number"}
# Table, instrument, keywords, number of columns in all, and the HDU numbers.
HEADERS = (
    ("wfc3_uvis_flt_primary", "wfc3", PRIMARY | WFC3, 240, (0,)),
    ("acs_wfc_raw_primary", "acs", PRIMARY | ACS, 200, (0,)),
    ("acs_wfc_flt_primary", "acs", PRIMARY | ACS, 230, (0,)),
    ("acs_wfc_flt_sci", "acs", SCIENCE, 170, (1, 4)),
)
FILLING = {
    TEXT: "'iref$' || {place} || 'PERFORM'", DOUBLE: "number * 1.1e-5 + {place}",
    BIGINT: "number + {place}", BOOLEAN: "true",
}  # fmt: skip


def main() -> None:
    arguments = read_arguments(__doc__, observations=200_000, repeats=7)
    with scratch() as home, open_home(home) as server:
        measure(Database(server.url("queries")), arguments.observations, arguments.repeats)


def measure(database: Database, count: int, repeats: int) -> None:
    database.migrate()
    start = time.perf_counter()
    fill(database, count)
    print(f"{count:,} observations generated in {time.perf_counter() - start:.0f} s")
    for table in LARGE:
        rows, size = database.query_read_only(
            f"SELECT count(*), pg_size_pretty(pg_total_relation_size('{table}')) FROM {table}"
        ).rows[0]
        print(f"  {table:24s} {rows:10,} rows  {size:>8s}")
    print(f"{'question':54s} {'rows':>6s} {'ms':>8s}  read from end to end")
    for question, query in QUESTIONS.items():
        rows, milliseconds = ask(database, query, repeats)
        scanned = ", ".join(find_scans(database, query)) or "-"
        print(f"{question:54s} {rows:6,} {milliseconds:8.2f}  {scanned}")
    database.dispose()


def fill(database: Database, count: int) -> None:
    """Generate observations, their files and headers, the same every time."""
    with database.write() as writer:
        connection = writer.connection
        for statement in OBSERVATIONS.split(";\n")[:-1]:
            connection.execute(text(statement), {"count": count} if ":count" in statement else {})
        for header in HEADERS:
            fill_headers(connection, *header)
        for table in LARGE:
            connection.execute(text(f"ANALYZE {table}"))
    database.dispose()


def fill_headers(
    connection: Connection,
    table: str,
    instrument: str,
    keywords: dict[str, str],
    width: int,
    hdus: tuple[int, ...],
) -> None:
    """Fill a header table of so many columns; those without a meaning here have values too."""
    fillers = {f"FILL{number}": TEXT if number % 2 else DOUBLE for number in range(width)}
    columns = ensure_tables(connection, {table: {}})[table].columns
    ensure_tables(connection, {table: dict(list(fillers.items())[len(columns) :])})
    columns = ensure_tables(connection, {table: {}})[table].columns
    values = {
        column.name: FILLING[column.kind].format(place=place)
        for place, column in enumerate(columns)
        if column.kind in FILLING
    } | keywords
    filetype = table.split("_")[2]
    names = ", ".join(["filename", "ext", "rootname", *values])
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({names}) SELECT rootname || '_{filetype}.fits', ext, rootname, "
        f"{', '.join(values.values())} FROM generated, unnest(ARRAY{list(hdus)}) AS ext "
        f"WHERE instrument = '{instrument}'"
    )


def ask(database: Database, query: str, repeats: int) -> tuple[int, float]:
    """Return the number of rows and the median time in milliseconds, as a user waits for it."""
    run = partial(database.query_read_only, query)
    rows = run().rows
    return len(rows), 1e3 * statistics.median(time_in_turn({query: run}, repeats)[query])


def find_scans(database: Database, query: str) -> list[str]:
    """Return which of the large tables a query reads from end to end."""
    plan = "\n".join(row[0] for row in database.query_read_only(f"EXPLAIN {query}").rows)
    return sorted({*re.findall(r"Seq Scan on (\w+)", plan)} & {*LARGE})


if __name__ == "__main__":
    main()
