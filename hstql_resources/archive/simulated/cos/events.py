"""Draw the event lists of a simulated exposure, one for each readout.

Photons become events here: each gets what the detector and CalCOS would say of it, which
is pulse height, flags, flat field and corrected positions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.instrument import PULSE_HEIGHT, TICK_S, Readout
from hstql_resources.archive.simulated.cos.photons import Photons, draw_photons
from hstql_resources.archive.simulated.sky.photons import SPEED_OF_LIGHT_KM_S

PULSE_HEIGHT_RANGE = (2, 23)  # what is in it is a photon
PULSE_HEIGHTS_OUTSIDE = np.array([0, 1, 24, 25, 26, 27, 28, 29, 30, 31], dtype=np.uint8)

FLAT_AMPLITUDE = 0.03


@dataclass(frozen=True)
class Events:
    """An event list in the order of time, with the columns of a corrtag file.

    Attributes
    ----------
    tick : ndarray of int, shape (n,)
        Time in ticks of 0.032 s since the start.
    raw_x, raw_y : ndarray of int16, shape (n,)
        Raw pixel.
    x_corr, y_corr, x_dopp, x_full, y_full : ndarray of float32, shape (n,)
        Position after each correction [pixel]; no x_full or y_full ends in exactly .5.
    wavelength_a : ndarray of float32, shape (n,)
        Wavelength [Angstrom]; of the nearest spectrum on a detector with several.
    epsilon : ndarray of float32, shape (n,)
        Weight that corrects for the flat field.
    flags : ndarray of int16, shape (n,)
        Data quality.
    pulse_height : ndarray of uint8, shape (n,)
        0 on the NUV detector, which measures none.
    """

    tick: NDArray[np.int64]
    raw_x: NDArray[np.int16]
    raw_y: NDArray[np.int16]
    x_corr: NDArray[np.float32]
    y_corr: NDArray[np.float32]
    x_dopp: NDArray[np.float32]
    x_full: NDArray[np.float32]
    y_full: NDArray[np.float32]
    wavelength_a: NDArray[np.float32]
    epsilon: NDArray[np.float32]
    flags: NDArray[np.int16]
    pulse_height: NDArray[np.uint8]

    @property
    def column(self) -> NDArray[np.int64]:
        """Detector pixel along the dispersion."""
        return np.rint(self.x_full).astype(np.int64)

    @property
    def row(self) -> NDArray[np.int64]:
        """Detector pixel across the dispersion."""
        return np.rint(self.y_full).astype(np.int64)


def draw_events(exposure: Exposure, readout: Readout) -> Events:
    """Return the event list of one readout of an exposure, always the same."""
    # Streams are numbered from 1: [seed, index, 0] would be the stream [seed, index].
    rng = exposure.random_stream(1 + exposure.configuration.readouts.index(readout))
    photons = draw_photons(rng, exposure, readout)
    return _detect(rng, exposure, readout, photons)


def flat_field(x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the weight of events, around 1, in pixels x and y, shape (events,)."""
    weight: NDArray[np.float64] = 1.0 + FLAT_AMPLITUDE * np.sin(2.4 * x) * np.cos(1.7 * y)
    return weight


def _detect(
    rng: np.random.Generator, exposure: Exposure, readout: Readout, photons: list[Photons]
) -> Events:
    time_s = np.concatenate([group.time_s for group in photons])
    order = np.argsort(time_s, kind="stable")
    time_s = time_s[order]
    x_full = _avoid_halves(np.concatenate([group.x for group in photons])[order])
    y_full = _avoid_halves(np.concatenate([group.y for group in photons])[order])
    accepted = np.repeat(
        [group.accepted for group in photons], [group.time_s.size for group in photons]
    )[order]
    column, row = np.rint(x_full).astype(np.int64), np.rint(y_full).astype(np.int64)
    tick = np.minimum((time_s / TICK_S).astype(np.int64), exposure.ticks - 1)
    wavelength_a = _wavelengths(readout, x_full, row)
    velocity = exposure.orbit.radial_velocity_at(time_s)
    dispersion_a = readout.stripes[0].dispersion_a
    x_dopp = x_full + exposure.shift1
    x_corr = x_dopp + wavelength_a * velocity / SPEED_OF_LIGHT_KM_S / dispersion_a
    y_corr = y_full + exposure.shift2
    is_fuv = exposure.configuration.detector == "FUV"
    pulse_height = draw_pulse_heights(rng, time_s.size, accepted if is_fuv else None)
    return Events(
        tick=tick,
        raw_x=_to_raw(x_corr, readout.columns),
        raw_y=_to_raw(y_corr, readout.rows),
        x_corr=x_corr.astype(np.float32),
        y_corr=y_corr.astype(np.float32),
        x_dopp=x_dopp.astype(np.float32),
        x_full=x_full,
        y_full=y_full,
        wavelength_a=wavelength_a.astype(np.float32),
        epsilon=flat_field(column, row).astype(np.float32),
        flags=_flag(exposure, readout, tick, column, row, pulse_height),
        pulse_height=pulse_height,
    )


def _avoid_halves(position: NDArray[np.float64]) -> NDArray[np.float32]:
    """Move positions [pixel], shape (n,), that end in exactly .5: ways of rounding differ there."""
    single = position.astype(np.float32)
    return np.where(single % 1.0 == 0.5, np.nextafter(single, np.float32(0.0)), single)


def _wavelengths(
    readout: Readout, x: NDArray[np.float32], row: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return wavelengths [Angstrom] by the nearest stripe at pixels x and row, shape (events,)."""
    nearest = readout.nearest_stripes(row)
    start_a = np.array([stripe.wavelength_a for stripe in readout.stripes])[nearest]
    step_a = np.array([stripe.dispersion_a for stripe in readout.stripes])[nearest]
    wavelength_a: NDArray[np.float64] = start_a + step_a * x
    return wavelength_a


def _to_raw(position: NDArray[np.floating], size: int) -> NDArray[np.int16]:
    """Return whole pixels on a detector `size` pixels wide, shape (events,)."""
    raw: NDArray[np.int16] = np.clip(np.rint(position), 0, size - 1).astype(np.int16)
    return raw


def draw_pulse_heights(
    rng: np.random.Generator, size: int, accepted: float | NDArray[np.float64] | None
) -> NDArray[np.uint8]:
    """Return `size` pulse heights, 0 to 31, shape (size,).

    `accepted`, one fraction or shape (size,), of them are good; None: all are 0, not measured.
    """
    if accepted is None:
        return np.zeros(size, dtype=np.uint8)
    inside = np.clip(np.rint(rng.normal(11.0, 3.0, size)), *PULSE_HEIGHT_RANGE)
    outside = rng.choice(PULSE_HEIGHTS_OUTSIDE, size)
    return np.where(rng.random(size) < accepted, inside, outside).astype(np.uint8)


def _flag(
    exposure: Exposure,
    readout: Readout,
    tick: NDArray[np.int64],
    column: NDArray[np.int64],
    row: NDArray[np.int64],
    pulse_height: NDArray[np.uint8],
) -> NDArray[np.int16]:
    """Return DQ of events at pixels column and row; all arrays of shape (events,), ticks sorted."""
    flags = np.zeros(tick.size, dtype=np.int16)
    for flaw in readout.flaws:
        inside = (column >= flaw.left) & (column <= flaw.right)
        inside &= (row >= flaw.bottom) & (row <= flaw.top)
        flags[inside] |= flaw.flag
    if exposure.configuration.detector == "FUV":
        lowest, highest = PULSE_HEIGHT_RANGE
        flags[(pulse_height < lowest) | (pulse_height > highest)] |= PULSE_HEIGHT
    if exposure.gap is not None:
        first, last = np.searchsorted(tick, [exposure.gap.start_tick, exposure.gap.stop_tick])
        flags[first:last] |= exposure.gap.flag
    return flags
