"""The statistics of lightcurves, one asset per instrument."""

import dagster as dg

from hstql_assets.batches import Outcome, OwnedTable
from hstql_assets.lightcurves.inputs import locate_lightcurves
from hstql_assets.partitions import SAME_KEY, TIMETAG_ROOTNAMES
from hstql_assets.presentation import batch_asset, report_batch, run_batch
from hstql_assets.statistics.measuring import StatisticsTask, measure_lightcurve
from hstql_resources.tables import Statistics
from hstql_resources.workbench import Workbench

OWNED = [OwnedTable(Statistics, "rootname")]


def build_lightcurve_statistics(instrument: str) -> dg.AssetsDefinition:
    """Return `lightcurve_statistics` of an instrument."""

    @batch_asset(
        instrument,
        "lightcurve_statistics",
        TIMETAG_ROOTNAMES[instrument],
        deps=[dg.AssetDep([instrument, "lightcurves"], partition_mapping=SAME_KEY)],
        group_name="statistics",
        kinds={"postgres", "scipy"},
        code_version="1",
    )
    def lightcurve_statistics(
        context: dg.AssetExecutionContext, workbench: dg.ResourceParam[Workbench]
    ) -> dg.MaterializeResult:
        """Seven statistics of the counts of each lightcurve, as rows of `statistics`.

        Made after each lightcurve. A Poisson factor well above 1 tells a variable source, a
        small Pearson p a trend.
        """
        found = locate_lightcurves(workbench.database, instrument, context.partition_keys)
        tasks = [
            start if isinstance(start, Outcome) else StatisticsTask(key, start)
            for key, start in found.items()
        ]
        outcomes = run_batch(context, workbench, tasks, measure_lightcurve, OWNED)
        return report_batch(context.asset_key, workbench, outcomes)

    return lightcurve_statistics
