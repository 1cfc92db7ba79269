"""Declare what is measured of standard stars, and what is made of it."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.framework.selection import SelectionTable
from hstql_assets.monitors.throughput.measure import FILETYPES, measure_star
from hstql_assets.monitors.throughput.read import ASSETS, read_throughput_history
from hstql_assets.monitors.throughput.selection import TABLE, load_throughput
from hstql_assets.monitors.throughput.trend import (
    AS_BEFORE,
    AS_PUBLISHED,
    NO_CONTAMINATION,
    summarize_throughput,
)
from hstql_resources.tables import Throughput, ThroughputSlope


def measure_camera(asset: str) -> Measurement:
    """Return what is measured of the stars of a camera; `asset` such as acs/throughput."""
    instrument = asset.partition("/")[0]
    return Measurement(
        name=asset,
        about=(
            "Light of a standard star in an aperture, in electrons per second, with its errors. "
            "Made after the headers of each exposure of a star of standard_stars.toml, from its "
            "flc file, or else from its flt file."
        ),
        partition_set=f"{instrument}_rootname",
        source=Source(FILETYPES, what="flc or flt files"),
        measure=measure_star,
        owned=(OwnedTable(Throughput),),
        upstream=(f"{instrument}/header_tables",),
        selection=SelectionTable(TABLE, load_throughput),
    )


MONITOR = Monitor(
    measurements=tuple(measure_camera(asset) for asset in ASSETS),
    trends=(
        Trend(
            name="throughput_monitor",
            title="Throughput of UVIS, IR and WFC from standard stars",
            about=(
                "Light of standard stars over the years by filter and chip, in electrons per "
                "second, its slope, and how that goes with wavelength. Its checks say which slope "
                "is unlike the published ones, which filter dropped, and whether the ultraviolet "
                "fades faster: contamination."
            ),
            upstream=ASSETS,
            read=read_throughput_history,
            summarize=summarize_throughput,
            limits=(AS_PUBLISHED, AS_BEFORE, NO_CONTAMINATION),
            owned=(ThroughputSlope,),
            # Stars are looked at every five weeks to half a year, by cycle and filter.
            stale_days=400.0,
        ),
    ),
)
