"""What is done about targets that changed: their runs requested, the empty ones retired.

The sensor registers what is new, and stops; the runs do the work.
"""

import dagster as dg

from hstql_assets.batching.partitions import TARGETS, set_name
from hstql_assets.batching.run_requests import request_changed
from hstql_assets.composites.membership import read_changed_targets
from hstql_assets.composites.registering import register_targets, retire_empty_targets
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

MIN_INTERVAL_S = 60


def build_changed_targets(
    job: dg.JobDefinition, default_status: dg.DefaultSensorStatus, interval_s: int = MIN_INTERVAL_S
) -> dg.SensorDefinition:
    """Return the sensor that requests the composites of changed targets.

    Parameters
    ----------
    job : JobDefinition
        Makes what there is of a range of targets.
    default_status : DefaultSensorStatus
        Whether it is on from the start.
    interval_s : int
        Time between two ticks, s.
    """

    @dg.sensor(
        name="changed_targets",
        job=job,
        minimum_interval_seconds=interval_s,
        default_status=default_status,
        description="Requests the composites of targets whose lightcurves are new, made again or "
        "gone, and takes away those of targets without any. A change is requested once: if its "
        "run fails, reset the cursor, or run 'hstql materialize composites'.",
    )
    def changed_targets(
        context: dg.SensorEvaluationContext,
        database: dg.ResourceParam[Database],
        filesystem: dg.ResourceParam[Filesystem],
    ) -> dg.SensorResult:
        retired = retire_empty_targets(context.instance, database, filesystem)
        register_targets(context.instance, database)
        stored = context.instance.get_dynamic_partitions(set_name(TARGETS))
        changed = read_changed_targets(database)
        nothing = f"No target changed; {len(retired)} were retired."
        return request_changed(context.cursor, stored, changed, nothing)

    return changed_targets
