"""Expose the IR detector to the sky: it is read several times while the charge grows.

The last read comes first in the files, as in real ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.lamps import lamp_rates
from hstql_resources.archive.simulated.cameras.pixels import (
    COSMIC_RAY,
    HOT,
    NOISE_STREAM,
    SATURATED,
    Calibrated,
    hot_rates,
    strike,
)
from hstql_resources.archive.simulated.cameras.scene import sky_rates
from hstql_resources.archive.simulated.cameras.settings import FIRST_SAMPLE_S, SAMPLE_TIMES_S
from hstql_resources.archive.simulated.cameras.snowballs import fall, spread
from hstql_resources.archive.simulated.cameras.telegraph import telegraph_rates
from hstql_resources.archive.simulated.cameras.traps import persistence_rates

MAXIMUM_DN = np.iinfo(np.uint16).max
LEVEL_STREAM = 96
START_DN, WALK_DN = 2.0, 1.5  # how unlike exposures are, and reads
STEP_SHARE = 0.25  # of the exposures in which a read is off
STEPS_DN = (20.0, 60.0)
KTC_NOISE_DN = 25.0  # the charge that a reset leaves in a pixel, the same in all reads


@dataclass(frozen=True)
class Read:
    """One read, with a border of reference pixels.

    Attributes
    ----------
    number : int
        SAMPNUM: 0 is the first.
    time_s, interval_s : float
        Time since the first read, and since the one before [s]; the first has 0 and 0.
    raw : ndarray of uint16, shape of the raw frame
        As read out [DN].
    level_dn : float
        Mean level of its reference pixels [DN].
    science, error : ndarray of float32, shape of the raw frame
        Calibrated, and its error [electron/s].
    flags : ndarray of int16, shape of the raw frame
        Data quality.
    """

    number: int
    time_s: float
    interval_s: float
    raw: NDArray[np.uint16]
    level_dn: float
    science: NDArray[np.float32]
    error: NDArray[np.float32]
    flags: NDArray[np.int16]


@dataclass(frozen=True)
class Ramp(Calibrated):
    """All that the detector says of an exposure: the slope of the ramp, and what it is of.

    Attributes
    ----------
    reads : tuple of Read
        The last one first.
    """

    reads: tuple[Read, ...]


def expose_ramp(exposure: Exposure) -> Ramp:
    """Return the reads of an exposure, and what the pipeline makes of them."""
    (frame,) = exposure.frames
    rng = exposure.random_stream(NOISE_STREAM)
    hot = hot_rates(exposure, frame)
    rates = hot + exposure.dark_rate
    if exposure.slot.is_external:
        rates = rates + sky_rates(exposure, frame)
    if exposure.slot.lamp_e:
        rates = rates + lamp_rates(exposure, frame)
    rates = rates + persistence_rates(exposure, frame) + telegraph_rates(exposure, frame)
    steps_s = np.diff(SAMPLE_TIMES_S, prepend=-FIRST_SAMPLE_S)
    light = [rng.poisson(rates * step_s).astype(np.float64) for step_s in steps_s]
    rays = [strike(rng, frame.shape, _touched(frame, step_s)) for step_s in steps_s]
    for one in fall(exposure):
        rays[one.read] += spread(one, frame)
    pedestal = _make_pedestal(rng, frame)
    reads: list[Read] = []
    charge, flags = np.zeros(frame.shape), (hot > 0).astype(np.int16) * HOT
    zeroth: NDArray[np.float32] | None = None
    offsets = reference_offsets(exposure)
    for number, time_s in enumerate(SAMPLE_TIMES_S):
        charge = charge + light[number] + rays[number]
        flags = flags | ((rays[number] > 0) * COSMIC_RAY).astype(np.int16)
        flags |= ((charge > frame.detector.full_well_e) * SATURATED).astype(np.int16)
        steady = _read_out(rng, frame, charge, pedestal)
        electrons = _to_electrons(frame, steady)
        raw = _offset(steady, offsets[number])
        zeroth = electrons if zeroth is None else zeroth
        science = (electrons - zeroth) / np.float32(time_s or 1.0)
        reads.append(
            Read(
                number=number,
                time_s=time_s,
                interval_s=round(float(steps_s[number]), 6) if number else 0.0,
                raw=raw,
                level_dn=float(raw[_border(frame)].mean()),
                science=_finish(exposure, frame, science, number),
                error=_error_of(frame, science, time_s),
                flags=_with_border(frame, flags),
            )
        )
    return _fit(frame, tuple(reversed(reads)), rays, hot > 0)


def reference_offsets(exposure: Exposure) -> NDArray[np.int64]:
    """Return how far all levels are from what is usual in each read [DN], shape (reads,).

    They walk from read to read, and begin elsewhere in each exposure. In one of four a single read
    is off by more. Whole numbers, so that what is calibrated is the same without them.
    """
    rng = exposure.random_stream(LEVEL_STREAM)
    reads = len(SAMPLE_TIMES_S)
    walk = np.cumsum(rng.normal(0.0, WALK_DN, reads)) + rng.normal(0.0, START_DN)
    if rng.random() < STEP_SHARE:
        walk[rng.integers(1, reads - 1)] += rng.uniform(*STEPS_DN)
    offsets: NDArray[np.int64] = np.rint(walk).astype(np.int64)
    return offsets


def _offset(raw: NDArray[np.uint16], offset: int) -> NDArray[np.uint16]:
    """Move a read [DN], shape of the raw frame; what is full stays so."""
    moved = np.clip(raw.astype(np.int64) + offset, 0, MAXIMUM_DN).astype(np.uint16)
    return np.where(raw == MAXIMUM_DN, raw, moved)


def _border(frame: Frame) -> NDArray[np.bool_]:
    """Return which pixels are reference pixels, shape of the raw frame."""
    border = np.ones(frame.raw_shape, dtype=bool)
    border[_inside(frame)] = False
    return border


def _touched(frame: Frame, step_s: float) -> float:
    return frame.detector.cosmic_ray_rate * float(step_s)


def _make_pedestal(rng: np.random.Generator, frame: Frame) -> NDArray[np.float32]:
    pedestal = KTC_NOISE_DN * rng.standard_normal(frame.raw_shape, dtype=np.float32)
    for name, rows, columns in frame.quadrants():
        pedestal[rows, columns] += frame.detector.bias_dn[name]
    return pedestal


def _read_out(
    rng: np.random.Generator,
    frame: Frame,
    charge: NDArray[np.float64],
    pedestal: NDArray[np.float32],
) -> NDArray[np.uint16]:
    """Return a read [DN] of charge [electron], shape of the frame; pedestal [DN], raw shape."""
    detector = frame.detector
    noise = rng.standard_normal(frame.raw_shape, dtype=np.float32)
    digital = np.minimum(charge, detector.full_well_e).astype(np.float32)
    for name, rows, columns in frame.quadrants():
        noise[rows, columns] *= detector.read_noise_e[name] / detector.gain[name]
    for name, rows, columns in frame.science_quadrants():
        digital[rows, columns] /= detector.gain[name]
    raw = pedestal + noise
    frame.place(raw, digital)
    digits: NDArray[np.uint16] = np.clip(np.rint(raw), 0, MAXIMUM_DN).astype(np.uint16)
    return digits


def _to_electrons(frame: Frame, raw: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Return a read [DN], shape of the raw frame, in electrons."""
    electrons = raw.astype(np.float32)
    for name, rows, columns in frame.quadrants():
        electrons[rows, columns] *= frame.detector.gain[name]
    return electrons


def _finish(
    exposure: Exposure, frame: Frame, science: NDArray[np.float32], number: int
) -> NDArray[np.float32]:
    """Subtract the dark current from the sky [electron/s], raw shape; the first read is 0."""
    finished = science.copy()
    if exposure.slot.is_external and number > 0:
        finished[_inside(frame)] -= np.float32(exposure.dark_rate)
    return finished


def _error_of(frame: Frame, science: NDArray[np.float32], time_s: float) -> NDArray[np.float32]:
    """Return the error of a read less the zeroth [electron/s], both shape of the raw frame."""
    noise = np.empty_like(science)
    for name, rows, columns in frame.quadrants():
        noise[rows, columns] = frame.detector.read_noise_e[name]
    counted = np.maximum(science, 0.0) * np.float32(time_s)
    error = np.sqrt(counted + 2.0 * noise**2) / np.float32(time_s or 1.0)
    return error.astype(np.float32)


def _with_border(frame: Frame, flags: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return flags, shape of the frame, in the shape of the raw frame: 0 in the border."""
    whole = np.zeros(frame.raw_shape, dtype=np.int16)
    whole[_inside(frame)] = flags
    return whole


def _inside(frame: Frame) -> tuple[slice, slice]:
    return frame.science_rows, slice(frame.left, frame.left + frame.columns)


def _fit(
    frame: Frame,
    reads: tuple[Read, ...],
    rays: list[NDArray[np.float64]],
    hot: NDArray[np.bool_],
) -> Ramp:
    """Return the slope between first and last read, as if every cosmic ray were found.

    `rays` [electron] are those before each read; they and `hot` have the shape of the frame.
    """
    last = reads[0]
    # The charge before the zeroth read is subtracted with it.
    charge = np.sum(rays[1:], axis=0)
    science = last.science[_inside(frame)] - (charge / last.time_s).astype(np.float32)
    return Ramp(
        frame=frame,
        reads=reads,
        science=science,
        error=last.error[_inside(frame)],
        flags=last.flags[_inside(frame)] & ~COSMIC_RAY,
        cosmic_rays=np.sum(rays, axis=0) > 0,
        hot=hot,
    )
