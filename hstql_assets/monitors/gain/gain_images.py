"""Choose the gain maps that count, and read the superpixels of one.

The maps are the files of `gain_map`. Two images of the same events must not both count, so a weekly
image gives way to a CCI file of the same segment, voltage and time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.whole_files import open_whole

ROWS, COLUMNS = 512, 2048
ROW_PIXELS, COLUMN_PIXELS = 2, 8  # of a superpixel, across and along the dispersion
MINIMUM_COUNTS = 30
# Of the peaks of two real exposures, which are no Gaussians, 99.7 % are below this.
QUALITY_AT_ZERO, QUALITY_PER_COUNT = 10.0, 0.03
EXTENSIONS = ("MOD_GAIN", "GAIN_ERR", "COUNTS", "QUALITY")

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class GainImage:
    """A cumulative image whose gain was measured.

    Attributes
    ----------
    name : str
        Of the image.
    source : str
        cci or weekly.
    segment : str
        FUVA or FUVB.
    high_voltage : int
        Commanded level.
    start_mjd, end_mjd : float
        Start of its first exposure and end of its last, MJD UTC.
    path : Path
        The gain map.
    """

    name: str
    source: str
    segment: str
    high_voltage: int
    start_mjd: float
    end_mjd: float
    path: Path


@dataclass(frozen=True, eq=False)
class Superpixels:
    """The measured gains of an image; all arrays of shape (512, 2048), or of some superpixels.

    Attributes
    ----------
    gain : ndarray of float64
        Modal gain, pulse height; 0 where it is not measured.
    error : ndarray of float64
        1-sigma error of it; infinite where it is not measured.
    is_measured : ndarray of bool
        With 30 counts at least and a good fit.
    """

    gain: Floats
    error: Floats
    is_measured: Mask


def group_images(images: Iterable[GainImage]) -> dict[tuple[str, int], list[GainImage]]:
    """Return the images by segment and voltage, each group by time, without double counting."""
    groups: dict[tuple[str, int], list[GainImage]] = defaultdict(list)
    for image in sorted(images, key=lambda one: (one.start_mjd, one.name)):
        groups[image.segment, image.high_voltage].append(image)
    return {key: _leave_out_doubles(groups[key]) for key in sorted(groups)}


def _leave_out_doubles(images: Sequence[GainImage]) -> list[GainImage]:
    spans = [(one.start_mjd, one.end_mjd) for one in images if one.source == "cci"]
    starts, ends = np.array(spans, dtype=np.float64).reshape(-1, 2).T
    return [
        one
        for one in images
        if one.source == "cci" or not bool(np.any((starts < one.end_mjd) & (ends > one.start_mjd)))
    ]


def name_superpixel(x: int, y: int) -> str:
    """Return where a superpixel is, by its column and row, in pixels as axes of maps have them."""
    left, bottom = x * COLUMN_PIXELS, y * ROW_PIXELS
    right, top = left + COLUMN_PIXELS - 1, bottom + ROW_PIXELS - 1
    return f"XCORR {left}-{right}, YCORR {bottom}-{top}"


def read_superpixels(path: Path) -> Superpixels:
    """Read a gain map.

    Parameters
    ----------
    path : Path
        A file with the images MOD_GAIN, GAIN_ERR, COUNTS and QUALITY.

    Raises
    ------
    FitsError
        If the file or one of its images is not there, or has another shape.
    """
    with open_whole(path) as hdus:
        arrays = [np.asarray(hdus[name].data, dtype=np.float64) for name in EXTENSIONS]
    shapes = {array.shape for array in arrays}
    if shapes != {(ROWS, COLUMNS)}:
        raise FitsError(
            f"{path.name} has images of {sorted(shapes)} superpixels, not {ROWS} x {COLUMNS}."
        )
    return select_superpixels(*arrays)


def select_superpixels(gain: Floats, error: Floats, counts: Floats, quality: Floats) -> Superpixels:
    """Return the gains that can be relied on.

    Parameters
    ----------
    gain, error : ndarray, shape (512, 2048)
        Modal gain and its error, pulse height; not positive or NaN where there is none.
    counts : ndarray, shape (512, 2048)
        Events that were fitted.
    quality : ndarray, shape (512, 2048)
        Reduced chi-square of the fit.
    """
    with np.errstate(invalid="ignore"):
        is_measured = (gain > 0) & np.isfinite(gain) & (error > 0) & np.isfinite(error)
        is_measured &= counts >= MINIMUM_COUNTS
        is_measured &= quality <= QUALITY_AT_ZERO + QUALITY_PER_COUNT * counts
    return Superpixels(
        np.where(is_measured, gain, 0.0), np.where(is_measured, error, np.inf), is_measured
    )
