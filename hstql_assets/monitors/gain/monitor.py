"""Declare what is measured of the gain of the COS/FUV detector, and what is made of it."""

from hstql_assets.batching.ownership import OwnedFiles, OwnedTable
from hstql_assets.cumulative_images.reading import ASSET
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_assets.monitors.gain.copy_rows import copy_gains
from hstql_assets.monitors.gain.gain_sag.read import read_rows
from hstql_assets.monitors.gain.gain_sag.report import report_gain_sag
from hstql_assets.monitors.gain.kept_gains import FOLDER
from hstql_assets.monitors.gain.limits import LIMITS
from hstql_assets.monitors.gain.measure import measure_image
from hstql_assets.monitors.gain.read import locate_images, read_images
from hstql_assets.monitors.gain.trend import report_gain
from hstql_resources.tables import CumulativeImage, FlaggedPixel, Gain, GainSagTable, GainTrend

ABOUT = """Modal gain of each superpixel of the COS/FUV detector, a map for each cumulative image.

Made of all events of a segment at one high voltage in one week, or of a cumulative image of the
archive (CCI), when their files change. The pulse heights of each superpixel of 8 x 2 pixels are
fitted with a Gaussian on a constant; where the gain has fallen to 3, events are lost. Each map is a
FITS file with rows in the table gain. `none` for an image without events.
"""


GAIN_MAPS = Measurement(
    name=ASSET,
    about=ABOUT,
    partition_set="cumulative_image",
    source=Source(
        ("corrtag_a", "corrtag_b", "rawtag_a", "rawtag_b", "cci"), what="events of the FUV detector"
    ),
    measure=measure_image,
    owned=(OwnedTable(CumulativeImage, "image"), OwnedTable(Gain, "image")),
    files=(
        OwnedFiles(
            "products/gain", r"[^/]+/[^/]+/(?P<key>.+)_gainmap\.fits", (CumulativeImage.path,)
        ),
    ),
    kinds=frozenset({"numpy", "postgres", "fits"}),
    locate=locate_images,
    also=copy_gains,
)
GAIN_MONITOR = Trend(
    name="gain_monitor",
    title="Gain of the COS/FUV detector",
    about=(
        "The modal gain of each superpixel of 8 x 2 pixels of the COS/FUV detector against time, "
        "from all gain maps of a segment and high voltage: which superpixels have lost their gain "
        "(3 or less) and since when, a weighted straight line through the gains of each, and when "
        "it reaches 3. Made anew whenever there are new gain maps; writes the earliest and latest "
        "gain, the maps of the lines and the limits of pulse heights as FITS files."
    ),
    upstream=("gain_maps",),
    read=read_images,
    summarize=report_gain,
    limits=LIMITS,
    stale_days=90.0,
    owned=(FlaggedPixel, GainTrend),
    files=(OwnedFiles("products/gain/trends", "[^/]+"), OwnedFiles(FOLDER, "[^/]+")),
)

GAIN_SAG_TABLE = Trend(
    name="gain_sag_table",
    title="Gain-sag reference file of COS/FUV",
    about=(
        "The reference file GSAGTAB, from the superpixels that have lost their gain: which pixels "
        "CalCOS marks with flag 8192 in exposures after a date, for each segment and high voltage; "
        "one for all modes and one for the blue modes. A new version is written only if the "
        "regions changed, and compared with the one before."
    ),
    upstream=("gain_monitor",),
    read=read_rows,
    summarize=report_gain_sag,
    owned=(GainSagTable,),
    stale_days=90.0,
    files=(OwnedFiles("products/references", "[^/]+", (GainSagTable.path,)),),
)

MONITOR = Monitor((GAIN_MAPS,), (GAIN_MONITOR, GAIN_SAG_TABLE))
