"""Declare the maps of unstable pixels of WFC3 IR, and what is made of all of them."""

from hstql_assets.batching.ownership import OwnedFiles, OwnedTable
from hstql_assets.batching.partition_names import EXPOSURE_SETS
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.unstable_pixels.dark_rates import FILETYPES
from hstql_assets.monitors.unstable_pixels.map_file import FOLDER, PATTERN
from hstql_assets.monitors.unstable_pixels.measure import map_unstable
from hstql_assets.monitors.unstable_pixels.membership import SETS
from hstql_assets.monitors.unstable_pixels.read import read_unstable_history
from hstql_assets.monitors.unstable_pixels.selection import ASSET
from hstql_assets.monitors.unstable_pixels.trend import LIMITS, summarize_unstable
from hstql_resources.tables import (
    ExposureSet,
    ExposureSetMember,
    UnstablePixel,
    UnstablePixelMap,
)

MONITOR = Monitor(
    measurements=(
        Measurement(
            name=ASSET,
            about=(
                "Pixels of WFC3 IR whose dark current is unstable, by two Gaussians fitted to all "
                "darks of a window of months, when one of them changes: a map as a file, and the "
                "list of the pixels. Darks that are not used are named with the reason in "
                "`exposure_set_members`."
            ),
            partition_set=EXPOSURE_SETS[ASSET],
            source=Source((*FILETYPES, "spt"), what="darks"),
            measure=map_unstable,
            owned=tuple(
                OwnedTable(model, "set_key")
                for model in (ExposureSet, ExposureSetMember, UnstablePixelMap, UnstablePixel)
            ),
            files=(OwnedFiles(FOLDER, PATTERN, (UnstablePixelMap.path,)),),
            upstream=("wfc3/header_tables",),
            kinds=frozenset({"numpy", "postgres", "fits"}),
            sets=SETS,
        ),
    ),
    trends=(
        Trend(
            name="unstable_pixel_monitor",
            title="Unstable pixels of WFC3 IR",
            about=(
                "Share of unstable pixels of each amplifier against time, and where those of the "
                "newest map are. Its checks say of which amplifier there are too many, and which "
                "map is worse than the one before."
            ),
            upstream=(ASSET,),
            read=read_unstable_history,
            summarize=summarize_unstable,
            limits=LIMITS,
            # The institute has darks of this detector all through the year; a map is of a year.
            stale_days=400.0,
        ),
    ),
)
