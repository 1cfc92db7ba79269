"""Read what the x1d of a COS exposure tells about each pixel column.

From here come wavelengths, good columns, extraction limits and sensitivity. What is measured
(counts, fluxes) always comes from the events.
"""

from collections import deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import BadData
from hstql_assets.lightcurves.events import Exposure
from hstql_assets.spectra.good_pixels import MEASURED, find_extracted_pixels
from hstql_assets.spectra.x1d_match import find_sensitivity, require_mode, require_start
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.keywords import number, text
from hstql_resources.fits.stream import FitsStream
from hstql_resources.fits.tables import table_layout

COLUMNS = ("SEGMENT", "WAVELENGTH", "FLUX", "NET", "DQ_WGT")
ZONE_COLUMNS = ("Y_LOWER_OUTER", "Y_UPPER_OUTER", "ACTUAL_EE")


@dataclass(frozen=True)
class SegmentSpectrum:
    """One row of the x1d table; all arrays have the shape (columns,).

    Parameters
    ----------
    wavelength : numpy.ndarray
        Angstrom.
    is_good : numpy.ndarray of bool
        DQ_WGT > 0, and extracted.
    sensitivity : numpy.ndarray
        (count/s) / (erg/s/cm2/Angstrom), NaN where unknown.
    enclosed_fraction : numpy.ndarray
        Part of the light inside the extraction limits (ACTUAL_EE), 1 for BOXCAR.
    limits : tuple of numpy.ndarray or None
        First and last row of the source in each column, for TWOZONE; as stored, floats.
    """

    wavelength: np.ndarray
    is_good: np.ndarray
    sensitivity: np.ndarray
    enclosed_fraction: np.ndarray
    limits: tuple[np.ndarray, np.ndarray] | None


@dataclass(frozen=True)
class Spectrum:
    """An x1d file: the spectra of the segments or stripes that it has."""

    path: Path
    cal_ver: str
    segments: dict[str, SegmentSpectrum]


def read_spectrum(path: Path, exposure: Exposure) -> Spectrum:
    """Read the x1d of an exposure.

    Raises
    ------
    BadData
        Unreadable, if it is no whole x1d file; Mismatched x1d, if it is of another exposure.
    """
    try:
        with FitsStream(path) as stream:
            return _read(path, exposure, stream)
    except (FitsError, OSError) as error:
        raise BadData.unreadable(path, error) from error


def _read(path: Path, exposure: Exposure, stream: FitsStream) -> Spectrum:
    extensions = stream.distinct_extensions()
    primary = next(extensions).header
    extension = next(extensions, None)
    if extension is None:
        raise FitsError("has no table of spectra")
    require_mode(path, primary, exposure.mode)
    require_start(path, number(extension.header, "EXPSTART"), exposure.exp_start_mjd)
    layout = table_layout(extension.header)
    table = stream.table(extension, layout)
    deque(extensions, maxlen=0)  # a second table of the same name would be a fault
    is_twozone = text(primary, "XTRCTALG", "BOXCAR") == "TWOZONE"
    layout.require(*COLUMNS, *(ZONE_COLUMNS if is_twozone else ()))
    columns = {
        name: layout.column(table, name)
        for name in layout.record.names or ()
        if name in COLUMNS + ZONE_COLUMNS + MEASURED
    }
    names = [name.decode("ascii", "replace").strip() for name in columns.pop("SEGMENT")]
    return Spectrum(
        path,
        text(primary, "CAL_VER", "unknown"),
        {
            name: _segment({key: value[i] for key, value in columns.items()}, is_twozone)
            for i, name in enumerate(names)
        },
    )


def _segment(row: dict[str, np.ndarray], is_twozone: bool) -> SegmentSpectrum:
    """Take the spectrum from the columns of a row of the x1d, each of shape (columns,)."""
    limits = None
    if is_twozone:
        lower, upper = (row[name].astype(np.float64) for name in ZONE_COLUMNS[:2])
        limits = lower, upper
    return SegmentSpectrum(
        wavelength=row["WAVELENGTH"].astype(np.float64),
        is_good=find_extracted_pixels(row, row["DQ_WGT"].shape) & (row["DQ_WGT"] > 0),
        sensitivity=find_sensitivity(row["NET"].astype(np.float64), row["FLUX"].astype(np.float64)),
        enclosed_fraction=(
            row["ACTUAL_EE"].astype(np.float64) if is_twozone else np.ones(len(row["NET"]))
        ),
        limits=limits,
    )
