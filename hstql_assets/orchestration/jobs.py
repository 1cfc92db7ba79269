"""Build the jobs that one launches by name, and run any list of keys in this process."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
from pydantic import Field
from sqlalchemy.exc import DBAPIError

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.job_names import JOBS, is_file_asset
from hstql_assets.batching.ownership import ownership_of
from hstql_assets.batching.partition_names import INSTRUMENTS
from hstql_resources.clients import Clients
from hstql_resources.postgres.event_pruning import prune
from hstql_resources.postgres.faults import describe_fault
from hstql_resources.processes import PROCESS_TAG, process_name
from hstql_resources.run_tags import END_TAG, LOG_TAG, START_TAG

INTERRUPTION = "DagsterExecutionInterruptedError"  # what Dagster makes of Ctrl-C


def build_jobs(assets: Sequence[dg.AssetsDefinition]) -> dict[str, Any]:
    """Return a job for each partition set, by its name; a run never spans two sets.

    The class of the jobs is one that Dagster does not export.
    """
    jobs: dict[str, Any] = {}
    for name, (job, description) in JOBS.items():
        selected = [asset for asset in assets if partition_set(asset) == name]
        if selected:
            jobs[job] = dg.define_asset_job(
                job, selection=dg.AssetSelection.assets(*selected), description=description
            )
    for instrument in INSTRUMENTS:
        jobs |= _split_files(instrument, assets)
    return jobs


def _split_files(instrument: str, assets: Sequence[dg.AssetsDefinition]) -> dict[str, Any]:
    """Return two jobs that together do what that of all files does.

    So that a file which is retrieved again, and is the same, costs no more than that.
    """
    own = [asset for asset in assets if partition_set(asset) == f"{instrument}_rootname"]
    parts = {
        f"{instrument}_retrieval": (True, "The files of observations, and nothing made of them."),
        f"{instrument}_products": (False, "All that is made of the files of observations."),
    }
    return {
        name: dg.define_asset_job(
            name,
            selection=dg.AssetSelection.assets(
                *(asset for asset in own if is_file_asset(name_of(asset)) == of_files)
            ),
            description=description,
        )
        for name, (of_files, description) in parts.items()
        if own
    }


class PruneConfig(dg.Config):
    """What is deleted."""

    days: float | None = Field(
        None, ge=0, description="Instead of HSTQL_PRUNE_AFTER_DAYS: since the end of the run."
    )
    is_dry: bool = Field(False, description="Only count.")


def build_prune_job() -> dg.JobDefinition:
    """Return the job that deletes events which nobody needs."""

    @dg.op
    def prune_events(
        context: dg.OpExecutionContext, config: PruneConfig, clients: dg.ResourceParam[Clients]
    ) -> None:
        """Delete events that the user interface does not need: see docs/events.md."""
        usual = clients.settings.prune_after_days
        days = usual if config.days is None else config.days
        try:
            pruned = prune(clients.settings, days, is_dry=config.is_dry)
        except DBAPIError as error:
            raise dg.Failure(f"Pruning: {describe_fault(error)}") from error
        context.add_output_metadata({**pruned.rows})

    @dg.job(name="pruning", description="Deletes events that the user interface does not need.")
    def pruning() -> None:
        prune_events()

    return pruning


def partition_set(asset: dg.AssetsDefinition) -> str:
    """Return the name of the partition set of an asset."""
    return str(getattr(asset.partitions_def, "name", ""))


def name_of(asset: dg.AssetsDefinition) -> str:
    """Return the full name of an asset, such as `cos/raw_files`."""
    return asset.key.to_user_string()


def describe_nodes(assets: Sequence[dg.AssetsDefinition]) -> list[AssetNode]:
    """Return assets as the planner sees them."""
    return [
        AssetNode(
            name_of(asset),
            partition_set(asset),
            tuple(key.to_user_string() for key in asset.dependency_keys),
            ownership_of(name_of(asset)),
        )
        for asset in assets
    ]


def run_keys(
    instance: dg.DagsterInstance,
    clients: Clients,
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
    clients : Clients
        What the steps work with.
    assets : sequence of dagster.AssetsDefinition
        Of one partition set.
    keys : sequence of str
        At most a few thousand; of no account if the assets have no partitions.
    op_config : mapping, optional
        Configuration of the assets, by the names of their ops.

    Returns
    -------
    str or None
        Why the run as a whole failed, one sentence; None if it did not.
    """
    name, _ = JOBS[partition_set(assets[0])]
    tags = {PROCESS_TAG: process_name(), LOG_TAG: clients.log.run_id}
    fixed = list(assets)
    if partition_set(assets[0]):
        fixed = _fix_keys(assets, keys)
        tags |= {START_TAG: keys[0], END_TAG: keys[-1]}
    job = dg.Definitions(
        assets=fixed,
        jobs=[dg.define_asset_job(name, selection=dg.AssetSelection.assets(*fixed))],
        resources={"clients": clients},
        executor=dg.in_process_executor,
    ).resolve_job_def(name)
    result = job.execute_in_process(
        instance=instance,
        tags=tags,
        run_config={
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            "ops": dict(op_config or {}),
        },
        raise_on_error=False,
    )
    return None if result.success else _why_failed(result)


class _FixedKeys(dg.StaticPartitionsDefinition):
    """Exactly these keys, also those with line breaks, which a dynamic set of Dagster takes."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__([])
        self._partition_keys = list(keys)


def _fix_keys(
    assets: Sequence[dg.AssetsDefinition], keys: Sequence[str]
) -> list[dg.AssetsDefinition]:
    """Return assets with a partition set of exactly these keys."""
    partitions = _FixedKeys(keys)
    return [
        asset.map_asset_specs(lambda spec: spec.replace_attributes(partitions_def=partitions))
        for asset in assets
    ]


def _why_failed(result: dg.ExecuteInProcessResult) -> str:
    for event in result.all_events:
        if event.is_step_failure:
            failure = event.step_failure_data
            if failure.user_failure_data is not None and failure.user_failure_data.description:
                return str(failure.user_failure_data.description)
            error = failure.error
            while error is not None and error.cause is not None:
                error = error.cause
            if error is not None and error.cls_name == INTERRUPTION:
                return f"{event.step_key} was interrupted."
            if error is not None:
                return f"{event.step_key}: {error.message.strip()}"
        elif event.is_failure:
            return f"{event.message}"
    return "The run failed; its log says why."
