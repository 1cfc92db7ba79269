"""Calibrated files that are made here, as assets: real CalCOS, and a stand-in that goes wrong."""

import importlib.util
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import dagster as dg
import pytest
from astropy.io import fits
from sqlalchemy import text

from builders.graph_station import GraphStation
from builders.pipeline import Pipeline
from builders.raw_exposures import (
    write_association,
    write_raw_exposure,
    write_references,
)
from hstql_assets.observations import fetching as supplying
from hstql_assets.observations.retrieval import RetrievalTask
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import Request, Selection
from hstql_assets.orchestration.run_reports import Report
from hstql_resources import tables
from hstql_resources.archive import Search
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure, locate, make_exposure
from hstql_resources.calibration import calibrating
from hstql_resources.calibration.pipelines import Pipeline as Program
from hstql_resources.clients import Clients
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.run_log import RunLog
from hstql_resources.settings import Settings
from hstql_resources.workers import LocalWorkers

SEED, DURATION_S = 5, 120.0
RAWS = [make_exposure(SEED, locate(number), DURATION_S) for number in range(4)]
LACKING = make_exposure(SEED, locate(4), DURATION_S)  # is given no reference files of its own
MEMBERS = [
    make_exposure(SEED, locate(5, "NUV", number), DURATION_S, is_member=True) for number in (0, 1)
]
ASSOCIATION = MEMBERS[0].place.association
KINDS = ("corrtag", "counts", "flt", "lampflash", "x1d")  # what CalCOS makes of an NUV exposure
BY_PIPELINE = {"cos__calibrated_files": {"config": {"source": "pipeline"}}}
CALIBRATED = "cos/calibrated_files"
calcos = pytest.mark.skipif(
    importlib.util.find_spec("calcos") is None, reason="CalCOS is not installed"
)


@dataclass
class Calibrations:
    """The graph on a folder of raw files, and what the last call has calibrated here."""

    station: GraphStation
    archive: Path
    runs: list[str] = field(default_factory=list)
    tasks: dict[str, RetrievalTask] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    at_work: int = 0
    most_at_work: int = 0

    def make(
        self, *keys: str, config: dict[str, object] | None = None, raw: str = "missing"
    ) -> Report:
        """Discover, retrieve the raw files, and then make calibrated ones of all keys given."""
        graph, clients = self.station.graph, self.station.pipeline.clients
        graph.discover(clients, Search("cos"))
        first = Request(("cos/raw_files",), raw, Selection(keys))  # type: ignore[arg-type]
        report = graph.materialize(clients, first, {}, lambda _: None)
        assert report.error is None
        self.runs.clear()
        request = Request((CALIBRATED,), "all", Selection(keys), only=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(supplying, "calibrate_batch", self._calibrate)
            report = graph.materialize(clients, request, config or {}, lambda _: None)
        assert report.error is None, report.error
        return report

    def _calibrate(
        self, clients: Clients, tasks: Sequence[object], calibrate=supplying.calibrate_batch
    ) -> list[object]:
        counted = replace(clients, on_calibrated=lambda status, _: self.runs.append(status))
        self.most_at_work = 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(calibrating, "run_pipeline", self._run)
            done = calibrate(counted, tasks)
        self.tasks = {task.key: task for task in done if isinstance(task, RetrievalTask)}
        return done

    def _run(self, *arguments: object, run=calibrating.run_pipeline, **options: object) -> object:
        with self.lock:
            self.at_work += 1
            self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            return run(*arguments, **options)
        finally:
            with self.lock:
                self.at_work -= 1

    def decisions(self) -> dict[str, tuple[str, str | None, object]]:
        """Return status, reason and date of the last change of each key."""
        sql = text("SELECT key, status, reason, changed_at FROM outcomes WHERE asset = :asset")
        rows = self.station.pipeline.clients.database.read(sql.bindparams(asset=CALIBRATED))
        return {row.key: (row.status, row.reason, row.changed_at) for row in rows}

    def statuses(self) -> dict[str, str]:
        return {key: decision[0] for key, decision in self.decisions().items()}

    def bad_files(self) -> list[tuple[object, ...]]:
        rows = self.station.pipeline.rows(tables.BadData)
        return [(row["filename"], row["rootname"], row["reason"]) for row in rows]

    def made_here(self, key: str) -> dict[str, str]:
        """Return the names of the files of a key that CalCOS made, with their checksums."""
        rows = self.station.pipeline.rows(tables.File)
        return {
            str(row["filename"]): str(row["sha256"])
            for row in rows
            if row["rootname"] == key and row["origin"] == "calcos"
        }

    def path(self, filename: str) -> Path:
        return self.station.pipeline.clients.filesystem.observation_folder(filename[:9]) / filename


def put_raw(archive: Path, exposures: Sequence[RawExposure], *lacking: RawExposure) -> None:
    """Write exposures and the reference files of all but those lacking into an archive folder."""
    (archive / "references").mkdir(parents=True, exist_ok=True)
    write_references(exposures, archive / "references")
    for exposure in (*exposures, *lacking):
        folder = archive / exposure.rootname[:4] / exposure.rootname
        folder.mkdir(parents=True)
        write_raw_exposure(exposure, folder)


def put_association(archive: Path, scratch: Path) -> None:
    """Write an association of two exposures into an archive folder, each key in its own."""
    write_references(MEMBERS, archive / "references")
    write_association(MEMBERS, scratch)
    for path in scratch.iterdir():
        folder = archive / path.name[:4] / path.name[:9]
        folder.mkdir(parents=True, exist_ok=True)
        shutil.move(path, folder / path.name)


@contextmanager
def open_calibrations(
    folder: Path, database: Database, workers: LocalWorkers
) -> Iterator[Calibrations]:
    archive, home = folder / "archive", folder / "home"
    archive.mkdir()
    clients = Clients(
        settings=Settings(_env_file=None, home=home, workers="2"),
        archive=DirectoryArchive(archive),
        filesystem=Filesystem(home),
        database=database,
        workers=workers,
        log=RunLog("test", home / "logs" / "test.log"),
        on_progress=lambda _asset, _status: None,
    )
    with dg.DagsterInstance.ephemeral(tempdir=str(folder)) as instance:
        yield Calibrations(GraphStation(Pipeline(clients), Graph(instance)), archive)


@pytest.fixture(scope="module")
def shared_database(postgres: EmbeddedPostgres) -> Iterator[Database]:
    database = Database(postgres.url("calibrating"))
    database.migrate()
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def real(
    tmp_path_factory: pytest.TempPathFactory, shared_database: Database, workers: LocalWorkers
) -> Iterator[Calibrations]:
    """Five raw exposures and an association; CalCOS was run on what is not of the association."""
    folder = tmp_path_factory.mktemp("calibrating")
    with open_calibrations(folder, shared_database, workers) as opened:
        put_raw(opened.archive, RAWS, LACKING)
        put_association(opened.archive, tmp_path_factory.mktemp("association"))
        opened.make(*(one.rootname for one in (*RAWS, LACKING)), config=BY_PIPELINE)
        yield opened


@pytest.fixture
def empty(tmp_path: Path, database: Database, workers: LocalWorkers) -> Iterator[Calibrations]:
    """A station of one test, for a stand-in of CalCOS or none."""
    with open_calibrations(tmp_path, database, workers) as opened:
        yield opened


@calcos
@pytest.mark.full
class TestRealCalcos:
    """In this order: the first two are about what the fixture made, the others make more."""

    def test_four_raws_on_two_workers_are_calibrated_side_by_side(self, real: Calibrations) -> None:
        assert real.runs == ["failed", *["made"] * 4]
        metadata = [real.tasks[one.rootname].metadata for one in RAWS]
        seconds = [float(str(fact["pipeline_seconds"])) for fact in metadata]
        assert min(seconds) > 0.5
        assert real.most_at_work == 2
        for one in RAWS:
            assert set(real.made_here(one.rootname)) == {
                f"{one.rootname}_{kind}.fits" for kind in KINDS
            }
        for fact in metadata:
            assert str(fact["pipeline"]).startswith("CalCOS 3.")
            assert "CALCOS version" in Path(str(fact["trailer"])).read_text()
            assert "sim_cos_nuv_flat.fits" in str(fact["reference_files"])

    def test_a_raw_without_its_reference_files_is_named_before_anything_is_run(
        self, real: Calibrations
    ) -> None:
        assert real.runs[0] == "failed"
        status, reason, _ = real.decisions()[LACKING.rootname]
        assert status == "missing"
        assert f"sim_{LACKING.place.visit_name}_badt.fits (BADTTAB)" in str(reason)
        assert "a reference file that is nowhere" in str(reason)
        assert not real.made_here(LACKING.rootname)
        assert not real.bad_files()
        trailers = real.station.pipeline.clients.filesystem.trailer(LACKING.rootname).parent
        assert sorted(path.stem for path in trailers.iterdir()) == [one.rootname for one in RAWS]

    def test_what_was_made_here_stays_when_the_files_are_retrieved_again(
        self, real: Calibrations
    ) -> None:
        keys = [one.rootname for one in RAWS]
        decisions, made = real.decisions(), {key: real.made_here(key) for key in keys}
        report = real.make(*keys, raw="all")
        assert not report.failures
        assert real.runs == []
        after = real.decisions()
        assert {key: after[key] for key in keys} == {key: decisions[key] for key in keys}
        assert {key: real.made_here(key) for key in keys} == made

    def test_what_was_made_here_is_made_again_when_its_raw_file_changes_and_only_that(
        self, real: Calibrations
    ) -> None:
        keys = [one.rootname for one in RAWS]
        before, made = real.decisions(), {key: real.made_here(key) for key in keys}
        raw = real.archive / keys[0][:4] / keys[0] / f"{keys[0]}_rawtag.fits"
        with fits.open(raw, mode="update") as hdus:
            hdus[0].header["TARGNAME"] = "DELIVERED-AGAIN"
        real.make(*keys, raw="all")
        assert real.runs == ["made"]
        after = real.decisions()
        assert {key for key in keys if after[key] != before[key]} == {keys[0]}
        assert {key for key in keys if real.made_here(key) != made[key]} == {keys[0]}
        corrtag = real.path(f"{keys[0]}_corrtag.fits")
        assert fits.getval(corrtag, "TARGNAME") == "DELIVERED-AGAIN"

    def test_an_association_and_its_members_are_one_run_and_each_key_has_its_own_products(
        self, real: Calibrations
    ) -> None:
        members = [one.rootname for one in MEMBERS]
        report = real.make(ASSOCIATION, *members, config=BY_PIPELINE)
        assert not report.failures
        assert real.runs == ["made"]
        own = real.made_here(ASSOCIATION)
        assert f"{ASSOCIATION}_x1dsum.fits" in own
        assert all(name.startswith(ASSOCIATION) for name in own)
        for member in members:
            assert set(real.made_here(member)) == {f"{member}_{kind}.fits" for kind in KINDS}
        trailers = {str(real.tasks[key].metadata["trailer"]) for key in (ASSOCIATION, *members)}
        assert trailers == {str(real.station.pipeline.clients.filesystem.trailer(ASSOCIATION))}

    def test_one_member_alone_is_made_again_and_the_rest_of_the_association_stays(
        self, real: Calibrations
    ) -> None:
        first, second = (one.rootname for one in MEMBERS)
        rest = (ASSOCIATION, second)
        before = {key: (real.decisions()[key], real.made_here(key)) for key in rest}
        mtime_ns = real.path(f"{first}_x1d.fits").stat().st_mtime_ns
        real.make(first, config=BY_PIPELINE)
        assert real.runs == ["made"]
        assert set(real.made_here(first)) == {f"{first}_{kind}.fits" for kind in KINDS}
        assert real.path(f"{first}_x1d.fits").stat().st_mtime_ns > mtime_ns
        after = {key: (real.decisions()[key], real.made_here(key)) for key in rest}
        assert after == before


STAND_IN = """
import os, shutil, signal, sys
root = sys.argv[-1][:9]
print("CALCOS of", root, flush=True)
for kind in ("corrtag", "counts", "flt", "lampflash", "x1d"):
    shutil.copyfile({whole!r}, root + "_" + kind + ".fits")
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that puts a program into the place of CalCOS, by what else it does."""
    program = tmp_path / "stand_in.py"
    monkeypatch.setattr(Program, "command", property(lambda _: (sys.executable, "-IS", program)))
    monkeypatch.setattr(Program, "is_installed", lambda _: True)

    def place(*lines: str, version: str = "1") -> None:
        whole = tmp_path / f"whole_{version}.fits"
        header = fits.Header({"CAL_VER": version})
        fits.PrimaryHDU(header=header).writeto(whole)
        program.write_text("\n".join([STAND_IN.format(whole=str(whole)), *lines, ""]))

    return place


def test_a_run_that_fails_is_named_with_its_trailer_and_costs_no_former_product(
    empty: Calibrations, stand_in: Callable[..., None]
) -> None:
    put_raw(empty.archive, RAWS)
    killed, wrong, good, silent = keys = [one.rootname for one in RAWS]
    stand_in(version="1.0")
    assert not empty.make(*keys, config=BY_PIPELINE).failures
    former = {key: empty.made_here(key) for key in keys}
    assert all(len(files) == len(KINDS) for files in former.values())

    stand_in(
        f"if root == {killed!r}: os.kill(os.getpid(), signal.SIGKILL)",
        f"if root == {wrong!r}: print('ERROR:  No row of XTRACTAB matches')",
        f"if root == {silent!r}: [os.remove(name) for name in os.listdir('.') if 'x1d' in name]",
        version="2.0",
    )
    report = empty.make(*keys, config=BY_PIPELINE)
    assert sorted(empty.runs) == ["failed", "failed", "failed", "made"]
    reasons = {failure.key: (failure.status, failure.reason) for failure in report.failures}
    assert reasons == {
        killed: ("waiting", f"CalCOS on {killed} was killed by SIGKILL, as the system does when "
                 "memory runs out."),
        wrong: ("bad", f"CalCOS on {wrong} made its products, but reported an error: No row "
                "of XTRACTAB matches."),
        silent: ("bad", f"CalCOS on {silent} ended well but did not make {silent}_x1d.fits; "
                 f"its last line is: CALCOS of {silent}."),
    }  # fmt: skip
    # What was killed is not decided: what was, stays.
    assert empty.statuses() == {good: "made", killed: "made", wrong: "bad", silent: "bad"}
    assert sorted(empty.bad_files()) == [  # a file is not to blame for a program that was killed
        (f"{key}_rawtag.fits", key, "Not calibrated") for key in sorted((wrong, silent))
    ]
    filesystem = empty.station.pipeline.clients.filesystem
    for key in (killed, wrong, silent):
        assert f"CALCOS of {key}" in filesystem.trailer(key).read_text()
        assert empty.made_here(key) == former[key]
        assert fits.getval(empty.path(f"{key}_x1d.fits"), "CAL_VER") == "1.0"
    assert fits.getval(empty.path(f"{good}_x1d.fits"), "CAL_VER") == "2.0"
    assert not list(filesystem.home.glob("scratch/**/*.fits"))

    stand_in(version="3.0")
    assert not empty.make(*keys, config=BY_PIPELINE).failures
    assert not empty.bad_files()
    assert set(empty.statuses().values()) == {"made"}


def test_a_run_that_was_never_started_has_no_trailer_and_makes_no_file_bad(
    empty: Calibrations, stand_in: Callable[..., None]
) -> None:
    put_raw(empty.archive, RAWS[:1], LACKING)
    stand_in()
    report = empty.make(RAWS[0].rootname, LACKING.rootname, config=BY_PIPELINE)
    assert [failure.key for failure in report.failures] == [LACKING.rootname]
    assert empty.statuses() == {RAWS[0].rootname: "made", LACKING.rootname: "missing"}
    assert not empty.bad_files()
    assert not empty.station.pipeline.clients.filesystem.trailer(LACKING.rootname).exists()


def test_a_pipeline_that_is_not_installed_is_one_sentence_for_each_key(
    empty: Calibrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_raw(empty.archive, RAWS[:2])
    monkeypatch.setattr(Program, "is_installed", lambda _: False)
    keys = [one.rootname for one in RAWS[:2]]
    report = empty.make(*keys, config=BY_PIPELINE)
    assert [failure.key for failure in report.failures] == keys
    for failure in report.failures:
        assert failure.status == "waiting"
        assert failure.reason.startswith("CalCOS, which calibrates COS, is not there: install")
        assert failure.reason.count("CalCOS, which") == 1
    assert empty.runs == []
    assert not empty.bad_files()


ACQUISITION, FINISHED = "lacq01aaq", "lacq01abq"


def test_what_no_pipeline_calibrates_is_left_to_the_archive(
    empty: Calibrations, stand_in: Callable[..., None]
) -> None:
    stand_in()
    put_raw(empty.archive, RAWS[:1])
    put_exposure(empty.archive, ACQUISITION, "rawacq", "ACQ/IMAGE", "PERFORM", product="flt")
    put_exposure(empty.archive, FINISHED, "rawtag", "EXTERNAL/SCI", "OMIT", product="x1d")
    report = empty.make(ACQUISITION, FINISHED, RAWS[0].rootname, config=BY_PIPELINE)
    assert not report.failures
    assert empty.runs == ["made"]
    rows = {str(row["filename"]): row["origin"] for row in empty.station.pipeline.rows(tables.File)}
    assert rows[f"{ACQUISITION}_flt.fits"] == "archive"
    assert rows[f"{FINISHED}_x1d.fits"] == "archive"
    assert rows[f"{RAWS[0].rootname}_x1d.fits"] == "calcos"
    why = empty.tasks[FINISHED].metadata["calibration"]
    assert why == "None of its calibration switches is PERFORM."


def put_exposure(
    archive: Path, rootname: str, raw: str, exptype: str, switch: str, product: str
) -> None:
    """Write an exposure with a raw and a calibrated file of nothing but headers."""
    folder = archive / rootname[:4] / rootname
    folder.mkdir(parents=True)
    for kind in (raw, product):
        header = fits.Header({"INSTRUME": "COS", "EXPTYPE": exptype, "FLATCORR": switch})
        header.update({"OBSTYPE": "SPECTROSCOPIC", "DETECTOR": "NUV", "OBSMODE": "TIME-TAG"})
        fits.PrimaryHDU(header=header).writeto(folder / f"{rootname}_{kind}.fits")
