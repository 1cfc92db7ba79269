"""Tell where on an image a star should be, by its proper motion and the header's coordinates."""

import re
import warnings
from typing import NamedTuple

import numpy as np

from hstql_assets.images.reading import ScienceImage
from hstql_assets.monitors.throughput.selection import StandardStar

EPOCH_2000_MJD = 51544.5
DAYS_PER_YEAR = 365.25
MAS_PER_DEG = 3.6e6
_COORDINATES = re.compile(
    r"WCSAXES|CRPIX[12]|CRVAL[12]|CTYPE[12]|CUNIT[12]|CDELT[12]|(CD|PC)[12]_[12]|LONPOLE|LATPOLE"
    r"|RADESYS|EQUINOX|[AB]P?_(ORDER|\d_\d)"
)


def move_star(star: StandardStar, mjd: float) -> tuple[float, float]:
    """Return right ascension and declination [deg] at a time, MJD; parallax is left out."""
    years = (mjd - EPOCH_2000_MJD) / DAYS_PER_YEAR
    dec_deg = star.dec_deg + star.pm_dec_mas * years / MAS_PER_DEG
    stretch = np.cos(np.deg2rad(star.dec_deg))
    ra_deg = star.ra_deg + star.pm_ra_mas * years / MAS_PER_DEG / stretch
    return float(ra_deg % 360.0), dec_deg


class Place(NamedTuple):
    """Where something is on an image: column and row, from 0, and the size of a pixel [arcsec]."""

    x: float
    y: float
    scale_arcsec: float


def predict_place(image: ScienceImage, ra_deg: float, dec_deg: float) -> Place | None:
    """Return where a position is on an image; None if the header does not tell any.

    With the polynomial of the distortion. Tables of it are left out: a tenth of a pixel.
    """
    # Half a second that only those who measure wait for.
    from astropy.io import fits
    from astropy.wcs import WCS
    from astropy.wcs.utils import proj_plane_pixel_area

    cards = {
        name: value for name, value in image.header.values.items() if _COORDINATES.fullmatch(name)
    }
    with warnings.catch_warnings(action="ignore"):
        try:
            found = WCS(fits.Header(cards), naxis=2)
            if not found.has_celestial:
                return None
            x, y = found.all_world2pix(ra_deg, dec_deg, 0, quiet=True)
            scale_arcsec = 3600.0 * proj_plane_pixel_area(found) ** 0.5
        except Exception:  # a library of C, and headers of any file
            return None
    place = Place(float(x), float(y), float(scale_arcsec))
    return place if np.isfinite(place).all() and scale_arcsec > 0.0 else None
