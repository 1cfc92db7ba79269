"""Write the range of pulse heights of photons, by pixel, that follows from the gain: a PHAFILE.

CalCOS (3.6.2, `timetag.filterPHA`) reads images by segment, EXTVER 1 for the lower and 2 for the
upper limit, of all 16384 x 1024 pixels, and leaves out what is below the one or above the other.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.gain_images import COLUMN_PIXELS, COLUMNS, ROW_PIXELS, ROWS
from hstql_resources.fits.compressed_images import compress
from hstql_resources.fits.writing import Card, primary_hdu, write_hdus
from hstql_resources.times import format_day, format_time

BELOW, ABOVE = 7.0, 3.0  # pulse heights around the modal gain
LOWEST, HIGHEST = 2, 23  # of photons anywhere; where there is no gain, these are the limits
# What reference files of gain say alike: CalCOS asks for it.
FOR_CALCOS: tuple[Card, ...] = (
    ("TELESCOP", "HST", ""),
    ("INSTRUME", "COS", ""),
    ("DETECTOR", "FUV", ""),
    ("COSCOORD", "USER", ""),
    ("VCALCOS", "2.0", ""),
    ("USEAFTER", "May 11 2009 00:00:00", ""),
)
FILETYPE = "PULSE HEIGHT THRESHOLD REFERENCE IMAGE"

Limits = NDArray[np.uint8]


def limit_pulse_heights(gain: NDArray[Any]) -> tuple[Limits, Limits]:
    """Return the lowest and highest pulse height of photons.

    Parameters
    ----------
    gain : ndarray
        Modal gain, pulse height; 0 or NaN where there is none.

    Returns
    -------
    low, high : ndarray of uint8
        Of the same shape. Whole pulse heights belong to the range if they are no less than gain - 7
        and no more than gain + 3, and in any case no less than 2 and no more than 23.
    """
    with np.errstate(invalid="ignore"):
        is_known = np.isfinite(gain) & (gain > 0)
    known = np.where(is_known, gain, LOWEST).astype(np.float64)
    low = np.clip(np.ceil(known - BELOW), LOWEST, HIGHEST)
    high = np.clip(np.floor(known + ABOVE), LOWEST, HIGHEST)
    return (
        np.where(is_known, low, LOWEST).astype(np.uint8),
        np.where(is_known, high, HIGHEST).astype(np.uint8),
    )


def name_limits_file(newest_mjd: float) -> str:
    """Return the name of the file with the limits after an image that started at a time."""
    return f"l_{format_time(newest_mjd, '%Y%j%H%M%S')}_phaimage_cci_phf.fits"


def write_limits(
    path: Path, gains: Mapping[str, NDArray[Any]], voltages: Mapping[str, int], newest_mjd: float
) -> None:
    """Write the limits of both segments as images of detector pixels.

    Parameters
    ----------
    path : Path
        Exactly this file is written.
    gains : mapping of segment to ndarray, shape (512, 2048)
        The latest gain; a segment that is not there has the widest limits.
    voltages : mapping of segment to int
        The commanded level that each is for.
    newest_mjd : float
        Start of the latest image, MJD UTC.
    """
    primary = primary_hdu(
        [
            ("DATE", format_time(newest_mjd, "%Y-%m-%dT%H:%M:%S"), "start of the latest image"),
            *FOR_CALCOS,
            ("PEDIGREE", f"INFLIGHT 25/05/2009 {format_day(newest_mjd)}", ""),
            ("FILETYPE", FILETYPE, ""),
            ("DESCRIP", "Gives locations of pulse height limits from the modal gain.", ""),
        ]
    )
    hdus = [primary]
    none = np.zeros((ROWS, COLUMNS))
    for segment in ("FUVA", "FUVB"):
        for version, limits in enumerate(limit_pulse_heights(gains.get(segment, none)), 1):
            cards: list[Card] = [("EXTVER", version, "extension value"), ("SEGMENT", segment, "")]
            if segment in voltages:
                cards.append((f"HVLEVEL{segment[-1]}", voltages[segment], ""))
            hdus.append(compress(to_detector(limits), segment, cards))
    write_hdus(hdus, path)


def to_detector(superpixels: NDArray[Any]) -> NDArray[Any]:
    """Return values of superpixels, shape (512, 2048), by detector pixel, shape (1024, 16384)."""
    return np.repeat(np.repeat(superpixels, ROW_PIXELS, axis=0), COLUMN_PIXELS, axis=1)
