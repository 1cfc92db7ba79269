"""Extract the one-dimensional spectra that calstis would from a simulated event list.

An image of lo-res pixels is made of the events in good time, divided by the flat fields, and
summed along the traces. Rows at the ends of a box count with the fraction that is inside, as
in calstis (`x1dspec.c`, hstcal).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.stis.catalogue import Exposure, Repeat
from hstql_resources.archive.simulated.stis.detector import (
    DEAD_TIME_S,
    SERIOUS_FLAGS,
    flat_field,
    lo_res,
    map_flags,
)
from hstql_resources.archive.simulated.stis.instrument import COLUMNS, PIXELS, TICK_S, Order
from hstql_resources.archive.simulated.stis.photons import Events, doppler_magnitude

BACKGROUND_SMOOTHING = 101  # columns of the running mean


@dataclass(frozen=True)
class ExtractedSpectrum:
    """One row of an x1d: the order it is of, and arrays of shape (1024,).

    Attributes
    ----------
    wavelength_a : ndarray
        Wavelength [Angstrom].
    gross, background, net, net_error : ndarray
        Count/s in the box, corrected for flat field and dead time, and the error of `net`.
    flux, error : ndarray
        Flux density [erg/s/cm2/Angstrom]: `net` over the sensitivity and the fraction of the
        light that is in the box.
    flags : ndarray of int16
        Of all pixels in the box.
    trace : ndarray
        Row of the middle of the box [lo-res pixel].
    """

    order: Order
    wavelength_a: NDArray[np.float64]
    gross: NDArray[np.float64]
    background: NDArray[np.float64]
    net: NDArray[np.float64]
    net_error: NDArray[np.float64]
    flux: NDArray[np.float64]
    error: NDArray[np.float64]
    flags: NDArray[np.int16]
    trace: NDArray[np.float64]


def extract_spectra(
    exposure: Exposure, repeat: Repeat, events: Events
) -> tuple[ExtractedSpectrum, ...]:
    """Sum the events in good time along every order, column by column.

    Flagged pixels are left in, and their flags told, except in the background boxes, where
    those with a serious flag are left out.
    """
    image, variance = _make_images(repeat, events)
    flags = _spread_flags(exposure)
    return tuple(
        _extract_order(exposure, repeat, order, image, variance, flags)
        for order in exposure.setting.orders
    )


def is_good(repeat: Repeat, tick: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which ticks, shape (events,), are in good time."""
    time_s = tick * TICK_S
    good = np.zeros(tick.size, dtype=bool)
    for start_s, stop_s in repeat.good_intervals_s:
        good |= (time_s >= start_s) & (time_s < stop_s)
    return good


def find_linearity_factor(observed_rate: float) -> float:
    """Return the true rate of the detector [count/s] over the observed one, for its dead time.

    Notes
    -----
    Solves `observed = true exp(-tau true)` (STIS Data Handbook, section 3.4, GLINCORR).
    """
    true_rate = observed_rate
    for _ in range(20):  # each brings three digits or more
        true_rate = observed_rate * math.exp(DEAD_TIME_S * true_rate)
    return true_rate / observed_rate if observed_rate > 0 else 1.0


def overlap(
    row: NDArray[np.integer], lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how much of rows is between limits [lo-res pixel], 0 to 1; shapes are broadcast."""
    inside = np.minimum(row + 0.5, upper) - np.maximum(row - 0.5, lower)
    fraction: NDArray[np.float64] = np.clip(inside, 0.0, 1.0)
    return fraction


def _make_images(repeat: Repeat, events: Events) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return image of corrected events and its variance, shape (PIXELS, PIXELS) each."""
    column, row = lo_res(events.axis1), lo_res(events.axis2)
    on_detector = lo_res(events.detector_axis1)
    in_good_time = is_good(repeat, events.tick)
    keep = in_good_time & (column >= 1) & (column <= PIXELS)
    linearity = find_linearity_factor(np.count_nonzero(in_good_time) / repeat.exposure_time_s)
    weight = linearity / flat_field()[row[keep] - 1, on_detector[keep] - 1]
    pixel = (row[keep] - 1) * PIXELS + column[keep] - 1
    image = np.zeros((2, PIXELS, PIXELS))
    for power in (1, 2):
        image[power - 1].flat = np.bincount(pixel, weight**power, PIXELS**2)
    return image[0], image[1]


def _spread_flags(exposure: Exposure) -> NDArray[np.int16]:
    """Return the flags of the image: those of the pixels, as far as the Doppler shift goes."""
    flags = map_flags(exposure.setting.opt_elem)
    spread = flags.copy()
    for columns in range(1, int(np.ceil(doppler_magnitude(exposure) / 2.0)) + 1):
        spread[:, columns:] |= flags[:, :-columns]
        spread[:, :-columns] |= flags[:, columns:]
    return spread


def _extract_order(
    exposure: Exposure,
    repeat: Repeat,
    order: Order,
    image: NDArray[np.float64],
    variance: NDArray[np.float64],
    flags: NDArray[np.int16],
) -> ExtractedSpectrum:
    """Sum images [count], shape (PIXELS, PIXELS), in the box along the trace of an order."""
    setting = exposure.setting
    time_s = repeat.exposure_time_s
    trace = order.trace_at(COLUMNS, exposure.shift2)
    wavelength_a = order.wavelength_at(COLUMNS, exposure.shift1)
    rows, weights = _box(trace, setting.box_rows)
    columns = np.arange(PIXELS)
    gross = (image[rows - 1, columns] * weights).sum(axis=0)
    spread = (variance[rows - 1, columns] * weights).sum(axis=0)
    per_pixel, per_pixel_variance = _background(exposure, order, trace, image, variance, flags)
    background = per_pixel * setting.box_rows
    net_error = np.sqrt(spread + per_pixel_variance * setting.box_rows**2)
    response = order.sensitivity_at(wavelength_a) * setting.enclosed_in_image * time_s
    touched = np.where(weights > 0.0, flags[rows - 1, columns], 0)
    return ExtractedSpectrum(
        order=order,
        wavelength_a=wavelength_a,
        gross=gross / time_s,
        background=background / time_s,
        net=(gross - background) / time_s,
        net_error=net_error / time_s,
        flux=(gross - background) / response,
        error=net_error / response,
        flags=np.bitwise_or.reduce(touched, axis=0).astype(np.int16),
        trace=trace,
    )


def _box(middle: NDArray[np.float64], height: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows that a box touches, from 1, and their weights; shape (height + 1, 1024)."""
    lower, upper = middle - height / 2.0, middle + height / 2.0
    first = np.floor(lower + 0.5).astype(np.int64)
    rows = first + np.arange(height + 1)[:, np.newaxis]
    return rows, overlap(rows, lower, upper)


def _background(
    exposure: Exposure,
    order: Order,
    trace: NDArray[np.float64],
    image: NDArray[np.float64],
    variance: NDArray[np.float64],
    flags: NDArray[np.int16],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the background [count/pixel] in every column, smoothed, and its variance.

    Images have the shape (PIXELS, PIXELS); `trace` [lo-res row] and results (PIXELS,).
    """
    columns = np.arange(PIXELS)
    counts, spread, area = np.zeros((3, PIXELS))
    for offset, height in zip(
        order.background_offsets, exposure.setting.background_rows, strict=True
    ):
        rows, weights = _box(trace + offset, height)
        weights = np.where(flags[rows - 1, columns] & SERIOUS_FLAGS, 0.0, weights)
        counts += (image[rows - 1, columns] * weights).sum(axis=0)
        spread += (variance[rows - 1, columns] * weights).sum(axis=0)
        area += weights.sum(axis=0)
    counts, spread, area = (_running_sum(values) for values in (counts, spread, area))
    return counts / area, spread / area**2


def _running_sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum over the columns around each, shape (columns,)."""
    return np.convolve(values, np.ones(BACKGROUND_SMOOTHING), mode="same")
