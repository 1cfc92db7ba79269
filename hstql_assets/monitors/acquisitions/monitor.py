"""Declare what is measured of target acquisitions, and what is made of it."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.acquisitions.limits import LIMITS
from hstql_assets.monitors.acquisitions.measure import measure_acquisition
from hstql_assets.monitors.acquisitions.read import read_acquisitions
from hstql_assets.monitors.acquisitions.trend import summarize_acquisitions
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_resources.tables import Acquisition, OsmShift

MONITOR = Monitor(
    measurements=(
        Measurement(
            name="acquisitions",
            about="How far the telescope slewed in each target acquisition of COS, with which "
            "guide star, and where the lamp was, as rows of a table. Made from the headers of "
            "rawacq and spt files after each retrieval.",
            partition_set="cos_acq_rootname",
            source=Source(
                filetypes=("rawacq", "spt"), needed=("rawacq",), what="acquisition (rawacq)"
            ),
            measure=measure_acquisition,
            owned=(
                OwnedTable(Acquisition),
                OwnedTable(OsmShift, only=OsmShift.filetype == "rawacq"),
            ),
            kinds=frozenset({"python", "postgres"}),
        ),
    ),
    trends=(
        Trend(
            name="acquisition_monitor",
            title="COS target acquisitions",
            about="Slews of all target acquisitions of COS, the pointing offset of each guidance "
            "sensor against time with straight lines between its changes, and those that went "
            "wrong: whether targets are found, and how well the telescope points.",
            upstream=("acquisitions",),
            read=read_acquisitions,
            summarize=summarize_acquisitions,
            limits=LIMITS,
            stale_days=90.0,
        ),
    ),
)
