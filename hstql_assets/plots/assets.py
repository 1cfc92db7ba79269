"""The plots of lightcurves, one asset per instrument."""

import dagster as dg

from hstql_assets.batches import Outcome
from hstql_assets.lightcurves.inputs import locate_lightcurves
from hstql_assets.partitions import SAME_KEY, TIMETAG_ROOTNAMES
from hstql_assets.plots.drawing import PlotTask, plot_lightcurve
from hstql_assets.presentation import batch_asset, report_batch, run_batch
from hstql_resources.workbench import Workbench


def build_lightcurve_plots(instrument: str) -> dg.AssetsDefinition:
    """Return `lightcurve_plots` of an instrument."""

    @batch_asset(
        instrument,
        "lightcurve_plots",
        TIMETAG_ROOTNAMES[instrument],
        deps=[dg.AssetDep([instrument, "lightcurves"], partition_mapping=SAME_KEY)],
        group_name="plots",
        kinds={"matplotlib"},
        code_version="1",
    )
    def lightcurve_plots(
        context: dg.AssetExecutionContext, workbench: dg.ResourceParam[Workbench]
    ) -> dg.MaterializeResult:
        """A PNG of each lightcurve: gross and background rate, and the flux with its errors.

        Made after each lightcurve, for looking through many of them and for talks.
        """
        found = locate_lightcurves(workbench.database, instrument, context.partition_keys)
        tasks = [
            start if isinstance(start, Outcome) else PlotTask(key, start, workbench.filesystem)
            for key, start in found.items()
        ]
        outcomes = run_batch(context, workbench, tasks, plot_lightcurve, [])
        return report_batch(context.asset_key, workbench, outcomes)

    return lightcurve_plots
