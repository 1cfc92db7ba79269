"""Build what Dagster loads: `dagster dev` and `dagster asset materialize -m` start here."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from hstql_assets.batching.job_names import JOBS
from hstql_assets.batching.partition_names import EXPOSURE_SETS, INSTRUMENTS
from hstql_assets.monitors.framework.sensors import build_outdated_monitors
from hstql_assets.observations.sensors import build_changed_products, build_new_observations
from hstql_assets.orchestration.asset_list import build_assets
from hstql_assets.orchestration.consequences import IMAGE, SETS, SUFFERER, TARGET
from hstql_assets.orchestration.consistency.checks import build_checks, build_holdings
from hstql_assets.orchestration.consistency.jobs import build_consistency_jobs
from hstql_assets.orchestration.jobs import build_jobs, build_prune_job, describe_nodes
from hstql_assets.orchestration.reprocessing.jobs import build_reprocess_job
from hstql_assets.orchestration.sensors import (
    build_changed,
    build_failed_runs,
    build_outdated,
)
from hstql_resources.dagster_resources import archive, clients, database, filesystem
from hstql_resources.settings import Settings, SettingsError, load_settings

FOLLOW_S = 60  # how often at most what follows from files is looked at


def build_sensors(
    assets: Sequence[dg.AssetsDefinition], jobs: Mapping[str, Any], settings: Settings | None
) -> list[dg.SensorDefinition]:
    """Return all sensors: two that ask the archive for each instrument, and those that follow.

    The one that tells of failed runs is on where the settings name somebody to be told.
    """
    status = dg.DefaultSensorStatus.STOPPED
    poll_s = FOLLOW_S
    if settings is not None:
        poll_s = settings.poll_interval_s
        if settings.are_sensors_on:
            status = dg.DefaultSensorStatus.RUNNING
    poll: dict[str, Any] = {"default_status": status, "minimum_interval_seconds": poll_s}
    follow = poll | {"minimum_interval_seconds": min(poll_s, FOLLOW_S)}
    nodes = describe_nodes(assets)
    tells = settings is not None and settings.notifies
    sensors = [
        build_failed_runs(
            minimum_interval_seconds=FOLLOW_S,
            default_status=dg.DefaultSensorStatus.RUNNING
            if tells
            else dg.DefaultSensorStatus.STOPPED,
        ),
        build_changed(TARGET, nodes, jobs["target_composites"], **follow),
        build_changed(IMAGE, nodes, jobs["cumulative_images"], **follow),
        *(
            build_changed(one, nodes, jobs[JOBS[EXPOSURE_SETS[asset]][0]], **follow)
            for asset, one in SETS.items()
        ),
        build_changed(SUFFERER, nodes, jobs["wfc3_persistence"], **follow),
        build_outdated_monitors(nodes, jobs["summaries"], **follow),
    ]
    for name in INSTRUMENTS:
        sensors += [
            build_new_observations(name, jobs[f"{name}_files"], **poll),
            build_changed_products(name, jobs[f"{name}_retrieval"], **poll),
            build_outdated(name, nodes, jobs, **follow),
        ]
    return sensors


def build_schedules(
    jobs: Mapping[str, Any], checks: Any, pruning: Any, settings: Settings | None
) -> list[dg.ScheduleDefinition]:
    """Return the schedules: checks each day; each week assets that no sensor requests, pruning."""
    is_on = settings is not None and settings.are_sensors_on
    return [
        dg.ScheduleDefinition(
            name=name,
            job=job,
            cron_schedule=cron,
            execution_timezone="UTC",
            default_status=dg.DefaultScheduleStatus(
                "RUNNING" if is_on and job is not pruning else "STOPPED"
            ),
            description=about,
        )
        for name, job, cron, about in (
            (
                "daily_consistency_checks",
                checks,
                "0 2 * * *",
                "Archive, tables and disk held against each other, each day at 2 h UTC.",
            ),
            (
                "weekly_summaries",
                jobs["summaries"],
                "0 4 * * 1",
                "Monitors, tables and charts of everything, each Monday at 4 h UTC.",
            ),
            (
                "weekly_pruning",
                pruning,
                "0 6 * * 1",
                "Deletes events that the user interface does not need, each Monday at 6 h UTC. It "
                "is off until someone turns it on.",
            ),
        )
    ]


def _read_settings() -> Settings | None:
    """Return the settings; None if one is wrong, which commands, runs and ticks then say."""
    try:
        return load_settings()
    except SettingsError:
        return None


def build_definitions(resources: Mapping[str, object] | None = None) -> dg.Definitions:
    """Return the definitions of the graph.

    Parameters
    ----------
    resources : mapping, optional
        Resources that replace the usual ones, by key.
    """
    assets = build_assets()
    jobs = build_jobs(assets)
    checks = build_checks()
    consistency_jobs = build_consistency_jobs(checks)
    pruning = build_prune_job()
    settings = _read_settings()
    return dg.Definitions(
        assets=[*assets, *build_holdings()],
        asset_checks=checks,
        jobs=[*jobs.values(), *consistency_jobs, build_reprocess_job(), pruning],
        sensors=build_sensors(assets, jobs, settings),
        schedules=build_schedules(jobs, consistency_jobs[0], pruning, settings),
        resources={
            "clients": clients,
            "archive": archive,
            "database": database,
            "filesystem": filesystem,
            **(resources or {}),
        },
        # Steps run in the process of the run and spread their keys over workers themselves;
        # a process for each step would only add seconds to its start.
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions when Dagster asks for them.

    Commands import this module as well, and have to be able to say what is wrong in the settings.
    """
    return build_definitions()
