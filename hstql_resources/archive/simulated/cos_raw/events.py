"""Draw the events of a raw exposure as they are read: star, sky, lamp and stims.

The photons are those of `sky.photons`, moved to where they fall on the detector. Nothing is
left out and nothing flagged: that is the business of the calibration.
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.events import draw_pulse_heights
from hstql_resources.archive.simulated.cos.instrument import TICK_S, Readout, Stripe
from hstql_resources.archive.simulated.cos.photons import Photons, draw_photons
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure
from hstql_resources.archive.simulated.cos_raw.instrument import (
    LAMPS,
    STIMS,
    distortion_at,
    lamp_lines,
    lamp_row,
)
from hstql_resources.archive.simulated.sky.photons import SPEED_OF_LIGHT_KM_S

ROWS_MARGIN = 5  # more than any shift across the dispersion
LAMP_STREAM, STIM_STREAM = 50, 60  # far from the streams of the sky, which are 1 and 2
STIM_SIGMA = 1.5  # pixels


class RawEvents(NamedTuple):
    """Events of one readout, or of one origin; arrays have the shape (n,).

    Attributes
    ----------
    tick : ndarray of int
        Ticks of 0.032 s since the start.
    x, y : ndarray of float
        Column and row on the detector [pixel].
    pulse_height : ndarray of uint8
        0 to 31; all 0 on the NUV detector.
    """

    tick: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    pulse_height: NDArray[np.uint8]

    def select(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "RawEvents":
        """Return some of them: by a mask of shape (events,), or by their places, shape (n,)."""
        return RawEvents._make(array[chosen] for array in self)


def draw_raw_events(exposure: RawExposure, readout: Readout) -> RawEvents:
    """Return all events of one readout in the order of time, always the same.

    Places are whole pixels.
    """
    groups = [_draw_sky(exposure, readout)]
    groups += [_draw_lamp(exposure, readout, stripe) for stripe in readout.stripes]
    # The detector's window lets through what falls on it; stims are pulses behind it.
    groups = [_keep_active(group, readout) for group in groups]
    if exposure.place.detector == "FUV":
        groups = [_distort(group, readout) for group in groups]
        groups.append(_draw_stims(exposure, readout))
    joined = _join(groups)
    read = joined._replace(
        x=np.clip(np.rint(joined.x), 0, readout.columns - 1),
        y=np.clip(np.rint(joined.y), 0, readout.rows - 1),
    )
    return read.select(np.argsort(read.tick, kind="stable"))


def _draw_sky(exposure: RawExposure, readout: Readout) -> RawEvents:
    """Draw what could fall on the detector wherever the spectrum is shifted to."""
    rng = exposure.random_stream(1 + exposure.configuration.readouts.index(readout))
    margin = math.ceil(abs(exposure.shift1)) + 1
    left, right, bottom, top = readout.active
    wide = (left - margin, right + margin, bottom - ROWS_MARGIN, top + ROWS_MARGIN)
    photons = draw_photons(rng, exposure, replace(readout, active=wide))
    return _join([_detect(rng, exposure, readout, group) for group in photons])


def _detect(
    rng: np.random.Generator, exposure: RawExposure, readout: Readout, photons: Photons
) -> RawEvents:
    velocity = exposure.orbit.radial_velocity_at(photons.time_s)
    doppler = _resolution_at(readout, photons) * velocity / SPEED_OF_LIGHT_KM_S
    is_fuv = exposure.place.detector == "FUV"
    heights = draw_pulse_heights(rng, photons.time_s.size, photons.accepted if is_fuv else None)
    return RawEvents(
        tick=_to_ticks(exposure, photons.time_s),
        x=photons.x + exposure.shift1 + doppler,
        y=photons.y + exposure.shift2,
        pulse_height=heights,
    )


def _resolution_at(readout: Readout, photons: Photons) -> NDArray[np.float64]:
    """Return wavelength over dispersion in the spectrum that is nearest [pixel]."""
    start = np.array([stripe.wavelength_a / stripe.dispersion_a for stripe in readout.stripes])
    resolution: NDArray[np.float64] = start[readout.nearest_stripes(photons.y)] + photons.x
    return resolution


def _draw_lamp(exposure: RawExposure, readout: Readout, stripe: Stripe) -> RawEvents:
    detector = exposure.place.detector
    lamp = LAMPS[detector]
    rng = exposure.random_stream(LAMP_STREAM + ord(stripe.letter) - ord("A"))
    time_s = np.concatenate(
        [
            rng.uniform(on, off, rng.poisson(lamp.rate * (off - on)))
            for on, off in exposure.flashes_s
        ]
    )
    line_x, strength = np.array(lamp_lines(detector, stripe)).T
    x = rng.choice(line_x, time_s.size, p=strength / strength.sum())
    x = x + exposure.shift1 + rng.normal(0.0, lamp.sigma_x, time_s.size)
    y = lamp_row(detector, stripe) + stripe.slope * (x - readout.middle) + exposure.shift2
    return RawEvents(
        tick=_to_ticks(exposure, time_s),
        x=x,
        y=y + rng.normal(0.0, lamp.sigma_y, time_s.size),
        pulse_height=draw_pulse_heights(rng, time_s.size, 1.0 if detector == "FUV" else None),
    )


def _draw_stims(exposure: RawExposure, readout: Readout) -> RawEvents:
    stims = STIMS[readout.segment]
    rng = exposure.random_stream(STIM_STREAM + ord(readout.segment[-1]) - ord("A"))
    time_s = np.repeat(np.arange(0.0, exposure.duration_s, 1.0 / stims.rate), 2)
    middle = np.array([stims.first, stims.second])
    places = np.tile(middle, (time_s.size // 2, 1)) + rng.normal(0.0, STIM_SIGMA, (time_s.size, 2))
    heights = draw_pulse_heights(rng, time_s.size, 1.0)
    return RawEvents(_to_ticks(exposure, time_s), places[:, 0], places[:, 1], heights)


def _to_ticks(exposure: RawExposure, time_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the ticks of times [s since the start], shape (events,)."""
    return np.minimum((time_s / TICK_S).astype(np.int64), exposure.ticks - 1)


def _keep_active(events: RawEvents, readout: Readout) -> RawEvents:
    left, right, bottom, top = readout.active
    x, y = np.rint(events.x), np.rint(events.y)
    return events.select((x >= left) & (x <= right) & (y >= bottom) & (y <= top))


def _distort(events: RawEvents, readout: Readout) -> RawEvents:
    return events._replace(x=events.x + distortion_at(events.x, readout.columns))


def _join(groups: list[RawEvents]) -> RawEvents:
    return RawEvents._make(np.concatenate(arrays) for arrays in zip(*groups, strict=True))
