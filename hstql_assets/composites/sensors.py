"""What is done about targets that changed: their runs requested, the empty ones retired.

The sensor registers what is new, and stops; the runs do the work.
"""

import json
from collections.abc import Mapping

import dagster as dg

from hstql_assets.composites.membership import (
    read_changed_targets,
    read_empty_targets,
    read_targets,
)
from hstql_assets.composites.retiring import retire_targets
from hstql_assets.partitions import TARGETS, register_keys, set_name, unregister_keys
from hstql_assets.ranges import KEYS_PER_RANGE, RANGES_PER_TICK, plan_ranges
from hstql_assets.sensors import request_range
from hstql_resources.database import Database
from hstql_resources.filesystem import Filesystem

MIN_INTERVAL_S = 60
DIGITS = 12  # of a digest in the cursor; two states that share it are one in 10^14


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
        cursor = _read_cursor(context.cursor)
        fresh = {key for key, state in changed.items() if cursor.get(key) != state[:DIGITS]}
        ranges = plan_ranges(stored, fresh, KEYS_PER_RANGE, RANGES_PER_TICK)
        asked = {key for keys in ranges for key in keys} | (changed.keys() - fresh)
        skip = None if ranges else f"No target changed; {len(retired)} were retired."
        return dg.SensorResult(
            run_requests=[request_range(keys, changed) for keys in ranges],
            skip_reason=skip,
            cursor=json.dumps({key: changed[key][:DIGITS] for key in sorted(asked)}),
        )

    return changed_targets


def register_targets(instance: dg.DagsterInstance, database: Database) -> list[str]:
    """Register the targets that have a lightcurve and no partition key; return them."""
    return register_keys(instance, TARGETS, read_targets(database))


def retire_empty_targets(
    instance: dg.DagsterInstance, database: Database, filesystem: Filesystem
) -> list[str]:
    """Take away all that is left of targets without a lightcurve, partition keys too; name them."""
    keys = instance.get_dynamic_partitions(set_name(TARGETS))
    retired = retire_targets(database, filesystem, read_empty_targets(database, keys))
    unregister_keys(instance, TARGETS, retired)
    return retired


def _read_cursor(cursor: str | None) -> Mapping[str, str]:
    """Return the states that were requested; a cursor that someone else wrote counts as none."""
    try:
        found = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
