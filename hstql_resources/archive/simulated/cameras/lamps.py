"""Shine the calibration lamps, or the dark Earth: pixels differ, and the light drifts."""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.blob_catalogue import blob_transmission
from hstql_resources.archive.simulated.cameras.bowtie_catalogue import relative_efficiency
from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.frames import Frame

PIXEL_SIGMA = 0.01  # how unlike pixels are
DRIFT_SIGMA = 0.005  # from exposure to exposure
DRIFT_STREAM = 92
_FLAT_STREAM = 6  # of the pixels of a detector, which are the same in all exposures


def lamp_drift(exposure: Exposure) -> float:
    """Return how bright the lamp is in an exposure, over what it is meant to be."""
    rng = exposure.random_stream(DRIFT_STREAM)
    return float(1.0 + DRIFT_SIGMA * rng.standard_normal())


def lamp_rates(exposure: Exposure, frame: Frame) -> NDArray[np.float64]:
    """Return the light of the lamp [electron/s per pixel], shape of the frame.

    It falls off from the lower left to the upper right by a third.
    """
    detector, (column, row) = frame.detector, frame.corner
    key = [exposure.seed, *detector.name.encode(), frame.chip.number, frame.binning, _FLAT_STREAM]
    shape = detector.rows // frame.binning, detector.columns // frame.binning
    pixels = 1.0 + PIXEL_SIGMA * np.random.default_rng(key).standard_normal(shape)
    y, x = np.ogrid[: shape[0], : shape[1]]
    fall = 1.15 - 0.15 * x / shape[1] - 0.15 * y / shape[0]
    whole: NDArray[np.float64] = pixels * fall
    rate = exposure.slot.lamp_e / exposure.exposure_s * lamp_drift(exposure)
    own = whole[row : row + frame.rows, column : column + frame.columns]
    efficiency = relative_efficiency(exposure, frame) * blob_transmission(exposure, frame)
    return rate * own * efficiency
