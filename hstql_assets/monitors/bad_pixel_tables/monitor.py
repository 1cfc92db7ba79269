"""Declare the bad pixel tables, and what is made of all of them."""

from hstql_assets.batching.ownership import OwnedFiles, OwnedTable
from hstql_assets.batching.partition_names import EXPOSURE_SETS
from hstql_assets.monitors.bad_pixel_tables.measure import FOLDER, make_bad_pixel_table
from hstql_assets.monitors.bad_pixel_tables.read import locate_superdarks, read_table_history
from hstql_assets.monitors.bad_pixel_tables.reference_file import SUFFIX
from hstql_assets.monitors.bad_pixel_tables.trend import LIMITS, summarize_tables
from hstql_assets.monitors.framework.file_versions import TIME_PATTERN
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.superdarks.selection import ASSET as SUPERDARKS
from hstql_resources.tables import BadPixelTable

ASSET = "bad_pixel_tables"
PATTERN = rf"(?P<key>superdarks_[a-z]+_\d{{4}}-\d\d-\d\d)_{TIME_PATTERN}_{SUFFIX}\.fits"

MONITOR = Monitor(
    measurements=(
        Measurement(
            name=ASSET,
            about=(
                "Hot, warm, unstable and dead pixels of WFC3 UVIS and ACS WFC in a window of days, "
                "from its superdark, when that changes: a reference file BPIXTAB with a row for "
                "each run of pixels. A new version is written beside the one before, and compared "
                "with it."
            ),
            partition_set=EXPOSURE_SETS[SUPERDARKS],
            source=Source((), what="superdarks"),
            measure=make_bad_pixel_table,
            owned=(OwnedTable(BadPixelTable, "set_key"),),
            files=(OwnedFiles(FOLDER, PATTERN, (BadPixelTable.path,)),),
            upstream=(SUPERDARKS,),
            kinds=frozenset({"numpy", "postgres", "fits"}),
            locate=locate_superdarks,
        ),
    ),
    trends=(
        Trend(
            name="bad_pixel_monitor",
            title="Bad pixels of the cameras",
            about=(
                "How many pixels of each chip are hot, warm, unstable and dead, against time, from "
                "all bad pixel tables. Its checks say which version is worse than the one before, "
                "and where there are many more than in the weeks before."
            ),
            upstream=(ASSET,),
            read=read_table_history,
            summarize=summarize_tables,
            limits=LIMITS,
            stale_days=90.0,
        ),
    ),
)
