"""Hold an x1d file against the exposure that it should belong to."""

from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import mismatched
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import integer, text

SAME_START_D = 1e-5  # 0.9 s: the two files round EXPSTART differently at most


# Real x1d files have 6e9 to 3e13 (count/s) / (erg/s/cm2/Angstrom). Outside its sensitivity table
# CalCOS divides by 1 instead, which makes a "flux" of the size of the count rate.
MIN_SENSITIVITY = 1e6


def find_sensitivity(net: np.ndarray, flux: np.ndarray) -> np.ndarray:
    """Return NET / FLUX, which holds the flux calibration and its change with time.

    A column without net counts says 0 / 0. Sensitivity is smooth, so such a column takes the
    value between its neighbours.

    Parameters
    ----------
    net : numpy.ndarray, shape (columns,)
        count/s.
    flux : numpy.ndarray, shape (columns,)
        erg/(s cm2 Angstrom).

    Returns
    -------
    numpy.ndarray, shape (columns,)
        (count/s) / (erg/(s cm2 Angstrom)); NaN where it is not known.
    """
    is_known = np.isfinite(net) & np.isfinite(flux) & (net != 0) & (flux != 0)
    ratio = np.full(len(net), np.nan)
    np.divide(net, flux, out=ratio, where=is_known)
    is_real = is_known & (ratio > MIN_SENSITIVITY)
    ratio[~is_real] = np.nan
    if is_real.any():
        column = np.arange(len(net))
        inside = ~is_known & (column > column[is_real][0]) & (column < column[is_real][-1])
        ratio[inside] = np.interp(column[inside], column[is_real], ratio[is_real])
    return ratio


def require_start(path: Path, start_mjd: float, events_mjd: float) -> None:
    """Raise BadData, Mismatched x1d, unless its EXPSTART is that of the events, both MJD UTC."""
    if abs(start_mjd - events_mjd) > SAME_START_D:
        raise mismatched(
            path,
            f"EXPSTART is MJD {start_mjd:.6f}, but that of the events is {events_mjd:.6f}: it is "
            "of another exposure.",
        )


def require_mode(path: Path, primary: Header, mode: tuple[str, str, int]) -> None:
    """Raise BadData, Mismatched x1d, unless it is of the mode of the events.

    Parameters
    ----------
    mode : tuple
        DETECTOR, OPT_ELEM and CENWAVE (Angstrom) of the events.
    """
    keywords = ("DETECTOR", "OPT_ELEM", "CENWAVE")
    found = text(primary, "DETECTOR"), text(primary, "OPT_ELEM"), integer(primary, "CENWAVE")
    for keyword, spectrum, events in zip(keywords, found, mode, strict=True):
        if spectrum != events:
            raise mismatched(path, f"{keyword} is {spectrum}, but that of the events is {events}.")
