"""Compute how probable it is that a constant source scatters as much as a lightcurve does.

Events that come at a steady rate share a stretch of time by chance only. In an exposure with N
events and k stretches, n_g in stretch g, where a share p_g is expected, the pairs are counted::

    W = sum of n_g (n_g - 1) / p_g, less N (N - 1)

W / N is Poisson's dispersion (Fisher 1950, Biometrics 6, 17) without what single events add to it,
which is wild where p_g is small. As a degenerate U statistic (Hoeffding 1948, Ann. Math. Stat. 19,
293) it has moments that are exact, however few the events; with S the sum of 1 / p_g::

    <W>   = 0
    <W^2> = 2 N (N - 1) (k - 1)
    <W^3> = 4 N (N - 1) (S - 3 k + 2) + 8 N (N - 1) (N - 2) (k - 1)

The gamma distribution with these (Pearson's type III) is that of chi-square where counts are many,
and near that of single pairs where they are few, if half of the step that a pair makes is taken
off. Moments of exposures add up: each has a rate of its own, for they differ in their mean for
reasons of the instrument. Stretches are 1, 4, 16 ... bins long, so that what is faint and slow is
seen, too; the least probability is multiplied by how many lengths there are.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincc, ndtr

from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.science.steady_blocks import PRIOR, expect, find_steady_blocks

# One in a thousand constant sources is called variable, at most.
SIGNIFICANT = 1e-3
LONGER = 4
FEWEST_STRETCHES = 4  # in the longest exposure
SMALL = 1e-9


@dataclass(frozen=True)
class Stretches:
    """Stretches of time, exposure after exposure; arrays have the shape (n,).

    Parameters
    ----------
    place : numpy.ndarray of int
        Number of the bin in which it begins, since the start of its exposure.
    exposure : numpy.ndarray of int
        Which exposure it is of, from 0.
    live : numpy.ndarray
        Fully live bins in it.
    events : numpy.ndarray
        Of source and background together.
    background : numpy.ndarray
        Expected counts of it.
    spread : numpy.ndarray
        1-sigma error of its course, the same way in stretches that follow each other.
    """

    place: np.ndarray
    exposure: np.ndarray
    live: np.ndarray
    events: np.ndarray
    background: np.ndarray
    spread: np.ndarray

    def lengthen(self, length: int) -> "Stretches":
        """Return stretches of a length, in bins from the start of each exposure on."""
        number = self.place // length
        is_new = (np.diff(number, prepend=-1) != 0) | (np.diff(self.exposure, prepend=-1) != 0)
        starts = np.flatnonzero(is_new)
        sums = (
            np.add.reduceat(each, starts)
            for each in (self.live, self.events, self.background, self.spread)
        )
        return Stretches(self.place[starts], self.exposure[starts], *sums)


def find_chance(table: CurveTable) -> float | None:
    """Return the probability that a constant source scatters as much, 0 to 1.

    Parameters
    ----------
    table : CurveTable
        Individual or composite; only its fully live bins are looked at.

    Returns
    -------
    float or None
        None if no exposure has four such bins.
    """
    stretches = _take_bins(table)
    most = np.bincount(stretches.exposure).max(initial=0) / FEWEST_STRETCHES
    chances, length = [], 1
    while length <= most:
        stretches = stretches.lengthen(length) if length > 1 else stretches
        chances.append(_find_chance(stretches))
        length *= LONGER
    return min(1.0, len(chances) * min(chances)) if chances else None


def _take_bins(table: CurveTable) -> Stretches:
    full = np.flatnonzero(table.is_full & np.isfinite(table.gross))
    exposure = np.unique(table.dataset[full], return_inverse=True)[1]
    background = np.maximum(np.nan_to_num(table.background[full]), 0.0)
    spread = np.zeros(len(full))
    for number in range(exposure.max(initial=-1) + 1) if background.any() else ():
        mine = exposure == number
        background[mine], spread[mine] = _follow(background[mine], table.exposure_s[full][mine])
    return Stretches(
        place=np.rint(table.times_s[full] / table.bin_s).astype(int),
        exposure=exposure,
        live=np.ones(len(full)),
        events=table.gross[full],
        background=background,
        spread=spread,
    )


def _follow(background: np.ndarray, live_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected background of an exposure and the error of its course, shape (n,).

    That of an x1d is in steps already, with live times (s); single events are not. A course
    without steps is that of the live time, whatever its height.
    """
    steps = np.abs(np.diff(background, prepend=background[:1])) > SMALL * background.max()
    blocks = np.cumsum(steps)
    if 4 * blocks[-1] > len(background) or not background.all():
        blocks = find_steady_blocks(background, live_s)
        background = expect(background, 0.0, live_s, blocks)
    if not blocks[-1]:
        return background, np.zeros(len(background))
    in_block = np.bincount(blocks, background)[blocks]
    by_chance = background / np.sqrt(np.maximum(in_block, 1.0))
    return background, np.hypot(by_chance, _find_slopes(background, blocks))


def _find_slopes(background: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return how far a background that goes on smoothly is from its steps, 1-sigma, shape (n,).

    Within a block it may change as much as from there to the next ones, evenly.
    """
    level = background[np.searchsorted(blocks, np.arange(blocks[-1] + 1))]
    jumps = np.concatenate([[0.0], np.abs(np.diff(level)), [0.0]])
    return np.asarray(np.maximum(jumps[:-1], jumps[1:])[blocks] / np.sqrt(12))


def _find_chance(stretches: Stretches) -> float:
    """Return the probability of as many pairs in stretches."""
    pairs, step, variance, third = _count_pairs(stretches)
    if variance <= 0:
        return 1.0
    sigmas = (pairs - 0.5 * step) / np.sqrt(variance)
    skewness = third / variance**1.5
    if skewness < SMALL:
        return float(ndtr(-sigmas))
    shape = 4 / skewness**2
    return float(gammaincc(shape, max(shape + sigmas * np.sqrt(shape), 0.0)))


def _count_pairs(stretches: Stretches) -> tuple[float, float, float, float]:
    """Return W, the step that a pair makes, <W^2> and <W^3>, added up over the exposures."""
    exposure, n = stretches.exposure, stretches.events

    def add(values: np.ndarray) -> np.ndarray:
        return np.bincount(exposure, values)

    total, background, live = add(n), add(stretches.background), add(stretches.live)
    rate = (np.maximum(total - background, 0.0) + PRIOR) / live
    share = stretches.live * rate[exposure] + stretches.background
    share /= add(share)[exposure]
    inverse, k = 1 / share, np.bincount(exposure)
    both, freedom = np.maximum(total * (total - 1), 0.0), k - 1
    pairs = add(n * (n - 1) * inverse) - both
    if stretches.spread.any():  # pairs that the error of the background makes
        expected = np.maximum(total * freedom, 1.0)
        widened = 1 + add(stretches.spread**2 * inverse) / expected
        pairs = (pairs + expected) / widened - expected
    third = 4 * both * (add(inverse) - 3 * k + 2) + 8 * both * (total - 2) * freedom
    step = 2.0 * np.max(k * (both > 0))
    return float(pairs.sum()), float(step), float(2 * both @ freedom), float(third.sum())
