"""Extract the one-dimensional spectrum that CalCOS would from a simulated event list.

The same recipe as CalCOS, so that GCOUNTS is the number of accepted events, column by
column; the geometry is in `zones`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.events import Events
from hstql_resources.archive.simulated.cos.instrument import (
    OUT_OF_BOUNDS,
    REJECTED,
    Readout,
    Stripe,
)
from hstql_resources.archive.simulated.cos.zones import (
    Zone,
    enclosed_fraction,
    trace_backgrounds,
    trace_inner,
    trace_source,
)

BACKGROUND_SMOOTHING = 101  # columns of the running mean


@dataclass(frozen=True)
class ExtractedSpectrum:
    """One row of an x1d: scalars, and arrays of shape (n,).

    Attributes
    ----------
    segment : str
        `FUVA`, `FUVB`, `NUVA`, `NUVB` or `NUVC`.
    exposure_time_s : float
        Sum of the good time [s].
    wavelength_a : ndarray
        Wavelength [Angstrom].
    flux, error : ndarray
        Flux density and its upper error [erg/s/cm2/Angstrom].
    gross_counts : ndarray
        Number of accepted events in the source zone.
    gross, net, background : ndarray
        Count/s: events, what is left of them after flat field and background, background.
    dq, dq_outer : ndarray of int16
        Flags in the inner zone, and in all rows.
    dq_weight : ndarray
        0 where a flag is serious, else 1.
    zone, inner : Zone
        The rows summed, and their core.
    enclosed : ndarray
        Fraction of the source's light in the rows, by which `net` has been divided; all 1
        for a box, as CalCOS has it.
    """

    segment: str
    exposure_time_s: float
    wavelength_a: NDArray[np.float64]
    flux: NDArray[np.float64]
    error: NDArray[np.float64]
    gross_counts: NDArray[np.float64]
    gross: NDArray[np.float64]
    net: NDArray[np.float64]
    background: NDArray[np.float64]
    dq: NDArray[np.int16]
    dq_outer: NDArray[np.int16]
    dq_weight: NDArray[np.float64]
    zone: Zone
    inner: Zone
    enclosed: NDArray[np.float64]


def extract_spectrum(
    exposure: Exposure, readout: Readout, stripe: Stripe, events: Events
) -> ExtractedSpectrum:
    """Sum the accepted events of one spectrum, column by column.

    Notes
    -----
    An event is in column `round(XFULL)`, in row `round(YFULL)`, and rejected by the flags
    for burst, pulse height and bad time. With G the number of events, E the sum of their weights, B
    the weighted events of both background boxes per row (running mean) times the number of
    rows, and f the enclosed fraction, `net = (E - B) / f / exposure time` for TWOZONE,
    `net = E / G (G - B) / exposure time` for BOXCAR (E / G being 1 without events), and
    `flux = net / sensitivity`. The error is Gehrels' upper limit, `1 + sqrt(v + 0.75)`
    counts (1986ApJ...303..336G), where v is the variance of `E - B`.
    """
    algorithm = exposure.configuration.algorithm
    time_s = exposure.exposure_time_s
    wavelength_a = stripe.wavelength_at(readout.table_columns.astype(np.float64))
    sensitivity = stripe.sensitivity_at(wavelength_a)
    zone = trace_source(readout, stripe, algorithm)
    inner = trace_inner(zone, algorithm)
    enclosed = (
        enclosed_fraction(readout, stripe, algorithm)
        if algorithm == "TWOZONE"
        else np.ones(wavelength_a.size)
    )
    accepted = _Accepted.from_events(events, readout)
    counts = accepted.sum_within(zone)
    weighted = accepted.sum_within(zone, weighted=True)
    background = _background_counts(accepted, readout, stripe, zone)
    background_rows = 2 * stripe.background_height
    variance = weighted + background * zone.height / background_rows / BACKGROUND_SMOOTHING
    if algorithm == "TWOZONE":
        net = (weighted - background) / enclosed / time_s
    else:
        mean_weight = np.divide(weighted, counts, out=np.ones(counts.size), where=counts > 0)
        net = mean_weight * (counts - background) / time_s
    dq = _collect_flags(readout, inner)
    return ExtractedSpectrum(
        segment=stripe.segment,
        exposure_time_s=time_s,
        wavelength_a=wavelength_a,
        flux=net / sensitivity,
        error=(1.0 + np.sqrt(variance + 0.75)) / time_s / sensitivity,
        gross_counts=counts,
        gross=counts / time_s,
        net=net,
        background=background / time_s,
        dq=dq,
        dq_outer=_collect_flags(readout, zone),
        dq_weight=np.where(dq & exposure.configuration.serious_flags, 0.0, 1.0),
        zone=zone,
        inner=inner,
        enclosed=enclosed,
    )


@dataclass(frozen=True)
class _Accepted:
    """The accepted events: element of the x1d row, detector row, weight; shape (m,)."""

    element: NDArray[np.int64]
    row: NDArray[np.int64]
    weight: NDArray[np.float32]
    size: int

    @classmethod
    def from_events(cls, events: Events, readout: Readout) -> "_Accepted":
        keep = events.flags & REJECTED == 0
        return cls(
            element=events.column[keep] + readout.column_offset,
            row=events.row[keep],
            weight=events.epsilon[keep],
            size=readout.table_columns.size,
        )

    def sum_within(self, zone: Zone, *, weighted: bool = False) -> NDArray[np.float64]:
        inside = (self.row >= zone.lower[self.element]) & (self.row <= zone.upper[self.element])
        weights = self.weight[inside] if weighted else None
        counts = np.bincount(self.element[inside], weights, minlength=self.size)
        return counts.astype(np.float64)


def _background_counts(
    accepted: _Accepted, readout: Readout, stripe: Stripe, zone: Zone
) -> NDArray[np.float64]:
    boxes = trace_backgrounds(readout, stripe)
    total = sum((accepted.sum_within(box, weighted=True) for box in boxes), np.float64(0.0))
    smooth, active = np.zeros(accepted.size), readout.active_elements
    smooth[active] = _running_mean(np.asarray(total)[active])
    return smooth * zone.height / (2 * stripe.background_height)


def _running_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the columns around each, shape (columns,); fewer of them at the ends."""
    half = BACKGROUND_SMOOTHING // 2
    index = np.arange(values.size)
    start, stop = np.maximum(index - half, 0), np.minimum(index + half + 1, values.size)
    cumulative = np.concatenate([[0.0], np.cumsum(values)])
    mean: NDArray[np.float64] = (cumulative[stop] - cumulative[start]) / (stop - start)
    return mean


def _collect_flags(readout: Readout, zone: Zone) -> NDArray[np.int16]:
    column = readout.table_columns
    flags = np.zeros(column.size, dtype=np.int16)
    flags[(column < readout.active[0]) | (column > readout.active[1])] = OUT_OF_BOUNDS
    for flaw in readout.flaws:
        touched = (column >= flaw.left) & (column <= flaw.right)
        touched &= (zone.lower <= flaw.top) & (zone.upper >= flaw.bottom)
        flags[touched] |= flaw.flag
    return flags
