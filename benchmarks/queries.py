"""Questions of the older systems at the size of an archive: how long until the answer is there.

    python benchmarks/queries.py [--observations 200000] [--repeats 7]

Rows are generated in a temporary Postgres: half ACS/WFC, half WFC3/UVIS, with as many columns and
bytes in a row as real headers have. No file is read. Prints the rows of each answer, the median
time, and which of the large tables are read from end to end.
"""

import re
import statistics
import time
from functools import partial

from harness import open_home, read_arguments, scratch, time_in_turn
from sqlalchemy import Connection, text

from hstql_resources.header_tables.alter_tables import ensure_tables
from hstql_resources.header_tables.kinds import BIGINT, BOOLEAN, DOUBLE, TEXT
from hstql_resources.postgres.database import Database

LARGE = (
    "observations", "files", "wfc3_uvis_flt_primary", "acs_wfc_raw_primary",
    "acs_wfc_flt_primary", "acs_wfc_flt_sci",
)  # fmt: skip
FORM = """
SELECT rootname, detector, proposal_type, proposid, filter1, filter2, exptime, targname
FROM acsql.master JOIN {view} USING (rootname, detector)
WHERE targname LIKE 'NGC10%' AND exptime BETWEEN 100 AND 500 AND imagetyp = 'EXT'
"""
VIEWS = ("acsql.wfc_raw_0", "acsql.hrc_raw_0", "acsql.sbc_raw_0")

QUESTIONS = {
    "poster: NGC targets of WFC3/UVIS in January 2015": """
        SELECT master.rootname, uvisflt_0.targname, uvisflt_0.exptime, uvisflt_0.ra_targ,
               uvisflt_0.dec_targ, uvisflt_0.filter
        FROM quicklook.master JOIN quicklook.uvisflt_0 USING (rootname)
        WHERE uvisflt_0.targname LIKE 'NGC%'
          AND uvisflt_0.date_obs > '2015-01-01' AND uvisflt_0.date_obs < '2015-01-30'
    """,
    "the same, of all instruments": """
        SELECT rootname, instrument, target_name, exp_time_s, filter FROM observations
        WHERE target_name LIKE 'NGC%' AND date_obs > '2015-01-01' AND date_obs < '2015-01-30'
    """,
    "filters of a rootname": """
        SELECT filter1, filter2 FROM acsql.wfc_raw_0 WHERE rootname = 'j0004e00q'
    """,
    "filter distribution of a target": """
        SELECT filter1, filter2, count(*) FROM acsql.wfc_raw_0 WHERE targname = 'NGC104'
        GROUP BY filter1, filter2
    """,
    "rootnames of a target": """
        SELECT rootname, filename, targname FROM acsql.wfc_raw_0 WHERE targname = 'NGC104'
    """,
    "files made with a bias reference file": """
        SELECT filename FROM acsql.wfc_raw_0 WHERE biasfile = 'jref$06u15056j_bia.fits'
    """,
    "GOODMEAN of both chips of a visit": """
        SELECT master.rootname, wfc_flt_1.goodmean, wfc_flt_4.goodmean
        FROM acsql.master
        JOIN acsql.wfc_flt_1 USING (rootname) JOIN acsql.wfc_flt_4 USING (rootname)
        WHERE master.rootname LIKE 'j0004e%'
    """,
    "rootnames with post-flash": """
        SELECT rootname, flashdur FROM acsql.wfc_raw_0
        WHERE flashdur > 0 AND targname <> 'DARK'
    """,
    "file names in a range of dates": """
        SELECT filename FROM acsql.wfc_raw_0 WHERE date_obs BETWEEN '2012-05-01' AND '2012-05-07'
    """,
    "rootnames of a proposal in no association": """
        SELECT rootname FROM acsql.master JOIN acsql.wfc_raw_0 USING (rootname)
        WHERE proposid = 10300 AND asn_id = 'NONE'
    """,
    "files of an exposure, by its first eight characters": """
        SELECT * FROM acsql.datasets WHERE rootname LIKE 'j0004e00%'
    """,
    "headers of an exposure, by its first eight characters": """
        SELECT * FROM acsql.wfc_flt_4 WHERE rootname8 = 'j0004e00'
    """,
    "exposures in a square degree": """
        SELECT rootname, instrument, target_name, ra_deg, dec_deg FROM observations
        WHERE ra_deg BETWEEN 187 AND 188 AND dec_deg BETWEEN 41 AND 42
    """,
    "the web form: target, exposure time, image type": " UNION ALL ".join(
        FORM.format(view=view) for view in VIEWS
    ),
    "exposures of a proposal with a filter": """
        SELECT rootname, target_name, exp_time_s FROM observations
        WHERE proposal_id = 10301 AND filter = 'F814W'
    """,
    "darks of a month": """
        SELECT rootname, exptime, darkfile FROM acsql.wfc_flt_0
        WHERE targname = 'DARK' AND date_obs LIKE '2014-06%'
    """,
}

# Of each exposure, by its number: half of them ACS, in the order of time, as rootnames are.
GENERATE = """
CREATE TEMPORARY TABLE generated ON COMMIT DROP AS
SELECT number, instrument, detector, rootname, chance,
       CASE WHEN chance < 30 THEN 'DARK' WHEN chance < 45 THEN 'BIAS'
            WHEN chance < 70 THEN 'NGC' || 1 + luck % 300
            WHEN chance < 80 THEN 'ANY' ELSE 'FIELD-' || luck % 20000 END AS target,
       CASE WHEN chance < 30 THEN 'DARK' WHEN chance < 45 THEN 'BIAS' ELSE 'EXT' END AS imagetyp,
       to_char(day, 'YYYY-MM-DD') AS date_obs, extract(julian FROM day) - 2400001 AS mjd,
       10000 + number / 50 AS proposal,
       (ARRAY['F606W', 'F814W', 'F435W', 'F475W', 'F850LP', 'F502N'])[1 + luck % 6] AS filter,
       (ARRAY[339.0, 500.0, 30.0, 1200.0])[1 + luck % 4] AS exptime,
       luck % 360000 / 1000.0 AS ra, luck % 170000 / 1000.0 - 85 AS dec,
       CASE WHEN luck % 3 = 0 THEN 'NONE' ELSE upper(left(rootname, 6)) || '010' END AS asn_id,
       CASE WHEN luck % 50 = 0 THEN 6.5 ELSE 0.0 END AS flashdur,
       'jref$' || lpad((number / 400)::text, 2, '0') || 'u15056j_bia.fits' AS biasfile
FROM (
    SELECT number, day, (hashint4(number)::bigint + 2147483648) / 100 AS luck,
           (hashint4(number)::bigint + 2147483648) % 100 AS chance,
           CASE WHEN number % 2 = 0 THEN 'acs' ELSE 'wfc3' END AS instrument,
           CASE WHEN number % 2 = 0 THEN 'WFC' ELSE 'UVIS' END AS detector,
           CASE WHEN number % 2 = 0 THEN 'j' ELSE 'i' END
               || lpad(to_hex(number * 16), 7, '0') || 'q' AS rootname
    FROM generate_series(0, :count - 1) AS number,
         LATERAL (SELECT timestamp '2002-03-07' + interval '8600 days' * number / :count AS day)
) AS drawn
"""
OBSERVATIONS = """
INSERT INTO observations (rootname, instrument, detector, proposal_id, proposal_type, target_name,
    ra_deg, dec_deg, obs_type, image_type, exp_flag, exp_start_mjd, date_obs, exp_time_s, aperture,
    filter, association, path, first_ingest_date, last_ingest_date)
SELECT rootname, instrument, detector, proposal, 'GO', target, ra, dec, 'IMAGING', imagetyp,
    'NORMAL', mjd, date_obs, exptime, detector, filter, lower(nullif(asn_id, 'NONE')),
    '/archive/' || left(rootname, 4) || '/' || rootname, now(), now() FROM generated
"""
FILES = """
INSERT INTO files (filename, rootname, filetype, kind, path, size_bytes, sha256, ingest_date)
SELECT rootname || '_' || filetype || '.fits', rootname, filetype, 'raw',
    '/archive/' || left(rootname, 4) || '/' || rootname || '/' || rootname || '_' || filetype
    || '.fits', 168000000, encode(sha256((rootname || filetype)::bytea), 'hex'), now()
FROM generated, unnest(ARRAY['raw', 'flt', 'flc', 'spt', 'jif']) AS filetype
"""
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
        connection.execute(text(GENERATE), {"count": count})
        connection.execute(text(OBSERVATIONS))
        connection.execute(text(FILES))
        for header in HEADERS:
            _fill_headers(connection, *header)
        for table in LARGE:
            connection.execute(text(f"ANALYZE {table}"))
    database.dispose()


def _fill_headers(
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
