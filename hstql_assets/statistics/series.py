"""Make the series that periods are looked for in: net rates of fully live bins, in time.

Each exposure's own mean is taken off before a search. Exposures of a composite differ in their mean
for reasons of the instrument (centring in the aperture, sensitivity), and a search would take the
pattern of such steps for a period.
"""

from dataclasses import dataclass

import numpy as np

from hstql_assets.lightcurves.table import CurveTable
from hstql_resources.times import SECONDS_PER_DAY


@dataclass(frozen=True)
class Series:
    """Rates in order of time; arrays have the shape (n,).

    Parameters
    ----------
    times_s : numpy.ndarray
        Centres of the bins, seconds from the first one: at the barycentre (TDB) where all bins have
        such a time, else at the telescope (UTC), where periods of visits months apart blur.
    rates : numpy.ndarray
        Net count per second.
    errors : numpy.ndarray
        Their 1-sigma errors, the same for all bins of an exposure: the root mean square of those
        of the bins. An error of each bin would be small where its counts happen to be few, and
        pull the fit down.
    dataset : numpy.ndarray of int
        Number of the exposure, from 0.
    bin_s : float
        Width of a bin, s.
    is_barycentric : bool
        Whether times are those at the barycentre.
    """

    times_s: np.ndarray
    rates: np.ndarray
    errors: np.ndarray
    dataset: np.ndarray
    bin_s: float
    is_barycentric: bool = False

    @property
    def weights(self) -> np.ndarray:
        """1 / variance, with a sum of 1."""
        weights = self.errors**-2.0
        return np.asarray(weights / weights.sum())

    @property
    def baseline_s(self) -> float:
        """From the start of the first bin to the end of the last."""
        return float(self.times_s[-1]) + self.bin_s

    @property
    def variance_of_times_s2(self) -> float:
        """Weighted variance of the times, s^2."""
        mean_s = np.average(self.times_s, weights=self.weights)
        return float(np.average((self.times_s - mean_s) ** 2, weights=self.weights))

    @property
    def exposures(self) -> int:
        """How many exposures have a bin in it."""
        return int(self.dataset.max(initial=-1)) + 1

    @property
    def lengths_s(self) -> np.ndarray:
        """From start to end of each exposure, shape (exposures,)."""
        first = np.full(self.exposures, np.inf)
        last = np.full(self.exposures, -np.inf)
        np.minimum.at(first, self.dataset, self.times_s)
        np.maximum.at(last, self.dataset, self.times_s)
        return np.asarray(last - first + self.bin_s)

    @property
    def longest_exposure_s(self) -> float:
        """From start to end of the exposure that covers the longest time."""
        return float(np.max(self.lengths_s))

    def take(self, number: int) -> "Series":
        """Return one exposure, by its number, as a series of its own."""
        mine = self.dataset == number
        times_s = self.times_s[mine]
        return Series(
            times_s=times_s - times_s[:1],
            rates=self.rates[mine],
            errors=self.errors[mine],
            dataset=np.zeros(len(times_s), dtype=int),
            bin_s=self.bin_s,
        )

    @property
    def centred(self) -> np.ndarray:
        """Rates less the mean of their exposure."""
        return np.asarray(self.rates - _means(self.rates, self.dataset)[self.dataset])


def make_series(table: CurveTable) -> Series:
    """Take the fully live bins of a lightcurve.

    Parameters
    ----------
    table : CurveTable
        Individual or composite.

    Returns
    -------
    Series
        Without bins if none is fully live.
    """
    known = table.is_full & np.isfinite(table.net) & np.isfinite(table.mjd_centre)
    is_barycentric = bool(np.isfinite(table.bjd_tdb[known]).all())
    days = (table.bjd_tdb if is_barycentric else table.mjd_centre)[known]
    order = np.argsort(days, kind="stable")
    days = days[order]
    dataset = np.unique(table.dataset[known][order], return_inverse=True)[1]
    return Series(
        times_s=(days - days[:1]) * SECONDS_PER_DAY,
        rates=table.net[known][order],
        errors=_steady_errors(table.net_error[known][order], dataset),
        dataset=dataset,
        bin_s=table.bin_s,
        is_barycentric=is_barycentric,
    )


def _steady_errors(error: np.ndarray, dataset: np.ndarray) -> np.ndarray:
    """Return the root mean square error of the exposure of each bin; all shapes are (n,)."""
    return np.sqrt(_means(error**2, dataset))[dataset] if len(dataset) else error


def _means(values: np.ndarray, dataset: np.ndarray) -> np.ndarray:
    """Return the mean of the values, shape (n,), of each exposure, shape (exposures,)."""
    return np.asarray(np.bincount(dataset, values) / np.bincount(dataset))
