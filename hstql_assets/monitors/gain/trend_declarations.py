"""The trends of the gain: the monitor, and the gain-sag reference file made from it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from hstql_assets.monitors.framework.monitor import Trend, TrendContext
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.gain.limits import LIMITS
from hstql_assets.monitors.gain.read import GainImage
from hstql_resources import tables
from hstql_resources.postgres.database import Database

if TYPE_CHECKING:
    from hstql_assets.monitors.gain.gain_sag.report import GainSagRows


def read_images(database: Database) -> list[GainImage]:
    """Return all gain maps, in one statement."""
    image = tables.CumulativeImage
    statement = select(
        image.image,
        image.source,
        image.segment,
        image.high_voltage,
        image.exp_start_mjd,
        image.exp_end_mjd,
        image.path,
    ).order_by(image.exp_start_mjd, image.image)
    return [
        GainImage(name, source, segment, voltage, start_mjd, end_mjd, Path(path))
        for name, source, segment, voltage, start_mjd, end_mjd, path in database.read(statement)
    ]


def summarize_gain(images: Sequence[GainImage], context: TrendContext) -> TrendReport:
    """Return the report of the gain monitor; see `gain_report`."""
    # Reads and draws; the definitions of the graph need none of it.
    from hstql_assets.monitors.gain.trend import report_gain

    return report_gain(images, context)


def read_gain_sag(database: Database) -> "GainSagRows":
    """Return what the reference file is made from; see `gain_sag_report`."""
    from hstql_assets.monitors.gain.gain_sag.report import read_rows

    return read_rows(database)


def summarize_gain_sag(rows: "GainSagRows", context: TrendContext) -> TrendReport:
    """Return the report of the reference file; see `gain_sag_report`."""
    from hstql_assets.monitors.gain.gain_sag.report import report_gain_sag

    return report_gain_sag(rows, context)


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
    summarize=summarize_gain,
    limits=LIMITS,
    owned=(tables.FlaggedPixel, tables.GainTrend),
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
    read=read_gain_sag,
    summarize=summarize_gain_sag,
    owned=(tables.GainSagTable,),
)
