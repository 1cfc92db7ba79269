"""Say what an x1d tells of the columns that are used, as rates, and how its background went on.

CalCOS and calstis leave flagged pixels out of the background, and smooth it along the dispersion.
So its mean over an exposure is taken from the x1d; the background events tell its course in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeGuard

import numpy as np

from hstql_assets.lightcurves.regions import Region, sum_norms
from hstql_assets.lightcurves.time_bins import TimeBins
from hstql_assets.science.steady_blocks import find_steady_blocks
from hstql_assets.spectra.column_rates import ColumnRates


@dataclass(frozen=True)
class X1dRates:
    """Sums over the columns used of what an x1d has, by exposure in it; shape (exposures,).

    Parameters
    ----------
    starts_s : numpy.ndarray
        When each exposure began, seconds from the first.
    background : numpy.ndarray
        Counts of the background in the source region, count/s; NaN where the x1d does not tell.
    background_net : numpy.ndarray
        What was subtracted for it in NET, count/s.
    background_fluxes : numpy.ndarray, shape (kinds, exposures)
        The same in each kind of flux: `Region.fluxes_per_net` over s.
    net, flux : numpy.ndarray
        NET, count/s, and FLUX, erg/s/cm2/Angstrom.
    gross : numpy.ndarray
        Counts of the source region, count/s; NaN where the x1d does not tell.
    flux_columns : int
        Columns that fluxes are sums over.
    is_weighted : bool
        Whether `background` is of events that count EPSILON each: calstis counts no others.
    """

    starts_s: np.ndarray
    background: np.ndarray
    background_net: np.ndarray
    background_fluxes: np.ndarray
    net: np.ndarray
    flux: np.ndarray
    gross: np.ndarray
    flux_columns: int
    is_weighted: bool

    def average(self, bins: TimeBins) -> "X1dMeans":
        """Return the means over the live time of net, flux and gross."""
        live = self.find_live(bins)
        means = (
            float(np.sum(rate * live) / live.sum()) for rate in (self.net, self.flux, self.gross)
        )
        return X1dMeans(*means)

    def without_background(self) -> "X1dRates":
        """Return the same of an x1d that does not tell the background."""
        return replace(self, background=self.background * np.nan)

    def find_live(self, bins: TimeBins) -> np.ndarray:
        """Return the live time of each exposure, s, shape (exposures,)."""
        starts_s, stops_s = bins.live_s.T
        exposure = find_exposure(self.starts_s, starts_s)
        return np.bincount(exposure, stops_s - starts_s, len(self.starts_s))


class X1dMeans(NamedTuple):
    """Means of an x1d over time, summed over the columns used.

    Net and gross are in count/s, flux in erg/s/cm2/Angstrom.
    """

    net: float
    flux: float
    gross: float


@dataclass(frozen=True)
class Course:
    """How a background went on; arrays have the shape (bins,).

    Parameters
    ----------
    share : numpy.ndarray
        Its rate over the mean one of its exposure.
    variance : numpy.ndarray
        Variance of `share`.
    """

    share: np.ndarray
    variance: np.ndarray


def add_up_regions(
    exposures: Sequence[Sequence[Region]], starts_s: np.ndarray, *, is_weighted: bool = False
) -> X1dRates | None:
    """Add up what the x1d tells of the columns used; None where there is no x1d.

    Parameters
    ----------
    exposures : sequence of sequences of Region
        The regions of each exposure.
    starts_s : numpy.ndarray, shape (exposures,)
        When each began, seconds from the first.
    is_weighted : bool
        As `X1dRates` has it.
    """
    sums = []
    for regions in exposures:
        known = [_sum(region, region.rates) for region in regions if region.rates is not None]
        if len(known) < len(regions):
            return None
        sums.append(np.sum(known, axis=0))
    background, background_net, net, flux, gross, *background_fluxes = np.transpose(sums)
    return X1dRates(
        starts_s, background, background_net, np.array(background_fluxes), net, flux, gross,
        int(sum_norms(exposures[0])[0]), is_weighted,
    )  # fmt: skip


def _sum(region: Region, rates: ColumnRates) -> np.ndarray:
    """Return sums over the columns used; those of `background_fluxes` stand last."""
    used, calibrated = region.is_used, region.is_calibrated
    lost = rates.background_net[calibrated] * region.fluxes_per_net[:, calibrated]
    return np.array([
        rates.background[used].sum(), rates.background_net[used].sum(), rates.net[used].sum(),
        rates.flux[calibrated].sum(), rates.gross[used].sum(), *lost.sum(axis=1),
    ])  # fmt: skip


def tells_background(x1d: X1dRates | None) -> TypeGuard[X1dRates]:
    """Tell whether an x1d has a background of every column used that makes sense.

    Where it has none the background events are subtracted instead.
    """
    if x1d is None:
        return False
    known = np.isfinite(x1d.background) & np.isfinite(x1d.background_net)
    return bool((known & (x1d.background >= 0)).all())


def find_exposure(starts_s: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """Return the exposure, from 0, of each time, s, shape (n,), by when exposures begin, s."""
    return np.maximum(np.searchsorted(starts_s, times_s, side="right") - 1, 0)


def follow(events: np.ndarray, live_s: np.ndarray, exposure: np.ndarray) -> Course:
    """Find the course of the background from its events: steady where they do not tell otherwise.

    Parameters
    ----------
    events : numpy.ndarray, shape (bins,)
        Background events.
    live_s : numpy.ndarray, shape (bins,)
        Live time, s.
    exposure : numpy.ndarray of int, shape (bins,)
        Number of the exposure of each bin.
    """
    share, variance = np.ones(len(events)), np.ones(len(events))
    for number in np.unique(exposure):
        inside = exposure == number
        count, live = events[inside], live_s[inside]
        if not count.sum() > 0:
            continue
        blocks = find_steady_blocks(count, live)
        in_block, block_s = np.bincount(blocks, count), np.bincount(blocks, live)
        mean = count.sum() / live.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            level = np.nan_to_num(in_block / block_s / mean)
            spread = np.nan_to_num(np.maximum(in_block, 1.0) / (block_s * mean) ** 2)
        share[inside], variance[inside] = level[blocks], spread[blocks]
    return Course(share, variance)
