"""Read files of extracted spectra (x1d, x1dsum, sx1): all their pixels in a row.

COS has a row of the table for each segment or stripe, STIS one for each order, and a table for
each exposure of the file. Here they are strung together; which pixel came from where is lost.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_assets.spectra.good_pixels import (
    find_unflagged_pixels,
    find_used_pixels,
    read_extracted_pixels,
)
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.keywords import number, text
from hstql_resources.fits.stream import Extension, FitsStream
from hstql_resources.fits.tables import TableLayout, find_unit, table_layout

COLUMNS = ("WAVELENGTH", "FLUX", "NET")


@dataclass(frozen=True)
class Extracted:
    """The pixels of all spectra of a file; all arrays have the shape (pixels,).

    Attributes
    ----------
    wavelength : ndarray
        Angstrom.
    flux : ndarray
        In `flux_unit`.
    net : ndarray
        Net count rate, counts/s; where the file has several exposures, times the share of the
        exposure time that its own has, so that the sum is the mean rate of them all.
    is_good : ndarray of bool
        Whether the pixel has a finite flux and no serious flag.
    spectra, empty : int
        Number of spectra, and how many of them were never extracted.
    flux_unit : str or None
        As the header has it.
    is_flux_calibrated : bool or None
        Whether FLUXCORR is COMPLETE; None if the header does not say.
    """

    wavelength: NDArray[np.float64]
    flux: NDArray[np.float64]
    net: NDArray[np.float64]
    is_good: NDArray[np.bool_]
    spectra: int
    empty: int
    flux_unit: str | None
    is_flux_calibrated: bool | None


def read_extracted(path: Path) -> Extracted:
    """Read a file of extracted spectra.

    Parameters
    ----------
    path : Path
        x1d, x1dsum or sx1 file, plain or gzipped.

    Returns
    -------
    Extracted
        Without a pixel if its tables are empty.

    Raises
    ------
    FitsError
        If it is not FITS, ends too early, or has no table of spectra.
    """
    with FitsStream(path) as stream:
        extensions = stream.distinct_extensions()
        primary = next(extensions).header
        parts = [
            _read_table(stream, extension) for extension in extensions if extension.name == "SCI"
        ]
    if not parts:
        raise FitsError("has no table of spectra")
    fluxcorr = text(primary, "FLUXCORR", "")
    wavelength, flux, net, is_good = (
        np.concatenate(arrays) for arrays in zip(*(part.arrays for part in parts), strict=True)
    )
    net *= np.repeat(_share_time(parts), [len(part.arrays[0]) for part in parts])
    return Extracted(
        wavelength=wavelength,
        flux=flux,
        net=net,
        is_good=is_good,
        spectra=sum(part.spectra for part in parts),
        empty=sum(part.empty for part in parts),
        flux_unit=parts[0].flux_unit,
        is_flux_calibrated=fluxcorr == "COMPLETE" if fluxcorr else None,
    )


@dataclass(frozen=True)
class _Part:
    """One table: wavelength, flux, net and whether good, of its pixels."""

    arrays: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]
    spectra: int
    empty: int
    flux_unit: str | None
    exp_time_s: float


def _share_time(parts: Sequence[_Part]) -> np.ndarray:
    """Return which part of the exposure time each table has; equal ones where one is not told."""
    times_s = np.array([part.exp_time_s for part in parts])
    if not (np.isfinite(times_s) & (times_s > 0)).all():
        times_s = np.ones(len(parts))
    return np.asarray(times_s / times_s.sum())


def _read_table(stream: FitsStream, extension: Extension) -> _Part:
    layout = table_layout(extension.header)
    layout.require(*COLUMNS)
    records = stream.table(extension, layout)
    width = _read_numbers(layout, records, "FLUX").shape[1]
    if "DQ_WGT" not in (layout.record.names or ()):
        layout.require("DQ")
    is_real = find_used_pixels(layout, records, width)
    wavelength, flux, net = (
        _read_numbers(layout, records, name, width).astype(np.float64)[is_real] for name in COLUMNS
    )
    is_good = find_unflagged_pixels(extension.header, layout, records, width)[is_real]
    return _Part(
        (wavelength, flux, net, is_good & np.isfinite(flux)),
        len(records),
        int(np.sum(~read_extracted_pixels(layout, records, width).any(axis=1))),
        find_unit(extension.header, "FLUX") or None,
        number(extension.header, "EXPTIME", math.nan),
    )


def _read_numbers(
    layout: TableLayout, records: np.ndarray, name: str, width: int | None = None
) -> np.ndarray:
    """Return a column of floats, a row of it per spectrum: shape (spectra, columns)."""
    values = layout.numbers(records, name, width)
    if values.dtype.kind != "f":
        raise FitsError(f"{layout.name} has no floats in the column {name}")
    return values
