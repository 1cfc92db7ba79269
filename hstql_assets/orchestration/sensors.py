"""Request what is behind: one sensor for each instrument, one for targets, one for images.

Another one tells people of runs that failed.

Only what is made of files is requested here; the files are the business of `observations`.
Assets without partitions are left to their schedule.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import dagster as dg

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.attempts import Attempts, find_due, read_attempts
from hstql_assets.batching.job_names import JOBS, is_file_asset, set_of_job
from hstql_assets.batching.news import MOST_LEFT
from hstql_assets.batching.partition_names import COS_SUBSETS, SPECTROGRAPHS
from hstql_assets.batching.partitions import (
    ROOTNAMES,
    TIMETAG_ROOTNAMES,
    look_for_news,
    set_name,
)
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
    skip_without_database,
)
from hstql_assets.lightcurves.extractions.definitions import load_definitions
from hstql_assets.orchestration.changed_keys import settle_changed
from hstql_assets.orchestration.consequences import (
    DerivedSet,
    forget_redefined,
    forget_reselected,
    say_selections,
)
from hstql_assets.orchestration.key_states import read_outdated_keys
from hstql_assets.orchestration.run_notices import describe_failure
from hstql_resources.dagster_runs import fail_dead_runs
from hstql_resources.notifying import notify
from hstql_resources.run_tags import TOLD_TAG
from hstql_resources.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from hstql_resources.clients import Clients

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
        required_resource_keys={"database", "filesystem"},
        **options,
        description="Requests what is made of files or headers that are new or changed: headers, "
        "previews, measurements, lightcurves; and extractions whose definition changed. What "
        "stood in the way and passes, such as an archive "
        "out of reach, is tried again after a delay that grows. A key whose run fails otherwise is "
        "not requested again until what it is made from changes: 'hstql materialize' makes it.",
    )
    @skip_without_database
    def outdated(context: dg.SensorEvaluationContext, **_resources: object) -> dg.SensorResult:
        return _request_outdated(context, f"{instrument}_outdated", nodes, sets)

    return outdated


def _request_outdated(
    context: dg.SensorEvaluationContext,
    sensor: str,
    nodes: Sequence[AssetNode],
    sets: Mapping[str, str],
) -> dg.SensorResult:
    """Return requests for what is behind in partition sets, each with the job that makes it."""
    instance, database = context.instance, context.resources.database
    fail_dead_runs(instance)
    made = {
        name: [one for one in nodes if one.partition_set == name and not is_file_asset(one.name)]
        for name in sets
    }
    own_nodes = [one for own in made.values() for one in own]
    about = f"{_read_definitions(context)} {say_selections(own_nodes)}".rstrip()
    news = look_for_news(instance, database, made, context.cursor, about)
    if news.is_first:
        forget_reselected(database, own_nodes)
        with suppress(SettingsError):  # the log has it
            forget_redefined(database, context.resources.filesystem.home, own_nodes)
    behind = {
        name: read_outdated_keys(database, own, news.candidates[name]) for name, own in made.items()
    }
    if news.warning:
        context.log.warning(news.warning)
    nothing = f"{NOTHING} {news.warning}".rstrip()
    if not any(behind.values()):
        return dg.SensorResult(skip_reason=nothing, cursor=json.dumps(news.seen.write()))
    open_runs = read_open_runs(instance)
    ended = read_ended_runs(instance, sensor)
    stored = {name: instance.get_dynamic_partitions(name) for name in sets}
    waiting = sum(run.job in sets.values() for run in open_runs)
    requests: list[dg.RunRequest] = []
    left: set[str] = set()
    for name, job in sets.items():
        # Lightcurves follow from headers, which a run over the same exposures may yet change.
        busy = find_busy(open_runs, stored, set_of_job(), {name, *list(sets)[:1]})
        failed = find_failed([run for run in ended if run.job == job], stored[name])
        attempts = read_attempts(database, [node.name for node in made[name]])
        is_open = {
            key: changed_at
            for key, changed_at in behind[name].items()
            if key in busy or key in attempts or not _has_failed_since(failed.get(key), changed_at)
        }
        wanted = _find_wanted(is_open, busy, attempts, news.seen.about)
        room = RANGES_PER_TICK - waiting - len(requests)
        requests += request_ranges(stored[name], wanted, room, job).values()
        left |= is_open.keys() & set(stored[name])
    seen = replace(news.seen, left=tuple(left))
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else nothing,
        cursor=json.dumps(seen.write()) if len(left) <= MOST_LEFT else None,
    )


def _read_definitions(context: dg.SensorEvaluationContext) -> str:
    """Return what named extractions are; a file that says nonsense keeps up none of the others."""
    try:
        return repr(load_definitions(context.resources.filesystem.home))
    except SettingsError as error:
        context.log.warning(str(error))
        return str(error)


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
    @skip_without_database
    def changed(context: dg.SensorEvaluationContext, **_resources: object) -> dg.SensorResult:
        # Where it is called directly, Dagster hands the resources over as arguments, too.
        instance, clients = context.instance, cast("Clients", context.resources)
        changed, retired = settle_changed(instance, clients, nodes, derived)
        nothing = derived.nothing.format(retired=len(retired))
        if not changed:
            return request_changed(context.cursor, (), {}, nothing)
        stored = instance.get_dynamic_partitions(set_name(derived.partitions))
        due = find_due(read_attempts(clients.database, [derived.asset]), changed)
        return request_changed(context.cursor, stored, changed, nothing, due)

    return changed


def build_failed_runs(**options: Any) -> dg.SensorDefinition:
    """Return the sensor that tells people of runs that failed; options as for `dagster.sensor`."""

    @dg.run_failure_sensor(
        name="failed_runs",
        description="Sends mail, or calls a webhook, when a run fails, once for each; to whom the "
        "settings HSTQL_NOTIFY_... say. Commands in a shell say themselves what went wrong.",
        **options,
    )
    def failed_runs(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        settings, run = load_settings(), context.dagster_run
        if not settings.notifies:
            return dg.SkipReason("The settings name nobody who is to be told.")
        known = context.instance.get_run_by_id(run.run_id)
        if known is None or TOLD_TAG in known.tags:
            return dg.SkipReason(f"Of {run.run_id} people were told before, or it is gone.")
        # Before it is sent: rather never than twice, if this process is killed in between.
        context.instance.add_run_tags(run.run_id, {TOLD_TAG: datetime.now(UTC).isoformat()})
        steps = [_find_reason(event) for event in context.get_step_failure_events()]
        reasons = [context.failure_event.message or "", *steps]
        notify(settings, describe_failure(run.run_id, run.job_name, run.tags, reasons))
        return None

    return failed_runs


def _find_reason(event: dg.DagsterEvent) -> str:
    """Return what stopped a step: the error that the others came from."""
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return "" if error is None else f"{event.step_key}: {error.message.strip()}"


def _find_wanted(
    behind: Mapping[str, datetime], busy: Collection[str], attempts: Attempts, about: str
) -> dict[str, str]:
    """Return the keys that may be requested now, each with its state and what it is asked about."""
    states = {
        key: f"{changed_at.isoformat()} {about}"
        for key, changed_at in behind.items()
        if key not in busy
    }
    return find_due(attempts, states) | {
        key: state for key, state in states.items() if key not in attempts
    }


def _has_failed_since(run: RunRange | None, changed_at: datetime) -> bool:
    return run is not None and run.created_at > changed_at
