"""CPU and peak memory of each monitor over a long history in which one exposure is new.

    python benchmarks/monitors.py [--exposures 341000] [--maps 4000] [--darks 6000000] [--lit 0]
                                  [--workers 0]

A simulated archive is made for real; then the rows that monitors read are copied by SQL, each copy
under other names and some time later, and the files of gain maps too. With --lit, each map has so
many rows of superpixels with gains at random, as the few of the simulation are no test. A monitor
is made twice, in processes of its own: all anew, as after an upgrade, and with one exposure new.
All is done in one process, without workers, so that its CPU and memory are all that there is but
for the server's; pictures are drawn in it, too.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import numpy as np
from harness import PROJECT, open_home, read_arguments, scratch
from scale import command
from sqlalchemy import Connection, Engine, create_engine, text
from state import list_columns

from hstql_resources.fits.compressed_images import compress
from hstql_resources.fits.writing import primary_hdu, write_hdus

MAKE = """
import json, resource, sys, time
from dataclasses import replace
from hstql_assets.monitors.framework.registry import read_trends
from hstql_assets.monitors.framework.trend_run import make_trend, record_trend
from hstql_assets.pages.pages import publish_scripts
from hstql_resources.clients import open_clients
from hstql_resources.settings import load_settings
from hstql_resources.workers import NO_WORKERS
(trend,) = [one for one in read_trends() if one.name == sys.argv[1]]
alone = sys.argv[2] == "0"
with open_clients(load_settings(), "benchmark") as clients:
    if alone:
        clients = replace(clients, workers=NO_WORKERS)
    start = time.perf_counter()
    publish_scripts(clients.filesystem)
    record_trend(trend, clients, make_trend(trend, clients).report)
    wall_s = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([used.ru_utime + used.ru_stime if alone else wall_s, used.ru_maxrss / 1024]))
"""
TRENDS = "from hstql_assets.monitors.framework.registry import read_trends\n" \
    "print(*(one.name for one in read_trends()))"  # fmt: skip
SPAN_D = 5000.0  # over which the copies of an exposure are spread: the years of COS
TABLES = (
    "observations", "telemetry", "stim_pulses", "osm_shifts", "acquisitions", "jitter_statistics",
    "image_statistics", "dark_rates",
)  # fmt: skip
# Of which an exposure that is new is.
NEW = {"image_statistics": "image_type = 'DARK'", "osm_shifts": "filetype = 'lampflash'"}
NAMES = ("rootname", "filename", "exposure")  # columns that begin with the name of an exposure
# The first eight letters of a name, and its number.
NUMBER = """
CREATE TABLE copied AS SELECT old, row_number() OVER (ORDER BY old) AS number
FROM ({}) AS found WHERE old IS NOT NULL
"""


def main() -> None:
    wanted = read_arguments(
        __doc__, exposures=341_000, maps=4000, darks=6_000_000, lit=0, workers=0
    )
    workers = wanted.workers or 2
    with (
        scratch() as home,
        open_home(home, simulated_observations=12, simulated_raw=0, workers=workers) as server,
    ):
        for words in ("discover", "materialize"):
            command(words)
        engine = create_engine(server.url("hstql"))
        grow(engine, wanted.exposures, wanted.darks)
        copy_maps(engine, wanted.maps, wanted.lit)
        names = run(TRENDS).split()
        show([measure(engine, name, n, wanted.workers) for n, name in enumerate(names)])


def measure(engine: Engine, name: str, number: int, workers: int) -> tuple[str, list[float]]:
    """Return CPU and memory of a monitor, all anew and with one new exposure and map."""
    costs = json.loads(run(MAKE, name, str(workers)))
    renew(engine, number)
    costs += json.loads(run(MAKE, name, str(workers)))
    print(tell(name, costs), flush=True)
    return name, costs


def run(code: str, *words: str) -> str:
    """Run code in a process of its own; return what it prints."""
    line = [sys.executable, "-W", "ignore", "-c", code, *words]
    done = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def tell(name: str, costs: list[float]) -> str:
    all_cpu_s, all_mb, new_cpu_s, new_mb = costs
    return f"{name:22s} {all_cpu_s:7.1f} s {all_mb:6.0f} MB {new_cpu_s:9.1f} s {new_mb:6.0f} MB"


def show(found: list[tuple[str, list[float]]]) -> None:
    print(f"\n{'monitor':22s} {'all anew: time, peak':>19s} {'one new: time, peak':>21s}")
    for name, costs in found:
        print(tell(name, costs))


def grow(engine: Engine, exposures: int, darks: int) -> None:
    """Copy rows until there are so many of telemetry, of jitter and of dark rates."""
    with engine.begin() as connection:
        columns = list_columns(connection)
        found = " UNION ".join(
            f"SELECT left({name}, 8) AS old FROM {table}"
            for table in TABLES for name in NAMES if name in columns[table]
        )  # fmt: skip
        connection.execute(text(NUMBER.format(found)))
        wanted = {"jitter_statistics": exposures, "dark_rates": darks}
        copies = -(-exposures // count(connection, "telemetry"))
        for table in TABLES:
            number = -(-wanted[table] // count(connection, table)) if table in wanted else copies
            numbers = f"SELECT n, {SPAN_D} * n / {number} FROM generate_series(1, {number - 1}) n"
            copy_rows(connection, table, columns[table], numbers)
    analyze(engine)
    with engine.connect() as connection:
        for table in TABLES:
            print(f"{table:22s} {count(connection, table):9,d} rows", flush=True)


def count(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def copy_rows(
    connection: Connection, table: str, columns: Collection[str], numbers: str, which: str = "true"
) -> None:
    """Copy some rows under names of their own, once for each of the numbers, so many days later."""
    values = [
        f"left(t.{name}, 1) || lpad(to_hex({name}_.number + 4096 * n), 7, '0') "
        f"|| substr(t.{name}, 9)" if name in NAMES
        else f"t.{name} + later" if name.endswith("_mjd")
        else f"t.{name}"
        for name in columns
    ]  # fmt: skip
    named = "".join(
        f" LEFT JOIN copied {name}_ ON {name}_.old = left(t.{name}, 8)"
        for name in columns if name in NAMES
    )  # fmt: skip
    connection.execute(text(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {table} t{named} CROSS JOIN ({numbers}) AS copies (n, later) WHERE {which}"
    ))  # fmt: skip


def copy_maps(engine: Engine, maps: int, lit: int) -> None:
    """Copy the files of gain maps, each a week after the other, at twelve voltages."""
    with engine.begin() as connection:
        found = connection.execute(text("SELECT image, segment, path FROM cumulative_images")).all()
        columns = list(list_columns(connection)["cumulative_images"])
        for number in range(maps - len(found)):
            image, segment, path = found[number % len(found)]
            name = f"{segment.lower()}_163_copy{number:05d}"
            place = Path(path).with_name(f"{name}_gainmap.fits")
            light(place, lit, number) if lit else shutil.copyfile(path, place)
            new = {
                "image": f"'{name}'", "path": f"'{place}'",
                "high_voltage": str(163 + 2 * (number // 2 % 6)),
                "exp_start_mjd": str(58000.0 + number), "exp_end_mjd": str(58000.9 + number),
            }  # fmt: skip
            connection.execute(text(
                f"INSERT INTO cumulative_images ({', '.join(columns)}) "
                f"SELECT {', '.join(new.get(one, one) for one in columns)} "
                f"FROM cumulative_images WHERE image = '{image}'"
            ))  # fmt: skip
    analyze(engine)


def light(path: Path, rows: int, seed: int) -> None:
    """Write a map of so many rows of superpixels, half of them with a gain that falls slowly."""
    random = np.random.default_rng(seed)
    shape = (512, 2048)
    is_lit = random.random(shape) < 0.5
    is_lit[:200], is_lit[200 + rows :] = False, False
    gain = np.where(is_lit, 9.0 - 1e-3 * seed + random.normal(scale=0.2, size=shape), np.nan)
    images = {
        "MOD_GAIN": gain,
        "GAIN_ERR": np.where(is_lit, 0.2, np.nan),
        "QUALITY": np.where(is_lit, 1.0, np.nan),
        "COUNTS": np.where(is_lit, 300.0, 0.0),
    }
    hdus = [compress(pixels.astype(np.float32), name) for name, pixels in images.items()]
    write_hdus([primary_hdu([]), *hdus], path)


def renew(engine: Engine, number: int) -> None:
    """Have one new exposure in each table, and the newest gain map written again."""
    with engine.begin() as connection:
        columns = list_columns(connection)
        for table in TABLES:
            chosen = NEW.get(table, "true")
            which = (
                f"{chosen} AND left(t.rootname, 8) = (SELECT max(old) FROM copied WHERE EXISTS "
                f"(SELECT FROM {table} o WHERE o.rootname = old || 'q' AND {chosen}))"
            )
            numbers = f"SELECT {65_535 - number}, {SPAN_D}"
            copy_rows(connection, table, columns[table], numbers, which)
    with engine.connect() as connection:
        path = connection.execute(text(
            "SELECT path FROM cumulative_images ORDER BY exp_start_mjd DESC LIMIT 1"
        )).scalar_one()  # fmt: skip
    Path(path).touch()


def analyze(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


if __name__ == "__main__":
    main()
