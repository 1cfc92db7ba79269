"""Read extracted spectra as they are in files: x1d, x1dsum and sx1 of COS and STIS."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hstql_assets.spectra.good_pixels import find_unflagged_pixels, find_used_pixels
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.header_values import LARGEST_INTEGER
from hstql_resources.fits.keywords import integer
from hstql_resources.fits.stream import FitsStream
from hstql_resources.fits.tables import TableLayout, find_unit, table_layout

MOST = 1e30  # of a wavelength or value; what is more is no measurement


@dataclass(frozen=True, eq=False)
class Piece:
    """The spectrum of one segment, stripe or order; arrays of shape (n,).

    Attributes
    ----------
    name : str
        Such as `FUVA`, or the number of an order.
    wavelength : ndarray
        In the unit of the spectrum, ascending; good pixels only.
    value, error : ndarray
        Flux or count rate, and its 1-sigma error.
    """

    name: str
    wavelength: np.ndarray
    value: np.ndarray
    error: np.ndarray


@dataclass(frozen=True, eq=False)
class ExtractedSpectrum:
    """One table of spectra.

    Attributes
    ----------
    version : int
        EXTVER.
    quantity : str
        `FLUX`, or `NET` where nothing has a flux.
    wavelength_unit, unit : str
        As in the file; empty where it does not say.
    pieces : tuple of Piece
        Those with a good pixel.
    """

    version: int
    quantity: str
    wavelength_unit: str
    unit: str
    pieces: tuple[Piece, ...]


def read_extracted(path: Path) -> list[ExtractedSpectrum]:
    """Read the spectra of a file.

    Which pixels are good is told in `spectra.good_pixels`.

    Parameters
    ----------
    path : Path
        Plain or gzipped.

    Returns
    -------
    list of ExtractedSpectrum
        One for each table with WAVELENGTH and FLUX or NET.

    Raises
    ------
    FitsError, OSError
        If it cannot be read.
    """
    found = []
    with FitsStream(path) as stream:
        for extension in stream.extensions():
            if extension.name != "SCI" or "TFIELDS" not in extension.header:
                continue
            layout = table_layout(extension.header)
            names = set(layout.record.names or ())
            if "WAVELENGTH" in names and names & {"FLUX", "NET"}:
                table = stream.table(extension, layout)
                found.append(_take_apart(extension.header, layout, table))
    return found


def _take_apart(header: Header, layout: TableLayout, table: np.ndarray) -> ExtractedSpectrum:
    """Take the pieces from the records of a table, shape (rows,)."""
    names = set(layout.record.names or ())
    quantity = "FLUX" if "FLUX" in names and np.any(layout.column(table, "FLUX")) else "NET"
    if quantity not in names:
        quantity = "FLUX"
    error = "ERROR" if quantity == "FLUX" else "NET_ERROR"
    width = layout.numbers(table, "WAVELENGTH").shape[1]
    columns = {
        name: layout.numbers(table, name, width)
        for name in ("WAVELENGTH", quantity, error)
        if name in names
    }
    is_good = find_used_pixels(layout, table, width)
    is_good &= find_unflagged_pixels(header, layout, table, width)
    labels = _labels(layout, table)
    pieces = (
        _piece(labels[row], {name: values[row] for name, values in columns.items()},
               is_good[row], quantity, error)
        for row in range(layout.rows)
    )  # fmt: skip
    return ExtractedSpectrum(
        _version(header),
        quantity,
        find_unit(header, "WAVELENGTH"),
        find_unit(header, quantity),
        tuple(piece for piece in pieces if len(piece.wavelength)),
    )


def _piece(
    name: str, row: dict[str, np.ndarray], is_good: np.ndarray, quantity: str, error: str
) -> Piece:
    """Take the good pixels of a row, in the order of wavelength; all shapes are (pixels,)."""
    wavelength, value = row["WAVELENGTH"], row[quantity]
    errors = row.get(error, np.full(value.shape, np.nan))
    is_good = is_good & (wavelength > 0) & (wavelength < MOST) & (np.abs(value) < MOST)
    order = np.argsort(wavelength[is_good], kind="stable")
    return Piece(
        name, *(values[is_good][order].astype(float) for values in (wavelength, value, errors))
    )


def _labels(layout: TableLayout, table: np.ndarray) -> list[str]:
    """Name each record, shape (rows,), by its segment, its order or its number."""
    kinds = {name: layout.record[name].kind for name in layout.record.names or ()}
    if kinds.get("SEGMENT") == "S":
        return [value.decode("ascii", "replace").strip() for value in table["SEGMENT"]]
    if kinds.get("SPORDER", "") in ("i", "u"):
        return [str(int(value)) for value in layout.column(table, "SPORDER")]
    return [str(number + 1) for number in range(layout.rows)]


def _version(header: Header) -> int:
    """Return EXTVER; 1 where there is none, or one that no extension can have."""
    try:
        version = integer(header, "EXTVER", 1)
    except FitsError:
        return 1
    return version if abs(version) <= LARGEST_INTEGER else 1
