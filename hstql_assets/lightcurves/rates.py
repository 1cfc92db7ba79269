"""Turn sums of events into counts, rates and fluxes with their errors.

With T the live seconds of a bin, N the calibrated columns of all segments together, sums over the
columns c that are used, S_c = NET/FLUX and EE_c = ACTUAL_EE of the x1d (1 for STIS)::

    gross      = number of source events
    background = T b(t) x sum of the background that the x1d has in the source, count/s
    counts     = gross - background
    net        = sum over source events of EPSILON / EE_c, over T, - b(t) sum of what NET lost
    flux       = (sum over source events of EPSILON / (S_c EE_c), over T, - b(t) ...) / N

Where it is asked for, there are two more fluxes: the mean with the weights S_c, which is the sum of
net over the sum of S_c, and the sum over wavelengths, in which a column counts its width d_c::

    weighted_flux = (sum over source events of EPSILON / EE_c, over T, - ...) / sum of S_c
    band_flux     = (sum over source events of EPSILON d_c / (S_c EE_c), over T, - ...)

b(t) is the rate of the background events over its mean, see `x1d_rates`. So the means over the live
time of net and flux are NET, summed, and FLUX, averaged, of the x1d over the same columns. Without
an x1d, or with one that tells no background, background events are subtracted one by one, each
scaled by source rows over background rows.

Errors are those that are expected: the variance of a sum of weights w over Poisson events is the
sum of w^2, and that is spread over the bins of a stretch of steady rate, see `steady_blocks`. So a
bin with few counts by chance has the error of its neighbours. To it comes the variance of b(t).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntFlag
from typing import Any

import numpy as np

from hstql_assets.lightcurves.event_weights import EventWeights
from hstql_assets.lightcurves.extraction import BinSums
from hstql_assets.lightcurves.time_bins import EDGE, TimeBins
from hstql_assets.lightcurves.x1d_rates import X1dRates, find_exposure, follow, tells_background
from hstql_assets.science.poisson import find_poisson_limits
from hstql_assets.science.steady_blocks import PRIOR, expect, find_steady_blocks


class Quality(IntFlag):
    """What there is to know about a bin, column `quality`; 0 is a full bin with a flux."""

    NO_LIVE_TIME = 1
    PARTLY_LIVE = 2
    NO_FLUX = 4


@dataclass(frozen=True)
class Totals:
    """A lightcurve as one number each; rates and fluxes are means over the live time.

    `flux` (erg/s/cm2/Angstrom) and its error are NaN where there is no flux calibration.
    """

    gross: float
    background: float
    counts: float
    counts_error: float
    net_count_per_s: float
    net_error_count_per_s: float
    flux: float
    flux_error: float
    exposure_s: float


@dataclass(frozen=True)
class BandFluxes:
    """Fluxes over the wavelengths used, each value of shape (bins,), or one for all bins.

    Parameters
    ----------
    weighted_flux, weighted_flux_error : numpy.ndarray or float
        Mean weighted by sensitivity, erg/s/cm2/Angstrom.
    band_flux, band_flux_error : numpy.ndarray or float
        Sum over the wavelengths, erg/s/cm2.
    """

    weighted_flux: Any
    weighted_flux_error: Any
    band_flux: Any
    band_flux_error: Any


@dataclass(frozen=True)
class BinValues:
    """The arrays of a lightcurve, all of shape (bins,); NaN in bins without live time.

    Parameters
    ----------
    times_s : numpy.ndarray
        Left edges, seconds from EXPSTART.
    gross, background, counts, error : numpy.ndarray
        Counts.
    gross_lower, gross_upper : numpy.ndarray
        1-sigma Poisson limits of the mean that `gross` was drawn from, counts.
    net, net_error : numpy.ndarray
        Count per live second.
    flux, flux_error : numpy.ndarray
        erg/s/cm2/Angstrom.
    exposure_s : numpy.ndarray
        Live seconds.
    quality : numpy.ndarray of int
        Bits of `Quality`.
    """

    times_s: np.ndarray
    gross: np.ndarray
    background: np.ndarray
    counts: np.ndarray
    error: np.ndarray
    gross_lower: np.ndarray
    gross_upper: np.ndarray
    net: np.ndarray
    net_error: np.ndarray
    flux: np.ndarray
    flux_error: np.ndarray
    exposure_s: np.ndarray
    quality: np.ndarray


@dataclass(frozen=True)
class Signal:
    """What a file measured, shape (bins,); variances are the expected ones.

    Parameters
    ----------
    gross, background, variance : numpy.ndarray
        Counts, and the variance of gross - background.
    net, net_variance : numpy.ndarray
        Counts as NET has them, less their background.
    fluxes, fluxes_variances : numpy.ndarray, shape (kinds, bins)
        Sums over the calibrated columns, as `Region.fluxes_per_net` has them, less their
        background.
    sum_variances : numpy.ndarray, shape (2 + kinds,)
        Variances of the sums of counts, net and fluxes over all bins.
    norms : numpy.ndarray
        Number of the calibrated columns, and the sum of their sensitivities.
    """

    gross: np.ndarray
    background: np.ndarray
    variance: np.ndarray
    net: np.ndarray
    net_variance: np.ndarray
    fluxes: np.ndarray
    fluxes_variances: np.ndarray
    sum_variances: np.ndarray
    norms: np.ndarray

    @property
    def divisors(self) -> np.ndarray:
        """What a sum of each kind of flux is divided by, shape (kinds, 1); NaN without any."""
        columns, sensitivity = np.where(self.norms > 0, self.norms, np.nan)
        return np.array([columns, sensitivity, columns / columns])[: len(self.fluxes), None]


def measure_signal(
    sums: BinSums, bins: TimeBins, worth: EventWeights, x1d: X1dRates | None
) -> Signal:
    """Subtract the background of a file, and find the errors that are to be expected.

    Parameters
    ----------
    sums : BinSums
        Of its events.
    bins : TimeBins
        The bins.
    worth : EventWeights
        What an event is worth, on average.
    x1d : X1dRates or None
        What its x1d tells of the columns used.
    """
    live = bins.exposure_s
    squares = np.array([sums.gross, sums.net_squares, *sums.fluxes_squares])
    typical = np.array([1.0, *worth.typical]) ** 2
    each = _divide(squares.sum(axis=1), sums.gross.sum(), typical)
    blocks = find_steady_blocks(sums.gross, live)
    variances = np.array([expect(*of, live, blocks) for of in zip(squares, each, strict=True)])
    sum_variances = np.maximum(squares.sum(axis=1), PRIOR * each)
    lost, lost_variances, lost_sum_variances = (
        _spread_background(sums, bins, x1d)
        if tells_background(x1d)
        else _scale_background(sums, bins)
    )
    variances += lost_variances
    return Signal(
        gross=sums.gross,
        background=lost[0],
        variance=variances[0],
        net=sums.net - lost[1],
        net_variance=variances[1],
        fluxes=sums.fluxes - lost[2:],
        fluxes_variances=variances[2:],
        sum_variances=sum_variances + lost_sum_variances,
        norms=worth.norms,
    )


# The background in counts, in NET and in each kind of flux: shape (2 + kinds, bins); its variance
# likewise, and that of the sums over all bins, shape (2 + kinds,).
Background = tuple[np.ndarray, np.ndarray, np.ndarray]


def _scale_background(sums: BinSums, bins: TimeBins) -> Background:
    """Return the background by its events; net and flux are without it, with its variance."""
    live, squares = bins.exposure_s, sums.background_squares
    events, each = count_background(sums)
    lost, variances = np.zeros((2, 2 + len(sums.fluxes), bins.count))
    lost[0] = sums.background
    variances[0] = expect(squares, each, live, find_steady_blocks(events, live))
    sum_variances = np.zeros(len(lost))
    sum_variances[0] = squares.sum()
    return lost, variances, sum_variances


def _spread_background(sums: BinSums, bins: TimeBins, x1d: X1dRates) -> Background:
    """Return the background that the x1d has, spread over the bins as its events came."""
    live, (events, _) = bins.exposure_s, count_background(sums)
    exposure = find_exposure(x1d.starts_s, bins.edges_s[:-1] + bins.widths_s / 2)
    course = follow(events, live, exposure)
    # A bin is of the exposure in its middle; what another has of it, others make up for.
    in_bins = np.bincount(exposure, live, len(x1d.starts_s))
    share = np.divide(x1d.find_live(bins), in_bins, out=np.zeros_like(in_bins), where=in_bins > 0)
    rates = np.array([x1d.background, x1d.background_net, *x1d.background_fluxes]) * share
    mean = live * rates[:, exposure]
    if x1d.is_weighted:  # whole events are what gross counts
        mean[0] /= _divide(sums.net.sum(), sums.gross.sum(), 1.0)
    lost = mean * course.share
    return lost, mean**2 * course.variance, lost.sum(axis=1) ** 2 / max(events.sum(), 1.0)


def count_background(sums: BinSums) -> tuple[np.ndarray, float]:
    """Return the number of background events, shape (bins,), and the square of a typical scale."""
    scale = float(_divide(sums.background_squares.sum(), sums.background.sum(), 0.0))
    return _divide(sums.background, scale, 0.0 * sums.background), scale**2


def _divide(values: np.ndarray, by: float, otherwise: np.ndarray | float) -> np.ndarray:
    """Divide, where there is something to divide by."""
    return np.asarray(values / by if by > 0 else otherwise)


def add_signals(parts: Sequence[Signal]) -> Signal:
    """Add up the files of one exposure, in the same bins."""
    return Signal(**{
        field.name: sum(getattr(part, field.name) for part in parts) for field in fields(Signal)
    })  # fmt: skip


def bin_values(signal: Signal, bins: TimeBins) -> BinValues:
    """Divide the sums of each bin by its live time, s; NaN where there is none."""
    exposure = bins.exposure_s
    live = np.where(exposure > 0, exposure, np.nan)
    known = live / live  # 1, or NaN where nothing was measured
    per_flux = 1 / (live * signal.divisors[0])
    flux = signal.fluxes[0] * per_flux
    quality = np.where(exposure > 0, 0, Quality.NO_LIVE_TIME)
    quality |= np.where(exposure < bins.widths_s * (1 - EDGE), Quality.PARTLY_LIVE, 0)
    quality |= np.where(np.isnan(flux), Quality.NO_FLUX, 0)
    lower, upper = find_poisson_limits(signal.gross)
    return BinValues(
        times_s=bins.edges_s[:-1],
        gross=signal.gross * known,
        background=signal.background * known,
        counts=(signal.gross - signal.background) * known,
        error=np.sqrt(signal.variance) * known,
        gross_lower=lower * known,
        gross_upper=upper * known,
        net=signal.net / live,
        net_error=np.sqrt(signal.net_variance) / live,
        flux=flux,
        flux_error=np.sqrt(signal.fluxes_variances[0]) * per_flux,
        exposure_s=exposure,
        quality=quality.astype(np.int32),
    )


def totals(signal: Signal, bins: TimeBins) -> Totals:
    """Add up all bins, and divide by their live time, s; NaN where there is none."""
    exposure_s = float(bins.exposure_s.sum())
    live_s = exposure_s or np.nan
    per_flux = float(1 / (live_s * signal.divisors[0, 0]))
    gross, background = float(signal.gross.sum()), float(signal.background.sum())
    error, net_error, flux_error = (float(one) for one in np.sqrt(signal.sum_variances[:3]))
    return Totals(
        gross=gross,
        background=background,
        counts=gross - background,
        counts_error=error,
        net_count_per_s=float(signal.net.sum()) / live_s,
        net_error_count_per_s=net_error / live_s,
        flux=float(signal.fluxes[0].sum()) * per_flux,
        flux_error=flux_error * per_flux,
        exposure_s=exposure_s,
    )


def band_fluxes(signal: Signal, bins: TimeBins) -> BandFluxes:
    """Return the further fluxes of each bin; NaN where there is no live time."""
    live = np.where(bins.exposure_s > 0, bins.exposure_s, np.nan)
    return _divide_both(signal.fluxes[1:], signal.fluxes_variances[1:], live * signal.divisors[1:])


def total_band_fluxes(signal: Signal, bins: TimeBins) -> BandFluxes:
    """Return their means over the live time."""
    live = float(bins.exposure_s.sum()) or np.nan
    return _divide_both(
        signal.fluxes[1:].sum(axis=1), signal.sum_variances[3:], live * signal.divisors[1:, 0]
    )


def _divide_both(sums: np.ndarray, variances: np.ndarray, by: np.ndarray) -> BandFluxes:
    (weighted, band), (weighted_error, band_error) = sums / by, np.sqrt(variances) / by
    return BandFluxes(weighted, weighted_error, band, band_error)
