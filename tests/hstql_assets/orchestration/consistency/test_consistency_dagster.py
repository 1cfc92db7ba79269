"""The checks and the job as Dagster runs them."""

import dagster as dg
import pytest

from builders.consistency_station import ConsistencyStation
from builders.graph_station import CONSTANT, ECLIPSE
from hstql_assets.batching.partition_names import INSTRUMENTS
from hstql_assets.definitions import build_definitions
from hstql_assets.orchestration.consistency.checks import (
    build_checks,
    build_holdings,
    describe_examination,
)
from hstql_assets.orchestration.consistency.findings import STRAY, Examination, Finding, examine
from hstql_assets.orchestration.consistency.run_checks import CHECKS


def run(made: ConsistencyStation, job: str, **options: object) -> dg.ExecuteInProcessResult:
    definitions = build_definitions({"clients": dg.ResourceDefinition.hardcoded_resource(
        made.clients)})  # fmt: skip
    return definitions.resolve_job_def(job).execute_in_process(
        instance=made.station.graph.instance, raise_on_error=False, **options
    )


def evaluations(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {
        f"{one.asset_key.to_user_string()} {one.check_name}": one
        for one in result.get_asset_check_evaluations()
    }


def test_every_instrument_has_every_check_on_an_entry_of_its_own() -> None:
    keys = {key.to_user_string() for check in build_checks() for key in check.check_keys}
    assert keys == {f"{name}/holdings:{check.name}" for name in INSTRUMENTS for check in CHECKS}
    for spec in build_holdings():
        assert len(spec.description or "") > 80
        assert spec.owners
        assert spec.kinds


@pytest.mark.parametrize("job", ["cos_files", "stis_files", "cos_timetag", "summaries"])
def test_the_checks_are_in_no_job_that_makes_a_batch(job: str) -> None:
    nodes = {node.name for node in build_definitions().resolve_job_def(job).nodes}
    assert nodes
    assert not {name for name in nodes if "holdings" in name}


def test_the_checks_do_not_run_when_an_asset_is_materialized_from_the_user_interface() -> None:
    everything = build_definitions().resolve_implicit_global_asset_job_def()
    assert any("holdings" in node.name for node in everything.nodes)
    for name in ("raw_files", "calibrated_files", "header_tables"):
        one = everything.get_subset(asset_selection={dg.AssetKey(["cos", name])})
        assert {node.name for node in one.nodes} == {f"cos__{name}"}


def test_a_run_of_all_checks_is_green_red_where_data_are_lost_and_yellow_elsewhere(
    made: ConsistencyStation,
) -> None:
    result = run(made, "consistency_checks")
    assert result.success
    found = evaluations(result)
    assert len(found) == 28
    assert all(one.passed for one in found.values())
    assert found["cos/holdings files_are_there"].metadata["rows_compared"].value > 10

    lost = made.files(f"{CONSTANT}_x1d.fits")[0]
    stray = lost.with_name(f"{CONSTANT}_flt.fits")
    lost.rename(stray)
    found = evaluations(run(made, "consistency_checks"))
    failed = {name.split()[1]: one for name, one in found.items() if not one.passed}
    assert failed.keys() == {"files_are_there", "no_stray_files"}
    red, yellow = failed["files_are_there"], failed["no_stray_files"]
    assert red.severity == dg.AssetCheckSeverity.ERROR
    assert yellow.severity == dg.AssetCheckSeverity.WARN
    assert red.metadata["count"].value == 1
    assert red.metadata["list"].value == (
        f"- file missing: {CONSTANT} {lost}: A row names it, and it is not there."
    )


def test_one_check_runs_alone_and_takes_a_configuration(made: ConsistencyStation) -> None:
    config = {"ops": {"cos__holdings_sizes_and_checksums": {"config": {"files": 2}}}}
    key = dg.AssetCheckKey(dg.AssetKey(["cos", "holdings"]), "sizes_and_checksums")
    definitions = build_definitions({"clients": dg.ResourceDefinition.hardcoded_resource(
        made.clients)})  # fmt: skip
    job = definitions.resolve_job_def("consistency_checks").get_subset(
        asset_selection=set(), asset_check_selection={key}
    )
    result = job.execute_in_process(instance=made.station.graph.instance, run_config=config)
    (one,) = evaluations(result).values()
    assert one.check_name == "sizes_and_checksums"
    assert one.metadata["checksums_compared"].value == 2


def test_an_archive_that_does_not_answer_fails_the_check_with_its_sentence(
    made: ConsistencyStation,
) -> None:
    made.mirror.rename(made.mirror.parent / "away")
    found = evaluations(run(made, "consistency_checks"))
    one = found["cos/holdings agrees_with_archive"]
    assert not one.passed
    assert one.severity == dg.AssetCheckSeverity.ERROR
    assert "cannot be read" in str(one.description)
    assert "count" not in one.metadata


def test_the_job_heals_lists_strays_and_removes_them_only_if_asked(
    made: ConsistencyStation,
) -> None:
    before = made.state()
    lost = made.files(f"{ECLIPSE}_x1d.fits")[0]
    lost.unlink()
    stray = made.home / "files" / "lzzz" / "lzzz01aaq" / "lzzz01aaq_x1d.fits"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")

    def heal(**config: object) -> tuple[int, int, int, str]:
        result = run(made, "heal", run_config={"ops": {"heal_findings": {"config": config}}})
        assert result.success
        (event,) = (one for one in result.all_events if one.is_successful_output)
        said = event.step_output_data.metadata
        return (said["found"].value, said["removed"].value, said["left"].value,
                said["list_of_what_is_left"].value)  # fmt: skip

    found, removed, left, lines = heal(instruments=["cos"])
    assert (found, removed, left) == (2, 0, 1)
    assert str(stray) in lines
    assert lost.is_file()
    assert heal(remove_files=True) == (1, 1, 0, "Nothing.")
    assert not stray.exists()
    assert made.state() == before
    assert heal(remove_files=True) == (0, 0, 0, "Nothing.")


def test_a_long_list_is_cut_in_the_metadata_and_the_count_is_not() -> None:
    many = [Finding(STRAY, "k", f"/{number}", "No row.", True) for number in range(1000)]
    result = describe_examination(examine(many, {"files_compared": 1000}))
    assert result.metadata["count"].value == 1000
    lines = str(result.metadata["list"].value).splitlines()
    assert len(lines) == 51
    assert lines[-1] == "- ... and 950 more"
    assert describe_examination(Examination()).passed
