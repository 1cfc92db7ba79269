"""Sum events per time bin.

What an event counts is the business of its instrument, see `event_weights`. The events go by in
blocks; the memory does not grow with their number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hstql_assets.lightcurves.event_weights import EventWeights, Weights
from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.quality import OddEvents, TimeOrder, not_finite
from hstql_assets.lightcurves.time_bins import TimeBins


@dataclass(frozen=True)
class BinSums:
    """What the events of a file add up to in each time bin; arrays have the shape (bins,).

    Parameters
    ----------
    gross : numpy.ndarray
        Events in the source regions.
    background : numpy.ndarray
        Events in the background regions, each times its scale.
    variance : numpy.ndarray
        Poisson variance of gross - background: gross + sum of scale^2 over background events.
    flux : numpy.ndarray
        Sum of EPSILON x flux_per_count of the source less that of the scaled background,
        erg/cm2/Angstrom.
    flux_variance : numpy.ndarray
        Poisson variance of `flux`.
    flux_columns : int
        Columns that `flux` is the sum over.
    wave_min, wave_max : float
        Shortest and longest wavelength counted, Angstrom; NaN if none.
    remarks : tuple of str
        What is odd about the events, a sentence each.
    """

    gross: np.ndarray
    background: np.ndarray
    variance: np.ndarray
    flux: np.ndarray
    flux_variance: np.ndarray
    flux_columns: int
    wave_min: float
    wave_max: float
    remarks: tuple[str, ...]


def add_sums(parts: Sequence[BinSums]) -> BinSums:
    """Add up the files of one exposure, in the same bins."""
    return BinSums(
        gross=np.sum([part.gross for part in parts], axis=0),
        background=np.sum([part.background for part in parts], axis=0),
        variance=np.sum([part.variance for part in parts], axis=0),
        flux=np.sum([part.flux for part in parts], axis=0),
        flux_variance=np.sum([part.flux_variance for part in parts], axis=0),
        flux_columns=sum(part.flux_columns for part in parts),
        wave_min=float(np.fmin.reduce([part.wave_min for part in parts])),
        wave_max=float(np.fmax.reduce([part.wave_max for part in parts])),
        remarks=tuple(remark for part in parts for remark in part.remarks),
    )


def sum_events(events: EventFile, worth: EventWeights, bins: TimeBins) -> BinSums:
    """Count the events of a file by what they are worth and in time.

    Raises
    ------
    BadData
        Unreadable, Non-linear time, Singular event, or none that fits: what only events show.
    """
    order, odd = TimeOrder(events), OddEvents(events)
    sums = np.zeros((5, bins.count))
    for block in events.blocks():
        times = events.layout.column(block, "TIME")
        order.show(times)
        bin_index = bins.index(times)
        is_accepted = (events.layout.column(block, "DQ") & worth.rejected_dq) == 0
        epsilon = events.layout.column(block, "EPSILON")
        odd.show(times, is_accepted, epsilon)
        kept = is_accepted & (bin_index >= 0)
        is_counted, places = worth.locate(block)
        kept &= is_counted
        chosen = np.flatnonzero(kept)
        _add(sums, bin_index[chosen], worth.weigh(places, chosen), epsilon[chosen])
    order.finish()
    gross, background, variance, flux, flux_variance = sums
    if not np.isfinite(flux).all():  # only EPSILON can do that: all else is finite
        raise not_finite(events, "EPSILON")
    remarks = odd.finish(worth.nowhere)
    wave_min, wave_max = worth.wave_span
    return BinSums(
        gross=gross,
        background=background,
        variance=variance,
        flux=flux,
        flux_variance=flux_variance,
        flux_columns=worth.flux_columns,
        wave_min=wave_min,
        wave_max=wave_max,
        remarks=remarks,
    )


@np.errstate(invalid="ignore")  # what is no number shows in the sums
def _add(sums: np.ndarray, bin_index: np.ndarray, weights: Weights, epsilon: np.ndarray) -> None:
    """Add the m chosen events of a block to the sums, shape (5, bins), ordered as in `BinSums`.

    Bin numbers (ascending), weights and EPSILON have the shape (m,).
    """
    if not len(bin_index):
        return
    gross, background, flux = weights
    flux *= epsilon
    # Events come in the order of time: those of a bin stand together. Adding up each run is ten
    # times as fast as a histogram.
    runs = np.append(0, np.flatnonzero(bin_index[1:] != bin_index[:-1]) + 1)
    # An event's part of the variance is the square of what it adds to the sum.
    parts = (gross, background, (gross - background) ** 2, flux, flux**2)
    for row, part in zip(sums, parts, strict=True):
        row[bin_index[runs]] += np.add.reduceat(part, runs)
