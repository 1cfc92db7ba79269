"""Let snowballs fall on the infrared detector: a core that saturates, and a wing around it.

The wing falls exponentially with the distance. They are far more frequent than real ones, so that
a small archive has some.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.settings import SAMPLE_TIMES_S

SNOWBALL_STREAM = 97
PER_HOUR = 20.0  # over the whole frame, whatever its size
CORE_PIXELS = (1.0, 10.0)  # as on the ground
WING_PIXELS = (0.3, 0.6)  # in which the wing falls to 1/e
REACH = 9


@dataclass(frozen=True)
class FallenSnowball:
    """A snowball.

    Attributes
    ----------
    read : int
        The read in which it is seen first.
    row, column : float
        Its middle, science pixels from 0.
    core : float
        Pixels of its core.
    wing : float
        In how many pixels its wing falls to 1/e.
    """

    read: int
    row: float
    column: float
    core: float
    wing: float


def fall(exposure: Exposure) -> list[FallenSnowball]:
    """Return the snowballs of a dark; none of others, and none before the zeroth read."""
    if exposure.slot.image_type != "DARK":
        return []
    (frame,), rng = exposure.frames, exposure.random_stream(SNOWBALL_STREAM)
    found = []
    for read, step_s in enumerate(np.diff(SAMPLE_TIMES_S).tolist(), 1):
        for _ in range(rng.poisson(PER_HOUR * step_s / 3600.0)):
            row, column = (rng.uniform(0.0, size - 1.0) for size in frame.shape)
            found.append(
                FallenSnowball(
                    read, row, column, rng.uniform(*CORE_PIXELS), rng.uniform(*WING_PIXELS)
                )
            )
    return found


def spread(one: FallenSnowball, frame: Frame) -> NDArray[np.float64]:
    """Return the charge of a snowball [electron], shape of the frame."""
    charge = np.zeros(frame.shape)
    top, left = (max(round(middle) - REACH, 0) for middle in (one.row, one.column))
    own = charge[top : round(one.row) + REACH + 1, left : round(one.column) + REACH + 1]
    row, column = np.indices(own.shape)
    radius = np.hypot(row + top - one.row, column + left - one.column)
    beyond = np.maximum(radius - np.sqrt(one.core / np.pi), 0.0)
    own[:] = frame.detector.full_well_e * np.exp(-beyond / one.wing)
    return charge
