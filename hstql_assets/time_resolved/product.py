"""Write the FITS file of time-resolved spectra, in the layout of the time series of ULLYSES.

One table, SCIENCE, with the columns MJDSTART, MJDEND, WAVELENGTH, FLUX and ERROR of
``_split-tss.fits`` (https://ullyses.stsci.edu/ullyses-data-description.html, and `write_product` in
`ullyses.timeseries` 4.2 of STScI): a row holds vectors over time and over wavelength, and images
with time up and wavelength right. ULLYSES puts segments and orders on one grid of wavelengths;
here each has a row and the columns of its x1d, so that it stays equal to that.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from hstql_assets.lightcurves.fits_table import (
    FLUX_UNIT,
    is_nothing,
    make_cards,
    number_files,
    number_remarks,
    write_dated,
    write_iso,
)
from hstql_assets.lightcurves.product import BARYCENTRIC_CARDS, EXPOSURE_CARDS
from hstql_assets.time_resolved.spectra import TimeResolvedSpectra
from hstql_resources.fits.writing import Card, Column, NewHdu, table_hdu
from hstql_resources.software import name_software

# One for a row, over time, over wavelength, or over both: the format is that of one number.
COLUMNS = (
    Column("SEGMENT", "9A", "", "segment, stripe or order"),
    Column("MJDSTART", "D", "d", "start of each interval, MJD (UTC)"),
    Column("MJDEND", "D", "d", "end of each interval, MJD (UTC)"),
    Column("BJD_TDB", "D", "d", "centre of it at the barycentre, JD (TDB)"),
    Column("EXPOSURE", "D", "s", "live time in each interval"),
    Column("WAVELENGTH", "D", "angstrom", "mean of the columns of each bin"),
    Column("COLUMNS", "J", "", "columns of the x1d that are used in each bin"),
    Column("FLUX", "E", FLUX_UNIT, "mean over the calibrated columns of a bin"),
    Column("ERROR", "E", FLUX_UNIT, "expected 1-sigma error of FLUX"),
    Column("GROSS", "E", "count", "events in the source region"),
    Column("BACKGROUND", "E", "count", "background in the source region"),
)
SETTINGS_CARDS = (
    ("interval_s", "INTERVAL", "[s] asked length of an interval"),
    ("wave_min", "WLIMMIN", "[Angstrom] shortest allowed, if set"),
    ("wave_max", "WLIMMAX", "[Angstrom] longest allowed, if set"),
    ("sun_altitude_max_deg", "SUNALTMX", "[deg] highest Sun, if set"),
)


def write_time_resolved(spectra: TimeResolvedSpectra, path: Path) -> None:
    """Write spectra to exactly this path, over what is there.

    The same spectra make the same bytes whenever they are written.

    Parameters
    ----------
    spectra : TimeResolvedSpectra
        What to write.
    path : Path
        Where to. The caller gives a temporary name, and renames the file when it is whole.
    """
    cards = [card for card in _primary_cards(spectra) if not is_nothing(card[1])]
    write_dated(cards, [_make_table(spectra)], path, spectra.exposure.exp_end_mjd)


def _make_table(spectra: TimeResolvedSpectra) -> NewHdu:
    values = (np.array(spectra.names, "S9"), *_list_values(spectra))
    columns = [
        column if column.kind.startswith("S") else replace(column, form=_repeat(column, of_each))
        for column, of_each in zip(COLUMNS, values, strict=True)
    ]
    return table_hdu("SCIENCE", columns, values, _time_cards(spectra))


def _repeat(column: Column, of_each: np.ndarray) -> str:
    return f"{np.prod(of_each.shape[1:])}{column.form}"


def _time_cards(spectra: TimeResolvedSpectra) -> list[Card]:
    first, last = spectra.edges_mjd[[0, -1]].tolist()
    return [
        ("TIMESYS", "UTC", "time scale of MJDSTART and MJDEND"),
        ("TREFPOS", "TOPOCENTER", "these are times at the telescope"),
        ("MJDREF", 0.0, "[d] reference of times"),
        ("MJD-BEG", first, "[d] start of the first interval"),
        ("MJD-END", last, "[d] end of the last interval"),
        ("DATE-BEG", write_iso(first), "start of the first interval"),
        ("DATE-END", write_iso(last), "end of the last interval"),
    ]


def _list_values(spectra: TimeResolvedSpectra) -> Iterator[np.ndarray]:
    """Yield the columns of the table, each of shape (regions, ...)."""
    regions = len(spectra.names)
    edges_mjd = spectra.edges_mjd
    for over_time in (edges_mjd[:-1], edges_mjd[1:], spectra.barycentric.bjd):
        yield np.tile(over_time, (regions, 1))
    yield np.concatenate([
        np.tile(file.exposure_s, (len(file.cells.names), 1)) for file in spectra.files
    ])  # fmt: skip
    yield from (spectra.join_cells(name) for name in ("wavelength", "columns"))
    yield from (spectra.join(name) for name in ("flux", "error", "gross", "background"))


def _primary_cards(spectra: TimeResolvedSpectra) -> Iterator[Card]:
    exposure = spectra.exposure
    yield "CREATOR", name_software(), "software"
    yield "TELESCOP", "HST", "telescope"
    yield "OBJECT", exposure.target_name, "as TARGNAME"
    yield from make_cards(exposure, EXPOSURE_CARDS)
    yield from make_cards(spectra.settings, SETTINGS_CARDS)
    yield "BINCOLS", spectra.files[0].cells.bin_columns, "columns of the x1d in a wavelength bin"
    yield "NINTERV", len(spectra.edges_s) - 1, "number of intervals"
    yield "FLUXCAL", spectra.is_flux_calibrated, "whether FLUX is calibrated; if not it is NaN"
    for i, file in enumerate(spectra.files, 1):
        names = file.cells.names
        yield f"SEG{i}", names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}", "rows of"
        yield f"BACKSRC{i}", file.background_source, "what tells the background: x1d, events, none"
        yield f"XRATIO{i}", file.x1d_ratio, "mean flux (or net) over that of the x1d"
        yield f"XNOTE{i}", file.x1d_note or None, ""
    yield from make_cards(spectra.barycentric, BARYCENTRIC_CARDS)
    yield from number_files(spectra.inputs, spectra.rejected)
    yield from number_remarks(spectra.remarks)
    if exposure.is_simulated:
        yield "SIMULATD", True, "made by a simulation"
