"""Draw the light of a standard star as the telescope makes it, and aim the telescope at it.

The image of a star is that of a pupil of 2.4 m with its obscuration, four vanes and a fixed error
of its wave front, over the band of the filter, blurred by the charge that wanders between pixels:
a core, rings and spikes, in the ultraviolet a core of a fourth of the light and much around it.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.standard_stars import StandardPlace

Floats = NDArray[np.float64]

DIAMETER_M, OBSCURATION, VANE_M = 2.4, 0.33, 0.05
WAVEFRONT_M = 45e-9  # deviation of the wave front: half of the light leaves the core at 275 nm
SUBPIXELS = 5
GRID = 1024
WANDERING_PX = 0.35  # deviation by which charge wanders
FIELD_PX = GRID // SUBPIXELS // 2 - 6  # radius of the image
POINTING_ARCSEC = 0.15  # error of the guide stars, along each axis
DITHER_PX = 4.0
POINTING_STREAM = 97
ARCSEC = np.pi / 180.0 / 3600.0


@dataclass(frozen=True)
class Aim:
    """Where a star is in a frame [science pixel, 0 is the centre of the first].

    Attributes
    ----------
    x, y : float
        Where it is.
    told_x, told_y : float
        Where the header has it.
    """

    x: float
    y: float
    told_x: float
    told_y: float


def take_aim(exposure: Exposure, frame: Frame) -> Aim:
    """Return where the star of an exposure is: near the middle of what is read."""
    rng = exposure.random_stream(POINTING_STREAM)
    dither = rng.uniform(-DITHER_PX, DITHER_PX, 2)
    off = rng.normal(0.0, POINTING_ARCSEC, 2) / exposure.detector.scale_arcsec / frame.binning
    x, y = frame.columns / 2.0 + float(dither[0]), frame.rows / 2.0 + float(dither[1])
    return Aim(round(x + float(off[0]), 3), round(y + float(off[1]), 3), x, y)


def find_reference(
    plane_deg: tuple[float, float], ra_deg: float, dec_deg: float
) -> tuple[float, float]:
    """Return the point of tangency [deg] of a plane in which a star has a place [deg].

    Calabretta & Greisen 2002, A&A 395, 1077, equations 12 to 15 and 54.
    """
    xi, eta = np.deg2rad(plane_deg)
    dec = np.deg2rad(dec_deg)
    turn = np.arctan(eta)
    middle = np.arcsin(np.sin(dec) * np.sqrt(1.0 + xi**2 + eta**2) / np.sqrt(1.0 + eta**2)) - turn
    away = np.arctan2(xi, np.cos(middle) - eta * np.sin(middle))
    return float((ra_deg - np.rad2deg(away)) % 360.0), float(np.rad2deg(middle))


def star_rates(exposure: Exposure, frame: Frame, area: float) -> Floats:
    """Return the light of the star of an exposure [electron/s per pixel], shape of the frame.

    `area` is that of its pixels over a nominal one: a flat field takes it for bright pixels.
    """
    rates = np.zeros(frame.shape)
    place = exposure.place
    if not isinstance(place, StandardPlace):
        return rates
    aim, image = take_aim(exposure, frame), _image_of(exposure)
    rows, columns = (
        np.arange(max(round(at) - FIELD_PX, 0), min(round(at) + FIELD_PX + 1, size))
        for at, size in zip((aim.y, aim.x), frame.shape, strict=True)
    )
    light = _sample(image, (rows - aim.y).astype(float), (columns - aim.x).astype(float))
    rates[np.ix_(rows, columns)] = place.rate * light / area
    return rates


def share_within(exposure: Exposure, radius_px: float) -> float:
    """Return the share of the light of the star of an exposure that pixels see in a circle."""
    image = _image_of(exposure)
    y, x = np.indices(image.shape) - GRID // 2
    # A pixel at the edge counts by what of it is within.
    part = np.clip(radius_px + 0.5 - np.hypot(x, y) / SUBPIXELS, 0.0, 1.0)
    return float((image * part).sum() / SUBPIXELS**2)


def _image_of(exposure: Exposure) -> Floats:
    band = exposure.place.filter
    return _form_image(exposure.detector.scale_arcsec, band.pivot_a, band.width_a)


def _sample(image: Floats, rows: Floats, columns: Floats) -> Floats:
    """Return the light in pixels at distances from the star [pixel], shape (rows, columns)."""
    found = np.zeros((len(rows), len(columns)))
    at = [GRID // 2 + SUBPIXELS * away for away in (rows, columns)]
    whole = [np.floor(one).astype(np.int64) for one in at]
    part = [one - first for one, first in zip(at, whole, strict=True)]
    for up in (0, 1):
        for right in (0, 1):
            y, x = (np.abs(1 - one - share) for one, share in zip((up, right), part, strict=True))
            found += np.outer(y, x) * image[np.ix_(whole[0] + up, whole[1] + right)]
    return found


@cache
def _form_image(scale_arcsec: float, pivot_a: float, width_a: float) -> Floats:
    """Return what a pixel sees of a star of light 1, its middle at each point of a grid."""
    image = np.zeros((GRID, GRID))
    for wavelength_a in (pivot_a - width_a, pivot_a, pivot_a + width_a):
        wavelength_m = wavelength_a * 1e-10
        width_m = wavelength_m / (scale_arcsec * ARCSEC / SUBPIXELS)
        image += _diffract(width_m / GRID, wavelength_m)
    frequency = np.fft.fftfreq(GRID)
    blur = np.exp(-2.0 * (np.pi * WANDERING_PX * SUBPIXELS * frequency) ** 2)
    blurred = np.maximum(np.fft.ifft2(np.fft.fft2(image) * np.outer(blur, blur)).real, 0.0)
    reach = range(-(SUBPIXELS // 2), SUBPIXELS // 2 + 1)
    for axis in (0, 1):
        blurred = np.sum([np.roll(blurred, shift, axis) for shift in reach], axis=0)
    return np.asarray(blurred * SUBPIXELS**2 / blurred.sum())


def _diffract(step_m: float, wavelength_m: float) -> Floats:
    """Return the image of a pupil on a grid with a step [m], its middle at the grid's middle."""
    line = (np.arange(GRID) - GRID // 2) * step_m
    x, y = line[np.newaxis, :], line[:, np.newaxis]
    radius = np.hypot(x, y) / (DIAMETER_M / 2.0)
    pupil = (radius <= 1.0) & (radius >= OBSCURATION)
    turned = (x + y) / 2**0.5, (x - y) / 2**0.5
    for across in turned:
        pupil &= np.abs(across) > VANE_M / 2.0
    angle = np.arctan2(y, x)
    # Astigmatism, coma, trefoil, spherical aberration (Noll 1976, JOSA 66, 207): alike in size.
    errors = (
        6**0.5 * radius**2 * np.cos(2.0 * angle)
        + 8**0.5 * (3.0 * radius**3 - 2.0 * radius) * np.sin(angle)
        + 8**0.5 * radius**3 * np.cos(3.0 * angle)
        + 5**0.5 * (6.0 * radius**4 - 6.0 * radius**2 + 1.0)
    )
    phase = 2.0 * np.pi / wavelength_m * WAVEFRONT_M / 2.0 * errors
    field = np.where(pupil, np.exp(1j * phase), 0.0)
    spread = np.abs(np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(field)))) ** 2
    return np.asarray(spread / spread.sum())
