"""The statistics of the images of each camera, and their trends."""

import dagster as dg

from hstql_assets.batching.asset_nodes import WHOLE
from hstql_assets.batching.batch_asset import batch_asset, report_batch, run_batch
from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.batching.partitions import CAMERAS, ROOTNAMES, SAME_KEY
from hstql_assets.monitors.cameras.checks import check_limits, describe_limits
from hstql_assets.monitors.cameras.limits import judge_all
from hstql_assets.monitors.cameras.measure import measure_observation
from hstql_assets.monitors.cameras.read import locate_images, read_trend_rows
from hstql_assets.monitors.cameras.series import make_series
from hstql_assets.monitors.cameras.state import PAGE, TITLE, report_images
from hstql_assets.monitors.cameras.trend import TrendsTask, write_trends
from hstql_assets.monitors.framework.trend_run import record_state
from hstql_assets.pages.pages import publish_scripts
from hstql_resources.clients import Clients
from hstql_resources.tables import ImageStatistics

OWNED = [OwnedTable(ImageStatistics, "rootname")]
TRENDS = "image_trends"


def build_image_statistics(instrument: str) -> dg.AssetsDefinition:
    """Return `image_statistics` of a camera."""

    @batch_asset(
        instrument,
        "image_statistics",
        ROOTNAMES[instrument],
        deps=[dg.AssetDep([instrument, "header_tables"], partition_mapping=SAME_KEY)],
        group_name="monitors",
        kinds={"postgres", "numpy"},
        code_version="1",
    )
    def image_statistics(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        """Level, noise, hot pixels and cosmic rays by amplifier, as rows of `image_statistics`.

        Made after the headers of each observation, from its raw, flt and flc files. Those of DARK
        and BIAS exposures are what the trends are drawn from.
        """
        tasks = locate_images(clients.database, instrument, context.partition_keys)
        outcomes = run_batch(context, clients, tasks, measure_observation, OWNED)
        return report_batch(context.asset_key, clients, outcomes)

    return image_statistics


def build_image_trends() -> dg.AssetsDefinition:
    """Return `image_trends`."""

    @batch_asset(
        None,
        TRENDS,
        None,
        deps=[[instrument, "image_statistics"] for instrument in CAMERAS],
        group_name="monitors",
        kinds={"matplotlib", "bokeh"},
        code_version="1",
        check_specs=describe_limits(dg.AssetKey(TRENDS)),
    )
    def image_trends(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        """Bias level, read noise, dark current and hot pixels of the cameras against time.

        Made after image statistics, from all DARK and BIAS exposures in the database then: a
        picture for each detector and quantity, and a page with all of them. Its checks say which
        amplifier is beyond a limit.
        """
        publish_scripts(clients.filesystem)
        rows = read_trend_rows(clients.database)
        tasks = [TrendsTask(WHOLE, rows, clients.filesystem)]
        outcomes = run_batch(context, clients, tasks, write_trends, [])
        report = report_images(rows, judge_all(make_series(rows)))
        record_state(clients, TRENDS, TITLE, PAGE, report)
        limits = check_limits(clients.database, context.asset_key)
        return report_batch(context.asset_key, clients, outcomes, limits)

    return image_trends
