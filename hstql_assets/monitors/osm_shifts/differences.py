"""Compare the segments or stripes of one flash.

The mechanisms move all of the light, so what one segment shows that another does not is a wrong
shift, or a change of the detector or of the template.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.osm_shifts.flash_table import Bools, FlashTable, Floats
from hstql_assets.science.robust import find_sigma

Direction = Literal["disp", "xdisp"]
DIRECTIONS: dict[Direction, str] = {"disp": "along", "xdisp": "across"}
PAIRS = {"FUV": (("FUVA", "FUVB"),), "NUV": (("NUVB", "NUVC"), ("NUVC", "NUVA"))}
# Pixels, as the instrument team has it: COSMO, FUV OSM shift monitors.
FUV_LIMITS: dict[Direction, float] = {"disp": 10.0, "xdisp": 5.0}
NUV_SIGMAS = 2.0
FEWEST_EXPOSURES = 8  # of one setting; of fewer the deviation says little


@dataclass(frozen=True, eq=False)
class Differences:
    """The differences between two segments in one direction; each array of shape (n,).

    Attributes
    ----------
    first, second : str
        Segments: the difference is the first less the second.
    direction : str
        disp or xdisp.
    flashes : FlashTable
        The flashes of the first segment, by time.
    values : ndarray
        Differences of the shifts as measured, pixel.
    middles : ndarray
        What they are compared with, pixel: 0 for FUV, for NUV the median of the setting; NaN if
        there are too few.
    allowed : ndarray
        How far they may be from that, pixel.
    """

    first: str
    second: str
    direction: Direction
    flashes: FlashTable
    values: Floats
    middles: Floats
    allowed: Floats

    @property
    def label(self) -> str:
        """Such as FUVA - FUVB along the dispersion."""
        return f"{self.first} - {self.second} {DIRECTIONS[self.direction]} the dispersion"

    @property
    def is_judged(self) -> Bools:
        """Whether there is something to compare with."""
        return np.isfinite(self.allowed)

    @property
    def is_outlier(self) -> Bools:
        """Whether they are farther away than is allowed; False if that cannot be said.

        A difference of FUV has to be above its limit, one of NUV may not reach it.
        """
        distance = np.abs(self.values - self.middles)
        with np.errstate(invalid="ignore"):
            if self.first.startswith("FUV"):
                return distance > self.allowed
            return (distance >= self.allowed) & (distance > 0.0)


def find_differences(table: FlashTable, detector: str, direction: Direction) -> list[Differences]:
    """Return the differences of each pair of segments of a detector, FUV or NUV.

    Only of flashes in which both segments have found the lamp.
    """
    lamp = table.of_lamp(detector)
    lamp = lamp.where(np.isfinite(getattr(lamp, direction))).by_time()
    return [_compare(lamp, pair, direction) for pair in PAIRS[detector]]


def _compare(lamp: FlashTable, pair: tuple[str, str], direction: Direction) -> Differences:
    first, second = pair
    ones, others = _find_pairs(lamp, first, second)
    shifts = getattr(lamp, direction)
    values = shifts[ones] - shifts[others]
    flashes = lamp.where(ones)
    if first.startswith("FUV"):
        zeros = np.zeros(len(values))
        limits = zeros + FUV_LIMITS[direction]
        return Differences(first, second, direction, flashes, values, zeros, limits)
    corrected = values
    if direction == "disp":
        fppos = lamp.disp - lamp.without_fppos
        corrected = values - (fppos[ones] - fppos[others])
    values = np.where(np.isfinite(corrected), corrected, values)
    settings = _number_settings(flashes, np.isfinite(corrected))
    middles, allowed = _find_spread(settings, flashes.exposure, values)
    return Differences(first, second, direction, flashes, values, middles, allowed)


def _find_pairs(
    lamp: FlashTable, first: str, second: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of the flashes that both segments have, of either."""
    flash = lamp.flash
    keys = lamp.exposure * (flash.max(initial=0) + 1) + flash
    ones, others = (np.flatnonzero(lamp.is_value("segment", one)) for one in (first, second))
    _, place, other = np.intersect1d(keys[ones], keys[others], return_indices=True)
    order = np.argsort(place)
    return ones[place[order]], others[other[order]]


def _number_settings(flashes: FlashTable, is_free: Bools) -> Floats:
    """Return what flashes have to have in common: FP-POS too, unless LAMPTAB has taken it out.

    Numbers, shape (3, n); what is not known, NaN, is like nothing else.
    """
    _, opt_elem = np.unique(flashes.opt_elem.astype(str), return_inverse=True)
    return np.array([opt_elem, flashes.cenwave, np.where(is_free, -1.0, flashes.fppos)])


def _find_spread(
    settings: Floats, exposure: NDArray[np.int32], values: Floats
) -> tuple[Floats, Floats]:
    """Return median and `NUV_SIGMAS` robust deviations, pixel, of the setting of each; all (n,)."""
    order = np.lexsort(settings)
    is_other = (np.diff(settings[:, order]) != 0.0).any(axis=0)
    middles, allowed = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for rows in np.split(order, np.flatnonzero(is_other) + 1):
        if len(np.unique(exposure[rows])) >= FEWEST_EXPOSURES:
            middles[rows] = np.median(values[rows])
            allowed[rows] = NUV_SIGMAS * find_sigma(values[rows])
    return middles, allowed
