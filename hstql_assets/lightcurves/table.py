"""Read the table of a lightcurve file, as statistics and plots need it.

Both kinds of product have the same columns; here they are read without what only one of them has.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import BadData
from hstql_assets.lightcurves.rates import Quality
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import number, text
from hstql_resources.fits.stream import FitsStream

ARRAYS = {
    "times_s": "times",
    "mjd": "mjd",
    "mjd_centre": "TIME",
    "gross": "gross",
    "counts": "counts",
    "net": "net",
    "net_error": "net_error",
    "flux": "flux",
    "flux_error": "flux_error",
    "background": "background",
    "error": "error",
    "exposure_s": "exposure",
    "dataset": "dataset",
    "quality": "quality",
    "bjd_tdb": "BJD_TDB",
}
LIGHTCURVE, PROVENANCE = "LIGHTCURVE", "PROVENANCE"
TABLES = {
    LIGHTCURVE: tuple(column.upper() for column in ARRAYS.values()),
    PROVENANCE: ("DATASET", "ROOTNAME"),
}


@dataclass(frozen=True)
class CurveTable:
    """What a lightcurve file holds; arrays have the shape (bins,), NaN where nothing was live.

    Parameters
    ----------
    path : Path
        The file.
    header : Header
        Its primary header.
    rootnames : tuple of str
        The exposures, by dataset number from 1 on.
    bin_s : float
        Width of a bin, s.
    times_s : numpy.ndarray
        Left edges of the bins, seconds from the EXPSTART of their exposure.
    mjd, mjd_centre : numpy.ndarray
        Left edges and centres of the bins, MJD (UTC).
    gross, counts, background, error : numpy.ndarray
        Counts.
    net, net_error : numpy.ndarray
        Count per live second.
    flux, flux_error : numpy.ndarray
        erg/s/cm2/Angstrom.
    exposure_s : numpy.ndarray
        Live seconds.
    dataset : numpy.ndarray of int
        Number of the exposure, from 1, in the order of time.
    quality : numpy.ndarray of int
        Bits of `rates.Quality`.
    bjd_tdb : numpy.ndarray
        Centres of the bins at the barycentre of the solar system, JD (TDB); NaN where the exposure
        has none.
    """

    path: Path
    header: Header
    rootnames: tuple[str, ...]
    bin_s: float
    times_s: np.ndarray
    mjd: np.ndarray
    mjd_centre: np.ndarray
    gross: np.ndarray
    counts: np.ndarray
    net: np.ndarray
    net_error: np.ndarray
    flux: np.ndarray
    flux_error: np.ndarray
    background: np.ndarray
    error: np.ndarray
    exposure_s: np.ndarray
    dataset: np.ndarray
    quality: np.ndarray
    bjd_tdb: np.ndarray

    @property
    def is_full(self) -> np.ndarray:
        """Bins that were live throughout, bool."""
        return np.asarray((self.quality & (Quality.NO_LIVE_TIME | Quality.PARTLY_LIVE)) == 0)

    @property
    def is_composite(self) -> bool:
        """Whether it is a composite: those carry HLSPID."""
        return "HLSPID" in self.header

    @property
    def is_flux_calibrated(self) -> bool:
        """Whether it has a flux."""
        return bool(self.header["FLUXCAL"])

    @property
    def wave_range(self) -> tuple[float, float]:
        """Shortest and longest wavelength used, Angstrom; NaN where it does not say."""
        return number(self.header, "WMIN", math.nan), number(self.header, "WMAX", math.nan)

    @property
    def is_simulated(self) -> bool:
        """Whether a simulation made the events."""
        return self.header.get("SIMULATD") is True


def read_curve_table(path: Path) -> CurveTable:
    """Read the table of an individual or composite lightcurve file.

    Raises
    ------
    BadData
        Unreadable, if this is no such file.
    """
    try:
        with FitsStream(path) as stream:
            return _read(path, stream)
    except (FitsError, OSError, KeyError, TypeError, ValueError) as error:
        raise BadData.unreadable(path, error) from error


def _read(path: Path, stream: FitsStream) -> CurveTable:
    extensions = stream.extensions()
    header = next(extensions).header
    found: dict[str, dict[str, np.ndarray]] = {}
    for extension in extensions:
        if extension.name in TABLES and extension.name not in found:
            layout, rows = stream.rows(extension, *TABLES[extension.name])
            found[extension.name] = {
                name: layout.column(rows, name) for name in TABLES[extension.name]
            }
    if LIGHTCURVE not in found:
        raise FitsError(f"has no table {LIGHTCURVE}")
    columns = found[LIGHTCURVE]
    return CurveTable(
        path=path,
        header=header,
        rootnames=_rootnames(header, found.get(PROVENANCE)),
        bin_s=number(header, "STEPSIZE"),
        **{name: columns[column.upper()] for name, column in ARRAYS.items()},
    )


def _rootnames(header: Header, provenance: dict[str, np.ndarray] | None) -> tuple[str, ...]:
    if provenance is None:
        return (text(header, "ROOTNAME"),)
    names = provenance["ROOTNAME"].astype("U").tolist()
    by_dataset = dict(zip(provenance["DATASET"].tolist(), names, strict=True))
    return tuple(by_dataset[one].strip() for one in sorted(by_dataset))
