"""A database as the site has it: some exposures that are public, some that are closed, and people.

All that nobody but their team may learn of the closed ones has the word SECRET in it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from sqlalchemy import text
from starlette.testclient import TestClient

from builders.dagster_rows import COMMAND, fill_history
from builders.databases import Databases
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.server_access import SITE
from hstql_resources.settings import Settings
from hstql_resources.site.access import prepare_access
from hstql_resources.site.anomaly_kinds import fill_kinds
from hstql_resources.site.opening import Opened
from hstql_resources.site.session import Site
from hstql_web.app import make_app
from hstql_web.guard import Guard, Rate

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
PUBLIC, CLOSED = 100, 200  # proposals
# By name: instrument, proposal, association, when it is released.
EXPOSURES = {
    "jpub01a1q": ("acs", PUBLIC, "jpub01010", PAST),
    "jpub01a2q": ("acs", PUBLIC, "jpub01010", PAST),
    "jpub01010": ("acs", PUBLIC, "jpub01010", PAST),
    "ipub01a1q": ("wfc3", PUBLIC, None, PAST),
    "lpub01a1q": ("cos", PUBLIC, None, PAST),
    "jsec01a1q": ("acs", CLOSED, "jsec01010", FUTURE),
    "jsec01a2q": ("acs", CLOSED, "jsec01010", PAST),
    "jsec01010": ("acs", CLOSED, "jsec01010", PAST),
    "lsec01a1q": ("cos", CLOSED, None, FUTURE),
    "jund01a1q": ("acs", 300, None, None),
}
OPEN = ("jpub01a1q", "jpub01a2q", "jpub01010", "ipub01a1q", "lpub01a1q", "jsec01a2q")
HIDDEN = ("jsec01a1q", "jsec01010", "lsec01a1q", "jund01a1q")
SECRET = "SECRET"
PEOPLE = {"ann": "admin", "flo": "flagger", "rea": "reader", "pia": "flagger", "tim": "reader"}
MEMBER, ALL = "pia", "tim"  # who may see the closed proposal, and who may see everything
HEADER_TABLE = "acs_wfc_new_sci"
UNLIMITED = 1_000_000  # questions of a client


@contextmanager
def open_prepared(databases: Databases, home: Path) -> Iterator["Station"]:
    """Open a database with these rows, and the files that they name, for the tests of a module."""
    name = databases.take()
    database = databases.open(name)
    site = Site(database.engine.url.set(username=SITE), "closed")
    try:
        station = Station(database, site, home)
        yield station
        station.history.dispose()
    finally:
        site.dispose()
        database.dispose()
        databases.drop(name)


class Station:
    """The site over a database that belongs to tests."""

    def __init__(self, database: Database, site: Site, home: Path) -> None:
        self.database, self.site, self.home = database, site, home
        self._apps: dict[tuple[tuple[str, object], ...], Guard] = {}
        fill(database, home)
        self.history = fill_history(database, home, SECRET)
        prepare_access(database, SITE)

    def open(self, undated: str = "closed", **settings: object) -> Opened:
        """Return what an application works with; people sign in by a header, if not said."""
        chosen = Settings(_env_file=None, home=self.home, **{"sign_in": "header", **settings})
        site = self.site if undated == "closed" else Site(self.site.engine.url, undated)
        return Opened(chosen, Filesystem(self.home), site, b"k" * 32, "owner", self.history)

    def client(self, person: str | None = "rea", **settings: object) -> TestClient:
        """Return a browser of a person, who came through the proxy."""
        headers = {} if person is None else {"X-Forwarded-User": person}
        chosen = tuple(settings.items())
        if chosen not in self._apps:
            self._apps[chosen] = make_app(self.open(**settings), Rate(UNLIMITED, UNLIMITED))
        return TestClient(
            self._apps[chosen], "http://127.0.0.1",
            client=("127.0.0.1", 50000), headers=headers,
        )  # fmt: skip

    def local(self) -> TestClient:
        """Return a browser on the host of a site without sign-in."""
        return self.client(None, sign_in="none")


def fill(database: Database, home: Path) -> None:
    """Write rows of all kinds about the exposures, and the files that they name."""
    with database.write() as writer:
        fill_kinds(writer)
        writer.upsert(
            tables.Person,
            [
                {"person": one, "role": role, "sees_everything": one == ALL}
                for one, role in PEOPLE.items()
            ],
        )
        writer.upsert(
            tables.ProposalAccess, [{"person": MEMBER, "proposal_id": CLOSED, "granted_by": "ann"}]
        )
        writer.upsert(tables.Product, [_product(name) for name in EXPOSURES])
        writer.upsert(tables.Observation, [_observation(*one) for one in enumerate(EXPOSURES)])
        writer.upsert(tables.Proposal, [_proposal(one) for one in (PUBLIC, CLOSED, 300)])
        writer.upsert(tables.File, [_file(name, home) for name in EXPOSURES])
        writer.upsert(tables.Preview, [_preview(name, home) for name in EXPOSURES])
        writer.upsert(tables.Outcome, [_outcome(name) for name in EXPOSURES])
        writer.upsert(tables.BadData, [_bad(name) for name in EXPOSURES])
        writer.execute(
            text(
                f"CREATE TABLE {HEADER_TABLE} (PRIMARY KEY (filename, ext), targname text, "
                "exptime float) INHERITS (headers)"
            )
        )
        for name in EXPOSURES:
            row = {"f": f"{name}_flt.fits", "r": name, "t": word(name)}
            writer.execute(
                text(f"INSERT INTO {HEADER_TABLE} VALUES (:f, 1, :r, 1, :t, 10)").bindparams(**row)
            )
        writer.execute(text(f"COMMENT ON COLUMN {HEADER_TABLE}.targname IS 'TARGNAME'"))
        for name in ("jpub01a1q", "jsec01a1q"):
            row = {"r": name, "t": f"{word(name)} comment"}
            writer.execute(
                text(
                    "INSERT INTO comments (rootname, text, written_by) VALUES (:r, :t, 'pia')"
                ).bindparams(**row)
            )
        writer.upsert(tables.Run, [{
            "id": COMMAND, "command": f"hstql {SECRET} <i>", "started_at": NOW,
            "ended_at": NOW + timedelta(seconds=5), "exit_status": 1,
            "log": str(home / "logs" / f"{COMMAND}.log"),
        }])  # fmt: skip
        writer.upsert(tables.MonitorState, [{
            "monitor": "dark_rate_monitor", "title": "Darks", "state": "alarm",
            "summary": f"{SECRET} and others", "exposures": 9, "changed_at": NOW,
            "page": "monitors/darks/index.html", "ingest_date": NOW,
        }])  # fmt: skip
    _write_monitor(home / "plots" / "monitors" / "darks")


def _write_monitor(folder: Path) -> None:
    """Write the page of a monitor, which is made of closed exposures too."""
    chart = {"name": "secret", "title": SECRET, "axes": "", "note": SECRET, "figure": ""}
    section = {"title": SECRET, "note": "", "columns": [], "rows": [], "charts": [chart]}
    content = {"heading": SECRET, "about": "", "state": "alarm", "summary": SECRET, "facts": [],
               "verdicts": [], "hint": "", "sections": [section], "nothing": SECRET,
               "exposures": list(HIDDEN)}  # fmt: skip
    folder.mkdir(parents=True)
    (folder / "page.json").write_text(json.dumps(content))
    for ending in ("csv", "png"):
        (folder / f"secret.{ending}").write_text(SECRET)


def word(rootname: str) -> str:
    """Return the word that stands in the rows of an exposure."""
    return SECRET if rootname in HIDDEN else "open"


def _product(name: str) -> dict[str, object]:
    released = EXPOSURES[name][3]
    return {
        "filename": f"{name}_flt.fits", "rootname": name, "dataset": name, "uri": "x",
        "size_bytes": 1, "access": "proprietary" if released == FUTURE else "public",
        "released_at": released, "listed_at": NOW,
    }  # fmt: skip


def _observation(number: int, name: str) -> dict[str, object]:
    instrument, proposal, association, _ = EXPOSURES[name]
    start = None if name.endswith("010") else 59000.0 + number
    return {
        "rootname": name, "instrument": instrument, "detector": "WFC", "proposal_id": proposal,
        "association": association, "exp_start_mjd": start, "exp_time_s": 100.0 + number,
        "target_name": f"{word(name)} star", "target": f"{word(name).lower()}-star",
        "filter": "F606W", "visit": "01", "first_ingest_date": NOW - timedelta(hours=number),
        "path": f"/{word(name)}",
    }  # fmt: skip


def _proposal(number: int) -> dict[str, object]:
    title = "open title" if number == PUBLIC else "title of the team"
    return {
        "proposal_id": number, "title": title, "proposal_type": "GO", "source": "header",
        "ingest_date": NOW,
    }  # fmt: skip


def _file(name: str, home: Path) -> dict[str, object]:
    path = home / "files" / f"{name}_flt.fits"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(word(name).encode())
    return {
        "filename": path.name, "rootname": name, "filetype": "flt", "kind": "calibrated",
        "path": str(path), "size_bytes": 6, "ingest_date": NOW, "origin": word(name),
    }  # fmt: skip


def _preview(name: str, home: Path) -> dict[str, object]:
    paths = [home / "previews" / f"{name}{ending}" for ending in (".jpg", ".thumb")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8)).save(path, "JPEG", comment=word(name).encode())
    return {
        "filename": f"{name}_flt.fits", "number": 1, "rootname": name, "filetype": "flt",
        "kind": "image", "extver": 1, "path": str(paths[0]), "thumbnail_path": str(paths[1]),
        "width": 8, "height": 8, "is_preferred": True, "ingest_date": NOW, "note": word(name),
    }  # fmt: skip


def _outcome(name: str) -> dict[str, object]:
    return {
        "asset": f"{EXPOSURES[name][0]}/previews", "key": name, "status": "bad",
        "reason": f"{word(name)} reason", "decided_at": NOW, "changed_at": NOW,
    }  # fmt: skip


def _bad(name: str) -> dict[str, object]:
    return {
        "filename": f"{name}_flt.fits", "rootname": name, "reason": f"{word(name)} reason",
        "ingest_date": NOW,
    }  # fmt: skip
