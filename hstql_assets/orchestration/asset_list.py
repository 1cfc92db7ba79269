"""List every asset of the graph, upstream before downstream."""

import warnings

import dagster as dg

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.partition_names import INSTRUMENTS, SPECTROGRAPHS
from hstql_assets.composites.assets import build_composites
from hstql_assets.headers.assets import build_header_tables
from hstql_assets.lightcurves.assets import build_lightcurves
from hstql_assets.monitors.framework.assets import build_monitors
from hstql_assets.observations.assets import build_file_assets
from hstql_assets.orchestration.consequences import follow_curves, follow_headers
from hstql_assets.orchestration.jobs import describe_nodes
from hstql_assets.plots.assets import (
    build_composite_plots,
    build_exploratory_tables,
    build_lightcurve_plots,
    build_summary_plots,
)
from hstql_assets.previews.assets import build_previews
from hstql_assets.spectra.assets import build_pulse_heights, build_spectrum_statistics
from hstql_assets.statistics.assets import build_composite_statistics, build_lightcurve_statistics


def build_assets() -> list[dg.AssetsDefinition]:
    """Return all assets, upstream before downstream."""
    assets: list[dg.AssetsDefinition] = []

    def read_nodes() -> list[AssetNode]:
        return describe_nodes(assets)

    with warnings.catch_warnings():
        # Backfill policies are beta; without them a batch would be a thousand runs.
        warnings.simplefilter("ignore", dg.BetaWarning)
        for instrument in INSTRUMENTS:
            assets += build_file_assets(instrument)
            follow = follow_headers(instrument, read_nodes)
            assets += [build_header_tables(instrument, follow), build_previews(instrument)]
        for instrument in SPECTROGRAPHS:
            assets += [
                build_spectrum_statistics(instrument),
                build_lightcurves(instrument, follow_curves(read_nodes)),
                build_lightcurve_statistics(instrument),
                build_lightcurve_plots(instrument),
            ]
        assets.append(build_pulse_heights())
        assets += [build_composites(follow_curves(read_nodes))]
        assets += [build_composite_statistics(), build_composite_plots()]
        assets += build_monitors()
        assets += [build_exploratory_tables(), build_summary_plots()]
    return assets


def list_nodes() -> list[AssetNode]:
    """Return all assets as planning, retiring and reset see them, in the same order."""
    return describe_nodes(build_assets())
