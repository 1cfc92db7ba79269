"""Previews of a batch with the database: tasks from rows, rows from outcomes, re-runs."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from builders.preview_files import save, science, sky
from hstql_assets.batching.batch_asset import build_asset
from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.recording import record_batch
from hstql_assets.previews.assets import OWNED, declare_previews
from hstql_assets.previews.drawing import draw_previews
from hstql_assets.previews.inputs import locate_previews
from hstql_resources import tables
from hstql_resources.filenames import parse_filename
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.workers import LocalWorkers

NOW = datetime.now(UTC)
KEYS = [f"jaaa0{number}aaq" for number in range(4)]


@pytest.fixture(scope="module")
def workers() -> Iterator[Executor]:
    pool = LocalWorkers(2)
    yield pool
    pool.shutdown()


class Station:
    """Files of an instrument in the tables, and the step over them."""

    def __init__(self, database: Database, workers: Executor, folder: Path) -> None:
        self.database = database
        self.workers = workers
        self.folder = folder
        self.filesystem = Filesystem(folder / "home")

    def add(self, name: str, proposal: int | None = 9405, rows: int = 60) -> Path:
        """A file with an image, as the header step leaves it."""
        path = save(self.folder / "archive" / name, "SBC", science(sky(rows, 80)))
        parsed = parse_filename(name)
        assert parsed is not None
        file = {
            "filename": parsed.name, "rootname": parsed.rootname, "filetype": parsed.filetype,
            "kind": parsed.kind, "path": str(path), "size_bytes": path.stat().st_size,
            "ingest_date": NOW,
        }  # fmt: skip
        with self.database.write() as writer:
            writer.upsert(tables.File, [file])
            writer.upsert(
                tables.Observation,
                [{"rootname": parsed.rootname, "instrument": "acs", "proposal_id": proposal}],
            )
        self.decide(parsed.rootname)
        return path

    def decide(self, key: str, status: str = "made", reason: str | None = None) -> None:
        row = {"asset": "acs/header_tables", "key": key, "status": status, "reason": reason,
               "decided_at": NOW, "changed_at": NOW}  # fmt: skip
        with self.database.write() as writer:
            writer.upsert(tables.Outcome, [row])

    def run(self, keys: Sequence[str] = KEYS) -> dict[str, Outcome]:
        tasks = locate_previews(self.database, self.filesystem, "acs", keys)
        outcomes = decide_batch(self.workers, draw_previews, tasks, lambda _: None)
        record_batch(self.database, "acs/previews", outcomes, OWNED.tables)
        return {outcome.key: outcome for outcome in outcomes}

    def rows(self) -> list[tuple[str, str, bool]]:
        preview = tables.Preview
        statement = select(preview.filename, preview.path, preview.is_preferred)
        return sorted((row.filename, Path(row.path).parent.name, row.is_preferred)
                      for row in self.database.read(statement))  # fmt: skip

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.filesystem.home))
                      for path in self.filesystem.home.rglob("*") if path.is_file())  # fmt: skip


@pytest.fixture
def station(database: Database, workers: Executor, tmp_path: Path) -> Station:
    return Station(database, workers, tmp_path)


def test_pictures_are_rows_and_a_second_run_changes_nothing(station: Station) -> None:
    station.add(f"{KEYS[0]}_raw.fits")
    station.add(f"{KEYS[0]}_flt.fits")
    station.add(f"{KEYS[1]}_raw.fits", proposal=None)
    for key in KEYS[2:]:
        station.decide(key, "none")
    for _ in range(2):
        outcomes = station.run()
        assert [outcomes[key].status for key in KEYS] == ["made", "made", "none", "none"]
        assert station.rows() == [
            (f"{KEYS[0]}_flt.fits", "9405", True),
            (f"{KEYS[0]}_raw.fits", "9405", False),
            (f"{KEYS[1]}_raw.fits", "unknown", True),
        ]
        assert station.files() == [
            f"previews/9405/{KEYS[0]}_flt.jpg",
            f"previews/9405/{KEYS[0]}_flt.thumb",
            f"previews/9405/{KEYS[0]}_raw.jpg",
            f"previews/9405/{KEYS[0]}_raw.thumb",
            f"previews/unknown/{KEYS[1]}_raw.jpg",
            f"previews/unknown/{KEYS[1]}_raw.thumb",
        ]


def test_another_proposal_moves_the_pictures_and_a_lost_file_takes_its_own_along(
    station: Station,
) -> None:
    station.add(f"{KEYS[0]}_raw.fits")
    station.add(f"{KEYS[0]}_flt.fits")
    station.run(KEYS[:1])
    with station.database.write() as writer:
        writer.execute(update(tables.Observation).values(proposal_id=10))
        writer.delete(tables.File, "filename", [f"{KEYS[0]}_flt.fits"])
    station.run(KEYS[:1])
    assert station.rows() == [(f"{KEYS[0]}_raw.fits", "10", True)]
    assert station.files() == [
        f"previews/10/{KEYS[0]}_raw.jpg",
        f"previews/10/{KEYS[0]}_raw.thumb",
    ]


def test_a_bad_file_is_recorded_once_and_heals(station: Station) -> None:
    path = station.add(f"{KEYS[0]}_flt.fits")
    station.add(f"{KEYS[0]}_raw.fits")
    whole = path.read_bytes()
    path.write_bytes(whole[:3000])
    station.run(KEYS[:1])
    bad = tables.BadData
    statement = select(bad.filename, bad.reason, bad.step)
    assert [tuple(row) for row in station.database.read(statement)] == [
        (f"{KEYS[0]}_flt.fits", "Unreadable", "acs/previews")
    ]
    assert station.rows() == [(f"{KEYS[0]}_raw.fits", "9405", True)]
    path.write_bytes(whole)
    station.run(KEYS[:1])
    assert station.database.read(statement) == []
    assert len(station.rows()) == 2


def test_before_the_headers_nothing_is_drawn(station: Station) -> None:
    (outcome,) = station.run(KEYS[:1]).values()
    assert (outcome.status, outcome.is_upstream_unmade) == ("waiting", True)


def test_what_could_not_be_retrieved_is_missing_with_its_reason(station: Station) -> None:
    station.decide(KEYS[0], "missing", "The archive did not answer.")
    (outcome,) = station.run(KEYS[:1]).values()
    assert (outcome.status, outcome.reason) == ("missing", "The archive did not answer.")


def test_a_missing_file_leaves_rows_and_pictures(station: Station) -> None:
    path = station.add(f"{KEYS[0]}_flt.fits")
    station.run(KEYS[:1])
    rows, files = station.rows(), station.files()
    path.unlink()
    assert station.run(KEYS[:1])[KEYS[0]].status == "missing"
    assert (station.rows(), station.files()) == (rows, files)


def test_a_batch_costs_as_many_statements_as_a_key(station: Station) -> None:
    counts = []
    for number in (1, 3):
        for key in KEYS[:number]:
            if not (station.folder / "archive" / f"{key}_raw.fits").exists():
                station.add(f"{key}_raw.fits", rows=20)
        before = station.database.statements
        station.run(KEYS[:number])
        counts.append(station.database.statements - before)
    assert counts[0] == counts[1] < 20


def test_the_asset_comes_after_the_headers_of_its_instrument() -> None:
    asset = build_asset(declare_previews("wfc3"))
    assert asset.key.path == ["wfc3", "previews"]
    assert [key.path for key in asset.dependency_keys] == [["wfc3", "header_tables"]]
