"""Fit all superpixels of a cumulative image that can be fitted, and tell which to believe."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.fitting.cubes import SHAPE, Lit
from hstql_assets.monitors.gain.fitting.peaks import (
    FIRST_HEIGHT,
    FREE_WIDTH_COUNTS,
    LAST_HEIGHT,
    MINIMUM_COUNTS,
    SAGGED_GAIN,
    SAME_PEAK,
    USUAL_WIDTH,
    Counts,
    Mask,
    Peaks,
    fit_peaks,
    subtract_peaks,
)

WHOLE_PEAK = 5.0  # a gain from which on the peak is not cut by the least pulse height
FEWEST_WIDTHS = 20  # of which the width of an image is the median
SECOND_SHARE = 0.1  # of all events, in a second peak at least


@dataclass(frozen=True, eq=False)
class SuperpixelGains:
    """The superpixels of an image that have a gain; arrays of shape (n,), by row and column.

    Attributes
    ----------
    x, y : ndarray of int
        Column and row of the superpixel, 0 to 2047 and 0 to 511.
    counts : ndarray of int
        Events of the pulse heights 2 to 30, which were fitted.
    all_counts : ndarray of int
        Events of all pulse heights.
    peaks : Peaks
        The fits.
    held_width : float
        The width of the peaks whose own could not be fitted, pulse height.
    fitted, without_peak, with_two : int
        Numbers of superpixels that had enough events; of those that have no peak; of those that
        have two, so that neither is believed.
    """

    x: NDArray[np.int64]
    y: NDArray[np.int64]
    counts: NDArray[np.int64]
    all_counts: NDArray[np.int64]
    peaks: Peaks
    held_width: float
    fitted: int
    without_peak: int
    with_two: int


def find_gains(lit: Lit, is_wanted: Mask) -> SuperpixelGains:
    """Find the modal gain of every superpixel with 30 events at least.

    The width of the peak is fitted where there are 100 events, else held at the median width of
    the image. Where the peak is at pulse height 3 or below, it may be one of noise: if what is left
    without it has a peak of its own elsewhere, the superpixel has no gain.

    Parameters
    ----------
    lit : Lit
        The superpixels with events.
    is_wanted : ndarray of bool, shape (512, 2048)
        Superpixels to look at.
    """
    totals = lit.add(FIRST_HEIGHT, LAST_HEIGHT)
    chosen = is_wanted.reshape(-1)[lit.places] & (totals >= MINIMUM_COUNTS)
    y, x = np.divmod(lit.places[chosen], SHAPE[2])
    histograms, totals = lit.counts[FIRST_HEIGHT : LAST_HEIGHT + 1, chosen], totals[chosen]
    peaks, held_width = _fit_all(histograms, totals)
    is_double = _find_doubles(histograms, totals, peaks, held_width)
    good = peaks.is_peak & ~is_double
    return SuperpixelGains(
        x=x[good],
        y=y[good],
        counts=totals[good],
        all_counts=lit.add()[chosen][good],
        peaks=peaks.take(good),
        held_width=held_width,
        fitted=len(x),
        without_peak=int(np.count_nonzero(~peaks.is_peak)),
        with_two=int(np.count_nonzero(is_double)),
    )


def _fit_all(histograms: Counts, totals: NDArray[np.int64]) -> tuple[Peaks, float]:
    """Return the peaks of histograms, shape (29, n), and the width where it could not be fitted.

    The totals are events of the pulse heights, shape (n,).
    """
    is_bright = totals >= FREE_WIDTH_COUNTS
    bright = fit_peaks(histograms[:, is_bright])
    widths = bright.width[bright.is_peak & (bright.mean >= WHOLE_PEAK)]
    held = float(np.median(widths)) if len(widths) >= FEWEST_WIDTHS else USUAL_WIDTH
    is_free = np.zeros(len(totals), bool)
    is_free[np.flatnonzero(is_bright)[bright.is_peak]] = True
    others = fit_peaks(histograms[:, ~is_free], held)
    return bright.take(bright.is_peak).merge(others, is_free), held


def _find_doubles(
    histograms: Counts, totals: NDArray[np.int64], peaks: Peaks, held_width: float
) -> Mask:
    """Return which low peaks have another one above them, shape (n,); arrays as in `_fit_all`."""
    is_double = np.zeros(len(totals), bool)
    low = np.flatnonzero(peaks.is_peak & (peaks.mean <= SAGGED_GAIN))
    if low.size:
        rest = subtract_peaks(histograms[:, low], peaks.take(low))
        second = fit_peaks(rest, held_width)
        least = np.maximum(MINIMUM_COUNTS, SECOND_SHARE * totals[low])
        is_elsewhere = np.abs(second.mean - peaks.mean[low]) > SAME_PEAK
        is_double[low] = second.is_peak & is_elsewhere & (second.area >= least)
    return is_double
