"""Tell whether shifts are within the range that CalCOS searches, FP-POS apart.

CalCOS looks for the lamp between SEARCH_OFFSET - XC_RANGE and SEARCH_OFFSET + XC_RANGE pixels from
its template of the same FP-POS (`calcos.findshift1`). A lamp beyond is not found, and the shift of
the exposure is then wrong, so shifts that come near the ends ask for another range.
"""

from dataclasses import dataclass

import numpy as np

from hstql_assets.monitors.osm_shifts.flash_table import Bools, FlashTable, Floats

# Where WCPTAB is not at hand: middle and half [pixel], as the instrument team had them in 2017
# (COSMO), with the MJD from which the middle is another one.
NOMINAL_HALF = {"FUV": 285.0, "NUV": 58.0}
NOMINAL_MIDDLE = {"G185M": (-20.0, 56500.0), "G225M": (-10.0, 56500.0), "G230L": (-40.0, 55535.0)}
NEAR_SHARE = 0.9  # of the half range: beyond it a shift is near an end


@dataclass(frozen=True, eq=False)
class Search:
    """The range that was searched for each of some flashes; arrays of shape (n,).

    Attributes
    ----------
    middle, half : ndarray
        Pixel.
    is_nominal : ndarray of bool
        Whether it is not of their WCPTAB, but that of the instrument team.
    """

    middle: Floats
    half: Floats
    is_nominal: Bools

    @property
    def ends(self) -> tuple[Floats, Floats]:
        """Both ends, pixel."""
        return self.middle - self.half, self.middle + self.half


def find_search(flashes: FlashTable) -> Search:
    """Return the range of each flash."""
    is_nominal = ~(np.isfinite(flashes.search_offset) & np.isfinite(flashes.search_range))
    middle, half = flashes.search_offset, flashes.search_range
    rows = np.flatnonzero(is_nominal)
    own = flashes.where(rows)
    for row, *setting in zip(rows, own.opt_elem, own.start_mjd, own.detector, strict=True):
        opt_elem, start_mjd, detector = setting
        centre, since_mjd = NOMINAL_MIDDLE.get(opt_elem, (0.0, np.inf))
        middle[row] = centre if start_mjd >= since_mjd else 0.0
        half[row] = NOMINAL_HALF[detector]
    return Search(middle, half, is_nominal)


def distance_share(flashes: FlashTable, search: Search) -> Floats:
    """Return how far shifts are from the middle, shape (n,), over the half; NaN if unknown."""
    return np.asarray(np.abs(flashes.without_fppos - search.middle) / search.half)
