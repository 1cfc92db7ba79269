"""Declare what is worked out of the persistence of WFC3/IR, and what is made of it."""

from hstql_assets.batching.ownership import ROOTNAME, OwnedFiles, OwnedTable
from hstql_assets.batching.partition_names import IR_EXPOSURES
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.persistence.frames import FILETYPES
from hstql_assets.monitors.persistence.measure import measure_persistence
from hstql_assets.monitors.persistence.membership import ASSET
from hstql_assets.monitors.persistence.product import FOLDER
from hstql_assets.monitors.persistence.read import (
    locate_persistence,
    read_persistence_history,
)
from hstql_assets.monitors.persistence.trend import LIMITS, summarize_persistence
from hstql_resources.tables import Persistence, PersistenceStimulus

MONITOR = Monitor(
    measurements=(
        Measurement(
            name=ASSET,
            about=(
                "What the exposures of the 16 hours before leave in each exposure of WFC3/IR: a "
                "FITS file with the persistence, the corrected image and a mask, and shares of "
                "pixels as rows; and what it leaves itself. Made when it or one of those before "
                "it is new, changed or gone. Those that could not be used are named with the "
                "reason in `persistence_stimuli`."
            ),
            partition_set=IR_EXPOSURES,
            source=Source(FILETYPES, what="flt or ima files"),
            measure=measure_persistence,
            owned=(OwnedTable(Persistence), OwnedTable(PersistenceStimulus)),
            files=(OwnedFiles(FOLDER, rf"[^/]+/{ROOTNAME}_persist\.fits", (Persistence.path,)),),
            upstream=("wfc3/header_tables",),
            kinds=frozenset({"numpy", "postgres", "fits"}),
            locate=locate_persistence,
        ),
    ),
    trends=(
        Trend(
            name="persistence_monitor",
            title="Persistence of WFC3/IR, and who leaves it",
            about=(
                "Share of the pixels with persistence against time, and bad actors: exposures and "
                "proposals ranked by what they leave behind. Its check says which exposures of the "
                "last 30 days have too much from other visits."
            ),
            upstream=(ASSET,),
            read=read_persistence_history,
            summarize=summarize_persistence,
            limits=LIMITS,
            stale_days=60.0,
        ),
    ),
)
