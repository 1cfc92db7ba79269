"""Keep the image of a window, 1 where there is no blob: a FITS file with one extension, RATIO."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstql_assets.lightcurves.fits_table import write_dated
from hstql_assets.monitors.blobs.frames import Frame
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.compressed_images import compress
from hstql_resources.fits.writing import Card
from hstql_resources.software import name_software

FOLDER = "products/blobs"
PATTERN = r"(?P<key>blobs_[a-z]+_\d{4}-\d\d-\d\d)_median\.fits"


def find_product(filesystem: Filesystem, key: str) -> Path:
    """Return the path of the image of a window."""
    return filesystem.home / FOLDER / f"{key}_median.fits"


def write_product(path: Path, image: NDArray[np.float32], frames: Sequence[Frame]) -> None:
    """Write the image of a window to exactly this path; the frames in the order of time."""
    cards: list[Card] = [
        ("TELESCOP", "HST", "telescope"),
        ("INSTRUME", "WFC3", "instrument"),
        ("DETECTOR", "IR", "detector"),
        ("FILETYPE", "BLOB MEDIAN", "type of file"),
        ("FIRSTMJD", frames[0].start_mjd, "[d] start of the first exposure, MJD (UTC)"),
        ("LASTMJD", frames[-1].start_mjd, "[d] start of the last exposure, MJD (UTC)"),
        ("NFRAMES", len(frames), "exposures"),
        ("BINAXIS1", frames[0].binning, "pixels of the detector in one"),
        ("CREATOR", name_software(), "software"),
    ]
    for number, frame in enumerate(frames, 1):
        cards.append((f"FRAME{number}", frame.rootname, ""))
    # Checksums are of whole words: of float32 any number of columns is.
    write_dated(cards, [compress(image, "RATIO")], path, frames[-1].start_mjd)


def read_product(path: Path) -> NDArray[np.float32]:
    """Return the image of a window, shape (rows, columns).

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    """
    with fits.open(path) as hdus:
        return np.asarray(hdus["RATIO"].data, np.float32)
