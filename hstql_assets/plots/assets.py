"""Declare the assets of plots of lightcurves and composites, and of the pages that lead to them."""

from collections.abc import Sequence

from hstql_assets.batching.batch_asset import BatchStep, Tasks
from hstql_assets.batching.ownership import ROOTNAME, OwnedFiles, Ownership
from hstql_assets.batching.partition_names import SPECTROGRAPHS
from hstql_assets.batching.partitions import TARGETS, TIMETAG_ROOTNAMES
from hstql_assets.composites.files import NAME
from hstql_assets.pages.pages import publish_scripts
from hstql_assets.plots.drawing import plot_composites, plot_lightcurve
from hstql_assets.plots.inputs import locate_composite_curves, locate_curves
from hstql_assets.plots.inventory import read_items
from hstql_assets.plots.overview import OverviewTask, write_summary, write_tables
from hstql_assets.plots.retiring import remove_lost_plots
from hstql_resources.clients import Clients

_KINDS = r"(_thumb|_periodogram|_fold)?\.(png|html)"
OF_LIGHTCURVES = Ownership(
    files=(OwnedFiles("plots/lightcurves", rf"[^/]+/{ROOTNAME}_curve{_KINDS}"),)
)
OF_COMPOSITES = Ownership(files=(OwnedFiles("plots/composites", f"{NAME}{_KINDS}"),))
TABLES = Ownership(files=(OwnedFiles("plots/exploratory", ".+"),))
SUMMARY = Ownership(files=(OwnedFiles("plots", r"(summary|index)\.html"),))

OF_EACH_LIGHTCURVE = """Picture, thumbnail, periodogram, fold and interactive page of a lightcurve.

    Made after each lightcurve and its statistics, for looking through many of them and for
    talks. Where there are no statistics yet, the page says so.
    """
OF_EACH_COMPOSITE = """
    Picture, thumbnail, periodogram and interactive page of each composite of a target.

    Made after the composites and their statistics. Exposures stand side by side in the
    picture, and each has its colour.
    """
ABOUT_TABLES = """Sortable, searchable tables of interesting, not interesting and empty lightcurves.

    Made after plots and statistics, with the index of all pages, from what is in the
    database then. This is where to look for something that varies.
    """
ABOUT_SUMMARY = """
    Charts of what there is: exposure time per target, configurations, optical elements.

    Made after lightcurves and composites, with the index of all pages, from what is in the
    database then.
    """


def declare_lightcurve_plots(instrument: str) -> BatchStep:
    """Declare `lightcurve_plots` of an instrument."""

    def locate(clients: Clients, keys: Sequence[str], _settings: None) -> Tasks:
        publish_scripts(clients.filesystem)
        return locate_curves(clients.database, clients.filesystem, instrument, keys)

    return BatchStep(
        f"{instrument}/lightcurve_plots",
        OF_EACH_LIGHTCURVE,
        partitions=TIMETAG_ROOTNAMES[instrument],
        upstream=(f"{instrument}/lightcurves", f"{instrument}/lightcurve_statistics"),
        owns=OF_LIGHTCURVES,
        locate=locate,
        decide=plot_lightcurve,
        group="plots",
        kinds={"png", "bokeh"},
        code_version="4",
    )


def declare_composite_plots() -> BatchStep:
    """Declare `composite_plots`."""

    def locate(clients: Clients, keys: Sequence[str], _settings: None) -> Tasks:
        publish_scripts(clients.filesystem)
        return locate_composite_curves(clients.database, clients.filesystem, keys)

    return BatchStep(
        "composite_plots",
        OF_EACH_COMPOSITE,
        partitions=TARGETS,
        upstream=("composites", "composite_statistics"),
        owns=OF_COMPOSITES,
        locate=locate,
        decide=plot_composites,
        group="plots",
        kinds={"png", "bokeh"},
        then=(
            lambda _instance, clients, _outcomes: remove_lost_plots(
                clients.database, clients.filesystem
            ),
        ),
    )


def declare_exploratory_tables() -> BatchStep:
    """Declare `exploratory_tables`."""
    of_each = ("lightcurve_statistics", "lightcurve_plots")
    return BatchStep(
        "exploratory_tables",
        ABOUT_TABLES,
        partitions=None,
        upstream=(
            *(f"{instrument}/{name}" for instrument in SPECTROGRAPHS for name in of_each),
            "composite_statistics",
            "composite_plots",
        ),
        owns=TABLES,
        locate=_locate_everything,
        decide=write_tables,
        group="plots",
        kinds={"html"},
    )


def declare_summary_plots() -> BatchStep:
    """Declare `summary_plots`."""
    return BatchStep(
        "summary_plots",
        ABOUT_SUMMARY,
        partitions=None,
        upstream=(*(f"{instrument}/lightcurves" for instrument in SPECTROGRAPHS), "composites"),
        owns=SUMMARY,
        locate=_locate_everything,
        decide=write_summary,
        group="plots",
        kinds={"bokeh"},
    )


def _locate_everything(clients: Clients, keys: Sequence[str], _settings: None) -> Tasks:
    publish_scripts(clients.filesystem)
    items = read_items(clients.database, clients.filesystem)
    return [OverviewTask(key, items, clients.filesystem) for key in keys]
