"""Find which superpixels lost their gain, since when, and how many of these are so by chance.

A modal gain of 3 or less is lost: of the pulse heights of such a superpixel a part that matters is
below 2, where CalCOS takes no event for a photon.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from hstql_assets.monitors.gain.gain_images import (
    COLUMNS,
    ROW_PIXELS,
    ROWS,
    Floats,
    GainImage,
    Mask,
    Superpixels,
)
from hstql_assets.monitors.gain.gain_trends import GAIN_LIMIT, Lines

FIRST_MJD = 55197.0  # 2010-01-01; before it the voltage was still being settled
LOWEST_ROW, HIGHEST_ROW = 400, 600  # unbinned rows where spectra can be
SURE_AT = 3.0  # standard errors below the limit at which one image is enough
# So many errors from the limit the probability is less than what 1 can be told apart from.
NEVER_LOW = -9.0

NEVER = -1
Places = NDArray[np.int64]
EVERYWHERE: Places = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)


def is_in_rows(places: Places) -> Mask:
    """Tell which superpixels, numbered row by row, are where spectra can be; any shape."""
    row = places // COLUMNS * ROW_PIXELS
    return np.asarray((row >= LOWEST_ROW) & (row <= HIGHEST_ROW))


IN_ROWS = is_in_rows(EVERYWHERE)


@dataclass(frozen=True, eq=False)
class Flags:
    """The superpixels that lost their gain at one voltage; arrays of shape (n,), by place.

    Attributes
    ----------
    y, x : ndarray of int
        Superpixels across and along the dispersion.
    image : ndarray of int
        Number of the first image with the lost gain, in the list of images.
    mjd : ndarray
        Start of that image, MJD UTC.
    gain, error : ndarray
        In that image, pulse height.
    waiting : int
        Superpixels whose last measurement is at the limit or below and has no other to confirm it.
    """

    y: NDArray[np.int64]
    x: NDArray[np.int64]
    image: NDArray[np.int64]
    mjd: Floats
    gain: Floats
    error: Floats
    waiting: int

    @property
    def mask(self) -> Mask:
        """Whether a superpixel is flagged, shape (512, 2048)."""
        mask = np.zeros((ROWS, COLUMNS), dtype=np.bool_)
        mask[self.y, self.x] = True
        return mask


class Flagging:
    """Looks at the images of one segment and voltage, one after the other in time.

    A superpixel is flagged if its gain is at the limit or below by three standard errors, or in
    two images that follow each other among those in which it was measured. It counts from the
    first of these images on.

    Parameters
    ----------
    places : ndarray of int
        The superpixels that the images have, in the shape of their arrays.
    """

    def __init__(self, places: Places = EVERYWHERE) -> None:
        self._places, self._in_rows = places, is_in_rows(places)
        shape = places.shape
        self._number = 0
        self._first = np.full(shape, NEVER, dtype=np.int32)
        self._low_before = np.full(shape, NEVER, dtype=np.int32)
        self._gain, self._error = np.zeros(shape), np.zeros(shape)
        self._starts: list[float] = []

    def add(self, mjd: float, pixels: Superpixels) -> None:
        """Look at the next image, whose first exposure began at an MJD (UTC)."""
        number, self._number = self._number, self._number + 1
        self._starts.append(mjd)
        if mjd <= FIRST_MJD:
            return
        is_low = pixels.is_measured & self._in_rows & (pixels.gain <= GAIN_LIMIT)
        is_sure = is_low & (pixels.gain + SURE_AT * pixels.error <= GAIN_LIMIT)
        is_open = self._first == NEVER
        is_second = is_low & (self._low_before != NEVER)
        self._first = np.where(is_open & is_second, self._low_before, self._first)
        is_first = is_open & is_low & ~is_second
        self._first[is_first & is_sure] = number
        self._gain[is_first] = pixels.gain[is_first]
        self._error[is_first] = pixels.error[is_first]
        self._low_before[is_first] = number
        self._low_before[pixels.is_measured & ~is_low] = NEVER

    def finish(self) -> Flags:
        """Return what was found."""
        found = self._first != NEVER
        y, x = divmod(self._places[found], COLUMNS)
        image = self._first[found].astype(np.int64)
        waiting = (self._first == NEVER) & (self._low_before != NEVER)
        mjd = np.array(self._starts, dtype=np.float64)[image]
        gain, error = self._gain[found], self._error[found]
        return Flags(y, x, image, mjd, gain, error, int(waiting.sum()))


class FalseFlags:
    """Adds up how many superpixels are flagged by chance though their line is above the limit.

    For a superpixel whose line is at gain g, a measurement with error e falls to the limit or
    below with the probability Phi((3 - g) / e), and below it by three errors with
    Phi((3 - g) / e - 3). Two that follow each other are independent.

    Parameters
    ----------
    lines : Lines
    places : ndarray of int
        The superpixels that they are of, in the shape of their arrays.
    """

    def __init__(self, lines: Lines, places: Places = EVERYWHERE) -> None:
        self._lines = lines
        self._can_be = is_in_rows(places) & np.isfinite(lines.gain)
        self._low_before = np.zeros(places.size)
        self._log_unflagged = np.zeros(places.size)
        self._is_above = np.zeros(places.size, dtype=np.bool_)

    def add(self, mjd: float, pixels: Superpixels) -> None:
        """Add the next image, as in `Flagging.add`."""
        if mjd <= FIRST_MJD:
            return
        lines, used = self._lines, np.flatnonzero(pixels.is_measured & self._can_be)
        wait_d = mjd - lines.reference_mjd.ravel()[used]
        line = lines.gain.ravel()[used] + lines.slope.ravel()[used] * wait_d
        below = (GAIN_LIMIT - line) / pixels.error.ravel()[used]
        self._is_above[used] = below < 0
        is_near = below > NEVER_LOW
        near, below = used[is_near], below[is_near]
        low = ndtr(below)
        flagged = 1.0 - (1.0 - ndtr(below - SURE_AT)) * (1.0 - low * self._low_before[near])
        self._log_unflagged[near] += np.log1p(-np.minimum(flagged, 1.0 - 1e-12))
        self._low_before[used] = 0.0
        self._low_before[near] = low

    def expected(self) -> float:
        """Return the expected number of superpixels that are flagged but above the limit.

        Those whose line has gone below by their last measurement are rightly flagged, if early.
        """
        return abs(float(np.expm1(self._log_unflagged[self._is_above]).sum()))


def flag_rows(flags: Flags, images: list[GainImage]) -> list[dict[str, object]]:
    """Return the rows of table `flagged_pixels` of one segment and voltage, with its images."""
    return [
        {
            "segment": images[0].segment,
            "high_voltage": images[0].high_voltage,
            "x": int(x),
            "y": int(y),
            "flagged_mjd": float(mjd),
            "gain": float(gain),
            "gain_error": float(error),
            "image": images[int(image)].name,
        }
        for y, x, image, mjd, gain, error in zip(
            flags.y, flags.x, flags.image, flags.mjd, flags.gain, flags.error, strict=True
        )
    ]
