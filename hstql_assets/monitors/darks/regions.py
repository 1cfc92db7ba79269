"""List the regions of the detectors whose dark counts are followed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

UNIT = "counts/s/pixel"
# Axes are in millionths, for numbers that can be read.
MILLIONTHS = 1e6
AXIS_LABEL = f"dark rate (10⁻⁶ {UNIT})"

FIRST_MONITOR = "cos_monitoring (2016), the COS dark monitor of that time"
SECOND_MONITOR = "COSMO (2026), dark monitor"
MAIN_REGIONS = ("main", "whole")  # one for each detector; trends are made of these


@dataclass(frozen=True)
class Region:
    """A rectangle of a detector, in XCORR and YCORR.

    An event is in it if left <= XCORR < right and bottom <= YCORR < top. So the number of pixels
    is exact for positions that are whole numbers (NUV), and for those that are not (FUV).

    Attributes
    ----------
    detector : str
        FUVA, FUVB or NUV.
    name : str
    left, right, bottom, top : int
        Edges [pixel]; left and bottom belong to it, right and top do not.
    source : str
        Where it comes from.
    """

    detector: str
    name: str
    left: int
    right: int
    bottom: int
    top: int
    source: str

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return (self.right - self.left) * (self.top - self.bottom)

    def contains(self, x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Tell which positions are in it, shape (n,).

        Parameters
        ----------
        x, y : ndarray, shape (n,)
            XCORR and YCORR [pixel]. A NaN is in none.
        """
        inside: NDArray[np.bool_] = (x >= self.left) & (x < self.right)
        inside &= (y >= self.bottom) & (y < self.top)
        return inside


# The edges of the regions at the border overlap in the corners, as they do in their source.
REGIONS = (
    Region("FUVA", "main", 1200, 15099, 380, 680, FIRST_MONITOR),
    Region("FUVA", "inner", 1260, 15119, 375, 660, SECOND_MONITOR),
    Region("FUVA", "bottom", 1060, 15250, 296, 375, SECOND_MONITOR),
    Region("FUVA", "top", 1060, 15250, 660, 734, SECOND_MONITOR),
    Region("FUVA", "left", 1060, 1260, 296, 734, SECOND_MONITOR),
    Region("FUVA", "right", 15119, 15250, 296, 734, SECOND_MONITOR),
    Region("FUVB", "main", 950, 15049, 440, 720, FIRST_MONITOR),
    Region("FUVB", "inner", 1000, 14990, 405, 740, SECOND_MONITOR),
    Region("FUVB", "bottom", 809, 15182, 360, 405, SECOND_MONITOR),
    Region("FUVB", "top", 809, 15182, 740, 785, SECOND_MONITOR),
    Region("FUVB", "left", 809, 1000, 360, 785, SECOND_MONITOR),
    Region("FUVB", "right", 14990, 15182, 360, 785, SECOND_MONITOR),
    # The first monitor had 1204 for the top edge, beyond the detector: its rates were 15 % low.
    Region("NUV", "whole", 0, 1024, 0, 1024, SECOND_MONITOR),
)
DETECTORS = ("FUVA", "FUVB", "NUV")


def regions_of(detector: str) -> tuple[Region, ...]:
    """Return the regions of FUVA, FUVB or NUV, the main one first; none for anything else."""
    return tuple(region for region in REGIONS if region.detector == detector)


def rate(counts: ArrayLike, live_s: ArrayLike, pixels: ArrayLike) -> NDArray[np.float64]:
    """Return counts over live time and pixels [counts/s/pixel]; NaN without live time.

    Parameters
    ----------
    counts, live_s, pixels : array_like
        Of shapes that go together. Live time in s.
    """
    exposure = _exposure(live_s, pixels)
    return np.asarray(counts, np.float64) / exposure


def rate_error(counts: ArrayLike, live_s: ArrayLike, pixels: ArrayLike) -> NDArray[np.float64]:
    """Return the 1-sigma error of `rate` [counts/s/pixel]; NaN without live time.

    Parameters are those of `rate`.

    Notes
    -----
    sqrt(n + 1) counts of n: the standard deviation of what the expected number can be, if all were
    equally likely before (Kraft, Burrows & Nousek 1991, ApJ 374, 344, without background). It is 1
    for no count, where sqrt(n) would be 0, and sqrt(n) for many. Of Poisson counts with mean m the
    mean of (n - m)^2 / (n + 1) is 1 + 1/m, m above a few; with sqrt(n) it would not even exist.
    """
    exposure = _exposure(live_s, pixels)
    return np.sqrt(np.asarray(counts, np.float64) + 1.0) / exposure


def _exposure(live_s: ArrayLike, pixels: ArrayLike) -> NDArray[np.float64]:
    exposure = np.asarray(live_s, np.float64) * np.asarray(pixels, np.float64)
    return np.where(exposure > 0.0, exposure, np.nan)
