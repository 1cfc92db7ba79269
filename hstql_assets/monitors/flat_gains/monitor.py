"""Declare what is measured of flats of the cameras, and what is made of it."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.batching.partition_names import EXPOSURE_SETS
from hstql_assets.monitors.flat_gains.flat_frames import FILETYPES
from hstql_assets.monitors.flat_gains.measure import measure_flats
from hstql_assets.monitors.flat_gains.membership import SETS
from hstql_assets.monitors.flat_gains.read import read_flat_history
from hstql_assets.monitors.flat_gains.selection import ASSET
from hstql_assets.monitors.flat_gains.trend import LIMITS, summarize_flats
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_resources.tables import ExposureSet, ExposureSetMember, FlatGain, FlatLevel

MONITOR = Monitor(
    measurements=(
        Measurement(
            name=ASSET,
            about=(
                "Gain of each amplifier of WFC3 UVIS and IR and of ACS WFC by photon transfer, "
                "from all pairs of flats of a proposal, when a flat of it changes. Flats that are "
                "in no pair are named with the reason in `exposure_set_members`."
            ),
            partition_set=EXPOSURE_SETS[ASSET],
            source=Source(FILETYPES, what="flats"),
            measure=measure_flats,
            owned=tuple(
                OwnedTable(model, "set_key")
                for model in (ExposureSet, ExposureSetMember, FlatLevel, FlatGain)
            ),
            upstream=("acs/header_tables", "wfc3/header_tables"),
            sets=SETS,
        ),
    ),
    trends=(
        Trend(
            name="flat_gain_monitor",
            title="Gain of the cameras from pairs of flats",
            about=(
                "Gain of each amplifier against time, by detector, binning and gain setting, and "
                "by level in the newest epoch. Its check says which amplifier is not as expected."
            ),
            upstream=(ASSET,),
            read=read_flat_history,
            summarize=summarize_flats,
            limits=LIMITS,
            # A programme has flats once or twice a year (WFC3 Data Handbook 5.1, 7.2).
            stale_days=400.0,
        ),
    ),
)
