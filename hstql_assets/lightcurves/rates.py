"""Turn sums of events into counts, rates and fluxes with their errors.

With N calibrated columns of all segments together, S_c = NET/FLUX of the x1d and EE_c = ACTUAL_EE
of column c (1 for STIS, whose FLUX is for NET in the same box), r_c = source rows over background
rows, and T the live seconds of a bin::

    gross   = number of source events                    background = sum r_c over background events
    counts  = gross - background                         net        = counts / T
    error   = sqrt(gross + sum r_c^2 over background events)
    flux    = (sum w_i over source - sum r_c w_i over background events) / (N T)
    w_i     = EPSILON_i / (S_c EE_c), c the column of event i
    flux_error = sqrt(sum of the squares of the same terms) / (N T)

Only the flux is weighted by EPSILON (flat field and dead time), so that gross has a Poisson error
and can be compared with GCOUNTS. Summed over all bins, flux is the mean of FLUX of the x1d over
the same columns: FLUX_c = (effective - background counts) / (EE_c T S_c). See the COS Data
Handbook, section 3.4 (X1DCORR, BACKCORR, FLUXCORR), for the terms.
"""

from dataclasses import dataclass
from enum import IntFlag

import numpy as np

from hstql_assets.lightcurves.extraction import BinSums
from hstql_assets.lightcurves.time_bins import EDGE, TimeBins


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
class BinValues:
    """The arrays of a lightcurve, all of shape (bins,); NaN in bins without live time.

    Parameters
    ----------
    times_s : numpy.ndarray
        Left edges, seconds from EXPSTART.
    gross, background, counts, error : numpy.ndarray
        Counts.
    net : numpy.ndarray
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
    net: np.ndarray
    flux: np.ndarray
    flux_error: np.ndarray
    exposure_s: np.ndarray
    quality: np.ndarray


def bin_values(sums: BinSums, bins: TimeBins) -> BinValues:
    """Divide the sums of each bin, shape (bins,), by its live time, s; NaN where there is none."""
    exposure = bins.exposure_s
    live = np.where(exposure > 0, exposure, np.nan)
    known = live / live  # 1, or NaN where nothing was measured
    per_flux = 1 / (live * sums.flux_columns) if sums.flux_columns else np.nan * live
    counts = (sums.gross - sums.background) * known
    flux = sums.flux * per_flux
    quality = np.where(exposure > 0, 0, Quality.NO_LIVE_TIME)
    quality |= np.where(exposure < bins.width_s * (1 - EDGE), Quality.PARTLY_LIVE, 0)
    quality |= np.where(np.isnan(flux), Quality.NO_FLUX, 0)
    return BinValues(
        times_s=bins.edges_s[:-1],
        gross=sums.gross * known,
        background=sums.background * known,
        counts=counts,
        error=np.sqrt(sums.variance) * known,
        net=counts / live,
        flux=flux,
        flux_error=np.sqrt(sums.flux_variance) * per_flux,
        exposure_s=exposure,
        quality=quality.astype(np.int32),
    )


def totals(sums: BinSums, bins: TimeBins) -> Totals:
    """Add up all bins, and divide by their live time, s; NaN where there is none."""
    exposure_s = float(bins.exposure_s.sum())
    live_s = exposure_s or np.nan
    per_flux = 1 / (live_s * (sums.flux_columns or np.nan))
    gross, background = float(sums.gross.sum()), float(sums.background.sum())
    error = float(np.sqrt(sums.variance.sum()))
    return Totals(
        gross=gross,
        background=background,
        counts=gross - background,
        counts_error=error,
        net_count_per_s=(gross - background) / live_s,
        net_error_count_per_s=error / live_s,
        flux=float(sums.flux.sum()) * per_flux,
        flux_error=float(np.sqrt(sums.flux_variance.sum())) * per_flux,
        exposure_s=exposure_s,
    )
