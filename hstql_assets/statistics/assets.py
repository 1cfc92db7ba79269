"""Build the assets of statistics, of lightcurves by instrument and of composites."""

import dagster as dg

from hstql_assets.batching.batch_asset import batch_asset, report_batch, run_batch
from hstql_assets.batching.ownership import OwnedTable, Ownership
from hstql_assets.batching.partitions import SAME_KEY, TARGETS, TIMETAG_ROOTNAMES
from hstql_assets.statistics.inputs import locate_measurable, locate_measurable_composites
from hstql_assets.statistics.measuring import measure_composites, measure_lightcurve
from hstql_resources.clients import Clients
from hstql_resources.tables import Statistics

OWNED = Ownership((OwnedTable(Statistics),))
OWNED_OF_COMPOSITES = Ownership((OwnedTable(Statistics, "target"),))


def build_lightcurve_statistics(instrument: str) -> dg.AssetsDefinition:
    """Return `lightcurve_statistics` of an instrument."""

    @batch_asset(
        instrument,
        "lightcurve_statistics",
        TIMETAG_ROOTNAMES[instrument],
        OWNED,
        deps=[dg.AssetDep([instrument, "lightcurves"], partition_mapping=SAME_KEY)],
        group_name="statistics",
        kinds={"postgres", "scipy"},
        code_version="2",
    )
    def lightcurve_statistics(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        """Statistics of each lightcurve and the periods in it, as rows of `statistics`.

        Made after each lightcurve. An excess variance of many times its error tells a variable
        source (of a bright one, a Poisson factor well above 1 too), a small Pearson p a trend,
        `is_periodic` a period that neither noise nor the telescope explains.
        """
        tasks = locate_measurable(clients.database, instrument, context.partition_keys)
        outcomes = run_batch(context, clients, tasks, measure_lightcurve)
        return report_batch(context.asset_key, clients, outcomes)

    return lightcurve_statistics


def build_composite_statistics() -> dg.AssetsDefinition:
    """Return `composite_statistics`."""

    @batch_asset(
        None,
        "composite_statistics",
        TARGETS,
        OWNED_OF_COMPOSITES,
        deps=[dg.AssetDep("composites", partition_mapping=SAME_KEY)],
        group_name="statistics",
        kinds={"postgres", "scipy"},
        code_version="1",
    )
    def composite_statistics(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        """Statistics of each composite of a target and the periods in it, as rows of `statistics`.

        Made after the composites of a target. The same numbers as those of single exposures; only
        here are periods found that need more than one visit.
        """
        tasks = locate_measurable_composites(clients.database, context.partition_keys)
        outcomes = run_batch(context, clients, tasks, measure_composites)
        return report_batch(context.asset_key, clients, outcomes)

    return composite_statistics
