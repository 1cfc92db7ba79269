"""Read the table of a lightcurve file, as statistics and plots need it.

Both kinds of product have the same columns; here they are read without what only one of them has.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from hstql_assets.batching.bad_data import BadData
from hstql_assets.lightcurves.rates import Quality
from hstql_resources.fits.data_files import open_buffered

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


@dataclass(frozen=True)
class CurveTable:
    """What a lightcurve file holds; arrays have the shape (bins,), NaN where nothing was live.

    Parameters
    ----------
    path : Path
        The file.
    header : astropy.io.fits.Header
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
    header: fits.Header
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
    with open_product(path) as hdus:
        return _table(path, hdus)


@contextmanager
def open_product(path: Path) -> Iterator[fits.HDUList]:
    """Open a lightcurve file; what is wrong with it while it is open is wrong with the file.

    Raises
    ------
    BadData
        Unreadable, if it is no whole FITS file, or not what the reader expects.
    """
    try:
        # Of a file that was cut astropy only warns.
        with (
            warnings.catch_warnings(action="error", category=AstropyUserWarning),
            open_buffered(path) as file,
            fits.open(file, memmap=False) as hdus,
        ):
            yield hdus
    except (OSError, KeyError, TypeError, ValueError, AstropyUserWarning) as error:
        raise BadData.unreadable(path, error) from error


def _table(path: Path, hdus: fits.HDUList) -> CurveTable:
    header, table = hdus[0].header, hdus["LIGHTCURVE"].data
    arrays = {name: np.array(table[column]) for name, column in ARRAYS.items()}
    return CurveTable(
        path=path,
        header=header,
        rootnames=_rootnames(hdus),
        bin_s=float(header["STEPSIZE"]),
        # Native byte order: not every program takes that of FITS.
        **{name: values.astype(values.dtype.newbyteorder("=")) for name, values in arrays.items()},
    )


def _rootnames(hdus: fits.HDUList) -> tuple[str, ...]:
    if "PROVENANCE" not in hdus:
        return (str(hdus[0].header["ROOTNAME"]),)
    provenance = hdus["PROVENANCE"].data
    by_dataset = dict(zip(provenance["dataset"].tolist(), provenance["rootname"], strict=True))
    return tuple(str(by_dataset[number]).strip() for number in sorted(by_dataset))
