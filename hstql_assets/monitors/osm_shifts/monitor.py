"""Declare what is measured of the optics select mechanisms, and what is made of it."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.osm_shifts.limits import LIMITS
from hstql_assets.monitors.osm_shifts.measure import FILETYPE, measure
from hstql_assets.monitors.osm_shifts.read import read
from hstql_assets.monitors.osm_shifts.trend import summarize
from hstql_resources.tables import OsmShift, SmsExposure

MONITOR = Monitor(
    measurements=(
        Measurement(
            name="osm_shifts",
            about=(
                "Where the lamp's spectrum lies in each flash of a COS exposure, as rows of a "
                "table.\n\nMade from the lampflash file after each retrieval, with what of the "
                "shift is the FP-POS (LAMPTAB) and which range was searched (WCPTAB). What the "
                "optics select mechanisms do shows here."
            ),
            partition_set="cos_lampflash_rootname",
            source=Source((FILETYPE,), what="flashes of the lamp (lampflash)"),
            measure=measure,
            owned=(OwnedTable(OsmShift, only=OsmShift.filetype == FILETYPE),),
        ),
    ),
    trends=(
        Trend(
            name="osm_shift_monitor",
            title="Optics select mechanisms of COS",
            about=(
                "Shifts of all lamp flashes of COS over time, how well segments agree, and how "
                "spectra drift after a move of the mechanisms.\n\nMade from all rows of "
                "`osm_shifts`, lampflash and acquisitions alike, and the reports of the schedule "
                "where there are some (HSTQL_SMS). For wavelength templates, search ranges and "
                "the choice of when lamps flash."
            ),
            upstream=("osm_shifts", "acquisitions"),
            read=read,
            summarize=summarize,
            limits=LIMITS,
            stale_days=90.0,
            owned=(SmsExposure,),
        ),
    ),
)
