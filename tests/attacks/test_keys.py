"""Keys that somebody typed into Dagster's dialog: each ends as bad, and nothing else suffers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from builders.graph_station import CONSTANT, GraphStation
from hstql_assets.batching.key_forms import is_key, name_key
from hstql_assets.batching.partitions import all_sets, find_wrong_keys, read_registered
from hstql_assets.definitions import build_definitions
from hstql_assets.orchestration.consistency.run_checks import CHECKS
from hstql_assets.orchestration.consistency.scope import ChecksumPlan, Scope
from hstql_assets.orchestration.forgetting import find_keys, forget_keys
from hstql_assets.orchestration.planning import PlanError
from hstql_assets.targets.slugs import make_slug
from hstql_resources import tables
from hstql_resources.run_tags import END_TAG, START_TAG

TYPED = (
    "my_wrong_key", "", " ", "schlüssel", "'; DROP TABLE outcomes; --", '"', "a\nb", "a\tb", "...",
    "../..", "/etc/passwd", "x" * 300, "LS000101Q", "ls000101q ", "os000101q", "ls000101q_x1d.fits",
    "ls000101q/../../..", "%s%n", "\\", "🔭", "1" * 9, "-h", "*",
)  # fmt: skip

RUN = {key for key in TYPED if key}  # the empty key Dagster cannot run


@pytest.fixture
def mistyped(made: GraphStation) -> GraphStation:
    """A graph with exposures of two targets, and with keys that are none in every set."""
    for name in all_sets():
        made.graph.instance.add_dynamic_partitions(name, list(TYPED))
    return made


def outside(folder: Path) -> set[Path]:
    """Return all that lies beside and above a home, as far as a test may look."""
    return {path for path in folder.parent.rglob("*") if not path.is_relative_to(folder)}


def test_each_ends_as_bad_and_all_others_go_on(
    mistyped: GraphStation, add_to_made: Callable[..., Path]
) -> None:
    add_to_made("lsim09aaq", CONSTANT)
    home = mistyped.pipeline.home
    before = outside(home)
    assets = ("cos/header_tables", "cos/lightcurves", "composites", "dark_rates")
    report = mistyped.make(*assets)
    assert mistyped.targets()["sim-constant"] == 3
    failed = {failure.key: failure for failure in report.failures}
    assert failed.keys() == RUN
    assert failed["my_wrong_key"].status == "bad"
    assert failed["my_wrong_key"].reason == (
        "'my_wrong_key' is no rootname of cos, so nothing is made of it: 'hstql forget' takes it "
        "out."
    )
    rows = [row for row in mistyped.pipeline.rows(tables.BadData) if row["rootname"] in TYPED]
    assert {row["reason"] for row in rows} == {"No such key"}
    assert {row["rootname"] for row in rows} == RUN
    assert outside(home) == before
    assert not [path for path in home.rglob("*") if "wrong" in path.name or len(path.name) > 200]
    again = mistyped.make(*assets)
    assert (again.failures, mistyped.made) == ((), [])
    # Derived sets have got rid of them by themselves.
    assert "target" not in find_wrong_keys(mistyped.graph.instance)


def test_a_check_names_them_and_forgetting_takes_them_out(mistyped: GraphStation) -> None:
    graph, clients = mistyped.graph, mistyped.pipeline.clients
    check = next(one for one in CHECKS if one.name == "keys_are_rootnames")
    keys = read_registered(graph.instance, "cos")
    found = check.run(Scope(clients, "cos", keys, ChecksumPlan()))
    assert {finding.key for finding in found.findings} >= {"'my_wrong_key'", "'a\\nb'"}
    assert len(found.findings) == len(TYPED)
    mistyped.make("cos/raw_files")
    with pytest.raises(PlanError, match="'lsim01aaq' stays, for something was made of it"):
        find_keys(graph, clients.database, ["lsim01aaq"])
    with pytest.raises(PlanError, match="'nowhere' is in no partition set"):
        find_keys(graph, clients.database, ["nowhere"])
    forget_keys(graph, clients, find_keys(graph, clients.database, ["my_wrong_key"]))
    assert "my_wrong_key" not in read_registered(graph.instance, "cos")
    forget_keys(graph, clients, find_keys(graph, clients.database, []))
    assert find_wrong_keys(graph.instance) == {}
    assert read_registered(graph.instance, "cos") == ("lsim01aaq", "lsim02aaq", "lsim03aaq")
    assert not [row for row in mistyped.pipeline.rows(tables.Outcome) if row["key"] in TYPED]
    assert mistyped.pipeline.rows(tables.BadData) == []


def test_a_range_over_them_from_dagster_s_dialog_makes_the_others(mistyped: GraphStation) -> None:
    clients, instance = mistyped.pipeline.clients, mistyped.graph.instance
    definitions = build_definitions({"clients": clients})
    job = definitions.resolve_job_def("cos_timetag")
    stored = instance.get_dynamic_partitions("cos_timetag_rootname")
    for start, end in ((stored[0], stored[-1]), ("my_wrong_key", "my_wrong_key"), ("a\nb", "*")):
        result = job.execute_in_process(
            instance=instance, tags={START_TAG: start, END_TAG: end}, raise_on_error=False
        )
        assert result.success
    backwards = job.execute_in_process(
        instance=instance, tags={START_TAG: stored[-1], END_TAG: stored[0]}, raise_on_error=False
    )
    assert not backwards.success
    reason = backwards.get_step_failure_events()[0].step_failure_data.user_failure_data
    assert reason is not None
    assert "its start comes after its end" in str(reason.description)


def test_what_a_terminal_would_obey_is_spelt_out() -> None:
    assert name_key("ls000101q") == "ls000101q"
    assert name_key("my_wrong_key") == "my_wrong_key"
    assert name_key("a\x1b[2J\nb") == r"'a\x1b[2J\nb'"
    assert name_key("x" * 300) == repr("x" * 60 + "...")
    assert name_key(" ") == "' '"


@pytest.mark.parametrize("name", sorted(all_sets()))
def test_what_is_typed_is_a_key_of_no_set(name: str) -> None:
    slugs = {"1" * 9, "os000101q"} if name == "target" else set()
    own = {"os000101q"} if name.startswith("stis") else slugs
    assert {key for key in TYPED if is_key(name, key)} == own


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cos_rootname", "ld9m10ujq"), ("stis_timetag_rootname", "o8k401niq"),
        ("dark_rootname", "ld9m10ujq"), ("acs_rootname", "j8xi0xsaq"),
        ("cumulative_image", "fuva_163_2015-01-05"), ("flat_gains_set", "flat_gains_ir_17672"),
        ("cumulative_image", "l_2013007232606_00_178_cci"),
        ("cumulative_image", "lft01_2010091000000_cci"),
        *(("target", make_slug(text)) for text in ("V* RW AUR", "", "x" * 80, "a..b", "+")),
    ],
)  # fmt: skip
def test_what_the_graph_itself_registers_is_a_key(name: str, key: str) -> None:
    assert is_key(name, key)
