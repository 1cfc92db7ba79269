"""Spread the background of a file over cells of time and wavelength."""

from typing import NamedTuple

import numpy as np

from hstql_assets.lightcurves.extraction import BinSums
from hstql_assets.lightcurves.rates import count_background
from hstql_assets.lightcurves.time_bins import TimeBins
from hstql_assets.lightcurves.x1d_rates import X1dRates, find_exposure, follow, tells_background
from hstql_assets.time_resolved.cells import Cells


class Lost(NamedTuple):
    """The background in the source; arrays have the shape (intervals, cells).

    Parameters
    ----------
    counts : numpy.ndarray
        Whole events.
    flux, flux_variance : numpy.ndarray
        Sum over the calibrated columns, erg/cm2/Angstrom, and its variance.
    """

    counts: np.ndarray
    flux: np.ndarray
    flux_variance: np.ndarray


def spread_background(
    sums: BinSums, bins: TimeBins, cells: Cells, x1d: X1dRates, epsilon: float
) -> Lost:
    """Return the background that the x1d has, spread over time as its events came.

    Parameters
    ----------
    sums : BinSums
        Of the events of the file.
    bins : TimeBins
        The intervals.
    cells : Cells
        The wavelength bins.
    x1d : X1dRates
        Where it tells no background, that of the events is spread over the columns.
    epsilon : float
        EPSILON of a typical event.
    """
    live = bins.exposure_s
    if tells_background(x1d):
        starts_s, live_of = x1d.starts_s, x1d.find_live(bins)
        # Whole events are what gross counts.
        per_event = sums.net.sum() / max(sums.gross.sum(), 1.0) if x1d.is_weighted else 1.0
        counts = cells.background / (per_event if per_event > 0 else 1.0)
        flux = cells.background_flux
    else:
        starts_s, live_of = np.zeros(1), live.sum(keepdims=True)
        per_scale = sums.background.sum() / (live.sum() * cells.scale.sum() or np.inf)
        counts, flux = per_scale * np.array([[cells.scale], [epsilon * cells.scale_flux]])
    exposure = find_exposure(starts_s, bins.edges_s[:-1] + bins.widths_s / 2)
    course = follow(count_background(sums)[0], live, exposure)
    # An interval is of the exposure in its middle; what another has of it, others make up for.
    in_bins = np.bincount(exposure, live, len(starts_s))
    share = np.divide(live_of, in_bins, out=np.zeros_like(in_bins), where=in_bins > 0)
    mean_s = (live * share[exposure])[:, None]
    lost_s = mean_s * course.share[:, None]
    variance = (mean_s * flux[exposure]) ** 2 * course.variance[:, None]
    return Lost(lost_s * counts[exposure], lost_s * flux[exposure], variance)
