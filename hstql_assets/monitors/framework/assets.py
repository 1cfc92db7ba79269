"""Build the assets of monitors: one for each measurement, and one for each trend."""

import dagster as dg

from hstql_assets.batching.batch_asset import batch_asset, report_batch, run_batch
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.ownership import OwnedFiles, Ownership
from hstql_assets.batching.partitions import ALL_KEYS, IMAGES, SAME_KEY, all_sets, set_name
from hstql_assets.monitors.framework.checks import check_limits, describe_limits
from hstql_assets.monitors.framework.inputs import locate_exposures
from hstql_assets.monitors.framework.monitor import Measurement, Trend
from hstql_assets.monitors.framework.registry import foreign_tables, read_measurements, read_trends
from hstql_assets.monitors.framework.trend_run import (
    date_decision,
    make_tables,
    make_trend,
    record_trend,
)
from hstql_assets.pages.pages import publish_scripts
from hstql_resources.clients import Clients
from hstql_resources.tables import MonitorState

GROUP = "monitors"


def build_monitors() -> list[dg.AssetsDefinition]:
    """Return the assets of all monitors, all measurements before all trends."""
    measurements = [build_measurement(one) for one in read_measurements()]
    return [*measurements, *(build_trend(one) for one in read_trends())]


def build_measurement(measurement: Measurement) -> dg.AssetsDefinition:
    """Return the asset of what is measured of each exposure."""
    partitions = all_sets()[measurement.partition_set]
    mapping = ALL_KEYS if measurement.partition_set == set_name(IMAGES) else SAME_KEY
    locate = measurement.locate or locate_exposures
    *prefix, name = measurement.name.split("/")

    @batch_asset(
        prefix[0] if prefix else None,
        name,
        partitions,
        Ownership(measurement.owned, files=measurement.files),
        deps=[
            dg.AssetDep(name.split("/"), partition_mapping=mapping) for name in measurement.upstream
        ],
        description=measurement.about,
        group_name=GROUP,
        kinds=set(measurement.kinds),
        code_version=measurement.code_version,
    )
    def measure(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        make_tables(clients.database, foreign_tables())
        tasks = locate(clients, measurement, context.partition_keys)
        outcomes = run_batch(context, clients, tasks, measurement.measure, measurement.also)
        return report_batch(context.asset_key, clients, outcomes)

    return measure


def build_trend(trend: Trend) -> dg.AssetsDefinition:
    """Return the asset of what is made of all measurements."""
    page = OwnedFiles(f"plots/monitors/{trend.page_folder}", ".+")

    @batch_asset(
        None,
        trend.name,
        None,
        Ownership(others=(*trend.owned, MonitorState), files=(page, *trend.files)),
        deps=[name.split("/") for name in trend.upstream],
        description=trend.about,
        group_name=GROUP,
        kinds={"matplotlib", "bokeh"},
        code_version=trend.code_version,
        check_specs=describe_limits(trend),
    )
    def monitor(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        make_tables(clients.database, foreign_tables())
        publish_scripts(clients.filesystem)
        made = make_trend(trend, clients)
        record_trend(trend, clients, made.report)
        outcomes = run_batch(context, clients, [made.outcome], _refuse)
        date_decision(clients.database, trend, made.read_at)
        limits = check_limits(trend, made.report.verdicts)
        return report_batch(context.asset_key, clients, outcomes, limits)

    return monitor


def _refuse(task: object) -> Outcome:
    """Refuse; never called, for the outcome of a trend is decided before its batch is recorded."""
    raise AssertionError(task)
