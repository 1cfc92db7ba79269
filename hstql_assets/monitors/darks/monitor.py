"""Declare what is measured of the dark exposures of COS, and what is made of it."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.darks.limits import LIMITS
from hstql_assets.monitors.darks.measure import make_dark_rates
from hstql_assets.monitors.darks.read import read_darks
from hstql_assets.monitors.darks.trend import summarize_darks
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_resources.tables import DarkCell, DarkRate, DarkSum

MONITOR = Monitor(
    (
        Measurement(
            name="dark_rates",
            about="Dark counts of COS in stretches of 25 s, by region of the detector, with the "
            "place of telescope and Sun over the Earth. Made of the corrtag files of every dark "
            "exposure; `dark_rate_monitor` is made of them.",
            partition_set="dark_rootname",
            source=Source(
                ("corrtag", "corrtag_a", "corrtag_b", "spt"),
                ("corrtag", "corrtag_a", "corrtag_b"),
                "events (corrtag)",
            ),
            measure=make_dark_rates,
            owned=(OwnedTable(DarkRate),),
            code_version="2",
        ),
    ),
    (
        Trend(
            name="dark_rate_monitor",
            title="Dark rates of COS",
            about="The dark rate of each detector of COS against time, along the orbit and by "
            "region, against its requirement and its trend.",
            upstream=("dark_rates",),
            read=read_darks,
            summarize=summarize_darks,
            limits=LIMITS,
            stale_days=60.0,
            kept=(DarkSum, DarkCell),
        ),
    ),
)
