"""Build the assets of plots of lightcurves and composites, and of the pages that lead to them."""

import dagster as dg

from hstql_assets.batching.asset_nodes import WHOLE
from hstql_assets.batching.batch_asset import batch_asset, report_batch, run_batch
from hstql_assets.batching.ownership import ROOTNAME, OwnedFiles, Ownership
from hstql_assets.batching.partition_names import SPECTROGRAPHS
from hstql_assets.batching.partitions import SAME_KEY, TARGETS, TIMETAG_ROOTNAMES
from hstql_assets.composites.files import NAME
from hstql_assets.pages.pages import publish_scripts
from hstql_assets.plots.drawing import plot_composites, plot_lightcurve
from hstql_assets.plots.inputs import locate_composite_curves, locate_curves
from hstql_assets.plots.inventory import read_items
from hstql_assets.plots.overview import OverviewTask, write_summary, write_tables
from hstql_assets.plots.retiring import remove_lost_plots
from hstql_resources.clients import Clients

_KINDS = r"(_thumb|_periodogram)?\.(png|html)"
OF_LIGHTCURVES = Ownership(
    files=(OwnedFiles("plots/lightcurves", rf"[^/]+/{ROOTNAME}_curve{_KINDS}"),)
)
OF_COMPOSITES = Ownership(files=(OwnedFiles("plots/composites", f"{NAME}{_KINDS}"),))
TABLES = Ownership(files=(OwnedFiles("plots/exploratory", ".+"),))
SUMMARY = Ownership(files=(OwnedFiles("plots", r"(summary|index)\.html"),))


def build_lightcurve_plots(instrument: str) -> dg.AssetsDefinition:
    """Return `lightcurve_plots` of an instrument."""

    @batch_asset(
        instrument,
        "lightcurve_plots",
        TIMETAG_ROOTNAMES[instrument],
        OF_LIGHTCURVES,
        deps=[
            dg.AssetDep([instrument, name], partition_mapping=SAME_KEY)
            for name in ("lightcurves", "lightcurve_statistics")
        ],
        group_name="plots",
        kinds={"matplotlib", "bokeh"},
        code_version="2",
    )
    def lightcurve_plots(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        """Picture, thumbnail, periodogram and interactive page of each lightcurve.

        Made after each lightcurve and its statistics, for looking through many of them and for
        talks. Where there are no statistics yet, the page says so.
        """
        filesystem = clients.filesystem
        publish_scripts(filesystem)
        tasks = locate_curves(clients.database, filesystem, instrument, context.partition_keys)
        outcomes = run_batch(context, clients, tasks, plot_lightcurve)
        return report_batch(context.asset_key, clients, outcomes)

    return lightcurve_plots


def build_composite_plots() -> dg.AssetsDefinition:
    """Return `composite_plots`."""

    @batch_asset(
        None,
        "composite_plots",
        TARGETS,
        OF_COMPOSITES,
        deps=[
            dg.AssetDep([name], partition_mapping=SAME_KEY)
            for name in ("composites", "composite_statistics")
        ],
        group_name="plots",
        kinds={"matplotlib", "bokeh"},
        code_version="1",
    )
    def composite_plots(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        """Picture, thumbnail, periodogram and interactive page of each composite of a target.

        Made after the composites and their statistics. Exposures stand side by side in the
        picture, and each has its colour.
        """
        database, filesystem = clients.database, clients.filesystem
        publish_scripts(filesystem)
        tasks = locate_composite_curves(database, filesystem, context.partition_keys)
        outcomes = run_batch(context, clients, tasks, plot_composites)
        remove_lost_plots(database, filesystem)
        return report_batch(context.asset_key, clients, outcomes)

    return composite_plots


def build_exploratory_tables() -> dg.AssetsDefinition:
    """Return `exploratory_tables`."""

    @batch_asset(
        None,
        "exploratory_tables",
        None,
        TABLES,
        deps=[
            *([name, asset] for name in SPECTROGRAPHS
              for asset in ("lightcurve_statistics", "lightcurve_plots")),
            ["composite_statistics"],
            ["composite_plots"],
        ],
        group_name="plots",
        kinds={"html"},
        code_version="1",
    )  # fmt: skip
    def exploratory_tables(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        """Sortable, searchable tables of interesting, not interesting and empty lightcurves.

        Made after plots and statistics, with the index of all pages, from what is in the
        database then. This is where to look for something that varies.
        """
        outcomes = run_batch(context, clients, _everything(clients), write_tables)
        return report_batch(context.asset_key, clients, outcomes)

    return exploratory_tables


def build_summary_plots() -> dg.AssetsDefinition:
    """Return `summary_plots`."""

    @batch_asset(
        None,
        "summary_plots",
        None,
        SUMMARY,
        deps=[*([name, "lightcurves"] for name in SPECTROGRAPHS), ["composites"]],
        group_name="plots",
        kinds={"bokeh"},
        code_version="1",
    )
    def summary_plots(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        """Charts of what there is: exposure time per target, configurations, optical elements.

        Made after lightcurves and composites, with the index of all pages, from what is in the
        database then.
        """
        outcomes = run_batch(context, clients, _everything(clients), write_summary)
        return report_batch(context.asset_key, clients, outcomes)

    return summary_plots


def _everything(clients: Clients) -> list[OverviewTask]:
    publish_scripts(clients.filesystem)
    items = read_items(clients.database, clients.filesystem)
    return [OverviewTask(WHOLE, items, clients.filesystem)]
