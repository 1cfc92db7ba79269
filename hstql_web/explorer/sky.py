"""Tell what lies at a pixel: a position on the sky, a wavelength, as astropy has it."""

import threading
import warnings
from functools import lru_cache

from astropy.coordinates import Angle
from astropy.wcs import WCS

from hstql_resources.fits.whole_files import open_hdus
from hstql_web.explorer.contents import Stamp

_FILES = 32
_LOCK = threading.Lock()  # the library below changes its tables while it works


def locate(stamp: Stamp, number: int, column: int, row: int) -> str | None:
    """Return the position of the middle of a pixel in words.

    Parameters
    ----------
    stamp : Stamp
        The file.
    number : int
        Of the HDU.
    column, row : int
        From 1, as FITS counts.

    Returns
    -------
    str or None
        Right ascension and declination with distortions, or what else the axes say; None if the
        header tells nothing that can be worked out.
    """
    with _LOCK:
        found = _open(stamp, number)
        if found is None:
            return None
        try:
            values = [float(one) for one in found.all_pix2world(column, row, 1)]
        except Exception:  # a library of C, and tables of any file
            return None
    if found.has_celestial:
        return write_position(values[found.wcs.lng], values[found.wcs.lat])
    named = zip(found.wcs.ctype, values, found.wcs.cunit, strict=True)
    return ", ".join(f"{kind} {value:.7g} {unit}".strip() for kind, value, unit in named)


def write_position(ra_deg: float, dec_deg: float) -> str:
    """Return a position in hours and degrees to 0.01 arcsec, and in degrees to 0.4 mas."""
    hours = Angle(ra_deg, "deg").to_string("hourangle", sep=":", precision=3, pad=True)
    degrees = Angle(dec_deg, "deg").to_string(
        "deg", sep=":", precision=2, pad=True, alwayssign=True
    )
    return f"{hours} {degrees} ({ra_deg:.7f}, {dec_deg:+.7f})"


@lru_cache(_FILES)
def _open(stamp: Stamp, number: int) -> WCS | None:
    """Return the coordinates of an HDU with its distortions; None if it has none."""
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            open_hdus(stamp.path) as hdus,
        ):
            found = WCS(hdus[number].header, hdus, naxis=2)
    except Exception:  # whatever astropy stumbles over
        return None
    kinds = [str(kind).strip() for kind in found.wcs.ctype]
    return found if all(kind not in ("", "PIXEL") for kind in kinds) else None
