"""Declare what is measured of the pointing, and what is made of it."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.jitter.measure import measure_jitter
from hstql_assets.monitors.jitter.read import read_jitter_history
from hstql_assets.monitors.jitter.trend import STEADY, summarize_jitter
from hstql_resources.tables import JitterStatistics

MONITOR = Monitor(
    measurements=(
        Measurement(
            name="jitter_statistics",
            about=(
                "Mean, RMS and range of the pointing along V2 and V3 in each exposure of COS, as "
                "rows of a table. Made from the tables of jitter files after each retrieval; when "
                "they begin is taken from jif and spt files. `none` without a jitter file."
            ),
            partition_set="cos_rootname",
            source=Source(("jit", "jif", "spt"), ("jit",), "jitter files (jit)"),
            measure=measure_jitter,
            owned=(OwnedTable(JitterStatistics),),
        ),
    ),
    trends=(
        Trend(
            name="jitter_monitor",
            title="Pointing of the telescope during COS exposures",
            about=(
                "Mean, RMS and range of the pointing over the years, without acquisitions, darks, "
                "lamps and flat fields, held against the requirement of 0.007 arcsec."
            ),
            upstream=("jitter_statistics",),
            read=read_jitter_history,
            summarize=summarize_jitter,
            limits=(STEADY,),
            stale_days=90.0,
        ),
    ),
)
