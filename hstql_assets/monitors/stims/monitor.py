"""Declare what is measured of the stim pulses, and what is made of it."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.stims.limits import LIMITS
from hstql_assets.monitors.stims.measure import CANDIDATES, measure_stims
from hstql_assets.monitors.stims.read import read_stim_history
from hstql_assets.monitors.stims.trend import summarize_stims
from hstql_resources.tables import StimPulse

MONITOR = Monitor(
    measurements=(
        Measurement(
            name="stim_pulses",
            about=(
                "Where the two stim pulses of each COS/FUV segment fall, in stretches of time of "
                "about 120 pulses, as rows of a table. Made from the raw coordinates of corrtag "
                "files, or of rawtag files where there is no corrtag, after each retrieval: they "
                "show how the detector's electronics shift and stretch the places of events. "
                "`none` for ACCUM exposures and for files without events."
            ),
            partition_set="cos_fuv_event_rootname",
            source=Source(
                tuple(sorted(name for pair in CANDIDATES for name in pair)),
                what="events of COS/FUV (corrtag or rawtag)",
            ),
            measure=measure_stims,
            owned=(OwnedTable(StimPulse),),
        ),
    ),
    trends=(
        Trend(
            name="stim_pulse_monitor",
            title="COS/FUV stim pulses",
            about=(
                "The places of the stim pulses over the years, their distance and their middle, "
                "and the temperature of the detector electronics; exposures in which a stim is "
                "missing or moves. For the thermal correction of CalCOS and its BRFTAB."
            ),
            upstream=("stim_pulses", "telemetry"),
            read=read_stim_history,
            summarize=summarize_stims,
            limits=LIMITS,
            stale_days=90.0,
        ),
    ),
)
