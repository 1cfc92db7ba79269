"""Jobs: those that one launches by name, and runs of any list of keys in this process."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from hstql_assets.partitions import INSTRUMENTS
from hstql_resources.processes import process_name
from hstql_resources.workbench import Workbench

SUFFIXES = {"rootname": "files", "timetag_rootname": "timetag"}
DESCRIPTIONS = {
    "files": "Files and headers of observations.",
    "timetag": "Lightcurves of TIME-TAG exposures, and what follows from them.",
}
PROCESS_TAG = "hstql/process"  # tells later whether the run was killed
START_TAG, END_TAG = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def build_jobs(assets: Sequence[dg.AssetsDefinition]) -> list[Any]:
    """Return `<instrument>_files` and `<instrument>_timetag`; a run never spans two sets."""
    jobs: list[Any] = []  # of a class that Dagster does not export
    for instrument in INSTRUMENTS:
        for set_suffix, suffix in SUFFIXES.items():
            name = f"{instrument}_{set_suffix}"
            selected = [asset for asset in assets if partition_set(asset) == name]
            jobs.append(
                dg.define_asset_job(
                    f"{instrument}_{suffix}",
                    selection=dg.AssetSelection.assets(*selected),
                    description=DESCRIPTIONS[suffix],
                )
            )
    return jobs


def partition_set(asset: dg.AssetsDefinition) -> str:
    """Return the name of the partition set of an asset."""
    return str(getattr(asset.partitions_def, "name", ""))


def run_keys(
    instance: dg.DagsterInstance,
    workbench: Workbench,
    assets: Sequence[dg.AssetsDefinition],
    keys: Sequence[str],
    op_config: Mapping[str, Any] | None = None,
) -> str | None:
    """Materialize assets of one set for any list of keys, in one run of this process.

    Dagster can only run ranges of a dynamic set. So for this run the set is a fixed one with
    exactly these keys; the events it leaves are the same.

    Parameters
    ----------
    instance : dagster.DagsterInstance
        Where the run is recorded.
    workbench : Workbench
        What the steps work with.
    assets : sequence of dagster.AssetsDefinition
        Of one partition set.
    keys : sequence of str
        At most a few thousand.
    op_config : mapping, optional
        Configuration of the assets, by the names of their ops.

    Returns
    -------
    str or None
        Why the run as a whole failed, one sentence; None if it did not.
    """
    partitions = dg.StaticPartitionsDefinition(list(keys))
    fixed = [
        asset.map_asset_specs(lambda spec: spec.replace_attributes(partitions_def=partitions))
        for asset in assets
    ]
    instrument, _, set_suffix = partition_set(assets[0]).partition("_")
    name = f"{instrument}_{SUFFIXES[set_suffix]}"
    job = dg.Definitions(
        assets=fixed,
        jobs=[dg.define_asset_job(name, selection=dg.AssetSelection.assets(*fixed))],
        resources={"workbench": workbench},
        executor=dg.in_process_executor,
    ).resolve_job_def(name)
    result = job.execute_in_process(
        instance=instance,
        tags={START_TAG: keys[0], END_TAG: keys[-1], PROCESS_TAG: process_name()},
        run_config={
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            "ops": dict(op_config or {}),
        },
        raise_on_error=False,
    )
    return None if result.success else _why_failed(result)


def _why_failed(result: dg.ExecuteInProcessResult) -> str:
    for event in result.all_events:
        if event.is_step_failure:
            failure = event.step_failure_data
            if failure.user_failure_data is not None and failure.user_failure_data.description:
                return str(failure.user_failure_data.description)
            error = failure.error
            while error is not None and error.cause is not None:
                error = error.cause
            if error is not None:
                return f"{event.step_key}: {error.message.strip()}"
        elif event.is_failure:
            return f"{event.message}"
    return "The run failed; its log says why."
