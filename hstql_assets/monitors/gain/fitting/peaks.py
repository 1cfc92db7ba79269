"""Fit the modal gain: where the peak of the pulse heights of each superpixel is.

Real peaks lean: there are more events on the side of low pulse heights, and the Gaussian that is
most likely for all of them is 0.2 below the mode. So the fit is made twice. To all pulse heights by
maximum likelihood: this says whether there is a peak, how wide it is, and what is below it. Then
with the pulse heights weighed by the peak itself, for its place. A fit by least squares in which
all bins count alike has these weights by itself, and that is how COSMO defines the modal gain. How
it is done is in `scoring`.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.fitting.scoring import (
    AREA,
    BACKGROUND,
    MEAN,
    WIDTH,
    Bounds,
    Histograms,
    Model,
    find_errors,
    maximize_likelihood,
)

FIRST_HEIGHT, LAST_HEIGHT = 2, 30  # pulse heights 0, 1 and 31 hold noise and overflow
HEIGHTS = np.arange(FIRST_HEIGHT, LAST_HEIGHT + 1, dtype=np.float64)[:, np.newaxis]

MINIMUM_COUNTS = 30
FREE_WIDTH_COUNTS = 100  # with fewer events the width of the peak is held
USUAL_WIDTH = 1.05  # pulse height, for images in which no width can be fitted
PEAK_SIGNIFICANCE = 25.0  # 2 ln of the likelihood ratio of peak and no peak: 5 sigma
SAGGED_GAIN = 3.0  # at which a second peak is looked for
SAME_PEAK = 1.0  # pulse height, by which two peaks differ at most that are one

BOUNDS = Bounds(least=(1.0, 1.0, 0.4, 1e-3), greatest=(1e9, 30.0, 6.0, 1e8))
# What the last step may add to 2 ln L: of the fit to all pulse heights, and of each weighing.
WHOLE_SETTLED, PASSES = 1e-3, (1e-2, 1e-4)
NEIGHBOURS = 6  # pulse heights on each side of a peak that are weighed
CUT = 2.0  # widths from the last pulse height, within which it cuts the peak
_BLOCK = 4096  # histograms at a time: what they need fits into the cache of a core

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Counts = NDArray[np.uint32] | Floats


@dataclass(frozen=True, eq=False)
class Peaks:
    """Fitted peaks; all arrays of shape (n,).

    Attributes
    ----------
    mean, mean_error : ndarray
        Place of the peak and its 1-sigma error, pulse height.
    width, width_error : ndarray
        Gaussian width of the peak and its error, pulse height; the error of a width that was held
        is NaN.
    area : ndarray
        Events in the peak.
    background : ndarray
        Events of each pulse height that are not of the peak.
    quality : ndarray
        Chi-square per degree of freedom of the fit to all pulse heights, near 1 if the peak is a
        Gaussian.
    significance : ndarray
        Twice the logarithm of the likelihood ratio against events of all pulse heights alike.
    is_peak : ndarray of bool
        Whether the fit came to an end within its bounds, at a peak of 5 sigma.
    """

    mean: Floats
    mean_error: Floats
    width: Floats
    width_error: Floats
    area: Floats
    background: Floats
    quality: Floats
    significance: Floats
    is_peak: Mask

    def take(self, chosen: Mask | NDArray[np.intp]) -> "Peaks":
        """Return some of them: a mask of shape (n,), or places of shape (m,)."""
        return Peaks(**{one.name: getattr(self, one.name)[chosen] for one in fields(self)})

    def merge(self, others: "Peaks", is_own: Mask) -> "Peaks":
        """Return these peaks where `is_own` is set, shape (n,), the others elsewhere, in order."""
        order = np.argsort(np.concatenate([np.flatnonzero(is_own), np.flatnonzero(~is_own)]))
        return join_peaks([self, others]).take(order)


def join_peaks(parts: list[Peaks]) -> Peaks:
    """Return peaks one after the other."""
    names = [one.name for one in fields(Peaks)]
    return Peaks(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    )


def fit_peaks(counts: Counts, width: float | None = None) -> Peaks:
    """Fit a peak on a constant to each histogram of pulse heights.

    Parameters
    ----------
    counts : ndarray, shape (29, n)
        Events of the pulse heights 2 to 30.
    width : float, optional
        Where to hold the width, pulse height; else it is fitted.
    """
    parts = []
    for first in range(0, max(counts.shape[1], 1), _BLOCK):
        block = counts[:, first : first + _BLOCK]
        parts.append(_fit_block(block.astype(np.float64), width))
    return join_peaks(parts)


def subtract_peaks(counts: Counts, peaks: Peaks) -> Floats:
    """Return what is left of histograms without their peaks, shape (29, n); never negative.

    Parameters
    ----------
    counts : ndarray, shape (29, n)
        Events of the pulse heights 2 to 30.
    peaks : Peaks
        One for each histogram.
    """
    nothing = np.zeros_like(peaks.area)
    parameters = np.array([peaks.area, peaks.mean, peaks.width, nothing])
    left: Floats = np.maximum(counts - Model.of(HEIGHTS, parameters).expected, 0.0)
    return left


def _fit_block(counts: Floats, width: float | None) -> Peaks:
    """Fit some histograms, shape (29, n), with their own width or that which is held."""
    start = _guess(counts, width)
    fixed = np.zeros(start.shape, bool)
    fixed[WIDTH] = width is not None
    data = Histograms(np.broadcast_to(HEIGHTS, counts.shape), counts, np.ones_like(counts))
    whole, _ = maximize_likelihood(data, start, BOUNDS, fixed, WHOLE_SETTLED)
    whole_errors = find_errors(data, whole, BOUNDS, fixed)
    model = Model.of(HEIGHTS, whole)
    significance = 2.0 * (_flat_loss(counts) - model.loss(counts, data.importance))
    is_likely = significance >= PEAK_SIGNIFICANCE
    core = _fit_core(counts, whole, fixed, is_likely)
    return Peaks(
        mean=core.parameters[MEAN],
        mean_error=core.errors[MEAN],
        width=core.parameters[WIDTH],
        width_error=np.where(core.is_width_kept, whole_errors[WIDTH], core.errors[WIDTH]),
        area=whole[AREA],
        background=whole[BACKGROUND],
        quality=_reduced_chi_square(counts, model.expected, np.isfinite(whole_errors)),
        significance=significance,
        is_peak=core.is_good(whole_errors, width is None) & is_likely,
    )


@dataclass(frozen=True, eq=False)
class _Core:
    """The fit to the core of peaks: parameters and errors of shape (4, n), the rest (n,)."""

    parameters: Floats
    errors: Floats
    is_settled: Mask
    is_width_kept: Mask

    def is_good(self, whole_errors: Floats, is_width_fitted: bool) -> Mask:
        """Tell which, shape (n,), came to an end within the bounds: at a bound there is no error.

        `whole_errors` are those of the fit to all pulse heights, shape (4, n).
        """
        good = self.is_settled & np.isfinite(self.errors[[AREA, MEAN]]).all(axis=0)
        if is_width_fitted:
            width_errors = np.where(self.is_width_kept, whole_errors[WIDTH], self.errors[WIDTH])
            good = good & np.isfinite(width_errors)
        return np.asarray(good, np.bool_)


def _fit_core(counts: Floats, whole: Floats, fixed: Mask, chosen: Mask) -> _Core:
    """Fit the place of the peak with pulse heights weighed by the peak, in chosen ones, shape (n,).

    Its width stays, except where the least or greatest pulse height cuts the peak: there place and
    width depend on each other. Counts are of shape (29, n), parameters and their mask (4, n).
    """
    low, high = (whole[MEAN] + side * CUT * whole[WIDTH] for side in (-1.0, 1.0))
    is_cut = (low < FIRST_HEIGHT) | (high > LAST_HEIGHT)
    held = fixed.copy()
    held[BACKGROUND] = True
    held[WIDTH] |= ~is_cut
    counts, held, found = counts[:, chosen], held[:, chosen], whole[:, chosen]
    for settled in PASSES:
        data = _weigh(counts, found)
        found, is_settled = maximize_likelihood(data, found, BOUNDS, held, settled)
    core = _Core(whole.copy(), np.full_like(whole, np.nan), np.zeros(chosen.shape, bool), ~is_cut)
    core.parameters[:, chosen], core.is_settled[chosen] = found, is_settled
    core.errors[:, chosen] = find_errors(data, found, BOUNDS, held)
    return core


def _weigh(counts: Floats, parameters: Floats) -> Histograms:
    """Return the bins next to each peak, shape (13, n), weighed by the peak itself."""
    middle = np.rint(parameters[MEAN]).astype(np.intp) - FIRST_HEIGHT
    bins = np.arange(-NEIGHBOURS, NEIGHBOURS + 1)[:, np.newaxis] + middle
    is_there = (bins >= 0) & (bins < len(HEIGHTS))
    chosen = np.take_along_axis(counts, np.clip(bins, 0, len(HEIGHTS) - 1), axis=0)
    heights = (bins + FIRST_HEIGHT).astype(np.float64)
    deviation = (heights - parameters[MEAN]) / parameters[WIDTH]
    weight = np.where(is_there, np.exp(-0.5 * deviation**2), 0.0)
    return Histograms(heights, np.where(is_there, chosen, 0.0), weight)


def _reduced_chi_square(counts: Floats, expected: Floats, is_fitted: Mask) -> Floats:
    """Return chi-square per degree of freedom, near 1 for a good fit however few the events.

    The variance of a bin is taken as 1 at least, so one that expects less counts as a part of a
    bin. Counts are of shape (29, n), `is_fitted` of shape (4, n), the result of shape (n,).
    """
    squares = ((counts - expected) ** 2 / np.maximum(expected, 1.0)).sum(axis=0)
    freedom = np.minimum(expected, 1.0).sum(axis=0) - is_fitted.sum(axis=0)
    reduced: Floats = squares / np.maximum(freedom, 1.0)
    return reduced


def _flat_loss(counts: Floats) -> Floats:
    """Return -ln L, shape (n,), of events, shape (29, n), of all pulse heights alike."""
    total = counts.sum(axis=0)
    mean = np.maximum(total, 1e-3) / len(counts)
    lost: Floats = total - total * np.log(mean)
    return lost


def _guess(counts: Floats, width: float | None) -> Floats:
    """Return where to begin, shape (4, n): the moments of five pulse heights about the highest.

    The highest is that whose sum with its neighbours is.
    """
    padded = np.pad(counts, ((1, 1), (0, 0)))
    highest = HEIGHTS[(padded[:-2] + padded[1:-1] + padded[2:]).argmax(axis=0), 0]
    distance = HEIGHTS - highest
    near = np.where(np.abs(distance) <= 2.0, counts, 0.0)
    inside = np.maximum(near.sum(axis=0), 1e-3)
    shift = (near * distance).sum(axis=0) / inside
    variance = (near * distance**2).sum(axis=0) / inside - shift**2
    is_far = np.abs(distance) > 4.0
    background = np.where(is_far, counts, 0.0).sum(axis=0) / is_far.sum(axis=0)
    area = np.maximum(counts.sum(axis=0) - len(counts) * background, 0.2 * inside)
    first_width = (
        np.sqrt(np.clip(1.25 * variance, 0.6, 4.0)) if width is None else np.full_like(area, width)
    )
    return np.array([area, highest + shift, first_width, background + 1e-3])
