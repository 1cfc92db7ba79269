"""Read the reference files of a STIS exposure, checked against its mode or noted as missing.

A file that is not found, cannot be read or is of another mode is not used, and is named with the
reason. A keyword that says N/A names none.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from hstql_assets.stis_events.bad_pixels import ANY, COLUMNS, BadPixels, draw_quality
from hstql_assets.stis_events.traces import HIGH, LOW
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.keywords import text
from hstql_resources.fits.whole_files import open_hdus

NOT_APPLICABLE = ("", "N/A")
ANY_MODE = ("", "ANY", "N/A", "MULTI", "-1", "-999")
# What numpy and astropy raise where a file is cut, or is not of the kind that its name says.
UNFIT = (OSError, KeyError, IndexError, TypeError, ValueError, AstropyUserWarning)

Find = Callable[[str], Path | None]
T = TypeVar("T")


@dataclass(frozen=True)
class Linearity:
    """Dead time `tau_s`, seconds, good up to a rate of the whole detector, count/s."""

    tau_s: float
    limit_count_per_s: float


@dataclass(frozen=True)
class ReferenceData:
    """What is at hand to correct an exposure.

    Parameters
    ----------
    flats : tuple of numpy.ndarray
        Flat fields, (1024, 1024) or (2048, 2048).
    quality : numpy.ndarray or None
        Bits of DQ, (1024, 1024).
    linearity : Linearity or None
        Of its detector.
    missing : tuple of str
        ``KEYWORD=name: why`` of each file that there should be.
    """

    flats: tuple[np.ndarray, ...] = ()
    quality: np.ndarray | None = None
    linearity: Linearity | None = None
    missing: tuple[str, ...] = ()


def load_references(primary: fits.Header, find: Find) -> ReferenceData:
    """Read the reference files that a primary header names.

    Parameters
    ----------
    primary : astropy.io.fits.Header
        Of the exposure: DETECTOR, OPT_ELEM, CENWAVE, PFLTFILE, LFLTFILE, BPIXTAB, MLINTAB.
    find : callable
        From a header value such as ``oref$x_pfl.fits`` to a file, or None.
    """
    missing: list[str] = []

    def load(keyword: str, read: Callable[[fits.HDUList, fits.Header], T]) -> T | None:
        name = text(primary, keyword, "")
        if name.upper() in NOT_APPLICABLE:
            return None
        try:
            return _load(find(name), primary, read)
        except FitsError as error:
            missing.append(f"{keyword}={name.rpartition('$')[2]}: {error}")
            return None

    flats = [load(keyword, _read_flat) for keyword in ("PFLTFILE", "LFLTFILE")]
    quality = load("BPIXTAB", _read_quality)
    linearity = load("MLINTAB", _read_linearity)
    return ReferenceData(
        tuple(flat for flat in flats if flat is not None), quality, linearity, tuple(missing)
    )


def _load(
    path: Path | None, primary: fits.Header, read: Callable[[fits.HDUList, fits.Header], T]
) -> T:
    if path is None:
        raise FitsError("not found")
    try:
        # Of a file that was cut astropy only warns.
        with (
            warnings.catch_warnings(action="error", category=AstropyUserWarning),
            open_hdus(path) as hdus,
        ):
            _require_mode(hdus[0].header, primary)
            return read(hdus, primary)
    except FitsError:
        raise
    except UNFIT as error:
        reason = getattr(error, "strerror", None) or error
        raise FitsError(f"cannot be read ({reason})") from error


def _require_mode(reference: fits.Header, primary: fits.Header) -> None:
    for keyword in ("DETECTOR", "OPT_ELEM", "CENWAVE"):
        wanted, found = text(primary, keyword, ""), text(reference, keyword, "")
        if found.upper() not in ANY_MODE and wanted and found != wanted:
            raise FitsError(f"wrong mode, {keyword} is {found}, not {wanted}")


def _read_flat(hdus: fits.HDUList, _primary: fits.Header) -> np.ndarray:
    image = np.array(hdus[1].data, np.float64)
    if image.shape not in ((LOW, LOW), (HIGH, HIGH)):
        raise FitsError(f"its image has the shape {image.shape}, neither {LOW} nor {HIGH} a side")
    if not (image > 0).any():
        raise FitsError("its image has no value above 0")
    return image


def _read_quality(hdus: fits.HDUList, primary: fits.Header) -> np.ndarray:
    table = hdus[1].data
    columns = {name.lower(): np.array(table[name], np.int64) for name in COLUMNS}
    has_mode = "OPT_ELEM" in table.names
    opt_elem = np.array(table["OPT_ELEM"] if has_mode else [ANY] * len(table), str)
    return draw_quality(BadPixels(opt_elem, **columns), text(primary, "OPT_ELEM"))


def _read_linearity(hdus: fits.HDUList, primary: fits.Header) -> Linearity:
    table, detector = hdus[1].data, text(primary, "DETECTOR")
    for row in table:
        if str(row["DETECTOR"]).strip() == detector:
            tau_s, limit = float(row["TAU"]), float(row["GLOBAL_LIMIT"])
            if not (0 <= tau_s < np.inf and limit > 0):
                raise FitsError(f"TAU is {tau_s:g} s, GLOBAL_LIMIT {limit:g} counts/s")
            return Linearity(tau_s, limit)
    raise FitsError(f"wrong mode, has no row for {detector}")
