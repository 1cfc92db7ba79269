"""Write the table that files of individual and composite lightcurves share.

TIME is in absolute days with the reference MJD 0: the one choice on which lightkurve,
QTable.read(astropy_native=True) and TimeSeries.read agree.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from hstql_assets.lightcurves.lightcurve import Lightcurve
from hstql_resources.times import SECONDS_PER_DAY, write_time

FLUX_UNIT = "erg/(s cm2 Angstrom)"


@dataclass(frozen=True)
class Column:
    """One column: name, FITS format, unit in FITS spelling (empty for none), description."""

    name: str
    form: str
    unit: str
    description: str


COLUMNS = (
    Column("bins", "D", "s", "width of the bin"),
    Column("times", "D", "s", "left edge of the bin, from EXPSTART"),
    Column("mjd", "D", "d", "left edge of the bin, MJD (UTC)"),
    Column("gross", "D", "count", "events in the source region"),
    Column("counts", "D", "count", "gross - background"),
    Column("net", "D", "count/s", "net rate, weighted as NET of the x1d"),
    Column("flux", "D", FLUX_UNIT, "mean over the wavelengths used"),
    Column("flux_error", "D", FLUX_UNIT, "expected 1-sigma error of flux"),
    Column("background", "D", "count", "background in the source region"),
    Column("error", "D", "count", "expected 1-sigma error of counts"),
    Column("dataset", "J", "", "number of the exposure, from 1"),
    Column("TIME", "D", "d", "centre of the bin, MJD (UTC)"),
    Column("FLUX_ERR", "D", FLUX_UNIT, "flux_error, under its other name"),
    Column("exposure", "D", "s", "live time in the bin"),
    Column("quality", "J", "", "1 no live time, 2 partly live, 4 no flux"),
    Column("net_error", "D", "count/s", "expected 1-sigma error of net"),
    Column("gross_lower", "D", "count", "lower 1-sigma Poisson limit of gross"),
    Column("gross_upper", "D", "count", "upper 1-sigma Poisson limit of gross"),
)

Card = tuple[str, Any, str]
DATE_COMMENT = "[UTC] end of the last exposure, not of writing"
MOST_REMARKS = 98  # a keyword has 8 characters
ROOM_FOR_TEXT_AND_COMMENT = 65  # of 80 characters: less keyword, = and the marks between them


def column_values(lightcurve: Lightcurve, dataset: int = 1) -> list[np.ndarray]:
    """Return the arrays of a lightcurve in the order of `COLUMNS`, each of shape (bins,).

    Parameters
    ----------
    lightcurve : Lightcurve
        Of one exposure.
    dataset : int
        The number of the exposure in its file.
    """
    bins = lightcurve.bins
    ones = np.ones(len(bins.times_s))
    return [
        ones * lightcurve.settings.bin_s,
        bins.times_s,
        lightcurve.mjd,
        bins.gross,
        bins.counts,
        bins.net,
        bins.flux,
        bins.flux_error,
        bins.background,
        bins.error,
        ones * dataset,
        lightcurve.mjd_centre,
        bins.flux_error,
        bins.exposure_s,
        bins.quality,
        bins.net_error,
        bins.gross_lower,
        bins.gross_upper,
    ]


def make_table(values: Sequence[np.ndarray], bin_s: float) -> fits.BinTableHDU:
    """Return the extension LIGHTCURVE with its time cards.

    Parameters
    ----------
    values : sequence of numpy.ndarray
        In the order and units of `COLUMNS`, each of shape (bins,).
    bin_s : float
        Width of a bin, s.
    """
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(column.name, column.form, column.unit or None, array=array)
            for column, array in zip(COLUMNS, values, strict=True)
        ],
        name="LIGHTCURVE",
    )
    table.header.extend(_time_cards(bin_s))
    for i, column in enumerate(COLUMNS, 1):
        table.header.comments[f"TTYPE{i}"] = column.description
    return table


def write_hdus(hdus: Sequence[Any], path: Path, end_mjd: float) -> None:
    """Date HDUs, check them, give each its checksum, and write them to exactly this path.

    Parameters
    ----------
    end_mjd : float
        End of the last exposure, MJD (UTC): the DATE of the file. Nothing in it is of the clock,
        so that the same inputs make the same bytes.
    """
    date = write_time(end_mjd).replace(" ", "T")
    hdus[0].header.insert("NAXIS", ("DATE", date, DATE_COMMENT), after=True)
    file = fits.HDUList(list(hdus))
    for hdu in file:
        _make_room(hdu.header)
    file.verify("exception")
    for hdu in file:
        hdu.add_checksum(when=f"as of {date}")
    file.writeto(path, overwrite=True, output_verify="exception")


def make_cards(source: object, table: Sequence[tuple[str, str, str]]) -> Iterator[Card]:
    """Yield a card for each attribute; `table` has attribute, keyword and comment."""
    for attribute, keyword, comment in table:
        yield keyword, getattr(source, attribute), comment


def number_remarks(remarks: Sequence[str]) -> Iterator[Card]:
    """Yield REMARK1, REMARK2 ...: what was left out or is odd, in characters that FITS can hold."""
    more = len(remarks) - MOST_REMARKS
    if more > 0:
        remarks = [*remarks[:MOST_REMARKS], f"... and {more} more: see the table composites."]
    for number, remark in enumerate(remarks, 1):
        yield f"REMARK{number}", make_ascii(remark), ""


def make_ascii(text: str) -> str:
    """Return a text as FITS can hold it."""
    return "".join(char if " " <= char <= "~" else "?" for char in text)


def is_nothing(value: object) -> bool:
    """Tell whether a value has no card: None, or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def _make_room(header: fits.Header) -> None:
    """Drop the comments for which a long text leaves no room; astropy cuts them with a warning."""
    for card in header.cards:
        if isinstance(card.value, str):
            text = card.value.replace("'", "''")
            if len(text) + len(card.comment) > ROOM_FOR_TEXT_AND_COMMENT:
                card.comment = ""


def _time_cards(bin_s: float) -> list[Card]:
    return [
        ("TIMESYS", "UTC", "time scale of TIME and mjd"),
        # astropy_native warns that it does not know where the telescope was; so be it.
        ("TREFPOS", "TOPOCENTER", "times are those at the telescope"),
        ("MJDREFI", 0, "[d] reference of TIME"),
        ("MJDREFF", 0.0, "[d] reference of TIME"),
        ("TIMEUNIT", "d", "unit of TIME"),
        ("TIMEDEL", bin_s / SECONDS_PER_DAY, "[d] width of a bin"),
        ("TIMEPIXR", 0.5, "TIME is the centre of the bin"),
    ]
