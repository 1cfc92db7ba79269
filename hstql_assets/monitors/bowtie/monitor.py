"""Declare what is measured of the bowtie of UVIS, and what is made of it."""

from hstql_assets.batching.ownership import OwnedFiles, OwnedTable
from hstql_assets.batching.partition_names import EXPOSURE_SETS
from hstql_assets.monitors.bowtie.measure import measure_visit
from hstql_assets.monitors.bowtie.membership import SETS
from hstql_assets.monitors.bowtie.product import FOLDER, PATTERN
from hstql_assets.monitors.bowtie.read import read_bowtie_history
from hstql_assets.monitors.bowtie.selection import ASSET
from hstql_assets.monitors.bowtie.trend import LIMITS, summarize_bowtie
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_resources.tables import BowtieRatio, ExposureSet, ExposureSetMember

MONITOR = Monitor(
    measurements=(
        Measurement(
            name=ASSET,
            about=(
                "Ratio of the flats of WFC3 UVIS before and after a saturated one, and its pattern "
                "over each chip, from the flats of a visit, when one of them changes. Flats that "
                "are not around a saturated one are named with the reason in "
                "`exposure_set_members`."
            ),
            partition_set=EXPOSURE_SETS[ASSET],
            source=Source(("raw", "flt"), what="flats"),
            measure=measure_visit,
            owned=tuple(
                OwnedTable(model, "set_key")
                for model in (ExposureSet, ExposureSetMember, BowtieRatio)
            ),
            files=(OwnedFiles(FOLDER, PATTERN, (BowtieRatio.path,)),),
            upstream=("wfc3/header_tables",),
            kinds=frozenset({"numpy", "postgres", "fits"}),
            sets=SETS,
        ),
    ),
    trends=(
        Trend(
            name="bowtie_monitor",
            title="Bowtie of WFC3 UVIS",
            about=(
                "Ratio of flats before and after a saturated one against days since 11 June 2009, "
                "its pattern over the chips, and a map of the newest. Its checks say whether the "
                "pattern or the ratio is beyond its limit."
            ),
            upstream=(ASSET,),
            read=read_bowtie_history,
            summarize=summarize_bowtie,
            limits=LIMITS,
            stale_days=90.0,
        ),
    ),
)
