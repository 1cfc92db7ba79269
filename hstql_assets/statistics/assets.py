"""Declare the assets of statistics, of lightcurves by instrument and of composites."""

from hstql_assets.batching.batch_asset import BatchStep
from hstql_assets.batching.ownership import OwnedTable, Ownership
from hstql_assets.batching.partitions import TARGETS, TIMETAG_ROOTNAMES
from hstql_assets.statistics.inputs import locate_measurable, locate_measurable_composites
from hstql_assets.statistics.measuring import measure_composites, measure_lightcurve
from hstql_resources.tables import Flare, Statistics

OWNED = Ownership((OwnedTable(Statistics), OwnedTable(Flare)))
OWNED_OF_COMPOSITES = Ownership((OwnedTable(Statistics, "target"),))
OF_LIGHTCURVES = """Statistics, periods and flares of each lightcurve: `statistics` and `flares`.

    Made after each lightcurve. `is_variable` tells that events of a constant source would not
    scatter so, a small Pearson p a trend, `is_periodic` a period that neither noise nor the
    telescope explains.
    """
OF_COMPOSITES = """
    Statistics of each composite of a target and the periods in it, as rows of `statistics`.

    Made after the composites of a target. The same numbers as those of single exposures; only
    here are periods found that need more than one visit.
    """


def declare_lightcurve_statistics(instrument: str) -> BatchStep:
    """Declare `lightcurve_statistics` of an instrument."""
    return BatchStep(
        f"{instrument}/lightcurve_statistics",
        OF_LIGHTCURVES,
        partitions=TIMETAG_ROOTNAMES[instrument],
        upstream=(f"{instrument}/lightcurves",),
        owns=OWNED,
        locate=lambda clients, keys, _: locate_measurable(clients.database, instrument, keys),
        decide=measure_lightcurve,
        group="statistics",
        kinds={"postgres", "scipy"},
        code_version="6",
    )


def declare_composite_statistics() -> BatchStep:
    """Declare `composite_statistics`."""
    return BatchStep(
        "composite_statistics",
        OF_COMPOSITES,
        partitions=TARGETS,
        upstream=("composites",),
        owns=OWNED_OF_COMPOSITES,
        locate=lambda clients, keys, _: locate_measurable_composites(clients.database, keys),
        decide=measure_composites,
        group="statistics",
        kinds={"postgres", "scipy"},
        code_version="3",
    )
