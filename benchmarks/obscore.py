"""Questions to ObsCore at the size of an archive: what they take, and by which indexes.

    python benchmarks/obscore.py [--exposures 1000000] [--repeats 5] [--home FOLDER]

The rows are those of `web.py`, with a lightcurve of each exposure of COS and the wavelengths of
each x1d. A question is asked in ADQL, translated as the site does, and asked in the transaction of
somebody who sees everything and of somebody who sees what is public and ten proposals more. Printed
are the rows, the median time, the CPU time of Postgres, and the indexes of `observations` that the
plan has. A question is given up after the minutes that a job has.
"""

import re
import statistics
import time
from contextlib import nullcontext
from pathlib import Path

import psutil
from harness import open_home, read_arguments, scratch
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from web import PICTURE, fill, vacuum

from hstql_resources.postgres.database import Database
from hstql_resources.postgres.server_access import SITE
from hstql_resources.site.access import prepare_access
from hstql_resources.site.session import Site, Viewer
from hstql_web.tap.adql import translate
from hstql_web.tap.answers import DEFAULT_ROWS
from hstql_web.tap.jobs import LIMIT_S

DERIVED = """
INSERT INTO spectrum_statistics (filename, rootname, filetype, spectra, pixels, good_pixels,
                                 wave_min, wave_max, ingest_date)
SELECT filename, rootname, filetype, 1, 16384, 16000, 1150, 1450, now() FROM files
WHERE filetype = 'x1d' ON CONFLICT DO NOTHING;
INSERT INTO lightcurves (rootname, target, path, bin_s, bins, gross_counts, is_flux_calibrated,
                         exposure_s, wave_min, wave_max, ingest_date)
SELECT rootname, 'x', '/' || rootname, 2, 50, 9, true, 100, 1150, 1450, now() FROM observations
WHERE instrument = 'cos' ON CONFLICT DO NOTHING
"""
SAMPLE = """
SELECT rootname, ra_deg, dec_deg, exp_start_mjd FROM observations
WHERE instrument = 'cos' AND public_from <= now() AND NOT has_undated
ORDER BY hashtext(rootname) LIMIT 1
"""
ROWS, COUNT = "SELECT * FROM ivoa.obscore", "SELECT COUNT(*) AS n FROM ivoa.obscore"
CONE = "1 = CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', {ra_deg!r}, {dec_deg!r}, 0.1))"
NIGHT = "t_min BETWEEN {exp_start_mjd} - 0.5 AND {exp_start_mjd} + 0.5"
QUESTIONS = {
    "a cone of 0.1 deg": f"{ROWS} WHERE {CONE}",
    "a night": f"{ROWS} WHERE {NIGHT}",
    "a night of COS/FUV": f"{ROWS} WHERE {NIGHT} AND instrument_name = 'COS/FUV'",
    "an exposure": f"{ROWS} WHERE obs_id = '{{rootname}}'",
    "10,000 rows of COS/FUV": f"{ROWS} WHERE instrument_name = 'COS/FUV'",
    "an instrument that is none": f"{ROWS} WHERE instrument_name = 'COS/WFC'",
    "count of a night": f"{COUNT} WHERE {NIGHT}",
    "count of COS/FUV": f"{COUNT} WHERE instrument_name = 'COS/FUV'",
    "count of everything": COUNT,
}


def main() -> None:
    wanted = read_arguments(__doc__, exposures=1_000_000, repeats=5, home="")
    place = nullcontext(Path(wanted.home)) if wanted.home else scratch()
    with place as home, open_home(home) as server:
        database = Database(server.url("hstql"))
        if (home / PICTURE).exists():
            database.migrate()
        else:
            fill(database, home, wanted.exposures, people=2)
        with database.write() as writer:
            for statement in DERIVED.split(";"):
                writer.execute(text(statement))
        vacuum(database)
        prepare_access(database, SITE)
        site = Site(server.url("hstql", SITE), "closed")
        (example,) = database.read(text(SAMPLE))
        print(f"{'ms':28s} {'sees':>10s} {'rows':>7s} {'median':>8s} {'CPU':>8s}  indexes")
        for name, question in QUESTIONS.items():
            sql = translate(question.format(**example._mapping)).sql
            for sees, person in (("everything", "reader0"), ("some", "reader1")):
                with site.open(Viewer(person)) as (connection, _):
                    print(f"{name:28s} {sees:>10s} {measure(connection, sql, wanted.repeats)}")
        site.dispose()
        database.dispose()


def measure(connection: Connection, sql: str, repeats: int) -> str:
    """Return the rows, times and indexes of a question; its CPU is that of one process."""
    connection.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 0")
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{LIMIT_S}s'")
    number = connection.scalar(text("SELECT pg_backend_pid()"))
    server, seconds, rows = psutil.Process(number), [], 0
    plain = connection.execution_options(no_parameters=True)
    plan = "\n".join(row[0] for row in plain.exec_driver_sql(f"EXPLAIN {sql}"))
    spent = sum(server.cpu_times()[:2])
    for _ in range(repeats):
        start = time.perf_counter()
        try:
            streamed = plain.execution_options(stream_results=True).exec_driver_sql(sql)
        except DBAPIError:
            return f"given up after {LIMIT_S} s"
        rows = len(streamed.fetchmany(DEFAULT_ROWS))
        streamed.close()
        seconds.append(time.perf_counter() - start)
    cpu = (sum(server.cpu_times()[:2]) - spent) / repeats
    found = re.findall(
        r"using observations_(\w+)_idx on observations o\b|Index Scan on observations_(\w+)_idx",
        plan,
    )
    indexes = sorted({one or other for one, other in found})
    return (
        f"{rows:7,} {1e3 * statistics.median(seconds):8.0f} {1e3 * cpu:8.0f}  {', '.join(indexes)}"
    )


if __name__ == "__main__":
    main()
