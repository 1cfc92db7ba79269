"""The plots as steps of the graph: what they take from the database, and what they leave."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from builders.curve_files import Curve, write_curve
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.recording import record_batch
from hstql_assets.plots.drawing import CompositePlotTask, PlotTask, plot_composites
from hstql_assets.plots.inputs import locate_composite_curves, locate_curves
from hstql_assets.plots.inventory import read_items
from hstql_assets.plots.retiring import remove_lost_plots
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAME = "hlsp_hstlc_hst_cos-fuv_a-star_g130m_{}_psa_v1_sci.fits"


def add_composite(database: Database, filesystem: Filesystem, cenwave: int) -> Path:
    path = filesystem.home / "products" / "composites" / NAME.format(cenwave)
    write_curve(path, Curve(exposures=2))
    row = {
        "target": "a-star", "instrument": "cos", "detector": "FUV", "opt_elem": "G130M",
        "cenwave": cenwave, "aperture": "PSA", "path": str(path), "filename": path.name,
        "exposures": 2, "bin_s": 2.0, "bins": 120, "gross_counts": 7200, "exposure_s": 240.0,
        "is_flux_calibrated": True, "is_background_subtracted": True,
        "exp_start_mjd": 57000.0, "exp_end_mjd": 57300.0, "ingest_date": NOW,
    }  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.Composite, [row])
    return path


def add_lightcurve(database: Database, filesystem: Filesystem, rootname: str) -> Path:
    path = filesystem.lightcurve("a-star", rootname)
    write_curve(path, Curve(rootnames=(rootname,)), is_composite=False)
    curve = {
        "rootname": rootname, "target": "a-star", "path": str(path), "bin_s": 2.0, "bins": 60,
        "gross_counts": 3600, "exposure_s": 120.0, "is_flux_calibrated": True, "ingest_date": NOW,
    }  # fmt: skip
    observation = {
        "rootname": rootname, "instrument": "cos", "detector": "FUV", "target_name": "A-STAR",
        "opt_elem": "G130M", "cenwave": 1291, "aperture": "PSA", "exp_start_mjd": 57000.0,
    }  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.Lightcurve, [curve])
        writer.upsert(tables.Observation, [observation])
    return path


def add_statistics(database: Database, path: Path, kind: str, rootname: str | None) -> None:
    row = {
        "filename": path.name, "kind": kind, "rootname": rootname, "total": 7000.0,
        "poisson_factor": 1.3, "ingest_date": NOW,
    }  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.Statistics, [row])


@pytest.fixture
def decide(database: Database) -> Callable[..., None]:
    def record(asset: str, *outcomes: Outcome) -> None:
        record_batch(database, asset, outcomes, [])

    return record


def test_a_lightcurve_comes_with_its_statistics_or_without(
    database: Database, filesystem: Filesystem, decide: Callable[..., None]
) -> None:
    first, _ = (add_lightcurve(database, filesystem, name) for name in ("lone", "ltwo"))
    add_statistics(database, first, "individual", "lone")
    decide("cos/lightcurves", Outcome("lone", "made"), Outcome("ltwo", "made"))
    one, two, never = locate_curves(database, filesystem, "cos", ["lone", "ltwo", "lnever"])
    assert isinstance(one, PlotTask)
    assert isinstance(two, PlotTask)
    assert one.statistics is not None
    assert one.statistics["poisson_factor"] == 1.3
    assert two.statistics is None
    assert isinstance(never, Outcome)
    assert never.is_upstream_unmade


def test_all_composites_of_a_target_are_drawn(
    database: Database, filesystem: Filesystem, decide: Callable[..., None]
) -> None:
    paths = [add_composite(database, filesystem, cenwave) for cenwave in (1291, 1327)]
    add_statistics(database, paths[1], "composite", None)
    decide("composites", Outcome("a-star", "made"), Outcome("bare", "none", "too short."))
    task, bare, never = locate_composite_curves(database, filesystem, ["a-star", "bare", "never"])
    assert isinstance(task, CompositePlotTask)
    assert [product.path for product in task.products] == paths
    assert [product.statistics is not None for product in task.products] == [False, True]
    outcome = plot_composites(task)
    assert outcome.status == "made"
    assert outcome.metadata["composites"] == 2
    for path in paths:
        plots = filesystem.composite_plots(path.name)
        assert [plot for plot in plots if not plot.is_file()] == [plots.fold]  # it is constant
    assert (bare.status, bare.reason) == ("none", "There is no composite: too short.")
    assert never.is_upstream_unmade


def test_plots_of_a_composite_without_a_row_go_and_others_stay(
    database: Database, filesystem: Filesystem, decide: Callable[..., None]
) -> None:
    kept, lost = (add_composite(database, filesystem, cenwave) for cenwave in (1291, 1327))
    decide("composites", Outcome("a-star", "made"))
    (task,) = locate_composite_curves(database, filesystem, ["a-star"])
    plot_composites(task)
    with database.write() as writer:
        writer.delete(tables.Composite, "filename", [lost.name])
    remove_lost_plots(database, filesystem)
    plots = filesystem.composite_plots(kept.name)
    assert [plot for plot in plots if not plot.is_file()] == [plots.fold]  # it is constant
    assert not any(plot.exists() for plot in filesystem.composite_plots(lost.name))
    assert lost.is_file()  # the product is not ours


def test_the_inventory_has_everything_once_with_its_statistics(
    database: Database, filesystem: Filesystem
) -> None:
    composite = add_composite(database, filesystem, 1291)
    curve = add_lightcurve(database, filesystem, "lone")
    add_lightcurve(database, filesystem, "ltwo")
    add_statistics(database, composite, "composite", None)
    add_statistics(database, curve, "individual", "lone")
    names = [
        {"rootname": name, "target_name": "a star", "resolved_name": "A-STAR", "target": "a-star",
         "reason": "", "decided_at": NOW}
        for name in ("lone", "ltwo")
    ]  # fmt: skip
    members = [
        {"target": "a-star", "rootname": name, "made_at": NOW, "filename": composite.name,
         "dataset": number, "note": None}
        for number, name in enumerate(("lone", "ltwo"), 1)
    ]  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.TargetName, names)
        writer.upsert(tables.CompositeMember, members)
        for name, number in (("lone", 300), ("ltwo", 100)):
            writer.execute(
                update(tables.Observation)
                .where(tables.Observation.rootname == name)
                .values(proposal_id=number)
            )
    items = read_items(database, filesystem)
    assert [(item.kind, item.path.name) for item in items] == [
        ("composite", composite.name),
        ("individual", "lone_curve.fits"),
        ("individual", "ltwo_curve.fits"),
    ]
    assert [item.statistics["total"] for item in items] == [7000.0, 7000.0, None]
    assert {item.target_name for item in items} == {"A-STAR"}
    assert items[0].label == "COS/FUV G130M 1291 PSA"
    assert items[0].detector == "cos_fuv"
    assert [item.proposals for item in items] == [(100, 300), (300,), (100,)]
    assert [item.name for item in items] == ["composite of 2", "lone", "ltwo"]


def test_the_inventory_costs_two_questions(database: Database, filesystem: Filesystem) -> None:
    for number in range(3):
        add_lightcurve(database, filesystem, f"l{number}")
    before = database.statements
    read_items(database, filesystem)
    assert database.statements - before == 2
