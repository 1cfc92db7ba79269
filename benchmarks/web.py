"""Pages of the site over a million exposures, read by many at once, and acsql's own questions.

    python benchmarks/web.py [--exposures 1000000] [--readers 20] [--seconds 900] [--pause 2]
                             [--home FOLDER]

Makes rows of a team's archive in a temporary Postgres (`web_rows.sql`): four instruments, four
files for each exposure, flags, looks, decisions, headers of ACS/WFC. Then the site is served as it
is for a team, and each reader asks for a page every two seconds, of all kinds in turn; half
of them see everything, the others what is public and ten proposals more. Rows that were made in a
folder are kept there, and used again. Prints for each page the median and the 99th percentile, from
the request to the last byte, and beside it what the questions alone take that acsql asks for the
same, of one reader, in tables as acsql has them (`acsql_pages.py`).
"""

import os
import random
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
import psutil
from acsql_pages import make_old_tables, time_old_pages
from harness import (
    PROJECT,
    open_home,
    read_arguments,
    read_server_cpu_s,
    read_tree_cpu_s,
    scratch,
)
from PIL import Image
from queries import HEADERS, fill_headers
from sqlalchemy import Connection, text

from hstql_resources.postgres.database import Database
from hstql_resources.site.anomaly_kinds import fill_kinds
from hstql_resources.sky_index import index_places

ROWS = (Path(__file__).parent / "web_rows.sql").read_text()
HEADER_TABLE = "acs_wfc_raw_primary"
PICTURE = "picture.jpg"  # the last that is made
PLACES, SEED = 20_000, 7
SAMPLE = """
SELECT rootname, proposal_id, target, ra_deg, dec_deg, date_obs FROM observations
WHERE instrument = 'acs' AND detector = 'WFC' AND public_from <= now() AND NOT has_undated
ORDER BY hashtext(rootname) LIMIT 500
"""
Page = Callable[["Example"], str]
NIGHTS = f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}"
PAGES: Mapping[str, Page] = {
    "morning": lambda _: "/",
    "list: the newest": lambda _: "/exposures",
    "list: of 100,000 and more": lambda _: "/exposures?instrument=wfc3&detector=UVIS",
    "list: nothing for 19 years": lambda _: "/exposures?detector=HRC",
    "list: by target name": lambda _: "/exposures?instrument=cos&sort=target_name",
    "list: a later page": lambda one: f"/exposures?behind={one.rootname}",
    "list: a proposal": lambda one: f"/exposures?proposal={one.proposal}",
    "list: a visit by its name": lambda one: f"/exposures?rootname={one.rootname[:6]}*",
    "list: by filter": lambda _: "/exposures?instrument=acs&sort=-filter",
    "list: a target": lambda one: f"/exposures?target={one.target}",
    "list: a day": lambda one: f"/exposures?begin={one.day}&end={one.day}",
    "list: a cone": lambda one: f"/exposures?cone={one.ra_deg}+{one.dec_deg}+60",
    "list: a common anomaly": lambda _: "/exposures?instrument=acs&anomaly=satellite_trail",
    "list: any anomaly": lambda _: "/exposures?anomaly=any",
    "list: a rare anomaly": lambda _: "/exposures?instrument=acs&anomaly=moving_object",
    "list: not looked at": lambda _: f"/exposures?comes_since={NIGHTS}&looked=no",
    "list: a keyword shown": lambda one: (
        f"/exposures?view=table&proposal={one.proposal}&column={HEADER_TABLE}.exptime"
    ),
    "exposure": lambda one: f"/exposure/{one.rootname}",
    "exposure in a list": lambda one: f"/exposure/{one.rootname}?instrument=acs&detector=WFC",
    "exposure among anomalies": lambda one: f"/exposure/{one.rootname}?anomaly=satellite_trail",
    "proposal": lambda one: f"/proposal/{one.proposal}",
    "targets": lambda _: "/targets",
    "targets by name": lambda _: "/targets?name=NGC1",
    "targets in a cone": lambda one: f"/targets?cone={one.ra_deg}+{one.dec_deg}+7200",
    "target": lambda one: f"/target?target={one.target}",
    "headers of a file": lambda one: f"/headers/{one.rootname}_raw.fits",
    "anomalies": lambda _: "/anomalies",
    "query": lambda _: "/query",
    "query: hits": lambda _: (
        "/query/hits?target_name=NGC10*&exp_time_s=100..500&image_type=EXT&instrument=acs"
    ),
    "query: hits by a keyword": lambda _: f"/query/hits?where={HEADER_TABLE}.flashdur+%3E+0",
    "query: hits by a beginning": lambda _: f"/query/hits?where={HEADER_TABLE}.targname+%3D+NGC10*",
    "query: hits by a part": lambda _: f"/query/hits?where={HEADER_TABLE}.biasfile+%3D+*99u1505*",
    "trend: a proposal": lambda one: f"/trends?proposal={one.proposal}",
    "trend: 5,000 points": lambda _: "/trends",
    "trend: 20,000 points": lambda _: "/trends?points=20000",
    "search": lambda one: f"/search?q={one.rootname}",
    "monitors": lambda _: "/monitors",
    "runs": lambda _: "/runs",
    "commands": lambda _: "/commands",
    "interface": lambda _: "/interface",
    "thumbnail": lambda one: f"/thumbnail/{one.rootname}_flt.fits/1",
    "JSON: 100 exposures": lambda _: "/api/v1/exposures?instrument=stis",
    "JSON: an exposure": lambda one: f"/api/v1/exposures/{one.rootname}",
    "JSON: a proposal": lambda one: f"/api/v1/proposals/{one.proposal}",
    "JSON: targets": lambda _: "/api/v1/targets?name=FIELD-1",
    "JSON: proposals": lambda _: "/api/v1/proposals",
    "JSON: proposals with COS": lambda _: "/api/v1/proposals?instrument=cos",
    "JSON: files of a proposal": lambda one: f"/api/v1/proposals/{one.proposal}/filenames",
}


class Example(NamedTuple):
    """An exposure that somebody asks about."""

    rootname: str
    proposal: int
    target: str
    ra_deg: float
    dec_deg: float
    day: str


@dataclass(frozen=True)
class Served:
    """A site that is served, and what it is about."""

    port: int
    process: psutil.Process
    examples: Sequence[Example]


Taken = Mapping[str, Mapping[bool, Sequence[float]]]  # s, by page and whether all was seen


def main() -> None:
    wanted = read_arguments(__doc__, exposures=1_000_000, readers=20, seconds=900, pause=2, home="")
    place = nullcontext(Path(wanted.home)) if wanted.home else scratch()
    with place as home, open_home(home) as server:
        is_new = not (home / PICTURE).exists()
        database = Database(server.url("hstql"))
        start = time.perf_counter()
        if is_new:
            fill(database, home, wanted.exposures, wanted.readers)
            make_old_tables(database)
            print(f"{wanted.exposures:,} exposures made in {time.perf_counter() - start:.0f} s")
        else:
            database.migrate()
        old = time_old_pages(database, [one.proposal for one in read_examples(database)])
        with serve(database) as served:
            taken = read_pages(served, wanted.readers, wanted.seconds, wanted.pause)
        show(taken, old)
        database.dispose()


def fill(database: Database, home: Path, count: int, people: int) -> None:
    """Make all rows, and the one picture that stands for all."""
    database.migrate()
    values = {"count": count, "folder": str(home), "people": people}
    switched = "ALTER TABLE {} {} TRIGGER USER"  # they would find the dates that are here already
    with database.write() as writer:
        fill_kinds(writer)
        _make_places(writer.connection)
        for table in ("observations", "products"):
            writer.execute(text(switched.format(table, "DISABLE")))
        for statement in ROWS.split(";\n")[:-1]:
            named = {name: values[name] for name in re.findall(r"(?<!:):([a-z]+)", statement)}
            writer.connection.execute(text(statement), named)
        fill_headers(writer.connection, *next(one for one in HEADERS if one[0] == HEADER_TABLE))
        for table in ("observations", "products"):
            writer.execute(text(switched.format(table, "ENABLE")))
    vacuum(database)
    for name in (PICTURE, "picture.thumb"):
        Image.effect_noise((128, 128), 40).save(home / name, "JPEG")


def _make_places(connection: Connection) -> None:
    draw = random.Random(SEED)
    places = [(draw.uniform(0, 360), draw.uniform(-85, 85)) for _ in range(PLACES)]
    rows = [
        {"which": which, "ra": ra, "dec": dec, "cell": cell}
        for which, ((ra, dec), cell) in enumerate(zip(places, index_places(places), strict=True))
    ]
    connection.execute(text(
        "CREATE TEMPORARY TABLE places (which int, ra float, dec float, cell bigint) "
        "ON COMMIT DROP"
    ))  # fmt: skip
    connection.execute(text("INSERT INTO places VALUES (:which, :ra, :dec, :cell)"), rows)


def vacuum(database: Database) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def read_examples(database: Database) -> list[Example]:
    return [Example(*row) for row in database.read(text(SAMPLE))]


@contextmanager
def serve(database: Database) -> Iterator[Served]:
    """Serve the site of the home of this process as that of a team."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hstql_web", "--port", "0"],
        cwd=PROJECT, env=os.environ | {"HSTQL_SIGN_IN": "header"},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        if found is None:
            raise SystemExit("The site did not start.")
        port = urlsplit(found[0]).port or 0
        yield Served(port, psutil.Process(process.pid), read_examples(database))
    finally:
        process.terminate()
        process.wait()


def read_pages(served: Served, readers: int, seconds: float, pause_s: float) -> Taken:
    """Have people read for some time; print what that took of the processors."""
    spent = (read_tree_cpu_s(served.process), read_server_cpu_s())
    with ThreadPoolExecutor(readers) as pool:
        work = [
            pool.submit(_read_on, served, number, seconds, pause_s) for number in range(readers)
        ]
        found = [one.result() for one in work]
    taken: dict[str, dict[bool, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number, pages in enumerate(found):
        for name, page_s in pages:
            taken[name][number % 2 == 0].append(page_s)
    count = sum(map(len, found))
    site_ms, server_ms = (
        1e3 * (now - before) / count
        for now, before in zip(
            (read_tree_cpu_s(served.process), read_server_cpu_s()), spent, strict=True
        )
    )
    print(f"{count:,} pages; CPU for one: {site_ms:.0f} ms of the site, "
          f"{server_ms:.0f} ms of Postgres; memory of the site "
          f"{served.process.memory_info().rss / 1e6:.0f} MB")  # fmt: skip
    return taken


def _read_on(
    served: Served, number: int, seconds: float, pause_s: float
) -> list[tuple[str, float]]:
    """Read as one person does, a page each time the pause ends; one that has to wait comes late."""
    draw, found = random.Random(number), []
    connection = HTTPConnection("127.0.0.1", served.port, timeout=60)
    headers = {"X-Forwarded-User": f"reader{number}", "X-Forwarded-For": f"10.0.0.{number}"}
    end = time.monotonic() + seconds
    time.sleep(draw.uniform(0, pause_s))
    pages: list[str] = []
    while (begin := time.monotonic()) < end or pages:  # each page once at least
        pages = pages or draw.sample(list(PAGES), len(PAGES))
        name = pages.pop()
        connection.request("GET", PAGES[name](draw.choice(served.examples)), headers=headers)
        answer = connection.getresponse()
        answer.read()
        found.append((name, time.monotonic() - begin))
        is_closed = answer.status == 403 and number % 2 == 1  # to those who do not see everything
        if answer.status >= 400 and not is_closed:
            raise SystemExit(f"{name} answered {answer.status}.")
        time.sleep(max(0.0, begin + pause_s - time.monotonic()))
    connection.close()
    return found


def show(taken: Taken, old: Mapping[str, float]) -> None:
    """Print a table in ms."""
    print(f"\n{'ms':28s} {'sees everything':>18s} {'sees some':>18s} {'acsql asks':>12s}")
    print(f"{'':28s} {'median':>9s} {'99 %':>8s} {'median':>9s} {'99 %':>8s}")
    for name in PAGES:
        numbers = [
            1e3 * float(np.percentile(taken[name][sees], percent)) if taken[name][sees] else 0.0
            for sees in (True, False)
            for percent in (50, 99)
        ]
        asked = f"{1e3 * old[name]:12.0f}" if name in old else ""
        print(f"{name:28s} " + " ".join(f"{one:9.0f}" for one in numbers) + f" {asked}")


if __name__ == "__main__":
    main()
