"""Read extracted spectra as they are in files: all pixels, with errors and flags."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_assets.spectra.good_pixels import find_unflagged_pixels, find_used_pixels
from hstql_resources.fits.header import Header
from hstql_resources.fits.stream import FitsStream
from hstql_resources.fits.tables import TableLayout, find_unit, table_layout

MOST_PIXELS = 2_000_000  # of a file


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The spectrum of one segment, stripe or order.

    Attributes
    ----------
    name : str
        Such as `1 FUVA`: its extension and segment, or order.
    quantity, unit, wavelength_unit : str
        What its values are.
    wavelengths, values, errors : ndarray, shape (n,)
        In the order of wavelength; errors may be empty.
    flags : ndarray of int, shape (n,)
        Data quality; 0 where there is none.
    is_bad : ndarray of bool, shape (n,)
        Whether a flag is serious, or the pixel was not extracted.
    """

    name: str
    quantity: str
    unit: str
    wavelength_unit: str
    wavelengths: NDArray[Any]
    values: NDArray[Any]
    errors: NDArray[Any]
    flags: NDArray[Any]
    is_bad: NDArray[np.bool_]

    def to_json(self) -> dict[str, Any]:
        """Return it for the browser: wavelengths to 0.1 mA, values to six digits, else null."""
        return {
            "name": self.name, "quantity": self.quantity, "unit": self.unit,
            "wavelengthUnit": self.wavelength_unit,
            "wavelengths": [round(one, 4) for one in self.wavelengths.tolist()],
            "values": _shorten(self.values), "errors": _shorten(self.errors),
            "flags": self.flags.tolist(), "bad": self.is_bad.astype(int).tolist(),
        }  # fmt: skip


def _shorten(values: NDArray[Any]) -> list[float | None]:
    return [float(f"{one:.6g}") if np.isfinite(one) else None for one in values.tolist()]


def read_spectra(path: Path) -> list[Spectrum]:
    """Read all spectra of a file.

    Raises
    ------
    FitsError, OSError
        If it cannot be read.
    """
    found: list[Spectrum] = []
    with FitsStream(path) as stream:
        for extension in stream.extensions():
            if "TFIELDS" not in extension.header:
                continue
            layout = table_layout(extension.header)
            names = set(layout.record.names or ())
            if "WAVELENGTH" in names and names & {"FLUX", "NET"}:
                found += _take_apart(extension.header, layout, stream.table(extension, layout))
    return found


def _take_apart(header: Header, layout: TableLayout, table: NDArray[Any]) -> list[Spectrum]:
    names = set(layout.record.names or ())
    has_flux = "FLUX" in names and np.any(layout.column(table, "FLUX"))
    quantity = "FLUX" if has_flux or "NET" not in names else "NET"
    wavelengths = layout.numbers(table, "WAVELENGTH")
    width = wavelengths.shape[1]
    columns = {
        name: layout.numbers(table, name, width)
        for name in (quantity, "ERROR" if quantity == "FLUX" else "NET_ERROR", "DQ")
        if name in names
    }
    error = columns.get("ERROR", columns.get("NET_ERROR"))
    is_used = find_used_pixels(layout, table, width) & (wavelengths > 0)
    is_bad = ~find_unflagged_pixels(header, layout, table, width)
    flags = columns.get("DQ", np.zeros(wavelengths.shape)).astype(int)
    unit, wavelength_unit = (find_unit(header, name) for name in (quantity, "WAVELENGTH"))
    spectra = []
    for row in range(len(table)):
        order = np.argsort(wavelengths[row], kind="stable")
        order = order[is_used[row][order]]
        spectra.append(Spectrum(
            f"{header.version} {_name(layout, table, row)}", quantity, unit, wavelength_unit,
            wavelengths[row][order].astype(float), columns[quantity][row][order].astype(float),
            np.empty(0) if error is None else error[row][order].astype(float),
            flags[row][order], is_bad[row][order],
        ))  # fmt: skip
    return [one for one in spectra if one.wavelengths.size]


def _name(layout: TableLayout, table: NDArray[Any], row: int) -> str:
    names = layout.record.names or ()
    if "SEGMENT" in names and layout.record["SEGMENT"].kind == "S":
        return str(table["SEGMENT"][row].decode("ascii", "replace").strip())
    return f"order {int(table['SPORDER'][row])}" if "SPORDER" in names else str(row + 1)
