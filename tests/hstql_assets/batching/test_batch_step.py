"""What a declared step becomes as an asset, and which runs are requested for it."""

from types import SimpleNamespace

import dagster as dg
import pytest

from hstql_assets.batching.batch_asset import BatchStep, build_asset
from hstql_assets.batching.ownership import Ownership, ownership_of
from hstql_assets.batching.partitions import TARGETS, TIMETAG_ROOTNAMES, set_name
from hstql_assets.batching.run_requests import request_ranges
from hstql_resources.run_tags import END_TAG, START_TAG

OWNS = Ownership()


def declare(partitions: dg.DynamicPartitionsDefinition | None, *upstream: str) -> BatchStep:
    return BatchStep(
        "things",
        "Things.\n\n    Made for a test.",
        partitions=partitions,
        upstream=upstream,
        owns=OWNS,
        locate=lambda _clients, _keys, _settings: [],
        decide=NotImplemented,
        group="tests",
        kinds={"numpy"},
    )


def build(partitions: dg.DynamicPartitionsDefinition | None, *upstream: str) -> dg.AssetsDefinition:
    return build_asset(declare(partitions, *upstream))


@pytest.mark.parametrize(
    ("partitions", "upstream", "mapping"),
    [
        (TIMETAG_ROOTNAMES["cos"], "cos/header_tables", dg.IdentityPartitionMapping),
        (TARGETS, "cos/lightcurves", dg.AllPartitionMapping),
        (TARGETS, "composites", dg.IdentityPartitionMapping),
        (None, "composites", type(None)),
    ],
)
def test_an_asset_follows_from_the_same_key_or_from_all_exposures(
    partitions: dg.DynamicPartitionsDefinition | None, upstream: str, mapping: type
) -> None:
    asset = build(partitions, upstream)
    (dep,) = next(iter(asset.specs)).deps
    assert dep.asset_key.to_user_string() == upstream
    assert isinstance(dep.partition_mapping, mapping)


def test_what_is_said_of_an_asset_has_no_indents_and_what_it_owns_is_declared() -> None:
    asset = build(None)
    assert next(iter(asset.specs)).description == "Things.\n\nMade for a test."
    assert ownership_of("things") is OWNS


def test_a_range_whose_start_comes_after_its_end_is_refused() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(set_name(TARGETS), ["a", "b", "c"])
        result = dg.materialize(
            [build(TARGETS)],
            instance=instance,
            tags={START_TAG: "c", END_TAG: "a"},
            resources={"clients": SimpleNamespace(database=None)},
            raise_on_error=False,
        )
        (failed,) = result.get_step_failure_events()
        assert "The range from c to a has no keys: its start comes after" in str(
            failed.event_specific_data
        )
        assert not instance.get_materialized_partitions(dg.AssetKey("things"))


def test_neighbours_are_requested_together_as_long_as_there_is_room() -> None:
    stored, states = ["a", "b", "c", "d"], {"a": "new", "b": "new", "d": "new"}
    requests = request_ranges(stored, states, 2, "job")
    assert list(requests) == [("a", "b"), ("d",)]
    first = requests["a", "b"]
    assert (first.job_name, first.tags) == ("job", {START_TAG: "a", END_TAG: "b"})
    assert list(request_ranges(stored, states, 1)) == [("a", "b")]
    assert request_ranges(stored, states, -1) == {}


def test_the_same_keys_in_another_state_are_another_run() -> None:
    keys = [request_ranges(["a"], {"a": state}, 1)["a",].run_key for state in ("old", "new", "old")]
    assert keys[0] == keys[2] != keys[1]
