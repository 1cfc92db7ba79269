"""Every step can be run again at any time and ends in the same state."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from astropy.io import fits

from builders.graph_station import GraphStation
from builders.lightcurve_reading import read_lightcurve
from builders.pipeline import Pipeline
from hstql_assets.lightcurves.inputs import locate_exposures
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.filesystem import Filesystem
from hstql_resources.tables import BadData, File, Lightcurve, Observation, Outcome, Statistics

KEY, OTHER = "lsim01aaq", "lsim02aaq"
TABLES = (Observation, File, Lightcurve, Statistics, BadData, Outcome)
CURVE = f"products/lightcurves/{{}}/{KEY}_curve.fits"
PLOT = f"plots/lightcurves/{{}}/{KEY}_curve.png"


def begin(station: GraphStation, add_exposure: Callable[[str], Path]) -> None:
    add_exposure(KEY)
    add_exposure(OTHER)
    station.pipeline.run([KEY, OTHER])


@pytest.fixture
def made(begun_pipeline: Pipeline) -> Pipeline:
    """A pipeline that has made two exposures."""
    return begun_pipeline


@pytest.fixture
def events(made: Pipeline) -> Path:
    return made.archive / "lsim" / KEY / f"{KEY}_corrtag_a.fits"


def state(pipeline: Pipeline) -> tuple[list[object], list[str]]:
    return [pipeline.rows(model) for model in TABLES], pipeline.files()


def test_running_again_gives_the_same_rows_and_files(made: Pipeline) -> None:
    before = state(made)
    curve = read_lightcurve(made.home / CURVE.format("sim-constant"))
    made.run([OTHER, KEY])
    assert state(made) == before
    again = read_lightcurve(made.home / CURVE.format("sim-constant"))
    assert again.totals == curve.totals
    assert (again.bins.counts == curve.bins.counts).all()


def test_all_steps_together_cost_as_many_statements_for_two_keys_as_for_one(made: Pipeline) -> None:
    def count(*keys: str) -> int:
        before = made.clients.database.statements
        made.run(keys)
        return made.clients.database.statements - before

    assert count(KEY, OTHER) == count(KEY)


def test_the_date_of_the_first_ingest_stays_and_that_of_the_last_moves(made: Pipeline) -> None:
    def dates() -> tuple[object, object]:
        (row,) = made.clients.database.read(
            Observation.__table__.select().where(Observation.rootname == KEY)
        )
        return row.first_ingest_date, row.last_ingest_date

    first = dates()
    made.run([KEY])
    again = dates()
    assert again[0] == first[0]
    assert again[1] > first[1]


def test_a_lightcurve_that_turned_bad_goes_with_its_plot_and_rows_and_comes_back(
    made: Pipeline, events: Path
) -> None:
    before = state(made)
    whole = events.read_bytes()
    events.write_bytes(whole[:100_000])
    decisions = made.run([KEY, OTHER])
    assert decisions["lightcurves"][KEY].status == "bad"
    assert [row["rootname"] for row in made.rows(Lightcurve)] == [OTHER]
    assert [row["rootname"] for row in made.rows(Statistics)] == [OTHER]
    assert not [path for path in made.files() if KEY in path]
    events.write_bytes(whole)
    made.run([KEY, OTHER])
    assert state(made) == before
    assert made.rows(BadData) == []


def test_a_lightcurve_moves_when_the_target_is_called_something_else(
    made: Pipeline, events: Path
) -> None:
    with fits.open(events, mode="update") as hdus:
        hdus[0].header["TARGNAME"] = "V* 2 Cnc $x"
        hdus[0].header["DEC_TARG"] = 10.0
    made.run([KEY, OTHER])
    assert CURVE.format("v-2-cnc-x") in made.files()
    assert PLOT.format("v-2-cnc-x") in made.files()
    assert not [path for path in made.files() if KEY in path and "sim-constant" in path]
    row = made.rows(Lightcurve)[0]
    assert (row["target"], row["path"]) == ("v-2-cnc-x", str(made.home / CURVE.format("v-2-cnc-x")))
    assert made.rows(Observation)[0]["target"] == "v-2-cnc-x"


def test_a_key_whose_files_left_the_archive_is_missing_and_loses_nothing(
    made: Pipeline,
) -> None:
    before = made.files()
    shutil.rmtree(made.archive / "lsim" / KEY)
    decisions = made.run([KEY, OTHER])
    for asset in ("raw_files", "calibrated_files", "header_tables", "lightcurves"):
        assert decisions[asset][KEY].status == "missing", asset
        assert decisions[asset][OTHER].status != "missing", asset
    assert made.files() == before
    assert {row["rootname"] for row in made.rows(Observation)} == {KEY, OTHER}


def test_other_settings_make_the_lightcurve_anew_in_the_same_place(made: Pipeline) -> None:
    before = made.files()
    wide = replace(made, settings=ExtractionSettings(bin_s=10.0))
    wide.run([KEY])
    assert made.files() == before
    assert [row["bin_s"] for row in made.rows(Lightcurve)] == [10.0, 2.0]


def test_a_lightcurve_of_an_earlier_home_stays_where_it_is(made: Pipeline, tmp_path: Path) -> None:
    before = made.files()
    elsewhere = replace(
        made, clients=replace(made.clients, filesystem=Filesystem(tmp_path / "new"))
    )
    assert elsewhere.run([KEY])["lightcurves"][KEY].status == "made"
    assert made.files() == before
    assert CURVE.format("sim-constant") in elsewhere.files()


def test_a_run_that_was_killed_before_it_recorded_ends_like_any_other(made: Pipeline) -> None:
    before = state(made)
    with made.clients.database.write() as writer:
        for model in (Lightcurve, Statistics, Outcome):
            writer.execute(model.__table__.delete())
    made.run([KEY, OTHER])
    assert state(made) == before


def test_a_later_step_before_an_earlier_one_says_what_to_make_first(made: Pipeline) -> None:
    with made.clients.database.write() as writer:
        writer.delete(Outcome, "asset", ["cos/header_tables"])
    (outcome,) = locate_exposures(
        made.clients.database,
        made.clients.filesystem,
        "cos",
        [KEY],
        {KEY: "sim-constant"},
        made.settings,
    )
    assert outcome.status == "waiting"
    assert outcome.is_upstream_unmade
    assert "materialize it first (hstql materialize cos/header_tables" in outcome.reason


def test_files_that_are_copied_replace_those_of_before_and_leave_none_behind(
    made: Pipeline, events: Path
) -> None:
    copying = made.on(DirectoryArchive(made.archive, in_place=False))
    copying.run([KEY])
    copied = [path for path in made.files() if path.startswith("files/")]
    assert [path.rsplit("_", 2)[-1] for path in copied] == [
        "a.fits",
        "jit.fits",
        "spt.fits",
        "x1d.fits",
    ]
    (made.archive / "lsim" / KEY / f"{KEY}_spt.fits").unlink()
    copying.run([KEY])
    assert f"files/lsim/{KEY}/{KEY}_spt.fits" not in made.files()
    made.run([KEY])
    assert not [path for path in made.files() if path.startswith("files/")]
    assert events.is_file()


def test_simulated_exposures_go_through_all_steps_and_say_that_they_are_simulated(
    pipeline: Pipeline,
) -> None:
    archive = SimulatedArchive(4)
    keys = archive.find_rootnames("cos")
    for asset, outcomes in pipeline.on(archive).run(keys).items():
        assert {outcome.status for outcome in outcomes.values()} == {"made"}, asset
    assert {row["kind"] for row in pipeline.rows(File)} == {"raw", "calibrated"}
    (path, *_) = (pipeline.home / "products").rglob("*.fits")
    assert read_lightcurve(path).exposure.is_simulated
