"""Lightcurves of simulated exposures beside what was put in, and how far apart they may be.

What an instrument should show is in `cos_expectation` and `stis_expectation`: from the laws that
the photons are drawn from, for the columns that the x1d calls good, never from the code under test.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import stats

from hstql_assets.lightcurves.lightcurve import Lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.table import read_curve_table
from hstql_assets.statistics.periods import search_period
from hstql_assets.statistics.series import make_series
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.sky.variability import Variability

BIN_S = 2.0  # the default
CHANCE = 1e-4  # that deviations are rejected which are those of chance
MOST_EXCESS = float(stats.norm.isf(CHANCE / 2))  # standard deviations
AIRGLOW_A = ((1208.0, 1225.0), (1298.0, 1312.0))


@dataclass(frozen=True)
class Expected:
    """What a lightcurve should show: counts in each bin, shape (bins,), and one flux.

    Attributes
    ----------
    source, airglow, background : ndarray, shape (bins,)
        Events in the source region, by their origin. Airglow is no background: it is where the
        source is, and not beside it.
    flux : float
        Mean over wavelength and good time [erg/s/cm2/Angstrom].
    exposure_s : float
        Good time [s].
    """

    source: np.ndarray
    airglow: np.ndarray
    background: np.ndarray
    flux: float
    exposure_s: float

    @property
    def gross(self) -> np.ndarray:
        """All events in each bin."""
        return np.asarray(self.source + self.airglow + self.background)

    @property
    def net_count_per_s(self) -> float:
        """Mean over the good time."""
        return float((self.source + self.airglow).sum()) / self.exposure_s


@dataclass(frozen=True)
class Case:
    """A lightcurve, what it should be, and the law of its target."""

    lightcurve: Lightcurve
    expected: Expected
    law: Variability


def is_consistent(deviations: np.ndarray) -> bool:
    """Whether deviations, in standard errors, are those of chance: chi-square, two-sided."""
    chance = stats.chi2.cdf(np.sum(deviations**2), len(deviations))
    return bool(CHANCE / 2 < chance < 1 - CHANCE / 2)


def is_centred(deviations: np.ndarray) -> bool:
    """Whether the mean of deviations, in standard errors, differs from 0 by chance alone."""
    mean = np.sum(deviations) / np.sqrt(len(deviations))
    return bool(abs(mean) < MOST_EXCESS)


def gross_deviations(cases: Sequence[Case], factor: float = 1.0) -> np.ndarray:
    """Deviations of the gross counts, were they larger by a factor."""
    measured = np.array([case.lightcurve.totals.gross for case in cases])
    expected = np.array([case.expected.gross.sum() for case in cases])
    return np.asarray((factor * measured - expected) / np.sqrt(expected))


def rate_deviations(cases: Sequence[Case], factor: float = 1.0) -> np.ndarray:
    """Deviations of the rate of counts, by its own error, were it larger by a factor."""
    totals = [case.lightcurve.totals for case in cases]
    measured = np.array([one.counts / one.exposure_s for one in totals])
    error = np.array([one.counts_error / one.exposure_s for one in totals])
    expected = np.array([case.expected.net_count_per_s for case in cases])
    return np.asarray((factor * measured - expected) / error)


def bin_excess(cases: Sequence[Case]) -> float:
    """Chi-square of all bins with good time less what is expected, over its standard deviation.

    The variance of the square of a Poisson deviation is 2 + 1 / expectation.
    """
    measured = np.concatenate([case.lightcurve.bins.gross for case in cases])
    expected = np.concatenate([case.expected.gross for case in cases])
    live = expected > 0.5
    squares = (measured[live] - expected[live]) ** 2 / expected[live]
    return float(np.sum(squares - 1.0) / np.sqrt(np.sum(2.0 + 1.0 / expected[live])))


def flux_ratio(cases: Sequence[Case]) -> tuple[float, float]:
    """Mean flux over that which was put in, and its standard error."""
    ratio = np.array([case.lightcurve.totals.flux / case.expected.flux for case in cases])
    error = np.array([case.lightcurve.totals.flux_error / case.expected.flux for case in cases])
    return float(np.mean(ratio)), float(np.sqrt(np.sum(error**2)) / len(cases))


def flatten(case: Case) -> Case:
    """Return the same for a target that keeps its mean brightness."""
    gross = case.expected.gross
    live = gross > 0
    mean = np.where(live, gross[live].mean(), 0.0)
    expected = replace(case.expected, source=mean, airglow=0 * mean, background=0 * mean)
    return replace(case, expected=expected)


def require_period(case: Case, folder: Path) -> None:
    """Assert that the file of the lightcurve shows the period of the target.

    The grid has ten frequencies in the width of a peak; the best one is nearer than one step.
    """
    path = folder / f"{case.lightcurve.exposure.rootname}_curve.fits"
    write_lightcurve(case.lightcurve, path)
    search = search_period(make_series(read_curve_table(path)))
    path.unlink()
    assert search is not None
    best, period_s = search.best, case.law.period_s
    assert best.is_periodic
    assert abs(1 / best.period_s - 1 / period_s) < search.grid.step_hz
    assert abs(best.period_s - period_s) < 4 * best.error_s


def spread_in_time(
    time_s: np.ndarray, brightness: np.ndarray, step_s: float, bins: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sum brightness x step, and the step itself, over the times in each bin [s]."""
    index = np.floor(time_s / BIN_S + 1e-9).astype(int)
    return (
        np.bincount(index, brightness, bins) * step_s,
        np.bincount(index, minlength=bins) * step_s,
    )


def is_outside_airglow(
    wavelength_a: np.ndarray, windows: Sequence[tuple[float, float]] = AIRGLOW_A
) -> np.ndarray:
    """Which wavelengths [Angstrom] the default settings keep; of COS, unless windows are given."""
    kept = np.ones(wavelength_a.shape, dtype=bool)
    for low, high in windows:
        kept &= (wavelength_a < low) | (wavelength_a > high)
    return kept


@contextmanager
def fetched(
    archive: SimulatedArchive, rootname: str, endings: Iterable[str], folder: Path
) -> Iterator[None]:
    """Have the products with these endings in the folder for as long as they are needed."""
    products = archive.list_products([rootname])[rootname]
    archive.fetch([p for p in products if p.filename.endswith(tuple(endings))], folder)
    try:
        yield
    finally:
        for path in folder.glob(f"{rootname}_*"):
            path.unlink()
