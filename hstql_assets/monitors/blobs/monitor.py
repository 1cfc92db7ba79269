"""Declare what is found of the blobs of WFC3 IR, and what is made of it."""

from hstql_assets.batching.ownership import OwnedFiles, OwnedTable
from hstql_assets.batching.partition_names import EXPOSURE_SETS
from hstql_assets.monitors.blobs.measure import measure_window
from hstql_assets.monitors.blobs.membership import SETS
from hstql_assets.monitors.blobs.product import FOLDER, PATTERN
from hstql_assets.monitors.blobs.read import read_blob_history
from hstql_assets.monitors.blobs.selection import ASSET
from hstql_assets.monitors.blobs.trend import LIMITS, summarize_blobs
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_resources.tables import Blob, BlobSighting, BlobWindow, ExposureSet, ExposureSetMember

MONITOR = Monitor(
    measurements=(
        Measurement(
            name=ASSET,
            about=(
                "Blobs of WFC3 IR in the median of the exposures of the sky and of the dark Earth "
                "of 30 days, with place, radius and depth, when one of them changes. Exposures "
                "that are not used are named with the reason in `exposure_set_members`."
            ),
            partition_set=EXPOSURE_SETS[ASSET],
            source=Source(("raw", "flt"), what="exposures"),
            measure=measure_window,
            owned=tuple(
                OwnedTable(model, "set_key")
                for model in (ExposureSet, ExposureSetMember, BlobWindow, BlobSighting)
            ),
            files=(OwnedFiles(FOLDER, PATTERN, (BlobWindow.path,)),),
            upstream=("wfc3/header_tables",),
            kinds=frozenset({"numpy", "postgres", "fits"}),
            sets=SETS,
        ),
    ),
    trends=(
        Trend(
            name="blob_monitor",
            title="Blobs of WFC3 IR",
            about=(
                "The list of blobs, each with a number that it keeps, the dates between which it "
                "appeared, place, radius and depth; their number against time, and how many made "
                "ones are found. Its checks say which are new, and whether known ones are seen."
            ),
            upstream=(ASSET,),
            read=read_blob_history,
            summarize=summarize_blobs,
            limits=LIMITS,
            owned=(Blob,),
            stale_days=90.0,
        ),
    ),
)
