"""What holds for every asset of the graph."""

import dagster as dg
import pytest

from hstql_assets.batching.decisions import SUMMARIES
from hstql_assets.batching.partition_names import EXPOSURE_SETS
from hstql_assets.definitions import build_definitions
from hstql_assets.monitors.framework.registry import read_trends
from hstql_assets.orchestration.asset_list import build_assets
from hstql_resources import tables

SPECS = {
    spec.key.to_user_string(): (spec, asset) for asset in build_assets() for spec in asset.specs
}


TRENDS = [trend.name for trend in read_trends()]


@pytest.mark.parametrize("name", SPECS)
def test_every_asset_is_fully_described(name: str) -> None:
    spec, asset = SPECS[name]
    assert len(spec.description or "") > 80
    assert spec.group_name not in (None, "default")
    assert spec.owners
    assert spec.kinds
    assert spec.code_version
    assert {check.name for check in asset.check_specs} >= {"no_bad_files", "no_missing_keys"}


@pytest.mark.parametrize("name", sorted(SPECS.keys() - {*SUMMARIES, *TRENDS}))
def test_every_asset_with_partitions_takes_a_thousand_keys_in_a_run(name: str) -> None:
    _, asset = SPECS[name]
    assert asset.backfill_policy is not None
    assert asset.backfill_policy.max_partitions_per_run == 1000
    assert isinstance(asset.partitions_def, dg.DynamicPartitionsDefinition)


def names_of(partition_set: str) -> list[str]:
    return [name for name, (_, asset) in SPECS.items()
            if getattr(asset.partitions_def, "name", "") == partition_set]  # fmt: skip


@pytest.mark.parametrize(
    ("instrument", "own"),
    [
        ("cos", ["spectrum_statistics", "pulse_heights", "telemetry", "jitter_statistics"]),
        ("stis", ["spectrum_statistics"]),
        ("acs", ["image_statistics", "eper_cte", "throughput"]),
        ("wfc3", ["image_statistics", "ir_bias_levels", "eper_cte", "snowballs", "throughput"]),
    ],
)
def test_the_observations_of_an_instrument_have_the_assets_that_are_documented(
    instrument: str, own: list[str]
) -> None:
    names = ["raw_files", "calibrated_files", "header_tables", "previews", *own]
    found = [name.removeprefix(f"{instrument}/") for name in names_of(f"{instrument}_rootname")]
    assert found == names


@pytest.mark.parametrize(
    ("partition_set", "own"),
    [
        ("dark_rootname", ["dark_rates"]),
        ("cos_lampflash_rootname", ["osm_shifts"]),
        ("cos_acq_rootname", ["acquisitions"]),
        ("cos_fuv_event_rootname", ["stim_pulses"]),
        ("cumulative_image", ["gain_maps"]),
        ("wfc3_ir_rootname", ["persistence"]),
        ("superdarks_set", ["superdarks", "bad_pixel_tables"]),
        *((name, [asset]) for asset, name in EXPOSURE_SETS.items() if asset != "superdarks"),
    ],
)
def test_what_monitors_measure_has_a_set_of_its_own(partition_set: str, own: list[str]) -> None:
    assert names_of(partition_set) == own


@pytest.mark.parametrize("instrument", ["cos", "stis"])
def test_time_tag_exposures_have_the_assets_that_are_documented(instrument: str) -> None:
    curves = [f"{instrument}/{name}" for name in
              ("lightcurves", "lightcurve_statistics", "lightcurve_plots",
               "extractions", "time_resolved_spectra")]  # fmt: skip
    assert names_of(f"{instrument}_timetag_rootname") == curves


def test_targets_and_summaries_have_the_assets_that_are_documented() -> None:
    assert names_of("target") == ["composites", "composite_statistics", "composite_plots"]
    assert tuple(names_of("")) == (*TRENDS, *SUMMARIES)


def test_composites_depend_on_the_lightcurves_of_all_instruments() -> None:
    _, asset = SPECS["composites"]
    assert {key.to_user_string() for key in asset.dependency_keys} == {
        "cos/lightcurves",
        "stis/lightcurves",
    }
    for key in asset.dependency_keys:
        assert isinstance(asset.get_partition_mapping(key), dg.AllPartitionMapping)


def test_the_definitions_load_and_hold_a_job_for_each_partition_set() -> None:
    definitions = build_definitions()
    dg.Definitions.validate_loadable(definitions)
    for name in ("cos_files", "cos_timetag", "stis_files", "stis_timetag", "target_composites",
                 "summaries"):  # fmt: skip
        assert definitions.resolve_job_def(name)


@pytest.mark.parametrize("name", SPECS)
def test_the_user_interface_tells_instruments_domain_and_owners(name: str) -> None:
    spec, _ = SPECS[name]
    instruments = spec.tags["instrument"].split("_")
    assert set(instruments) <= {"cos", "stis", "acs", "wfc3"}
    assert spec.tags["domain"] == spec.group_name
    assert list(spec.owners) == [f"team:{one}" for one in instruments]
    own, slash, _ = name.partition("/")
    if slash:
        assert instruments == [own]
        assert own in spec.kinds
        assert spec.description.startswith(f"{own.upper()}: ")


def test_an_asset_with_rows_tells_their_table_and_every_column() -> None:
    metadata = SPECS["dark_rates"][0].metadata
    columns = metadata["dagster/column_schema"].columns
    assert metadata["dagster/table_name"] == "dark_rates"
    assert {one.name for one in columns} == set(tables.DarkRate.__table__.columns.keys())
    (rate,) = [one for one in columns if one.name == "rate"]
    assert (rate.type, rate.description) == ("double", tables.DarkRate.__table__.c.rate.comment)
