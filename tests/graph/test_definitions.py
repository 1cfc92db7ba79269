"""What holds for every asset of the graph."""

import dagster as dg
import pytest

from hstql_assets.definitions import build_assets, build_definitions

SPECS = {
    spec.key.to_user_string(): (spec, asset) for asset in build_assets() for spec in asset.specs
}


@pytest.mark.parametrize("name", SPECS)
def test_every_asset_is_fully_described(name: str) -> None:
    spec, asset = SPECS[name]
    assert len(spec.description or "") > 80
    assert spec.group_name not in (None, "default")
    assert spec.owners
    assert spec.kinds
    assert spec.code_version
    assert {check.name for check in asset.check_specs} >= {"no_bad_files", "no_missing_keys"}


@pytest.mark.parametrize("name", SPECS)
def test_every_asset_takes_a_thousand_keys_in_a_run(name: str) -> None:
    _, asset = SPECS[name]
    assert asset.backfill_policy is not None
    assert asset.backfill_policy.max_partitions_per_run == 1000
    assert isinstance(asset.partitions_def, dg.DynamicPartitionsDefinition)


def test_the_graph_is_the_one_that_is_documented() -> None:
    cos = [f"cos/{name}" for name in (
        "raw_files", "calibrated_files", "header_tables", "lightcurves",
        "lightcurve_statistics", "lightcurve_plots",
    )]  # fmt: skip
    assert list(SPECS) == cos
    sets = {name: asset.partitions_def.name for name, (_, asset) in SPECS.items()}
    assert set(list(sets.values())[:3]) == {"cos_rootname"}
    assert set(list(sets.values())[3:]) == {"cos_timetag_rootname"}


def test_the_definitions_load_and_hold_a_job_for_each_partition_set() -> None:
    definitions = build_definitions()
    dg.Definitions.validate_loadable(definitions)
    assert definitions.resolve_job_def("cos_files")
    assert definitions.resolve_job_def("cos_timetag")
