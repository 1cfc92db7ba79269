"""CPU and peak memory of each monitor over a long history in which one exposure is new.

    python benchmarks/monitors.py [--exposures 341000] [--maps 4000] [--darks 6000000] [--lit 0]

A simulated archive is made for real; then the rows that monitors read are copied by SQL, each copy
under other names and some time later, and the files of gain maps too. With --lit, each map has so
many rows of superpixels with gains at random, as the few of the simulation are no test. A monitor
is made twice, in processes of its own: all anew, as after an upgrade, and with one exposure new.
All is done in one
process, without workers, so that its CPU and memory are all that there is but for the server's.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from astropy.io import fits
from harness import PROJECT, open_home, read_arguments, scratch
from scale import command
from sqlalchemy import Connection, Engine, create_engine, text
from state import list_columns

from hstql_resources.fits.compressed_images import compress

MAKE = """
import json, resource, sys
from dataclasses import replace
from hstql_assets.monitors.framework.registry import read_trends
from hstql_assets.monitors.framework.trend_run import make_trend, record_trend
from hstql_assets.pages.pages import publish_scripts
from hstql_resources.clients import open_clients
from hstql_resources.settings import load_settings
from hstql_resources.workers import NO_WORKERS
(trend,) = [one for one in read_trends() if one.name == sys.argv[1]]
with open_clients(load_settings(), "benchmark") as clients:
    clients = replace(clients, workers=NO_WORKERS)
    publish_scripts(clients.filesystem)
    record_trend(trend, clients, make_trend(trend, clients).report)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
TRENDS = "from hstql_assets.monitors.framework.registry import read_trends\n" \
    "print(*(one.name for one in read_trends()))"  # fmt: skip
APART_D = 0.004  # copies of one exposure: 2,000 take eight days, as new ones come in time
TABLES = (
    "observations", "telemetry", "stim_pulses", "osm_shifts", "acquisitions", "jitter_statistics",
    "image_statistics",
)  # fmt: skip
# Names differ in letters 2 to 4; copies of a map in the week.
NAMES = {"rootname": 2, "filename": 2, "exposure": 2}


def main() -> None:
    wanted = read_arguments(__doc__, exposures=341_000, maps=4000, darks=6_000_000, lit=0)
    settings = {"simulated_observations": 12, "simulated_raw": 0}
    with scratch() as home, open_home(home, **settings) as server:
        for words in ("discover", "materialize"):
            command(words)
        engine = create_engine(server.url("hstql"))
        grow(engine, wanted.exposures, wanted.darks)
        copy_maps(engine, wanted.maps, wanted.lit)
        for name in run(TRENDS).split():
            show(name, "all", *json.loads(run(MAKE, name)))
            renew(engine)
            show(name, "one new", *json.loads(run(MAKE, name)))


def run(code: str, *words: str) -> str:
    """Run code in a process of its own; return what it prints."""
    line = [sys.executable, "-W", "ignore", "-c", code, *words]
    done = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def show(name: str, what: str, cpu_s: float, peak_mb: float) -> None:
    print(f"{name:22s} {what:8s} {cpu_s:7.1f} s CPU {peak_mb:6.0f} MB", flush=True)


def grow(engine: Engine, exposures: int, darks: int) -> None:
    with engine.begin() as connection:
        had = count(connection, "telemetry")
        for table in TABLES:
            copy_rows(connection, table, exposures // had)
        copy_rows(connection, "dark_rates", darks // count(connection, "dark_rates"))
    analyze(engine)


def count(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def copy_rows(connection: Connection, table: str, copies: int) -> None:
    columns = list_columns(connection)[table]
    values = [
        f"overlay({name} PLACING lpad(to_hex(n), 3, '0') FROM {NAMES[name]})" if name in NAMES
        else f"{name} + {APART_D} * n" if name.endswith("_mjd")
        else name
        for name in columns
    ]  # fmt: skip
    connection.execute(text(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {table}, generate_series(1, {copies - 1}) AS n ON CONFLICT DO NOTHING"
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
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(path)


def renew(engine: Engine) -> None:
    """Have the newest gain map of a voltage be written again; rows cost the same, new or not."""
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
