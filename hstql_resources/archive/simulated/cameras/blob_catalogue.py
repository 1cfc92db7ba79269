"""Plan exposures of the dark Earth with WFC3 IR: four within a week, every 240 days.

Blobs on the mirror, of which one appears every 50 days, dim their light. More exposures change none
of the first. What looks at the sky is not dimmed here.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import STREAMS, Exposure
from hstql_resources.archive.simulated.cameras.flat_catalogue import FlatPlace
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.settings import BLOB_FRAMES, Slot

FIRST_WINDOW_MJD, WINDOW_DAYS, SPACING_DAYS = 55103.5, 240.0, 1.5
FIRST_BLOB_MJD, BLOB_DAYS, MOST_BLOBS = 54983.0, 50.0, 150
RADII, DEPTHS = (5.0, 10.0), (0.04, 0.3)  # pixels; share of the light
APART = 30.0  # pixels between two blobs, and 15 from the edge
_BLOB_STREAM = 23


@dataclass(frozen=True)
class BlobPlace(FlatPlace):
    """Where an exposure of the dark Earth stands in the program; counts begin at 0."""

    @property
    def plan(self) -> tuple[Slot, ...]:
        """The exposures of a window."""
        return BLOB_FRAMES[self.instrument]

    @property
    def letters(self) -> str:
        """The first two of its rootname."""
        return "ib"

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]."""
        return FIRST_WINDOW_MJD + self.cycle * WINDOW_DAYS + self.number * SPACING_DAYS

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [self.index, number, 22, STREAMS[self.instrument]]


@dataclass(frozen=True)
class TrueBlob:
    """A blob; lengths in unbinned pixels.

    Attributes
    ----------
    x, y : float
        Its middle, science pixels from 1.
    radius : float
        Where it is half as deep as in the middle.
    depth : float
        Share of the light that is missing in the middle.
    mjd : float
        When it appeared.
    """

    x: float
    y: float
    radius: float
    depth: float
    mjd: float


def list_blobs(exposure: Exposure) -> list[TrueBlob]:
    """Return the blobs that dim an exposure; none but of the dark Earth."""
    if not isinstance(exposure.place, BlobPlace):
        return []
    return [one for one in _scatter(exposure.seed) if one.mjd < exposure.start_mjd]


@cache
def _scatter(seed: int) -> tuple[TrueBlob, ...]:
    rng = np.random.default_rng([seed, _BLOB_STREAM])
    found: list[TrueBlob] = []
    while len(found) < MOST_BLOBS:
        x, y = rng.uniform(0.5 * APART, 1014.0 - 0.5 * APART, 2).tolist()
        radius, depth = rng.uniform(*RADII), np.exp(rng.uniform(*np.log(DEPTHS)))
        mjd = FIRST_BLOB_MJD + BLOB_DAYS * (len(found) + rng.uniform())
        if all(np.hypot(x - one.x, y - one.y) >= APART for one in found):
            found.append(TrueBlob(x, y, float(radius), float(depth), float(mjd)))
    return tuple(found)


def blob_transmission(exposure: Exposure, frame: Frame) -> NDArray[np.float64] | float:
    """Return what blobs let through, shape of the frame; 1 but for the dark Earth.

    Each falls as a cosine to nothing at twice its radius.
    """
    blobs = list_blobs(exposure)
    if not blobs:
        return 1.0
    binning = frame.binning
    light = np.ones((frame.rows * binning, frame.columns * binning))
    for one in blobs:
        reach = int(2.0 * one.radius) + 1
        top, left = (max(int(place) - reach, 0) for place in (one.y, one.x))
        own = light[top : top + 2 * reach + 1, left : left + 2 * reach + 1]
        row, column = np.indices(own.shape)
        apart = np.hypot(row + top + 1.0 - one.y, column + left + 1.0 - one.x) / one.radius
        own *= 1.0 - one.depth * 0.5 * (1.0 + np.cos(0.5 * np.pi * np.minimum(apart, 2.0)))
    shape = frame.rows, binning, frame.columns, binning
    mean: NDArray[np.float64] = light.reshape(shape).mean(axis=(1, 3))
    return mean
