"""Read the x1d of STIS: where each spectral order is on the detector, and its calibration.

Each SCI table belongs to the exposure with the same EXTVER, and has a row per order. Rows on the
detector count from 1, and whole numbers are centres of pixels; a box of EXTRSIZE rows about
EXTRLOCY, with fractions of the outermost pixels, gives back GROSS (of obri05010 to 2e-6).
EXTRLOCY is the trace that was extracted: tilt, SHIFTA2 of the wavecal and what the search for the
spectrum added are in it, and in A2CENTER, its value at the middle column. (Between two exposures of
the same mode A2CENTER - OFFSET differs by exactly their difference of SHIFTA2.) So SHIFTA2 is not
added again; where EXTRLOCY is absent, A2CENTER holds for all columns.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_assets.batching.bad_data import BadData, mismatched
from hstql_assets.spectra.column_rates import ColumnRates
from hstql_assets.spectra.good_pixels import MEASURED, find_extracted_pixels
from hstql_assets.spectra.x1d_match import find_sensitivity, require_mode, require_start
from hstql_assets.stis_events.traces import LOW
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.keywords import integer, number, text
from hstql_resources.fits.stream import Extension, FitsStream
from hstql_resources.fits.tables import table_layout

ARRAYS = ("WAVELENGTH", "NET", "FLUX", "DQ")
TOLD = ("GROSS", "BACKGROUND")  # by all that are known; without them there is less to say
SIZES = ("A2CENTER", "EXTRSIZE", "BK1OFFST", "BK1SIZE", "BK2OFFST", "BK2SIZE")
DEFAULT_SDQFLAGS = 31743  # all bits but 1024, small blemishes, as calstis has it for MAMAs


@dataclass(frozen=True)
class Order:
    """One row of the x1d table; arrays have the shape (1024,), low-resolution columns.

    Parameters
    ----------
    number : int
        Spectral order.
    wavelength : numpy.ndarray
        Angstrom.
    is_good : numpy.ndarray of bool
        Extracted, without bits of SDQFLAGS in DQ.
    sensitivity : numpy.ndarray
        NET / FLUX, (count/s) / (erg/s/cm2/Angstrom), NaN where unknown.
    centre : numpy.ndarray
        Row of the trace, low-resolution, from 1.
    source_rows : float
        Height of the source box about the trace, rows.
    background_boxes : tuple of tuple
        Offset from the trace and height of each box, rows.
    rates : ColumnRates
        What the x1d has; NET is GROSS - BACKGROUND.
    """

    number: int
    wavelength: np.ndarray
    is_good: np.ndarray
    sensitivity: np.ndarray
    centre: np.ndarray
    source_rows: float
    background_boxes: tuple[tuple[float, float], ...]
    rates: ColumnRates


@dataclass(frozen=True)
class OrderTable:
    """The orders of one exposure of the file, which began at `start_mjd`."""

    version: int
    start_mjd: float
    orders: tuple[Order, ...]


@dataclass(frozen=True)
class StisSpectrum:
    """An x1d file of STIS; its tables are in the order of time, at least one."""

    path: Path
    cal_ver: str
    tables: tuple[OrderTable, ...]

    @property
    def order_range(self) -> tuple[int, int]:
        """First and last spectral order."""
        numbers = [order.number for table in self.tables for order in table.orders]
        return min(numbers), max(numbers)

    def require_start(self, start_mjd: float, exposures: int) -> None:
        """Raise BadData, Mismatched x1d, unless the exposures are those of the events.

        Parameters
        ----------
        start_mjd : float
            EXPSTART of the events, MJD UTC, d.
        exposures : int
            How many EVENTS tables there were.
        """
        require_start(self.path, self.tables[0].start_mjd, start_mjd)
        if len(self.tables) != exposures:
            raise mismatched(
                self.path,
                f"has {len(self.tables)} SCI tables, but the events were in {exposures} tables.",
            )


def read_orders(path: Path, mode: tuple[str, str, int]) -> StisSpectrum:
    """Read the x1d of a STIS exposure.

    Parameters
    ----------
    path : Path
        x1d file, plain or gzipped.
    mode : tuple
        DETECTOR, OPT_ELEM and CENWAVE of the events.

    Raises
    ------
    BadData
        Unreadable, if it is no whole x1d file of STIS; Mismatched x1d, if it is of another mode or
        has no order.
    """
    try:
        with FitsStream(path) as stream:
            return _read(path, mode, stream)
    except (FitsError, OSError) as error:
        raise BadData.unreadable(path, error) from error


def _read(path: Path, mode: tuple[str, str, int], stream: FitsStream) -> StisSpectrum:
    extensions = stream.distinct_extensions()
    primary = next(extensions).header
    require_mode(path, primary, mode)
    tables = [_table(stream, extension) for extension in extensions if extension.name == "SCI"]
    if not tables:
        raise FitsError("has no table of spectra")
    if not all(table.orders for table in tables):
        raise mismatched(path, "has a table of spectra without a row: it is of no spectral order.")
    tables.sort(key=lambda table: table.start_mjd)
    return StisSpectrum(path, text(primary, "CAL_VER", "unknown"), tuple(tables))


def _table(stream: FitsStream, extension: Extension) -> OrderTable:
    header = extension.header
    layout = table_layout(header)
    table = stream.table(extension, layout)
    layout.require("SPORDER", *ARRAYS, *SIZES)
    wanted = {"SPORDER", "EXTRLOCY", *ARRAYS, *SIZES, *TOLD, *MEASURED}
    names = set(layout.record.names or ()) & wanted
    columns = {name: layout.column(table, name) for name in names}
    for name in (*ARRAYS, *sorted(names & {"EXTRLOCY", *TOLD, *MEASURED})):
        if columns[name].shape[1:] != (LOW,):
            raise FitsError(f"has a column {name} of {columns[name].shape[1:]}, not {LOW} elements")
    flags = integer(header, "SDQFLAGS", DEFAULT_SDQFLAGS)
    orders = [
        _order({name: values[i] for name, values in columns.items()}, flags)
        for i in range(len(table))
    ]
    return OrderTable(integer(header, "EXTVER", 1), number(header, "EXPSTART"), tuple(orders))


def _order(row: dict[str, np.ndarray], sdq_flags: int) -> Order:
    """Take an order from the columns of a row of the x1d, each of shape (1024,) or one number."""
    centre = row.get("EXTRLOCY", np.full(LOW, row["A2CENTER"])).astype(np.float64)
    centre[~np.isfinite(centre)] = np.nan  # infinite ones cannot be put in order
    is_flagged = (row["DQ"].astype(np.int64) & sdq_flags) != 0
    unknown = np.full(LOW, np.nan)
    net, flux = (row[name].astype(np.float64) for name in ("NET", "FLUX"))
    gross, background = (row.get(name, unknown).astype(np.float64) for name in TOLD)
    return Order(
        number=int(row["SPORDER"]),
        wavelength=row["WAVELENGTH"].astype(np.float64),
        is_good=find_extracted_pixels(row, (LOW,)) & ~is_flagged,
        sensitivity=find_sensitivity(net, flux),
        centre=centre,
        source_rows=float(row["EXTRSIZE"]),
        background_boxes=tuple(
            (float(row[f"BK{i}OFFST"]), float(row[f"BK{i}SIZE"])) for i in (1, 2)
        ),
        rates=ColumnRates(net, flux, gross, background, background),
    )


def is_spectroscopic(primary: fits.Header) -> bool:
    """Tell whether the exposure is no image."""
    return text(primary, "OBSTYPE", "SPECTROSCOPIC") != "IMAGING"
