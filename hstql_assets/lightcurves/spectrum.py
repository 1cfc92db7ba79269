"""Read what the x1d of a COS exposure tells about each pixel column.

From here come wavelengths, good columns, extraction limits and sensitivity. What is measured
(counts, fluxes) always comes from the events.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import BadData
from hstql_assets.lightcurves.events import Exposure
from hstql_assets.spectra.column_rates import ColumnRates
from hstql_assets.spectra.good_pixels import MEASURED, find_extracted_pixels
from hstql_assets.spectra.x1d_match import find_sensitivity, require_mode, require_start
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.keywords import number, text
from hstql_resources.fits.stream import FitsStream
from hstql_resources.fits.tables import table_layout

COLUMNS = ("SEGMENT", "WAVELENGTH", "FLUX", "NET", "DQ_WGT")
ZONE_COLUMNS = ("Y_LOWER_OUTER", "Y_UPPER_OUTER", "ACTUAL_EE")
BACKGROUND_COLUMNS = ("GROSS", "BACKGROUND", "BACKGROUND_PER_PIXEL")


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
    rates : ColumnRates
        What the x1d has, with the background that is in NET.
    unlit : int
        Number of columns that DQ_WGT has as good, but ACTUAL_EE without light.
    """

    wavelength: np.ndarray
    is_good: np.ndarray
    sensitivity: np.ndarray
    enclosed_fraction: np.ndarray
    limits: tuple[np.ndarray, np.ndarray] | None
    rates: ColumnRates
    unlit: int = 0


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
        if name in {*COLUMNS, *ZONE_COLUMNS, *BACKGROUND_COLUMNS, *MEASURED}
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
    shape = row["DQ_WGT"].shape
    is_good = find_extracted_pixels(row, shape) & (row["DQ_WGT"] > 0)
    values = {name: array.astype(np.float64) for name, array in row.items()}
    limits, enclosed, unlit = None, np.ones(shape), 0
    if is_twozone:
        limits, enclosed = (values[ZONE_COLUMNS[0]], values[ZONE_COLUMNS[1]]), values["ACTUAL_EE"]
        is_lit = np.isfinite(enclosed) & (enclosed > 0)  # NET is divided by it
        is_good, unlit = is_good & is_lit, int(np.count_nonzero(is_good & ~is_lit))
    return SegmentSpectrum(
        wavelength=values["WAVELENGTH"],
        is_good=is_good,
        sensitivity=find_sensitivity(values["NET"], values["FLUX"]),
        enclosed_fraction=enclosed,
        limits=limits,
        rates=_rates(values, limits, enclosed),
        unlit=unlit,
    )


def _rates(
    values: Mapping[str, np.ndarray],
    limits: tuple[np.ndarray, np.ndarray] | None,
    enclosed: np.ndarray,
) -> ColumnRates:
    """Undo the subtraction of the background, from the columns of a row; all of shape (columns,).

    Notes
    -----
    With E the counts weighted by EPSILON, G the counts, T the exposure time, in CalCOS 3.6.2::

        TWOZONE   NET = (E / T - BACKGROUND_PER_PIXEL x rows) / ACTUAL_EE
        BOXCAR    NET = E / G x (G / T - BACKGROUND), E / G being 1 where G is 0
    """
    unknown = np.full(enclosed.shape, np.nan)
    net, gross = values["NET"], values.get("GROSS", unknown)
    with np.errstate(divide="ignore", invalid="ignore"):
        if limits is not None:
            rows = limits[1] - limits[0] + 1
            background = values.get("BACKGROUND_PER_PIXEL", unknown) * rows
            background_net = background / enclosed
        else:
            background = values.get("BACKGROUND", unknown)
            ratio = net / (gross - background)  # E / G
            background_net = background * np.where(np.isfinite(ratio) & (ratio > 0), ratio, 1.0)
    return ColumnRates(net, values["FLUX"], gross, background, background_net)
