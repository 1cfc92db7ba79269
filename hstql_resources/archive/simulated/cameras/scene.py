"""Draw the sky that the cameras look at: stars in the shape of an L, and a leaning galaxy.

Nothing of it looks the same upside down or in a mirror. Places are fractions of the detector's
mosaic of chips, from its lower left corner.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.distortion import area_at
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.standard_stars import StandardPlace
from hstql_resources.archive.simulated.cameras.star_light import star_rates, take_aim

STAR_SIGMA = 1.2  # pixel
STAMP_RADIUS = 7  # pixel
FAINT_STARS = 24
SKY_RATE = 0.06  # electron/s per pixel
GALAXY_RATE = 4.0  # electron/s per pixel in its middle
GALAXY_PLACE = (0.68, 0.72)
GALAXY_SCALE = 0.035  # of the columns of the detector
GALAXY_LEAN_DEG = 35.0
GALAXY_FLATNESS = 0.45

# The letter stands upright on the upper left; its last stars are the brightest.
_LETTER = (
    *((0.15, 0.92, 300.0), (0.15, 0.84, 340.0), (0.15, 0.76, 380.0), (0.15, 0.68, 420.0)),
    *((0.15, 0.60, 460.0), (0.20, 0.60, 500.0), (0.25, 0.60, 560.0), (0.10, 0.15, 450.0)),
)


@dataclass(frozen=True)
class Star:
    """A star in a frame.

    Attributes
    ----------
    extver : int
        Version of the extension that it is in.
    x, y : float
        Its place [science pixel, 0 is the centre of the first].
    rate : float
        Its light [electron/s].
    """

    extver: int
    x: float
    y: float
    rate: float


def find_stars(exposure: Exposure) -> list[Star]:
    """Return the stars in the frames of an exposure; none of a dark or bias."""
    if not exposure.slot.is_external:
        return []
    return [star for frame in exposure.frames for star in _stars_in(exposure, frame)]


def sky_rates(exposure: Exposure, frame: Frame) -> NDArray[np.float64]:
    """Return the light of sky, stars and galaxy [electron/s per pixel], shape of the frame."""
    rates = np.full(frame.shape, SKY_RATE)
    if isinstance(exposure.place, StandardPlace):
        return rates + star_rates(exposure, frame, find_area(exposure, frame))
    rates += exposure.slot.brightness * _galaxy_rates(frame)
    for star in _stars_in(exposure, frame):
        _add_star(rates, star)
    return rates


def find_area(exposure: Exposure, frame: Frame) -> float:
    """Return the area of the pixels at a standard star, over a nominal one."""
    aim, (x, y) = take_aim(exposure, frame), find_pixel(frame, 0.5, 0.5)
    return area_at(exposure, aim.x - x, aim.y - y)


def _stars_in(exposure: Exposure, frame: Frame) -> list[Star]:
    stars = []
    if isinstance(exposure.place, StandardPlace):
        aim = take_aim(exposure, frame)
        return [Star(frame.extver, aim.x, aim.y, exposure.place.rate)]
    for x, y, rate in _sky_of(exposure.seed, exposure.target.name):
        column, row = find_pixel(frame, x, y)
        rows, columns = frame.shape
        if 0.0 <= column < columns - 0.5 and 0.0 <= row < rows - 0.5:
            light = rate * exposure.slot.brightness
            stars.append(Star(frame.extver, round(column, 3), round(row, 3), light))
    return stars


@cache
def _sky_of(seed: int, target: str) -> tuple[tuple[float, float, float], ...]:
    """Return place and light of the stars around a target: it has always the same ones."""
    rng = np.random.default_rng([seed, *target.encode()])
    x, y = rng.uniform(0.02, 0.98, (2, FAINT_STARS))
    rate = 10.0 ** rng.uniform(0.8, 2.0, FAINT_STARS)
    faint = zip(x.tolist(), y.tolist(), np.round(rate, 2).tolist(), strict=True)
    return (*_LETTER, *faint)


def find_pixel(frame: Frame, x: float, y: float) -> tuple[float, float]:
    """Return column and row in a frame [science pixel] of a place in the mosaic, x and y 0 to 1.

    It may be outside of the frame. The virtual overscan in the middle is left out.
    """
    detector = frame.detector
    chip = [other.number for other in detector.chips].index(frame.chip.number)
    bottom = chip * (detector.rows + detector.gap_rows)
    column = x * detector.columns / frame.binning - frame.corner[0] - 0.5
    row = (y * detector.mosaic_rows - bottom) / frame.binning - frame.corner[1] - 0.5
    return column, row


def _galaxy_rates(frame: Frame) -> NDArray[np.float64]:
    column, row = find_pixel(frame, *GALAXY_PLACE)
    scale = GALAXY_SCALE * frame.detector.columns / frame.binning
    lean = np.deg2rad(GALAXY_LEAN_DEG)
    y, x = np.ogrid[: frame.rows, : frame.columns]
    along = (x - column) * np.cos(lean) + (y - row) * np.sin(lean)
    across = ((y - row) * np.cos(lean) - (x - column) * np.sin(lean)) / GALAXY_FLATNESS
    rates: NDArray[np.float64] = GALAXY_RATE * np.exp(-np.hypot(along, across) / scale)
    return rates


def _add_star(rates: NDArray[np.float64], star: Star) -> None:
    """Add a star to an image [electron/s], shape (rows, columns): a Gaussian."""
    rows, columns = rates.shape
    x, y = round(star.x), round(star.y)
    box = (
        slice(max(y - STAMP_RADIUS, 0), min(y + STAMP_RADIUS + 1, rows)),
        slice(max(x - STAMP_RADIUS, 0), min(x + STAMP_RADIUS + 1, columns)),
    )
    row, column = np.ogrid[box]
    square = ((column - star.x) ** 2 + (row - star.y) ** 2) / STAR_SIGMA**2
    rates[box] += star.rate * np.exp(-0.5 * square) / (2.0 * np.pi * STAR_SIGMA**2)
