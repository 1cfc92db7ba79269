"""Request the trends that are behind, when measurements changed."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.job_names import set_of_job
from hstql_assets.batching.run_requests import read_open_runs
from hstql_assets.monitors.framework.registry import read_trends
from hstql_assets.monitors.framework.stale_trends import read_trends_behind
from hstql_resources.dagster_runs import OPEN, fail_dead_runs
from hstql_resources.postgres.database import Database

NOTHING = "No monitor is behind."
REQUESTED = "What is behind was requested before, and has not changed since."


def build_outdated_monitors(
    nodes: Sequence[AssetNode], job: Any, **options: Any
) -> dg.SensorDefinition:
    """Return the sensor that requests the trends whose measurements changed.

    The nodes are the whole graph, the trends a part of the job. Options are those of
    `dagster.sensor`: whether it is on from the start, and the time between two ticks.
    """
    names = [trend.name for trend in read_trends()]
    own = [node for node in nodes if node.name in names]
    measured = {name for node in own for name in node.upstream}
    sets = {node.partition_set for node in nodes if node.name in measured} - {""}

    @dg.sensor(
        name="outdated_monitors",
        job=job,
        **options,
        description="Requests the monitors whose measurements are new, changed or gone, once no "
        "run measures any more. A change is requested once: if its run fails, reset the cursor, "
        "or run 'hstql materialize' with the monitor.",
    )
    def outdated_monitors(
        context: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]
    ) -> dg.SensorResult | dg.SkipReason:
        fail_dead_runs(context.instance)
        at_work = {set_of_job().get(run.job) for run in read_open_runs(context.instance)}
        if sets & at_work:
            return dg.SkipReason("Runs are still measuring; monitors wait for them.")
        if _is_open(context.instance, job.name):
            return dg.SkipReason("A run is making monitors already.")
        behind = read_trends_behind(database, own)
        # The cursor and no run key: a trend whose exposure is gone has the state that it had when
        # it was last requested, and Dagster runs a key only once.
        state = " ".join(f"{name} {at.isoformat()}" for name, at in sorted(behind.items()))
        if not behind or state == context.cursor:
            return dg.SensorResult(skip_reason=REQUESTED if behind else NOTHING, cursor=state)
        chosen = [dg.AssetKey(node.name) for node in own if node.name in behind]
        return dg.SensorResult([dg.RunRequest(asset_selection=chosen)], cursor=state)

    return outdated_monitors


def _is_open(instance: dg.DagsterInstance, job: str) -> bool:
    filters = dg.RunsFilter(job_name=job, statuses=OPEN)
    return bool(instance.get_run_records(filters, limit=1))
