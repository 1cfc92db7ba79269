"""Fit a straight line in time to the gain of each superpixel, for all superpixels at once.

Only sums over the images are kept, so that the memory does not grow with their number: the images
are gone through twice, and the second time without the outliers of the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.gain_images import COLUMNS, ROWS, Floats, Mask, Superpixels

GAIN_LIMIT = 3.0  # pulse height; CalCOS leaves out what is below 2
MINIMUM_MEASUREMENTS = 6
MINIMUM_AFTER_CLIPPING = 4
SIGNIFICANT = 3.0  # standard errors of the slope
CLIPPED_BEYOND = 4.0  # standard deviations of the other residuals
_MIDDLE_GAIN = 10.0  # subtracted before the sums, for their precision

Sample = tuple[float, Superpixels]  # start of the image, MJD UTC, and its gains


@dataclass(frozen=True, eq=False)
class Lines:
    """Straight lines; arrays of shape (512, 2048), or of some superpixels, NaN where there is none.

    Attributes
    ----------
    number : ndarray of int
        Measurements that the line goes through; before clipping where there is none.
    reference_mjd : ndarray
        Weighted mean time, MJD UTC, at which gain and slope are independent.
    gain, gain_error : ndarray
        Of the line at that time, pulse height.
    slope, slope_error : ndarray
        Pulse height per day.
    chi_square : ndarray
        Of the residuals with the errors of the gains.
    """

    number: NDArray[np.int64]
    reference_mjd: Floats
    gain: Floats
    gain_error: Floats
    slope: Floats
    slope_error: Floats
    chi_square: Floats

    @property
    def is_falling(self) -> Mask:
        """Whether the slope is below zero."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.slope < 0)

    @property
    def certainly_falls(self) -> Mask:
        """Whether the gain falls by three standard errors at least."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.slope < -SIGNIFICANT * self.slope_error)

    @cached_property
    def projected(self) -> tuple[Floats, Floats]:
        """When the lines that fall reach the limit, MJD UTC, and its error, d; NaN for the others.

        The error is that of the gain and that of the slope, which are independent at the reference
        time, to first order.
        """
        slope = np.where(self.is_falling, self.slope, np.nan)
        wait_d = (GAIN_LIMIT - self.gain) / slope
        error_d = np.hypot(self.gain_error, wait_d * self.slope_error) / np.abs(slope)
        return self.reference_mjd + wait_d, error_d


class _Sums:
    """Weighted sums over images of 1, t, y, t t, t y, y y, for each superpixel."""

    def __init__(self, zero_mjd: float, shape: tuple[int, ...]) -> None:
        self.zero_mjd = zero_mjd
        self.number = np.zeros(shape, dtype=np.int64)
        self.w, self.wt, self.wy, self.wtt, self.wty, self.wyy = np.zeros((6, *shape))

    def add(self, mjd: float, pixels: Superpixels, is_used: Mask) -> None:
        """Add an image; the mask is of the shape of its arrays."""
        time_d = mjd - self.zero_mjd
        weight = is_used / pixels.error**2
        y = pixels.gain - _MIDDLE_GAIN
        weighted = weight * y
        self.number += is_used
        self.w += weight
        self.wt += weight * time_d
        self.wy += weighted
        self.wtt += weight * time_d**2
        self.wty += weighted * time_d
        self.wyy += weighted * y

    def solve(self, minimum: int | NDArray[np.int64]) -> Lines:
        """Return the lines through enough measurements: one number, or of shape (512, 2048)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            time, mean = self.wt / self.w, self.wy / self.w
            spread = self.wtt - self.wt * time
            is_line = (self.number >= minimum) & (spread > 1e-12 * self.wtt)
            spread = np.where(is_line, spread, np.nan)
            slope = (self.wty - self.wt * mean) / spread
            chi_square = self.wyy - self.wy * mean - slope**2 * spread
            chi_square = np.maximum(chi_square, 0.0)
            scatter = np.sqrt(np.maximum(chi_square / (self.number - 2), 1.0))
        blank = np.where(is_line, 0.0, np.nan)
        return Lines(
            number=self.number,
            reference_mjd=time + self.zero_mjd + blank,
            gain=mean + _MIDDLE_GAIN + blank,
            gain_error=scatter / np.sqrt(self.w + blank),
            slope=slope,
            slope_error=scatter / np.sqrt(spread),
            chi_square=chi_square,
        )


def spread_lines(lines: Lines, places: NDArray[np.int64]) -> Lines:
    """Return lines of superpixels at some places as those of the whole detector."""
    images = {}
    for name, blank in vars(_Sums(0.0, (1,)).solve(MINIMUM_MEASUREMENTS)).items():
        image = np.full(ROWS * COLUMNS, blank)
        image[places] = getattr(lines, name)
        images[name] = image.reshape(ROWS, COLUMNS)
    return Lines(**images)


def fit_once(samples: Iterable[Sample]) -> Lines:
    """Fit a line through all measurements of each superpixel that has six or more."""
    sums: _Sums | None = None
    for mjd, pixels in samples:
        sums = sums or _Sums(mjd, pixels.gain.shape)
        sums.add(mjd, pixels, pixels.is_measured)
    return (sums or _Sums(0.0, (ROWS, COLUMNS))).solve(MINIMUM_MEASUREMENTS)


def refit_lines(first: Lines, samples: Iterable[Sample]) -> Lines:
    """Fit again without the measurements that are far from the first lines.

    Returns
    -------
    Lines
        Those that had a first one, and of which four measurements or more were left. The errors
        are those of the weights, times the root of the reduced chi-square where that is above 1.

    Notes
    -----
    A measurement is left out if it is further from the first line than four standard deviations of
    the residuals of all others. That deviation follows from the sums without another fit, by the
    leverage of the measurement (the externally studentized residual; Cook & Weisberg, Residuals
    and Influence in Regression, 1982, section 2.2.1). It is not taken below what the errors of the
    gains say. The deviation of all residuals would not do: of six numbers none can be more than
    2.04 of their own standard deviations from the mean.
    """
    spread = spread_of(first)
    sums: _Sums | None = None
    for mjd, pixels in samples:
        sums = sums or _Sums(mjd, pixels.gain.shape)
        sums.add(mjd, pixels, pixels.is_measured & ~_is_outlier(first, spread, mjd, pixels))
    if sums is None:
        return first
    # Those that had no line at first have none now.
    minimum = np.where(np.isfinite(first.gain), MINIMUM_AFTER_CLIPPING, np.iinfo(np.int64).max)
    return sums.solve(minimum)


def spread_of(lines: Lines) -> tuple[Floats, Floats]:
    """Return the sums of weights and of weighted squares of time that the errors came from.

    Each of shape (512, 2048), in 1 / pulse height^2 and d^2 / pulse height^2.
    """
    scatter2 = np.maximum(lines.chi_square / np.maximum(lines.number - 2, 1), 1.0)
    return scatter2 / lines.gain_error**2, scatter2 / lines.slope_error**2


def _is_outlier(
    lines: Lines, spread: tuple[Floats, Floats], mjd: float, pixels: Superpixels
) -> Mask:
    """Tell which gains of an image are; result and both of `spread_of` of the lines' shape."""
    weights, times = spread
    wait_d = mjd - lines.reference_mjd
    line = lines.gain + lines.slope * wait_d
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = 1.0 / pixels.error**2
        leverage = weight * (1.0 / weights + wait_d**2 / times)
        square = weight * (pixels.gain - line) ** 2 / (1.0 - leverage)
        others = (lines.chi_square - square) / (lines.number - 3)
        return np.asarray(square > CLIPPED_BEYOND**2 * np.maximum(others, 1.0))
