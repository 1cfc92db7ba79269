"""Declare what is measured of the trails behind flats, and what is made of it."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.eper_cte.measure import FILETYPES, measure_trails
from hstql_assets.monitors.eper_cte.read import ASSETS, read_cte_history
from hstql_assets.monitors.eper_cte.selection import TABLE, load_eper
from hstql_assets.monitors.eper_cte.trend import AS_MODEL, summarize_cte
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.framework.selection import SelectionTable
from hstql_resources.tables import EperCte


def measure_camera(asset: str) -> Measurement:
    """Return what is measured of the flats of a camera; `asset` such as acs/eper_cte."""
    instrument = asset.partition("/")[0]
    return Measurement(
        name=asset,
        about=(
            "Charge that trails behind the last row of a flat into its overscan (extended pixel "
            "edge response), by amplifier, as a loss per transfer. Made after the headers of each "
            "flat that eper.toml selects and whose overscan is large enough, from its raw file."
        ),
        partition_set=f"{instrument}_rootname",
        source=Source(FILETYPES, what="raw files"),
        measure=measure_trails,
        owned=(OwnedTable(EperCte),),
        upstream=(f"{instrument}/header_tables",),
        code_version="2",
        selection=SelectionTable(TABLE, load_eper),
    )


MONITOR = Monitor(
    measurements=tuple(measure_camera(asset) for asset in ASSETS),
    trends=(
        Trend(
            name="eper_cte_monitor",
            title="Charge transfer of UVIS and WFC from trails behind flats",
            about=(
                "Loss of charge per transfer by amplifier over years and signals, with a model of "
                "its growth beside what is published. Its check says which amplifier has left it."
            ),
            upstream=ASSETS,
            read=read_cte_history,
            summarize=summarize_cte,
            limits=(AS_MODEL,),
            # A programme has them a few times a year (calibration plan of Cycle 31).
            stale_days=400.0,
        ),
    ),
)
