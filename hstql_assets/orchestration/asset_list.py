"""List every asset of the graph, upstream before downstream."""

import warnings
from dataclasses import replace
from functools import cache

import dagster as dg

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.batch_asset import BatchStep, build_asset
from hstql_assets.batching.partition_names import INSTRUMENTS, SPECTROGRAPHS
from hstql_assets.batching.showing import find_instruments
from hstql_assets.composites.assets import declare_composites
from hstql_assets.headers.assets import declare_header_tables
from hstql_assets.lightcurves.assets import declare_lightcurves
from hstql_assets.lightcurves.extractions.assets import declare_extractions
from hstql_assets.monitors.framework.assets import declare_monitors
from hstql_assets.observations.assets import declare_file_assets
from hstql_assets.orchestration.consequences import (
    ReadNodes,
    follow_curves,
    follow_decisions,
    follow_headers,
)
from hstql_assets.orchestration.jobs import describe_nodes
from hstql_assets.plots.assets import (
    declare_composite_plots,
    declare_exploratory_tables,
    declare_lightcurve_plots,
    declare_summary_plots,
)
from hstql_assets.previews.assets import declare_previews
from hstql_assets.spectra.assets import declare_pulse_heights, declare_spectrum_statistics
from hstql_assets.statistics.assets import (
    declare_composite_statistics,
    declare_lightcurve_statistics,
)
from hstql_assets.time_resolved.assets import declare_time_resolved_spectra


@cache
def build_assets() -> tuple[dg.AssetsDefinition, ...]:
    """Return all assets, upstream before downstream; a process builds them once."""
    assets: list[dg.AssetsDefinition] = []
    known: dict[str, tuple[str, ...]] = {}
    with warnings.catch_warnings():
        # Backfill policies are beta; without them a batch would be a thousand runs.
        warnings.simplefilter("ignore", dg.BetaWarning)
        for step in _declare_steps(lambda: describe_nodes(assets)):
            follow = follow_decisions(lambda: describe_nodes(assets))
            known[step.name] = find_instruments(step.name, step.upstream, known)
            then = (*step.then, follow)
            assets.append(build_asset(replace(step, then=then, instruments=known[step.name])))
    return tuple(assets)


def _declare_steps(read_nodes: ReadNodes) -> list[BatchStep]:
    steps: list[BatchStep] = []
    for instrument in INSTRUMENTS:
        follow = follow_headers(instrument, read_nodes)
        steps += declare_file_assets(instrument)
        steps += [declare_header_tables(instrument, follow), declare_previews(instrument)]
    for instrument in SPECTROGRAPHS:
        steps += [
            declare_spectrum_statistics(instrument),
            declare_lightcurves(instrument, follow_curves(read_nodes)),
            declare_lightcurve_statistics(instrument),
            declare_lightcurve_plots(instrument),
            declare_extractions(instrument),
            declare_time_resolved_spectra(instrument),
        ]
    return [
        *steps,
        declare_pulse_heights(),
        declare_composites(follow_curves(read_nodes)),
        declare_composite_statistics(),
        declare_composite_plots(),
        *declare_monitors(),
        declare_exploratory_tables(),
        declare_summary_plots(),
    ]


def list_nodes() -> list[AssetNode]:
    """Return all assets as planning, retiring and reset see them, in the same order."""
    return describe_nodes(build_assets())
