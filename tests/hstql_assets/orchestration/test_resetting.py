"""What a reset removes, how it asks, and that bad data outlive it."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from builders.graph_station import GraphStation
from builders.pipeline import Pipeline
from builders.target_steps import run_targets
from hstql_assets.orchestration.asset_list import list_nodes
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import PlanError
from hstql_assets.orchestration.reset import (
    WRITTEN,
    Removal,
    carry_out,
    plan_database_reset,
    plan_files_reset,
)
from hstql_resources import tables
from hstql_resources.tables import Base
from hstql_resources.tables.views import VIEWS

HOME = Path("/data/hstql")
NODES = list_nodes()
AGAIN = "'hstql materialize' makes everything again."


def test_production_is_what_is_made_from_events() -> None:
    removal = plan_database_reset("production", NODES)
    assert set(removal.tables) == {
        "lightcurves", "extractions", "time_resolved_spectra", "composites",
        "composite_members", "statistics", "flares", "target_names",
    }  # fmt: skip
    assert removal.made_by == ("lightcurves", "extractions", "time_resolved_spectra")
    assert removal.folders == ()
    assert not removal.forgets_keys


@pytest.mark.parametrize("word", [None, "all"])
def test_everything_is_every_table_but_the_list_of_commands(word: str | None) -> None:
    removal = plan_database_reset(word, NODES)
    assert set(removal.tables) == Base.metadata.tables.keys() - {"runs", "home"} - WRITTEN
    assert removal.forgets_keys
    assert removal.describe(HOME).endswith("(flags, comments and people of the site stay)?")


def test_what_people_wrote_goes_where_it_is_named() -> None:
    assert plan_database_reset("anomaly_flags", NODES) == Removal(("anomaly_flags",))


@pytest.mark.parametrize("table", sorted(Base.metadata.tables.keys() - {"runs", "home"}))
def test_every_table_is_made_by_assets_or_by_all_or_by_none(table: str) -> None:
    removal = plan_database_reset(table, NODES)
    assert set(removal.made_by) <= {node.name for node in NODES}
    if table in ("outcomes", "bad_data"):  # what all assets decided
        assert (removal.made_by, removal.then) == ((), AGAIN)
    elif table == "products":
        assert (removal.made_by, removal.then) == ((), "'hstql discover' lists it again.")
    elif table in {"named_positions", "attempts", *WRITTEN}:
        assert (removal.made_by, removal.then) == ((), "")
    else:
        assert removal.made_by
        assert removal.then == AGAIN


def test_products_alone_leave_what_was_retrieved() -> None:
    removal = plan_files_reset(NODES, products_only=True)
    assert removal.folders == ("products", "plots")
    assert not {"files", "observations", "outcomes", "bad_data"} & set(removal.tables)
    assert plan_files_reset(NODES, products_only=False).folders == (
        "files", "previews", "products", "plots", "scratch",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("removal", "question"),
    [
        (plan_database_reset("bad_data", NODES), "Empty bad_data?"),
        (
            plan_database_reset("production", NODES),
            "Empty lightcurves, extractions, time_resolved_spectra, composites, "
            "composite_members, statistics, flares and target_names (bad_data, observations, files "
            "and all files on disk stay)?",
        ),
        (
            plan_files_reset(NODES, products_only=True),
            "Empty lightcurves, extractions, time_resolved_spectra, composites, "
            "composite_members, statistics, flares, blob_windows, bowtie, superdarks, "
            "unstable_pixel_maps, bad_pixel_tables, "
            "cumulative_images, gain_sag_tables and persistence, remove the folders products and "
            "plots under /data/hstql (what was retrieved, bad_data and the names of targets stay)?",
        ),
    ],
)
def test_the_question_says_what_goes_and_what_stays(removal, question: str) -> None:
    assert removal.describe(HOME) == question


@pytest.mark.parametrize("name", [*VIEWS, "metadata", "outputs", "stats"])
def test_a_view_is_refused_and_its_tables_are_named(name: str) -> None:
    with pytest.raises(PlanError, match="is a view without rows of its own") as refusal:
        plan_database_reset(name, NODES)
    assert any(table in str(refusal.value) for shown in VIEWS.values() for table in shown)


def test_an_unknown_table_is_refused_with_the_list() -> None:
    with pytest.raises(PlanError, match=r"no table .nothing.*bad_data, .*production for all"):
        plan_database_reset("nothing", NODES)


KEYS = ["lres01aaq", "lres02aaq"]
# Tables that the steps below have no rows for.
EMPTY = {"bad_pixel_tables", "blob_windows", "bowtie", "gain_sag_tables",
         "cumulative_images", "flares",
         "persistence", "superdarks", "time_resolved_spectra", "unstable_pixel_maps"}  # fmt: skip


def begin(station: GraphStation, add_exposure: Callable[..., Path]) -> None:
    add_exposure(KEYS[0])
    (add_exposure(KEYS[1]) / f"{KEYS[1]}_corrtag_a.fits").write_bytes(b"")
    station.pipeline.run(KEYS)
    station.pipeline.extract_named(KEYS)
    run_targets(station.pipeline)


@pytest.fixture
def made(begun_pipeline: Pipeline) -> Pipeline:
    """A pipeline after a run over a good exposure and a bad one."""
    return begun_pipeline


def read_rows(pipeline: Pipeline) -> dict[str, list[dict[str, object]]]:
    models = (mapper.class_ for mapper in Base.registry.mappers)
    return {model.__tablename__: pipeline.rows(model, "made_at") for model in models}


@pytest.mark.parametrize(
    "removal",
    [plan_database_reset("production", NODES), plan_files_reset(NODES, products_only=True)],
)
def test_bad_data_and_what_was_retrieved_outlive_a_reset(made: Pipeline, removal: Removal) -> None:
    before, files = read_rows(made), made.files()
    assert [row["filename"] for row in before["bad_data"]] == [f"{KEYS[1]}_corrtag_a.fits"]
    with dg.DagsterInstance.ephemeral() as instance:
        carry_out(removal, Graph(instance), made.clients)
    left = read_rows(made)
    for name in ("bad_data", "files"):
        assert left[name] == before[name] != []
    for name in removal.tables:
        assert before[name] != [] or name in EMPTY
        assert left[name] == []
    assert {row["asset"] for row in left["outcomes"]} == {
        "cos/raw_files", "cos/calibrated_files", "cos/header_tables",
    }  # fmt: skip
    removed = removal.folders == ("products", "plots")
    assert made.files() == ([] if removed else files)
    made.run(KEYS)
    made.extract_named(KEYS)
    run_targets(made)
    assert read_rows(made) == before
    assert made.files() == files


def test_the_target_of_an_observation_goes_with_the_decision_about_it(made: Pipeline) -> None:
    assert [row["target"] for row in made.rows(tables.Observation)].count(None) == 1
    with dg.DagsterInstance.ephemeral() as instance:
        carry_out(plan_database_reset("production", NODES), Graph(instance), made.clients)
    assert {row["target"] for row in made.rows(tables.Observation)} == {None}
