"""Declare the superdarks, and what is made of all of them."""

from hstql_assets.batching.ownership import OwnedFiles, OwnedTable
from hstql_assets.batching.partition_names import EXPOSURE_SETS
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.superdarks.frames import FILETYPES
from hstql_assets.monitors.superdarks.measure import make_superdarks
from hstql_assets.monitors.superdarks.membership import SETS
from hstql_assets.monitors.superdarks.read import read_dark_history
from hstql_assets.monitors.superdarks.selection import ASSET
from hstql_assets.monitors.superdarks.trend import LIMITS, summarize_darks
from hstql_assets.monitors.superdarks.versions import FOLDER, PATTERN, TILE_PATTERN, TILES
from hstql_resources.tables import ExposureSet, ExposureSetMember, Superdark

MONITOR = Monitor(
    measurements=(
        Measurement(
            name=ASSET,
            about=(
                "Dark current and hot pixels of WFC3 UVIS and ACS WFC in a window of days between "
                "two anneals, from all darks in it, when one of them changes: a reference file "
                "DARK, and CTEDARK where CTE-corrected frames are given. A new version is written "
                "beside the one before. Darks that are not used are named with the reason in "
                "`exposure_set_members`."
            ),
            partition_set=EXPOSURE_SETS[ASSET],
            source=Source(FILETYPES, what="darks"),
            measure=make_superdarks,
            owned=tuple(
                OwnedTable(model, "set_key")
                for model in (ExposureSet, ExposureSetMember, Superdark)
            ),
            files=(
                OwnedFiles(FOLDER, PATTERN, (Superdark.path,)),
                OwnedFiles(TILES, TILE_PATTERN, (Superdark.tile_path,)),
            ),
            upstream=("acs/header_tables", "wfc3/header_tables"),
            kinds=frozenset({"numpy", "postgres", "fits"}),
            code_version="2",
            sets=SETS,
        ),
    ),
    trends=(
        Trend(
            name="superdark_monitor",
            title="Dark current and hot pixels of the cameras from superdarks",
            about=(
                "Dark current, share of hot pixels and their lowest threshold against time, by "
                "detector and chip, from all superdarks. Its checks say which version is worse "
                "than the one before, and which dark current is not as in the weeks before."
            ),
            upstream=(ASSET,),
            read=read_dark_history,
            summarize=summarize_darks,
            limits=LIMITS,
            stale_days=90.0,
        ),
    ),
)
