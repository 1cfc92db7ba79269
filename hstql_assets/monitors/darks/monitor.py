"""The dark rates of COS as a monitor: what is measured, and what is made of it."""

from typing import Any

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.darks.limits import LIMITS
from hstql_assets.monitors.framework.monitor import (
    ExposureTask,
    Measurement,
    Monitor,
    Source,
    Trend,
    TrendContext,
)
from hstql_assets.monitors.framework.report import TrendReport
from hstql_resources.postgres.database import Database
from hstql_resources.tables import DarkRate


def measure(task: ExposureTask) -> Outcome:
    """Measure the dark rates of one exposure; see `making.make_dark_rates`."""
    # Reading tables needs astropy, which only workers should wait for.
    from hstql_assets.monitors.darks.measure import make_dark_rates

    return make_dark_rates(task)


def read(database: Database) -> Any:
    """Read all dark rates; see `reading.read_darks`."""
    from hstql_assets.monitors.darks.read import read_darks

    return read_darks(database)


def summarize(rows: Any, context: TrendContext) -> TrendReport:
    """Make the page of the dark rates; see `trend.summarize_darks`."""
    from hstql_assets.monitors.darks.trend import summarize_darks

    return summarize_darks(rows, context)


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
            measure=measure,
            owned=(OwnedTable(DarkRate),),
        ),
    ),
    (
        Trend(
            name="dark_rate_monitor",
            title="Dark rates of COS",
            about="The dark rate of each detector of COS against time, along the orbit and by "
            "region, against its requirement and its trend.",
            upstream=("dark_rates",),
            read=read,
            summarize=summarize,
            limits=LIMITS,
        ),
    ),
)
