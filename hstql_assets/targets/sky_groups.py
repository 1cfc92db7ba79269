"""Group what lies at one place of the sky: positions linked, and angles between them.

Positions only; names are not known here. Scipy is imported where it is used: it takes 0.2 s, and
the command knows of this module whatever it does.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SAME_PLACE_ARCSEC = 2.0  # RA_TARG of one target differs by less between proposals
ARCSEC_PER_RAD = np.rad2deg(1.0) * 3600.0


def to_unit_vectors(ra_deg: Floats, dec_deg: Floats) -> Floats:
    """Return directions on the sky as unit vectors.

    Parameters
    ----------
    ra_deg, dec_deg : ndarray of float [deg], shape (n,)
        Right ascension and declination.

    Returns
    -------
    ndarray of float, shape (n, 3)
    """
    ra, dec = np.deg2rad(ra_deg), np.deg2rad(dec_deg)
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)


def take_to_j2000(vectors: Floats, pm_ra: Floats, pm_dec: Floats, years: Floats) -> Floats:
    """Return where stars were in 2000, from where they are seen.

    Parameters
    ----------
    vectors : ndarray of float, shape (n, 3)
        Unit vectors at the time of observation.
    pm_ra, pm_dec : ndarray of float [arcsec/yr], shape (n,)
        Proper motion; that in right ascension is with cos(dec), on the sky.
    years : ndarray of float [yr], shape (n,)
        From 2000.0 to the observation.

    Returns
    -------
    ndarray of float, shape (n, 3)
        Unit vectors. Straight on, without perspective: over decades that is exact to 0.01 arcsec.
    """
    ra = np.arctan2(vectors[:, 1], vectors[:, 0])
    east = np.stack([-np.sin(ra), np.cos(ra), np.zeros_like(ra)], axis=-1)
    north = np.cross(vectors, east)
    motion = (pm_ra[:, None] * east + pm_dec[:, None] * north) / ARCSEC_PER_RAD
    moved = vectors - motion * years[:, None]
    before: Floats = moved / np.linalg.norm(moved, axis=-1, keepdims=True)
    return before


def merge_groups(first: Integers, second: Integers) -> Integers:
    """Number the groups of what is together in one numbering or the other, through others too.

    Parameters
    ----------
    first, second : ndarray of int, shape (n,)
        Two numberings of the same things, each from 0.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    if not len(first):
        return first
    offset = int(first.max()) + 1
    return _link(first, second + offset, offset + int(second.max()) + 1)[first]


def _link(first: Integers, second: Integers, size: int) -> Integers:
    """Number the groups of what is linked, shape (size,), by links of the shape (n,)."""
    # scipy takes a third of a second, which only those who group targets should wait for.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(first)), (first, second)), shape=(size, size))
    groups: Integers = connected_components(graph, directed=False)[1].astype(np.int64)
    return groups


def separation_arcsec(first: Floats, second: Floats) -> Floats:
    """Return the angles between unit vectors, exact for small and large ones alike.

    Parameters
    ----------
    first, second : ndarray of float, shape (..., 3)

    Returns
    -------
    ndarray of float [arcsec], shape (...)
    """
    chord = np.linalg.norm(first - second, axis=-1)
    angle: Floats = 2.0 * np.arcsin(np.minimum(chord / 2.0, 1.0)) * ARCSEC_PER_RAD
    return angle


def group_places(vectors: Floats, radius_arcsec: float = SAME_PLACE_ARCSEC) -> Integers:
    """Number the groups of positions that are linked by steps of at most a radius.

    Parameters
    ----------
    vectors : ndarray of float, shape (n, 3)
        Unit vectors.
    radius_arcsec : float [arcsec]
        The longest step.

    Returns
    -------
    ndarray of int, shape (n,)
        The same number for positions that are linked, through others too.

    Notes
    -----
    A thousand exposures of one target would make half a million pairs. So positions first go into
    cubes whose diagonal is the radius: those in one cube are linked without looking. Then cubes
    are linked whose nearest members are within the radius.
    """
    if not len(vectors):
        return np.zeros(0, dtype=np.int64)
    radius = 2.0 * np.sin(radius_arcsec / ARCSEC_PER_RAD / 2.0)
    cells = np.floor(vectors * (np.sqrt(3.0) / radius)).astype(np.int64)
    corners, cell_of = np.unique(cells, axis=0, return_inverse=True)
    cell_of = cell_of.reshape(-1)
    links = np.array(list(_link_cells(vectors, corners, cell_of, radius)), dtype=np.int64)
    first, second = links.reshape(-1, 2).T
    return _link(first, second, len(corners))[cell_of]


def _link_cells(
    vectors: Floats, corners: Integers, cell_of: Integers, radius: float
) -> Iterator[tuple[int, int]]:
    """Yield the pairs of cells that have members within the radius of each other.

    Vectors have the shape (n, 3), corners (cells, 3), the cell of each vector (n,).
    """
    from scipy.spatial import cKDTree  # a quarter of a second, see above

    # The radius is 1.73 cells, so on each axis the corners are at most 2 cells apart.
    pairs = cKDTree(corners).query_pairs(2.5, p=np.inf, output_type="ndarray")
    order = np.argsort(cell_of, kind="stable")
    members = np.split(vectors[order], np.cumsum(np.bincount(cell_of))[:-1])
    for first, second in pairs:
        if _nearest(members[first], members[second]) <= radius:
            yield int(first), int(second)


def _nearest(first: Floats, second: Floats) -> float:
    """Return the shortest distance between two sets of unit vectors, shapes (n, 3) and (m, 3)."""
    if len(first) == 1 == len(second):
        return float(np.linalg.norm(first[0] - second[0]))
    from scipy.spatial import cKDTree  # a quarter of a second, see above

    small, large = sorted((first, second), key=len)
    return float(cKDTree(large).query(small)[0].min())
