"""Number the places on the sky so that what is near each other is near in number.

A place is the number of its HEALPix cell (Gorski et al. 2005, ApJ 622, 759), nested, at order 29,
0.4 mas wide. The cells of a coarser order are ranges of these numbers, so an ordinary index on the
column finds all that is in one; the server needs no extension.
"""

import math
from collections.abc import Sequence

import numpy as np
from astropy import units as u

from hstql_resources.sky import Cone

ORDER = 29
WIDTH_DEG = 58.63  # of a cell of order 0: the root of its area


def index_place(ra_deg: float | None, dec_deg: float | None) -> int | None:
    """Return the cell of a place; None if there is none.

    Parameters
    ----------
    ra_deg, dec_deg : float or None [deg]
        J2000.
    """
    return index_places([(ra_deg, dec_deg)])[0]


def index_places(places: Sequence[tuple[float | None, float | None]]) -> list[int | None]:
    """Return the cells of many places.

    Parameters
    ----------
    places : sequence of (ra, dec), shape (n,) [deg]
        J2000.
    """
    from astropy_healpix import lonlat_to_healpix  # takes astropy.coordinates along: 0.2 s

    pairs = np.array(places, float).reshape(-1, 2)
    known = np.isfinite(pairs).all(axis=1) & (np.abs(pairs[:, 1]) <= 90)
    ra, dec = pairs[known].T * u.deg
    cells = np.full(len(pairs), -1, np.int64)
    cells[known] = lonlat_to_healpix(ra, dec, 2**ORDER, order="nested")
    return [int(cell) if cell >= 0 else None for cell in cells]


def find_ranges(cone: Cone) -> list[tuple[int, int]]:
    """Return the first and last number of each run of cells that hold it, and little else."""
    from astropy_healpix import HEALPix  # as above

    order = math.floor(math.log2(WIDTH_DEG / max(cone.radius_deg, 1e-9)))
    order = min(max(order, 0), ORDER)
    grid = HEALPix(2**order, order="nested")
    # Half a cell more: the search of the library is by the corners of cells.
    radius = cone.radius_deg + WIDTH_DEG / 2**order / 2
    found = grid.cone_search_lonlat(
        cone.ra_deg * u.deg, cone.dec_deg * u.deg, min(radius, 180) * u.deg
    )
    cells = np.unique(found)
    starts = cells[np.diff(cells, prepend=-2) > 1]
    ends = cells[np.diff(cells, append=cells[-1] + 2) > 1] + 1
    shift = 2 * (ORDER - order)
    return [(int(a) << shift, (int(b) << shift) - 1) for a, b in zip(starts, ends, strict=True)]
