"""Let traps of the infrared detector hold charge of one exposure, and release it in later ones.

Each pixel has traps of six time constants, as many of each. Charge beyond a threshold reaches more
of them the more there is, in a straight line; a later exposure fills those that are empty. That is
no formula that anybody fits: neither a Fermi function of the charge nor a power of the time.
"""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import Exposure, make_exposure
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.persistence_catalogue import SufferingPlace
from hstql_resources.archive.simulated.cameras.scene import sky_rates
from hstql_resources.times import SECONDS_PER_DAY

TRAPS = 350.0  # of each time constant, in a pixel
TIME_CONSTANTS_S = np.geomspace(100.0, 30_000.0, 6)
THRESHOLD_E, SPAN_E = 30_000.0, 100_000.0  # below it none is reached, beyond both all are


def persistence_rates(exposure: Exposure, frame: Frame) -> NDArray[np.float64]:
    """Return what exposures before leave in one [electron/s per pixel], the mean over its time.

    Of the shape of the frame.
    """
    places = exposure.place.before if isinstance(exposure.place, SufferingPlace) else []
    if not places:
        return np.zeros(frame.shape)
    before = [make_exposure(exposure.seed, place, exposure.binning) for place in places]
    until = [*(one.end_mjd for one in before[1:]), exposure.start_mjd]
    filled = np.zeros((len(TIME_CONSTANTS_S), *frame.shape))
    for one, next_mjd in zip(before, until, strict=True):
        reached = np.clip((_charge(one, frame) - THRESHOLD_E) / SPAN_E, 0.0, 1.0) * TRAPS
        np.maximum(filled, reached, out=filled)
        filled *= _hold((next_mjd - one.end_mjd) * SECONDS_PER_DAY)
    released: NDArray[np.float64] = (filled * (1.0 - _hold(exposure.exposure_s))).sum(axis=0)
    return released / exposure.exposure_s


def _hold(seconds: float) -> NDArray[np.float64]:
    """Return the share of the charge that traps still hold after a time, shape (6, 1, 1)."""
    return np.exp(-seconds / TIME_CONSTANTS_S)[:, None, None]


def _charge(exposure: Exposure, frame: Frame) -> NDArray[np.float64]:
    """Return the charge at the end of an exposure [electron], of the shape of the frame."""
    if not exposure.slot.is_external:
        return np.zeros(frame.shape)
    charge = sky_rates(exposure, frame) * exposure.exposure_s
    return np.minimum(charge, frame.detector.full_well_e)
