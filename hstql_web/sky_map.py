"""Draw the whole sky: how many exposures point where, by Mollweide's projection, in SVG.

Equatorial coordinates, 0h in the middle, east to the left. Areas are true, so that cells can be
compared. Colours are those of the page, by classes of its style sheet.
"""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from astropy import units as u
from numpy.typing import NDArray

from hstql_web.queries.sky import CELLS, ORDER, Counts

Floats = NDArray[np.float64]
WIDTH, HEIGHT = 720, 360  # of the ellipse, in units of the drawing
CLASSES = (1, 3, 10, 30, 100, 300)  # from how many exposures on a cell has the next colour
_STEPS = 2  # of a side of a cell
_SEAM_DEG = 180.0
_ITERATIONS = 30  # halve the interval to 1e-9
# Right ascension (deg) of the poles and their declination: of the galaxy (J2000), of the ecliptic.
PLANES = {"galactic plane": (192.85948, 27.12825), "ecliptic": (270.0, 66.56071)}


@dataclass(frozen=True)
class SkyMap:
    """What stands in the drawing.

    Attributes
    ----------
    cells : tuple of (int, str)
        Number of a colour, from 1, and the outlines of its cells.
    grid : str
        Lines of equal right ascension and declination.
    planes : tuple of (str, str)
        Name and line of the planes of galaxy and ecliptic.
    labels : tuple of (float, float, str)
        Where hours and degrees are written.
    exposures : int
        How many exposures have a place.
    width, height : int
        Of the ellipse.
    classes : tuple of int
        From how many exposures on a cell has a colour.
    """

    cells: tuple[tuple[int, str], ...]
    grid: str
    planes: tuple[tuple[str, str], ...]
    labels: tuple[tuple[float, float, str], ...]
    exposures: int
    width: ClassVar[int] = WIDTH
    height: ClassVar[int] = HEIGHT
    classes: ClassVar[tuple[int, ...]] = CLASSES


def draw_sky(counts: Counts | None, order: int) -> SkyMap:
    """Return the sky with its cells of an order, at most that of the counts; None counts nothing.

    Parameters
    ----------
    counts : ndarray of int, shape (cells,), optional
        Exposures by cell of `ORDER`, nested.
    order : int
        Of the cells that are drawn.
    """
    known = np.zeros(CELLS, np.int64) if counts is None else counts
    drawn = known.reshape(12 * 4**order, -1).sum(axis=1)
    colours = np.searchsorted(CLASSES, drawn, side="right")
    outlines = _list_outlines(order)
    cells = tuple(
        (number, "".join(outlines[cell] for cell in np.flatnonzero(colours == number)))
        for number in range(1, len(CLASSES) + 1)
    )
    return SkyMap(cells, _draw_grid(), _draw_planes(), _list_labels(), int(known.sum()))


def project(ra_deg: Floats | float, dec_deg: Floats | float) -> tuple[Floats, Floats]:
    """Return where places are in the drawing: from the left, and from above.

    Parameters
    ----------
    ra_deg : ndarray or float [deg]
        From -180 to 180; what is beyond is beyond the edge.
    dec_deg : ndarray or float [deg]
    """
    ra, dec = np.radians(np.asarray(ra_deg, float)), np.radians(np.asarray(dec_deg, float))
    # 2 t + sin 2 t = pi sin dec, by halving: no iteration of Newton's ends well at a pole.
    wanted = np.pi * np.sin(dec)
    low, high = np.full(dec.shape, -np.pi / 2), np.full(dec.shape, np.pi / 2)
    for _ in range(_ITERATIONS):
        middle = (low + high) / 2
        is_less = 2 * middle + np.sin(2 * middle) < wanted
        low, high = np.where(is_less, middle, low), np.where(is_less, high, middle)
    angle = (low + high) / 2
    x = WIDTH / 2 * (1 - ra / np.pi * np.cos(angle))
    return x, HEIGHT / 2 * (1 - np.sin(angle))


def locate(ra_deg: float, dec_deg: float) -> tuple[float, float]:
    """Return where a place is in the drawing, whatever turn its right ascension is of."""
    x, y = project((ra_deg + 180) % 360 - 180, dec_deg)
    return round(float(x), 1), round(float(y), 1)


@cache
def _list_outlines(order: int) -> tuple[str, ...]:
    """Return the outline of each cell of an order, nested; at the seam it has two parts."""
    from astropy_healpix import HEALPix  # takes astropy.coordinates along: 0.2 s

    grid = HEALPix(2**order, order="nested")
    cells = np.arange(grid.npix)
    ra, dec = (one.to_value(u.deg) for one in grid.boundaries_lonlat(cells, _STEPS))
    middles = grid.healpix_to_lonlat(cells)[0].to_value(u.deg)[:, None]
    # A pole has no right ascension of its own: that of the cell.
    ra = np.where(np.abs(dec) > 90 - 1e-9, middles, ra)
    middles = (middles + 180) % 360 - 180
    unwrapped = middles + (ra - middles + 180) % 360 - 180
    outlines = [""] * grid.npix
    for turn in (0.0, 360.0, -360.0):
        moved = unwrapped + turn
        inside = np.clip(moved, -_SEAM_DEG, _SEAM_DEG)
        x, y = project(inside, dec)
        for cell in np.flatnonzero((np.abs(moved) < _SEAM_DEG).any(axis=1)):
            outlines[cell] += _write_line(x[cell], y[cell]) + "z"
    return tuple(outlines)


def _write_line(x: Floats, y: Floats) -> str:
    return "M" + " ".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))


@cache
def _draw_grid() -> str:
    along = np.linspace(-90, 90, 61)
    meridians = [
        _write_line(*project(np.full(61, ra), along)) for ra in np.arange(-180.0, 181.0, 30)
    ]
    across = np.linspace(-180, 180, 3)
    parallels = [
        _write_line(*project(across, np.full(3, dec))) for dec in np.arange(-60.0, 61.0, 30)
    ]
    return "".join([*meridians, *parallels])


@cache
def _draw_planes() -> tuple[tuple[str, str], ...]:
    return tuple((name, _draw_plane(*pole)) for name, pole in PLANES.items())


def _draw_plane(ra_deg: float, dec_deg: float) -> str:
    """Return the great circle that is 90 degrees from a pole."""
    ra, dec = np.radians([ra_deg, dec_deg])
    east = np.array([-np.sin(ra), np.cos(ra), 0])
    north = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
    turn = np.linspace(0, 2 * np.pi, 181)[:, None]
    x, y, z = (np.cos(turn) * east + np.sin(turn) * north).T
    places = np.degrees(np.arctan2(y, x)), np.degrees(np.arcsin(z))
    cuts = np.flatnonzero(np.abs(np.diff(places[0])) > _SEAM_DEG) + 1
    parts = zip(*(np.split(one, cuts) for one in project(*places)), strict=True)
    return "".join(_write_line(*part) for part in parts)


@cache
def _list_labels() -> tuple[tuple[float, float, str], ...]:
    hours = [(ra, 2.0, f"{ra // 15 % 24}h") for ra in range(-150, 151, 60)]
    degrees = [(0, dec, f"{dec:+d}°") for dec in (-60, -30, 30, 60)]
    return tuple((*locate(ra, dec), label) for ra, dec, label in (*hours, *degrees))


__all__ = ["CLASSES", "HEIGHT", "ORDER", "WIDTH", "SkyMap", "draw_sky", "locate", "project"]
