"""Declare what is measured of the images of ACS and WFC3, and what is made of it."""

from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.monitors.cameras.limits import LIMITS
from hstql_assets.monitors.cameras.measure import FILETYPES, measure_observation
from hstql_assets.monitors.cameras.read import read_trend_rows
from hstql_assets.monitors.cameras.trend import summarize_images
from hstql_assets.monitors.framework.monitor import Measurement, Monitor, Source, Trend
from hstql_resources.tables import ImageStatistics

CAMERAS = ("acs", "wfc3")


def measure_camera(instrument: str) -> Measurement:
    """Return what is measured of the images of a camera."""
    return Measurement(
        name=f"{instrument}/image_statistics",
        about=(
            "Level, noise, hot pixels and cosmic rays by amplifier, as rows of "
            "`image_statistics`. Made after the headers of each observation, from its raw, flt "
            "and flc files. Those of DARK and BIAS exposures are what the trends are drawn from."
        ),
        partition_set=f"{instrument}_rootname",
        source=Source(FILETYPES, what="raw, flt or flc files"),
        measure=measure_observation,
        owned=(OwnedTable(ImageStatistics),),
        code_version="2",
        upstream=(f"{instrument}/header_tables",),
    )


MEASUREMENTS = tuple(measure_camera(instrument) for instrument in CAMERAS)
MONITOR = Monitor(
    measurements=MEASUREMENTS,
    trends=(
        Trend(
            name="image_trends",
            title="Cameras: bias level, read noise, dark current and hot pixels",
            about=(
                "Bias level, read noise, dark current and hot pixels of the cameras against time, "
                "from all DARK and BIAS exposures: a chart for each set-up and quantity. Its "
                "checks say which amplifier is beyond a limit."
            ),
            upstream=tuple(measurement.name for measurement in MEASUREMENTS),
            read=read_trend_rows,
            summarize=summarize_images,
            limits=LIMITS,
            stale_days=60.0,
            folder="images",
        ),
    ),
)
