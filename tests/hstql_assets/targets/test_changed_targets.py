"""Only targets whose lightcurves changed are composed again; the others stay untouched."""

import hashlib
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from astropy.io import fits
from sqlalchemy import select

from builders.graph_station import CONSTANT, ECLIPSE, HLSP, GraphStation
from hstql_assets.batching.decisions import find_unmade
from hstql_assets.composites.membership import read_changed_targets
from hstql_assets.lightcurves.table import read_curve_table
from hstql_assets.orchestration.consequences import TARGET, find_empty_keys, read_keys
from hstql_assets.orchestration.planning import PlanError
from hstql_resources import tables

Add = Callable[..., Path]


def folder_of(station: GraphStation, rootname: str) -> Path:
    return station.archive / rootname[:4] / rootname


def decided(station: GraphStation, asset: str) -> dict[str, datetime]:
    outcome = tables.Outcome
    statement = select(outcome.key, outcome.decided_at).where(outcome.asset == asset)
    return {row.key: row.decided_at for row in station.pipeline.clients.database.read(statement)}


def test_nothing_is_made_again_where_nothing_changed(made: GraphStation) -> None:
    made.make()
    assert made.made == []


def test_a_new_exposure_makes_its_target_again_and_no_other(
    made: GraphStation, add_to_made: Add
) -> None:
    before = decided(made, "composites"), made.path("sim-eclipse").stat().st_mtime_ns
    add_to_made("lsim04aaq", CONSTANT)
    made.make()
    assert made.made[-1] == ("composites", ("sim-constant",))
    assert made.targets() == {"sim-constant": 3, "sim-eclipse": 1}
    after = decided(made, "composites")
    assert after["sim-eclipse"] == before[0]["sim-eclipse"]
    assert after["sim-constant"] > before[0]["sim-constant"]
    assert made.path("sim-eclipse").stat().st_mtime_ns == before[1]


def test_a_lightcurve_that_is_made_again_makes_its_target_again(made: GraphStation) -> None:
    made.make("cos/lightcurves", rootnames=("lsim03aaq",))
    assert list(read_changed_targets(made.pipeline.clients.database)) == ["sim-eclipse"]
    made.make("composites")
    assert made.made == [("composites", ("sim-eclipse",))]
    assert read_changed_targets(made.pipeline.clients.database) == {}


def test_a_lightcurve_that_turned_bad_leaves_its_composite(made: GraphStation) -> None:
    events = folder_of(made, "lsim02aaq") / "lsim02aaq_corrtag_a.fits"
    with fits.open(events, mode="update") as hdus:
        hdus[1].header["EXPFLAG"] = "INTERRUPTED"
    (folder_of(made, "lsim02aaq") / "lsim02aaq_corrtag_b.fits").unlink()
    made.make("cos/calibrated_files", "cos/header_tables", "cos/lightcurves", "composites",
              rootnames=("lsim02aaq",))  # fmt: skip
    assert [row["rootname"] for row in made.pipeline.rows(tables.BadData)] == ["lsim02aaq"]
    made.make()
    assert read_curve_table(made.path("sim-constant")).rootnames == ("lsim01aaq",)
    assert made.targets() == {"sim-constant": 1, "sim-eclipse": 1}


def test_a_target_without_lightcurves_disappears_with_all_that_was_made_of_it(
    made: GraphStation,
) -> None:
    made.make("composite_statistics", "composite_plots")
    path = made.path("sim-eclipse")
    assert [file for file in made.pipeline.files() if "composites/" in file and "eclipse" in file]
    for name in ("a", "b"):
        (folder_of(made, "lsim03aaq") / f"lsim03aaq_corrtag_{name}.fits").write_bytes(b"no")
    made.make("cos/lightcurves", rootnames=("lsim03aaq",))
    assert made.keys == ["sim-constant"]
    assert not [file for file in made.pipeline.files() if "eclipse" in file]
    for model in (tables.Composite, tables.CompositeMember):
        assert {row["target"] for row in made.pipeline.rows(model)} == {"sim-constant"}
    assert path.name not in {row["filename"] for row in made.pipeline.rows(tables.Statistics)}
    for asset in ("composites", "composite_statistics", "composite_plots"):
        assert set(decided(made, asset)) == {"sim-constant"}
    database = made.pipeline.clients.database
    assert find_empty_keys(database, TARGET, made.keys, read_keys(database, TARGET)) == []


def test_a_configuration_without_exposures_disappears_and_the_rest_of_the_target_stays(
    station: GraphStation, add_exposure: Add
) -> None:
    add_exposure("lsim01aaq", CONSTANT)
    add_exposure("lsim02aaq", "ls000103q")  # the same target, G140L
    station.make("composites", "composite_statistics", "composite_plots")
    assert len(station.pipeline.rows(tables.Composite)) == 2
    lost = HLSP.format("sim-constant").replace("g130m_1291", "g140l_1105")
    assert [file for file in station.pipeline.files() if lost in file]
    for name in ("a", "b"):
        path = folder_of(station, "lsim02aaq") / f"lsim02aaq_corrtag_{name}.fits"
        if path.exists():
            path.write_bytes(b"no")
    station.make("cos/lightcurves", "composites", rootnames=("lsim02aaq",))
    station.make("composites")
    assert station.keys == ["sim-constant"]
    assert [row["opt_elem"] for row in station.pipeline.rows(tables.Composite)] == ["G130M"]
    assert not [file for file in station.pipeline.files() if lost in file]
    composites = [row for row in station.pipeline.rows(tables.Statistics)
                  if row["kind"] == "composite"]  # fmt: skip
    assert len(composites) == 1


def test_a_target_of_another_name_takes_its_composite_along(made: GraphStation) -> None:
    for path in sorted(folder_of(made, "lsim03aaq").glob("*.fits")):
        with fits.open(path, mode="update") as hdus:
            if "TARGNAME" in hdus[0].header:
                hdus[0].header["TARGNAME"] = "OTHER-STAR"
    made.make("cos/raw_files", "cos/calibrated_files", "cos/header_tables", "cos/lightcurves",
              "composites", mode="all")  # fmt: skip
    (other,) = set(made.keys) - {"sim-constant"}
    assert other.startswith("other")
    assert made.targets() == {"sim-constant": 2, other: 1}
    assert made.path(other).exists()
    assert not made.path("sim-eclipse").exists()


def test_files_that_are_gone_leave_the_composite_as_it_was(made: GraphStation) -> None:
    before = made.path("sim-eclipse").read_bytes()
    shutil.rmtree(folder_of(made, "lsim03aaq"))
    report = made.make("composites", targets=("sim-eclipse",))
    assert [(failure.key, failure.status) for failure in report.failures] == [
        ("sim-eclipse", "missing")
    ]
    assert "materialize calibrated_files again" in report.failures[0].reason
    assert made.path("sim-eclipse").read_bytes() == before
    assert made.targets()["sim-eclipse"] == 1


def test_events_that_no_table_knows_any_more_are_missing_and_no_fault(made: GraphStation) -> None:
    before = made.path("sim-eclipse").read_bytes()
    with made.pipeline.clients.database.write() as writer:
        writer.delete(tables.File, "rootname", ["lsim03aaq"])
    report = made.make("composites", targets=("sim-eclipse",), only=True)
    assert [(failure.key, failure.status) for failure in report.failures] == [
        ("sim-eclipse", "missing")
    ]
    assert "materialize header_tables again" in report.failures[0].reason
    assert made.pipeline.rows(tables.BadData) == []
    assert made.path("sim-eclipse").read_bytes() == before


@pytest.mark.parametrize(
    ("asset", "key", "option"),
    [
        ("composites", "sim-eclipse", "--target"),
        ("cos/lightcurves", "lsim03aaq", "--rootname"),
    ],
)
def test_what_a_key_lacks_is_asked_for_by_what_it_is(asset: str, key: str, option: str) -> None:
    outcome = find_unmade({}, [asset], key)
    assert outcome is not None
    assert f"(hstql materialize {asset} {option} {key})" in str(outcome.reason)


def test_a_file_that_a_killed_run_left_behind_goes(made: GraphStation) -> None:
    stray = made.path("sim-eclipse").with_name(
        made.path("sim-eclipse").name.replace("g130m", "g160m")
    )
    stray.write_bytes(b"no row tells of it")
    made.make("composites", targets=("sim-constant",))
    assert stray.exists()
    made.make("composites", targets=("sim-eclipse",))
    assert not stray.exists()
    assert made.path("sim-eclipse").exists()


def test_made_again_it_is_the_same_file_but_for_the_date(made: GraphStation) -> None:
    def content() -> bytes:
        cards = rb"(DATE    |CHECKSUM|DATASUM )=[^\0]{71}"
        return re.sub(cards, b"", made.path("sim-constant").read_bytes())

    before = content()
    made.make("composites", mode="all")
    assert made.made == [("composites", ("sim-constant", "sim-eclipse"))]
    assert content() == before


def test_checksums_are_those_of_the_files(made: GraphStation) -> None:
    with fits.open(made.path("sim-constant")) as hdus:
        rows = hdus["PROVENANCE"].data
        found = {str(row["filename"]): str(row["sha256"]) for row in rows}
    files = {path.name: path for path in made.archive.rglob("*.fits")}
    assert len(found) == 6
    for name, digest in found.items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest


def test_a_file_that_was_written_to_since_gets_its_own_checksum(made: GraphStation) -> None:
    events = folder_of(made, "lsim03aaq") / "lsim03aaq_corrtag_a.fits"
    with fits.open(events, mode="update") as hdus:
        hdus[0].header["COMMENT"] = "another"
    made.make("composites", targets=("sim-eclipse",))
    with fits.open(made.path("sim-eclipse")) as hdus:
        row = next(row for row in hdus["PROVENANCE"].data if row["filename"] == events.name)
    assert row["sha256"] == hashlib.sha256(events.read_bytes()).hexdigest()


def test_a_target_limits_what_is_made_upstream_to_its_exposures(
    station: GraphStation, add_exposure: Add
) -> None:
    for rootname, like in (("lsim01aaq", CONSTANT), ("lsim02aaq", ECLIPSE)):
        add_exposure(rootname, like)
    station.make("cos/lightcurves")
    station.make("composites", targets=("sim-eclipse",))
    assert station.made == [("composites", ("sim-eclipse",))]
    station.make("cos/lightcurves", targets=("sim-eclipse",))
    assert station.made == [("cos/lightcurves", ("lsim02aaq",))]


def test_an_exposure_stands_for_its_target(made: GraphStation) -> None:
    made.make("composites", rootnames=("lsim02aaq",))
    assert made.made == [("composites", ("sim-constant",))]


def test_an_exposure_without_a_lightcurve_is_named(made: GraphStation) -> None:
    for name in ("a", "b"):
        (folder_of(made, "lsim03aaq") / f"lsim03aaq_corrtag_{name}.fits").write_bytes(b"no")
    made.make("cos/lightcurves", rootnames=("lsim03aaq",))
    report = made.make("composites", rootnames=("lsim03aaq",))
    assert [(failure.key, failure.reason) for failure in report.failures] == [
        ("lsim03aaq", "It is not in target: it has no lightcurve.")
    ]


def test_an_unknown_target_is_refused_with_what_to_do(made: GraphStation) -> None:
    database = made.pipeline.clients.database
    assert made.graph.find_targets(database, ["sim-eclipse"]) == ["sim-eclipse"]
    with pytest.raises(PlanError, match="'nothing' is no target: 'hstql targets' lists them"):
        made.graph.find_targets(database, ["sim-eclipse", "nothing"])
