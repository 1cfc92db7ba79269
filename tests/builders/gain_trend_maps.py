"""Gain maps with a known law, for the tests of what is made of them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_assets.monitors.gain.gain_images import COLUMNS, ROWS, GainImage, Superpixels
from hstql_assets.monitors.gain.kept_gains import keep_gains
from hstql_assets.monitors.gain.series import Series, make_series
from hstql_resources.filesystem import Filesystem
from hstql_resources.workers import NO_WORKERS

SHAPE = (ROWS, COLUMNS)
FIRST_MJD = 58484.0


def make_pixels(gain: np.ndarray, error: float | np.ndarray = 0.1) -> Superpixels:
    """Return gains as an image has them; NaN is not measured."""
    is_measured = np.isfinite(gain)
    errors = np.where(is_measured, error, np.inf)
    return Superpixels(np.where(is_measured, gain, 0.0), errors, is_measured)


def make_patch(values: object, row: int = 240, column: int = 100) -> np.ndarray:
    """Return an image with values, of shape (rows, columns), at a place, and NaN elsewhere."""
    image = np.full(SHAPE, np.nan)
    patch = np.atleast_2d(np.asarray(values, dtype=float))
    rows, columns = patch.shape
    image[row : row + rows, column : column + columns] = patch
    return image


def write_map(
    path: Path,
    gain: np.ndarray,
    error: float | np.ndarray = 0.1,
    counts: float | np.ndarray = 300,
    quality: float | np.ndarray = 1.0,
) -> Path:
    """Write a gain map with the images that the trends read; NaN is not measured."""
    is_measured = np.isfinite(gain)
    images = {
        "MOD_GAIN": gain,
        "GAIN_ERR": np.where(is_measured, error, np.nan),
        "QUALITY": np.where(is_measured, quality, np.nan),
    }
    hdus = [fits.PrimaryHDU()]
    hdus += [fits.ImageHDU(values.astype(np.float32), name=name) for name, values in images.items()]
    events = np.where(is_measured, counts, 0).astype(np.int32)
    fits.HDUList([*hdus, fits.ImageHDU(events, name="COUNTS")]).writeto(path)
    return path


def write_series(
    folder: Path,
    gains: Callable[[float], np.ndarray],
    mjds: Sequence[float],
    segment: str = "FUVA",
    voltage: int = 163,
    error: float = 0.1,
    source: str = "weekly",
) -> list[GainImage]:
    """Write a map for each time and return the images, each six days long."""
    images = []
    for number, mjd in enumerate(mjds):
        name = f"{segment.lower()}_{voltage}_{source}_{number}"
        path = write_map(folder / f"{name}_gainmap.fits", gains(mjd), error)
        images.append(GainImage(name, source, segment, voltage, mjd, mjd + 6.0, path))
    return images


def read_series(folder: Path, images: Sequence[GainImage]) -> Series:
    """Return the series of images of a segment and voltage; what is kept of them goes to a home."""
    (kept,), faults = keep_gains([images], Filesystem(folder), NO_WORKERS)
    assert faults == []
    return make_series(kept)
