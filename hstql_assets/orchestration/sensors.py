"""Request what is behind: one sensor for each instrument, one for targets, one for images.

Only what is made of files is requested here; the files are the business of `observations`.
Assets without partitions are left to their schedule.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import dagster as dg

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.attempts import find_due, read_attempts
from hstql_assets.batching.job_names import JOBS, is_file_asset, set_of_job
from hstql_assets.batching.partition_names import COS_SUBSETS, SPECTROGRAPHS
from hstql_assets.batching.partitions import ROOTNAMES, TIMETAG_ROOTNAMES, set_name
from hstql_assets.batching.run_ranges import (
    RANGES_PER_TICK,
    RunRange,
    find_busy,
    find_failed,
)
from hstql_assets.batching.run_requests import (
    read_ended_runs,
    read_open_runs,
    request_changed,
    request_ranges,
)
from hstql_assets.orchestration.consequences import DerivedSet, settle_keys
from hstql_assets.orchestration.key_states import read_outdated_keys
from hstql_resources.dagster_runs import fail_dead_runs
from hstql_resources.postgres.database import Database

NOTHING = "Nothing is behind that no run is at work on."


def build_outdated(
    instrument: str, nodes: Sequence[AssetNode], jobs: Mapping[str, Any], **options: Any
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
    **options
        Of `dagster.sensor`: whether it is on from the start, and the time between two ticks.
    """
    sets = {set_name(ROOTNAMES[instrument]): f"{instrument}_products"}
    if instrument in SPECTROGRAPHS:
        sets[set_name(TIMETAG_ROOTNAMES[instrument])] = f"{instrument}_timetag"
    if instrument == "cos":
        sets |= {name: JOBS[name][0] for name in COS_SUBSETS}

    @dg.sensor(
        name=f"{instrument}_outdated",
        jobs=[jobs[name] for name in sets.values()],
        **options,
        description="Requests what is made of files or headers that are new or changed: headers, "
        "previews, measurements, lightcurves. What stood in the way and passes, such as an archive "
        "out of reach, is tried again after a delay that grows. A key whose run fails otherwise is "
        "not requested again until what it is made from changes: 'hstql materialize' makes it.",
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
            # Lightcurves follow from headers, which a run over the same exposures may yet change.
            busy = find_busy(open_runs, stored, set_of_job(), {name, *list(sets)[:1]})
            failed = find_failed([run for run in ended if run.job == job], stored[name])
            wanted = _find_wanted(database, made, busy, failed)
            room = RANGES_PER_TICK - waiting - len(requests)
            requests += request_ranges(stored[name], wanted, room, job).values()
        return dg.SensorResult(run_requests=requests) if requests else dg.SkipReason(NOTHING)

    return outdated


def build_changed(
    derived: DerivedSet, nodes: Sequence[AssetNode], job: Any, **options: Any
) -> dg.SensorDefinition:
    """Return the sensor that requests what is made of the keys of a derived set that changed.

    Parameters are those of `build_outdated`, with the job that makes what there is of the keys.
    """
    needed = {"database", "filesystem"}
    if derived.record is not None:
        needed.add("archive")

    @dg.sensor(
        name=derived.sensor,
        job=job,
        description=derived.about,
        required_resource_keys=needed,
        **options,
    )
    def changed(context: dg.SensorEvaluationContext, **_resources: object) -> dg.SensorResult:
        # Where it is called directly, Dagster hands the resources over as arguments, too.
        instance, clients = context.instance, context.resources
        if derived.record is not None:
            derived.record(clients.archive, clients.database)
        retired = settle_keys(instance, clients.database, clients.filesystem, nodes, derived)
        stored = instance.get_dynamic_partitions(set_name(derived.partitions))
        changed = derived.read_changed(clients.database)
        nothing = derived.nothing.format(retired=len(retired))
        attempts = read_attempts(clients.database, [derived.asset])
        due = find_due(attempts, changed)
        return request_changed(context.cursor, stored, changed, nothing, due)

    return changed


def _find_wanted(
    database: Database,
    made: Sequence[AssetNode],
    busy: Collection[str],
    failed: Mapping[str, RunRange],
) -> dict[str, str]:
    """Return the keys of one set that are behind and may be requested, each with its state."""
    behind = read_outdated_keys(database, made)
    states = {key: changed_at.isoformat() for key, changed_at in behind.items() if key not in busy}
    attempts = read_attempts(database, [node.name for node in made])
    return find_due(attempts, states) | {
        key: state
        for key, state in states.items()
        if key not in attempts and not _has_failed_since(failed.get(key), behind[key])
    }


def _has_failed_since(run: RunRange | None, changed_at: Any) -> bool:
    return run is not None and run.created_at > changed_at
