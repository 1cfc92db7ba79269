"""Make rows and maps of the lines of all superpixels of a segment and voltage."""

from pathlib import Path

import numpy as np

from hstql_assets.monitors.gain.gain_images import GainImage, Mask
from hstql_assets.monitors.gain.gain_trends import GAIN_LIMIT
from hstql_assets.monitors.gain.series import Series
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.compressed_images import compress, give_unit
from hstql_resources.fits.writing import primary_hdu, write_hdus

AHEAD_D = 1826.25  # five years


def is_worth_a_row(series: Series) -> Mask:
    """Return which superpixels have a row: they fall, and reach the limit within five years.

    The maps have the lines of all others too; a row for each would be millions that say nothing.
    """
    projected_mjd, _ = series.lines.projected
    with np.errstate(invalid="ignore"):
        is_near = projected_mjd <= series.newest_mjd + AHEAD_D
    return series.lines.certainly_falls & is_near


def trend_rows(series: Series) -> list[dict[str, object]]:
    """Return the rows of table `gain_trends` of one segment and voltage."""
    y, x = np.nonzero(is_worth_a_row(series))
    lines = series.lines
    projected_mjd, error_d = lines.projected
    columns = {
        "x": x,
        "y": y,
        "measurements": lines.number[y, x],
        "reference_mjd": lines.reference_mjd[y, x],
        "gain": lines.gain[y, x],
        "gain_error": lines.gain_error[y, x],
        "slope": lines.slope[y, x],
        "slope_error": lines.slope_error[y, x],
        "projected_mjd": projected_mjd[y, x],
        "projected_error_d": error_d[y, x],
    }
    key = {"segment": series.segment, "high_voltage": series.high_voltage}
    values = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [{**key, **dict(zip(columns, row, strict=True))} for row in values]


def find_line_map(filesystem: Filesystem, image: GainImage) -> Path:
    """Return where the lines of the segment and voltage of an image lie."""
    name = f"proj_bad_{image.segment}_{image.high_voltage}.fits"
    return find_folder(filesystem) / name


def find_folder(filesystem: Filesystem) -> Path:
    """Return the folder of the maps that are made of all images."""
    return filesystem.home / "products" / "gain" / "trends"


def write_line_maps(series: Series, path: Path) -> None:
    """Write the lines of all superpixels as compressed images of 512 x 2048; NaN for no line.

    Exactly this file is written.
    """
    lines = series.lines
    projected_mjd, error_d = lines.projected
    images = (
        ("PROJBAD", projected_mjd, "d"),
        ("PROJERR", error_d, "d"),
        ("SLOPE", lines.slope, "d**(-1)"),
        ("SLOPEERR", lines.slope_error, "d**(-1)"),
        ("GAIN", lines.gain, ""),
        ("GAINERR", lines.gain_error, ""),
        ("REFMJD", lines.reference_mjd, "d"),
        ("NUMBER", lines.number.astype(np.int32), ""),
    )
    primary = primary_hdu(
        [
            ("TELESCOP", "HST", ""),
            ("INSTRUME", "COS", ""),
            ("DETECTOR", "FUV", ""),
            ("FILETYPE", "PROJBAD", ""),
            ("SEGMENT", series.segment, ""),
            ("DETHV", series.high_voltage, "commanded voltage level"),
            ("EXPSTART", series.images[0].start_mjd, "[d] start of the first image, MJD UTC"),
            ("EXPEND", series.images[-1].end_mjd, "[d] end of the last image, MJD UTC"),
            ("NUMFILES", len(series.images), "cumulative images"),
            ("GAINLIM", GAIN_LIMIT, "gain that PROJBAD is the date of"),
        ]
    )
    hdus = [compress(pixels, name, give_unit(unit)) for name, pixels, unit in images]
    write_hdus([primary, *hdus], path)
