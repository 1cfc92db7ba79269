"""Draw the event lists of a simulated STIS exposure: source, background, hot pixels.

When and where photons are counted. The flat fields are the chance that a photon is; so the
events, each weighted with one over the flat field, are what arrived.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.sky.orbit import RADIAL_SPEED_KM_S
from hstql_resources.archive.simulated.sky.photons import (
    SPEED_OF_LIGHT_KM_S,
    draw_times,
    pick_columns,
)
from hstql_resources.archive.simulated.stis.catalogue import Exposure, Repeat
from hstql_resources.archive.simulated.stis.detector import (
    BACKGROUND_RATE,
    HOT_RATE,
    HOT_SPOT,
    flat_field,
    lo_res,
)
from hstql_resources.archive.simulated.stis.instrument import COLUMNS, PIXELS, TICK_S, Order

FIRST_EDGE, LAST_EDGE = 0.5, PIXELS + 0.5


@dataclass(frozen=True)
class Events:
    """An event list in the order of time, with the columns of a tag file.

    Attributes
    ----------
    tick : ndarray of int, shape (n,)
        Time in ticks of 0.000125 s since the start.
    axis1, axis2 : ndarray of int16, shape (n,)
        Hi-res pixel, counted from 1, with the Doppler shift of the orbit taken out of axis1,
        so that it can be off the detector by a few pixels.
    detector_axis1 : ndarray of int16, shape (n,)
        Where on the detector it was.
    """

    tick: NDArray[np.int64]
    axis1: NDArray[np.int16]
    axis2: NDArray[np.int16]
    detector_axis1: NDArray[np.int16]


class _Photons(NamedTuple):
    """Times [s] of one origin, and hi-res pixels: with Doppler shift taken out, row, raw."""

    time_s: NDArray[np.float64]
    axis1: NDArray[np.int64]
    axis2: NDArray[np.int64]
    detector_axis1: NDArray[np.int64]


def draw_events(exposure: Exposure, repeat: Repeat) -> Events:
    """Return the event list of one repeat of an exposure, always the same."""
    rng = exposure.random_stream(repeat.number)
    excess = float(flat_field().max())
    source = _draw_source(rng, exposure, repeat, excess)
    background = _draw_background(rng, exposure, repeat, BACKGROUND_RATE * excess)
    hot = _draw_hot_pixels(rng, exposure, repeat)
    groups = [_pass_flat(rng, source, excess), _pass_flat(rng, background, excess), hot]
    joined = _Photons._make(np.concatenate(arrays) for arrays in zip(*groups, strict=True))
    order = np.argsort(joined.time_s, kind="stable")
    return Events(
        tick=np.minimum((joined.time_s[order] / TICK_S).astype(np.int64), repeat.ticks - 1),
        axis1=joined.axis1[order].astype(np.int16),
        axis2=joined.axis2[order].astype(np.int16),
        detector_axis1=joined.detector_axis1[order].astype(np.int16),
    )


def source_rates(exposure: Exposure, order: Order) -> NDArray[np.float64]:
    """Return the source count/s in lo-res columns, all rows, at brightness 1, shape (PIXELS,)."""
    wavelength_a = order.wavelength_at(COLUMNS, exposure.shift1)
    flux = exposure.target.spectrum.flux_at(wavelength_a)
    rates: NDArray[np.float64] = flux * order.sensitivity_at(wavelength_a)
    return rates


def doppler_magnitude(exposure: Exposure) -> float:
    """Return the largest Doppler shift of the orbit [hi-res pixel]."""
    velocity = RADIAL_SPEED_KM_S / SPEED_OF_LIGHT_KM_S
    return 2.0 * exposure.setting.doppler_pixels * velocity


def doppler_shift(
    exposure: Exposure, repeat: Repeat, time_s: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the Doppler shift [hi-res pixel] at times [s since the start], shape (n,)."""
    velocity = exposure.orbit.radial_velocity_at(repeat.offset_s + time_s) / SPEED_OF_LIGHT_KM_S
    return np.rint(2.0 * exposure.setting.doppler_pixels * velocity).astype(np.int64)


def _draw_source(
    rng: np.random.Generator, exposure: Exposure, repeat: Repeat, excess: float
) -> _Photons:
    orders = exposure.setting.orders
    rates = np.concatenate([source_rates(exposure, order) for order in orders])
    law = exposure.target.variability
    time_s = draw_times(rng, rates.sum() * excess * law.maximum, repeat.duration_s)
    brightness = law.brightness_at(repeat.start_mjd, time_s)
    time_s = time_s[rng.random(time_s.size) * law.maximum < brightness]
    pick = pick_columns(rng, rates, time_s.size)
    which, column = np.divmod(np.minimum(pick, rates.size - 1), PIXELS)
    x = column + 1.0 + rng.uniform(-0.5, 0.5, time_s.size)
    y = exposure.setting.sigma * rng.standard_normal(time_s.size)
    for index, order in enumerate(orders):
        here = which == index
        y[here] += order.trace_at(x[here], exposure.shift2)
    axis1 = _to_hi_res(x)
    raw = np.clip(axis1 + doppler_shift(exposure, repeat, time_s), 1, 2 * PIXELS)
    return _Photons(time_s, axis1, _to_hi_res(y), raw)


def _draw_background(
    rng: np.random.Generator, exposure: Exposure, repeat: Repeat, rate: float
) -> _Photons:
    time_s = draw_times(rng, rate * PIXELS**2, repeat.duration_s)
    x, y = rng.uniform(FIRST_EDGE, LAST_EDGE, (2, time_s.size))
    return _fix_to_detector(exposure, repeat, time_s, x, y)


def _draw_hot_pixels(rng: np.random.Generator, exposure: Exposure, repeat: Repeat) -> _Photons:
    time_s = draw_times(rng, HOT_RATE * HOT_SPOT.length, repeat.duration_s)
    x = HOT_SPOT.pix1 + rng.uniform(-0.5, 0.5, time_s.size)
    y = HOT_SPOT.pix2 + rng.uniform(-0.5, HOT_SPOT.length - 0.5, time_s.size)
    return _fix_to_detector(exposure, repeat, time_s, x, y)


def _fix_to_detector(
    exposure: Exposure,
    repeat: Repeat,
    time_s: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> _Photons:
    """Return photons at lo-res positions, shape (n,), that do not move when the spectrum does."""
    raw = _to_hi_res(x)
    axis1 = raw - doppler_shift(exposure, repeat, time_s)
    return _Photons(time_s, axis1, _to_hi_res(y), raw)


def _to_hi_res(position: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the hi-res pixels of lo-res positions, shape (n,)."""
    # Lo-res pixel 1 spans 0.5 to 1.5, and has the hi-res pixels 1 and 2 in it.
    return np.floor(2.0 * position).astype(np.int64)


def _pass_flat(rng: np.random.Generator, photons: _Photons, excess: float) -> _Photons:
    """Return the photons that are counted, of `excess` times those that arrive."""
    efficiency = flat_field()[lo_res(photons.axis2) - 1, lo_res(photons.detector_axis1) - 1]
    keep = rng.random(photons.time_s.size) * excess < efficiency
    return _Photons._make(array[keep] for array in photons)
