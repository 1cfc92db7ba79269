"""Declare what is measured of temperatures and mechanisms, and what is made of it."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.telemetry.measure import OWN_FILES, measure_telemetry
from hstql_assets.monitors.telemetry.read import read_telemetry_history
from hstql_assets.monitors.telemetry.trend import LIMITS, summarize_telemetry
from hstql_resources.tables import Telemetry

MONITOR = Monitor(
    measurements=(
        Measurement(
            name="telemetry",
            about=(
                "Temperatures of the detectors and positions of mechanisms in each exposure of "
                "COS, as rows of a table. Made from the snapshot before the exposure in spt files, "
                "and from the headers of the exposure, after each retrieval. `none` without an spt "
                "file."
            ),
            partition_set="cos_rootname",
            source=Source(("spt", *OWN_FILES), ("spt",), "support files (spt)"),
            measure=measure_telemetry,
            owned=(OwnedTable(Telemetry),),
        ),
    ),
    trends=(
        Trend(
            name="telemetry_monitor",
            title="Temperatures and mechanisms of COS",
            about=(
                "Temperatures of the detectors, positions of the optics select mechanisms and of "
                "the aperture over the years, and how far the aperture is from its nominal "
                "position."
            ),
            upstream=("telemetry",),
            read=read_telemetry_history,
            summarize=summarize_telemetry,
            limits=LIMITS,
            stale_days=90.0,
        ),
    ),
)
