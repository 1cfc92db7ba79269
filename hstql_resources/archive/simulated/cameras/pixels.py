"""Expose CCDs and the MAMA to the sky: raw and calibrated images of one exposure.

A flat field of 1, and no trailed charge but behind flats with an overscan for it: an flc image
differs from its flt in its header alone. Detectors that are read many times are in `ramps`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.dark_catalogue import new_hot_rates, unstable_rates
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.lamps import lamp_rates
from hstql_resources.archive.simulated.cameras.scene import sky_rates
from hstql_resources.archive.simulated.cameras.trails import add_trails

BAD_PIXEL = 4
HOT = 16
SATURATED = 256
ANALOG_SATURATED = 2048
DRIZZLE_COSMIC_RAY = 4096  # found when images were drizzled
COSMIC_RAY = 8192  # found when the members of an association were combined

HOT_RATES = (0.5, 20.0)  # electron/s: above every threshold in use, up to what nearly saturates
BAD_COLUMN = 0.37  # of the columns: it is dead in every chip
COSMIC_RAY_LENGTH = 4  # pixels, at most
COSMIC_RAY_CHARGE_E = 1500.0  # median of a pixel

NOISE_STREAM = 1  # and one more for each frame
_DETECTORS = ("WFC", "HRC", "SBC", "UVIS", "IR")
_DIRECTIONS = np.array([(0, 1), (1, 0), (1, 1), (1, -1)])


@dataclass(frozen=True)
class Calibrated:
    """A calibrated image; all arrays have the shape of the frame.

    Attributes
    ----------
    science, error : ndarray of float32
        Calibrated, and its error [electron]; counts of a MAMA; electron/s of a ramp, without the
        cosmic rays.
    flags : ndarray of int16
        Data quality.
    cosmic_rays, hot : ndarray of bool
        Which pixels a cosmic ray touched, and which are hot.
    """

    frame: Frame
    science: NDArray[np.float32]
    error: NDArray[np.float32]
    flags: NDArray[np.int16]
    cosmic_rays: NDArray[np.bool_]
    hot: NDArray[np.bool_]


@dataclass(frozen=True)
class Images(Calibrated):
    """What is in the extensions of one frame.

    Attributes
    ----------
    raw : ndarray of uint16, shape of the raw frame
        As read out [DN]; counts of a MAMA, as int16.
    levels_dn : dict
        Bias level of each amplifier as measured in its overscan [DN].
    """

    raw: NDArray[np.uint16] | NDArray[np.int16]
    levels_dn: dict[str, float]


def expose(exposure: Exposure) -> list[Images]:
    """Return the images of an exposure, one for each frame."""
    return [_expose_frame(exposure, frame) for frame in exposure.frames]


def hot_rates(exposure: Exposure, frame: Frame) -> NDArray[np.float32]:
    """Return what hot pixels add to the dark current [electron/s], shape of the frame.

    A pixel that is hot once stays so, at the same rate; more and more of them are.
    """
    detector = frame.detector
    key = [exposure.seed, _DETECTORS.index(detector.name), frame.chip.number, frame.binning, 5]
    rows, columns = detector.rows // frame.binning, detector.columns // frame.binning
    lot = np.random.default_rng(key).random((rows, columns))
    column, row = frame.corner
    lot = lot[row : row + frame.rows, column : column + frame.columns]
    rates = np.zeros(frame.shape, dtype=np.float32)
    hot = lot < exposure.hot_fraction
    low, high = HOT_RATES
    rates[hot] = low * (high / low) ** (lot[hot] * 1.0e7 % 1.0)
    return rates


def strike(
    rng: np.random.Generator, shape: tuple[int, int], fraction: float
) -> NDArray[np.float64]:
    """Return the charge of cosmic rays [electron] that touch a fraction, 0 to 1, of the pixels.

    An image of `shape`. Each leaves a straight track of one to four pixels.
    """
    rows, columns = shape
    rays = round(fraction * rows * columns * 2.0 / (COSMIC_RAY_LENGTH + 1))
    length = rng.integers(1, COSMIC_RAY_LENGTH + 1, rays)
    row, column = rng.integers(0, rows, rays), rng.integers(0, columns, rays)
    step = _DIRECTIONS[rng.integers(0, len(_DIRECTIONS), rays)]
    charge = COSMIC_RAY_CHARGE_E * np.exp(rng.standard_normal(rays))
    struck = np.zeros(shape)
    for part in range(COSMIC_RAY_LENGTH):
        y, x = row + part * step[:, 0], column + part * step[:, 1]
        inside = (part < length) & (y < rows) & (x >= 0) & (x < columns)
        np.add.at(struck, (y[inside], x[inside]), charge[inside])
    return struck


def bad_column(frame: Frame) -> int | None:
    """Return the dead column of a frame, counted from 0; None if it is not in it."""
    column = int(BAD_COLUMN * frame.detector.columns) // frame.binning - frame.corner[0]
    return column if frame.detector.is_ccd and 0 <= column < frame.columns else None


def cosmic_ray_flag(exposure: Exposure) -> int:
    """Return what the pipelines flag cosmic rays with in an flt image; 0 if they do not.

    Nothing is compared with a dark or a bias. The ramp of the IR detector is free of them.
    """
    if not exposure.slot.is_external or exposure.detector.name == "IR":
        return 0
    return COSMIC_RAY if exposure.slot.member else DRIZZLE_COSMIC_RAY


def _expose_frame(exposure: Exposure, frame: Frame) -> Images:
    rng = exposure.random_stream(NOISE_STREAM + frame.extver)
    hot = hot_rates(exposure, frame) + new_hot_rates(exposure, frame)
    hot += unstable_rates(exposure, frame)
    rates = hot + exposure.dark_rate
    if exposure.slot.is_external:
        rates = rates + sky_rates(exposure, frame)
    if exposure.slot.lamp_e:
        rates = rates + lamp_rates(exposure, frame)
    light = rates * exposure.exposure_s + exposure.slot.flash_e
    column = bad_column(frame)
    if column is not None:
        light[:, column] = 0.0
    charge = rng.poisson(light).astype(np.float64)
    if not frame.detector.is_ccd:
        return _count(frame, charge)
    rays = strike(rng, frame.shape, frame.detector.cosmic_ray_rate * exposure.exposure_s)
    charge += rays
    full = charge > frame.detector.full_well_e
    np.minimum(charge, frame.detector.full_well_e, out=charge)
    raw = _read_out(rng, exposure, frame, charge)
    flags = (full * SATURATED + (hot > 0) * HOT).astype(np.int16)
    flags[frame.cut(raw) == np.iinfo(np.uint16).max] |= ANALOG_SATURATED
    flags[rays > 0] |= cosmic_ray_flag(exposure)
    if column is not None:
        flags[:, column] |= BAD_PIXEL
    return _calibrate(exposure, frame, raw, flags, rays > 0, hot > 0)


def _count(frame: Frame, charge: NDArray[np.float64]) -> Images:
    """Return what a MAMA counts of events, shape of the frame."""
    nothing = np.zeros(frame.shape, dtype=bool)
    science = charge.astype(np.float32)
    return Images(
        frame=frame,
        raw=charge.astype(np.int16),
        science=science,
        error=np.sqrt(science),
        flags=np.zeros(frame.shape, dtype=np.int16),
        levels_dn={},
        cosmic_rays=nothing,
        hot=nothing,
    )


def _read_out(
    rng: np.random.Generator, exposure: Exposure, frame: Frame, charge: NDArray[np.float64]
) -> NDArray[np.uint16]:
    """Return the raw image [DN]: bias and read noise, and charge [electron], shape of the frame."""
    detector = frame.detector
    raw = rng.standard_normal(frame.raw_shape, dtype=np.float32)
    for name, rows, columns in frame.quadrants():
        raw[rows, columns] *= detector.read_noise_e[name] / detector.gain[name]
        raw[rows, columns] += detector.bias_dn[name]
    digital = charge.astype(np.float32)
    for name, rows, columns in frame.science_quadrants():
        digital[rows, columns] /= detector.gain[name]
    frame.place(raw, digital)
    if exposure.slot.virtual_rows:
        add_trails(rng, exposure, frame, raw)
    np.rint(raw, out=raw)
    return np.clip(raw, 0, np.iinfo(np.uint16).max).astype(np.uint16)


def _calibrate(
    exposure: Exposure,
    frame: Frame,
    raw: NDArray[np.uint16],
    flags: NDArray[np.int16],
    cosmic_rays: NDArray[np.bool_],
    hot: NDArray[np.bool_],
) -> Images:
    """Subtract overscan, post-flash and, on the sky, dark current; shapes are those of `Images`."""
    detector = frame.detector
    levels = measure_levels(frame, raw)
    science = frame.cut(raw).astype(np.float32)
    noise = np.empty_like(science)
    for name, rows, columns in frame.science_quadrants():
        science[rows, columns] -= levels[name]
        science[rows, columns] *= detector.gain[name]
        noise[rows, columns] = detector.read_noise_e[name]
    error = np.sqrt(np.maximum(science, 0.0) + noise**2)
    if exposure.slot.is_external:
        science -= np.float32(exposure.dark_rate * exposure.exposure_s)
    science -= np.float32(exposure.slot.flash_e)
    return Images(frame, science, error, flags, cosmic_rays, hot, raw, levels)


def measure_levels(frame: Frame, raw: NDArray[np.uint16]) -> dict[str, float]:
    """Return the mean of each amplifier's overscan [DN] in a raw image, shape of the raw frame.

    Where a coarse binning leaves none, it is the nominal level, as in the pipelines.
    """
    sums: dict[str, list[float]] = {}
    for name, rows, columns in frame.quadrants():
        edge = slice(frame.left) if columns.start == 0 else slice(raw.shape[1] - frame.right, None)
        overscan = raw[rows, edge]
        if overscan.size:
            sums.setdefault(name, []).append(float(overscan.mean(dtype=np.float64)))
    measured = {name: sum(means) / len(means) for name, means in sums.items()}
    return measured or dict(frame.detector.bias_dn)
