"""Read the radio flux of the Sun at 10.7 cm, from the files that the field keeps it in.

The dark rate of FUV follows the cycle of the Sun. Nothing is fetched: the files are the user's.
"""

import json
import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_resources.fits.data_files import read_text_file
from hstql_resources.fits.errors import UnusableFileError
from hstql_resources.fits.limits import LimitError
from hstql_resources.times import day_to_mjd

UNIT = "10⁻²² W/m²/Hz"
WINDOW_DAYS = 81.0  # three rotations of the Sun
_NOON, _MIDDLE_OF_MONTH = 0.5, 14.0
_ENDINGS = ("*_DSD.txt", "*.json")

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SolarFlux:
    """The solar flux at 10.7 cm.

    Attributes
    ----------
    mjd : ndarray, shape (n,)
        MJD UTC, ascending.
    flux : ndarray, shape (n,)
        In solar flux units, 10^-22 W/m^2/Hz; above zero.
    """

    mjd: Floats
    flux: Floats

    def smoothed(self) -> Floats:
        """Return the mean over 81 days about each value; NaN within 40.5 days of an end."""
        half = WINDOW_DAYS / 2.0
        first = np.searchsorted(self.mjd, self.mjd - half)
        stop = np.searchsorted(self.mjd, self.mjd + half, side="right")
        sums = np.concatenate([[0.0], np.cumsum(self.flux)])
        is_whole = (self.mjd - half >= self.mjd[0]) & (self.mjd + half <= self.mjd[-1])
        means: Floats = np.where(is_whole, (sums[stop] - sums[first]) / (stop - first), np.nan)
        return means


def read_solar_flux(path: Path) -> SolarFlux:
    """Read the solar flux.

    Parameters
    ----------
    path : Path
        A file, or a folder of files that end in `_DSD.txt` or `.json`. A file is NOAA's daily solar
        data (lines of year, month, day, flux and more), two columns of MJD and flux, or NOAA's
        monthly indices in JSON (`time-tag` and `f10.7`).

    Returns
    -------
    SolarFlux
        Values of zero and below, which stand for none, are left out; of two for the same time the
        last read holds.

    Raises
    ------
    UnusableFileError
        If there is no such file, or one of another kind, or none with a value.
    """
    try:
        paths = _list_files(path)
        found: dict[float, float] = {}
        for one in paths:
            found |= _read_file(one)
    except LimitError as error:
        raise UnusableFileError(f"{path} {error}.") from None
    except OSError as error:
        raise UnusableFileError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise UnusableFileError(f"{path} is no text.") from None
    if not found:
        raise UnusableFileError(f"{path} has no value of the solar flux at 10.7 cm.")
    times = sorted(found)
    return SolarFlux(np.array(times), np.array([found[mjd] for mjd in times]))


def _list_files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for ending in _ENDINGS for file in path.glob(ending))


def _read_file(path: Path) -> dict[float, float]:
    content = read_text_file(path, "utf-8-sig")
    try:
        if content.lstrip()[:1] in ("[", "{"):
            pairs = _read_months(json.loads(content))
        else:
            pairs = [_read_line(line) for line in content.splitlines() if _is_data(line)]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise UnusableFileError(
            f"{path.name} is neither daily solar data of NOAA, nor MJD and flux, nor its monthly "
            f"indices: {error}."
        ) from None
    return {mjd: flux for mjd, flux in pairs if math.isfinite(mjd) and 0.0 < flux < math.inf}


def _is_data(line: str) -> bool:
    return bool(line.strip()) and line.lstrip()[0] not in ":#"


def _read_line(line: str) -> tuple[float, float]:
    """Read MJD and flux; or year, month, day and flux, to noon of that day."""
    words = line.split()
    if len(words) == 2:
        return float(words[0]), float(words[1])
    if len(words) < 4:
        raise ValueError(f"a line is {line.strip()[:40]!r}")
    day = date(*(int(word) for word in words[:3]))
    return day_to_mjd(day) + _NOON, float(words[3])


def _read_months(entries: Any) -> list[tuple[float, float]]:
    pairs = []
    for entry in entries:
        year, month = (int(part) for part in str(entry["time-tag"]).split("-")[:2])
        middle = day_to_mjd(date(year, month, 1)) + _MIDDLE_OF_MONTH
        pairs.append((middle, float(entry["f10.7"])))
    return pairs
