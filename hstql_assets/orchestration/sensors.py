"""Request what is behind: one sensor for each instrument, one for targets, one for images.

Only what is made of files is requested here; the files are the business of `observations`.
Assets without partitions are left to their schedule.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.job_names import JOBS, is_file_asset, set_of_job
from hstql_assets.batching.partition_names import COS_SUBSETS, SPECTROGRAPHS
from hstql_assets.batching.partitions import ROOTNAMES, TIMETAG_ROOTNAMES, set_name
from hstql_assets.batching.run_ranges import (
    KEYS_PER_RANGE,
    RANGES_PER_TICK,
    RunRange,
    find_busy,
    find_failed,
    plan_ranges,
)
from hstql_assets.batching.run_requests import (
    fail_dead_runs,
    read_ended_runs,
    read_open_runs,
    request_changed,
    request_range,
)
from hstql_assets.orchestration.consequences import IMAGE, TARGET, DerivedSet, settle_keys
from hstql_assets.orchestration.stale_keys import read_outdated_keys
from hstql_resources.archive import Archive
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

MIN_INTERVAL_S = 60


def build_outdated(
    instrument: str,
    nodes: Sequence[AssetNode],
    jobs: Mapping[str, Any],
    default_status: dg.DefaultSensorStatus,
    interval_s: int = MIN_INTERVAL_S,
) -> dg.SensorDefinition:
    """Return the sensor that requests what follows from files and headers that changed.

    Parameters
    ----------
    instrument : str
        Such as `cos`.
    nodes : sequence of AssetNode
        The whole graph.
    jobs : mapping of str to job
        All jobs by name.
    default_status : DefaultSensorStatus
        Whether it is on from the start.
    interval_s : int
        Time between two ticks, s.
    """
    sets = {set_name(ROOTNAMES[instrument]): f"{instrument}_products"}
    if instrument in SPECTROGRAPHS:
        sets[set_name(TIMETAG_ROOTNAMES[instrument])] = f"{instrument}_timetag"
    if instrument == "cos":
        sets |= {name: JOBS[name][0] for name in COS_SUBSETS}

    @dg.sensor(
        name=f"{instrument}_outdated",
        jobs=[jobs[name] for name in sets.values()],
        minimum_interval_seconds=interval_s,
        default_status=default_status,
        description="Requests what is made of files or headers that are new or changed: headers, "
        "previews, measurements, lightcurves. A key whose run fails is not requested again until "
        "what it is made from changes: 'hstql materialize' makes it.",
    )
    def outdated(
        context: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]
    ) -> dg.SensorResult | dg.SkipReason:
        instance = context.instance
        fail_dead_runs(instance)
        open_runs = read_open_runs(instance)
        ended = read_ended_runs(instance, f"{instrument}_outdated")
        stored = {name: instance.get_dynamic_partitions(name) for name in sets}
        waiting = sum(run.job in sets.values() for run in open_runs)
        requests: list[dg.RunRequest] = []
        for name, job in sets.items():
            own = [node for node in nodes if node.partition_set == name]
            made = [node for node in own if not is_file_asset(node.name)]
            behind = read_outdated_keys(database, made)
            # Lightcurves follow from headers, which a run over the same exposures may yet change.
            busy = find_busy(open_runs, stored, set_of_job(), {name, *list(sets)[:1]})
            failed = find_failed([run for run in ended if run.job == job], stored[name])
            wanted = {
                key: changed_at.isoformat()
                for key, changed_at in behind.items()
                if key not in busy and not _has_failed_since(failed.get(key), changed_at)
            }
            room = RANGES_PER_TICK - waiting - len(requests)
            for keys in plan_ranges(stored[name], wanted, KEYS_PER_RANGE, max(room, 0)):
                requests.append(request_range(keys, wanted, job))
        return dg.SensorResult(run_requests=requests) if requests else dg.SkipReason(NOTHING)

    return outdated


NOTHING = "Nothing is behind that no run is at work on."


def build_changed_targets(
    nodes: Sequence[AssetNode],
    job: Any,
    default_status: dg.DefaultSensorStatus,
    interval_s: int = MIN_INTERVAL_S,
) -> dg.SensorDefinition:
    """Return the sensor that requests the composites of changed targets.

    Parameters are those of `build_outdated`, with the job that makes what there is of targets.
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
        retired = settle_keys(context.instance, database, filesystem, nodes, TARGET)
        nothing = f"No target changed; {len(retired)} were retired."
        return _request_derived(context, database, TARGET, nothing)

    return changed_targets


def build_changed_images(
    nodes: Sequence[AssetNode],
    job: Any,
    default_status: dg.DefaultSensorStatus,
    interval_s: int = MIN_INTERVAL_S,
) -> dg.SensorDefinition:
    """Return the sensor that requests the gain of cumulative images that changed.

    Parameters are those of `build_outdated`, with the job that makes what there is of images.
    """

    @dg.sensor(
        name="changed_images",
        job=job,
        minimum_interval_seconds=interval_s,
        default_status=default_status,
        description="Requests the gain maps of weeks whose FUV events are new, changed or gone, "
        "and takes away those of weeks without any. A change is requested once: if its run fails, "
        "reset the cursor, or run 'hstql materialize gain_maps'.",
    )
    def changed_images(
        context: dg.SensorEvaluationContext,
        archive: dg.ResourceParam[Archive],
        database: dg.ResourceParam[Database],
        filesystem: dg.ResourceParam[Filesystem],
    ) -> dg.SensorResult:
        IMAGE.record(archive, database)
        settle_keys(context.instance, database, filesystem, nodes, IMAGE)
        return _request_derived(context, database, IMAGE, "No cumulative image changed.")

    return changed_images


def _request_derived(
    context: dg.SensorEvaluationContext, database: Database, derived: DerivedSet, nothing: str
) -> dg.SensorResult:
    stored = context.instance.get_dynamic_partitions(set_name(derived.partitions))
    return request_changed(context.cursor, stored, derived.read_changed(database), nothing)


def _has_failed_since(run: RunRange | None, changed_at: Any) -> bool:
    return run is not None and run.created_at > changed_at
