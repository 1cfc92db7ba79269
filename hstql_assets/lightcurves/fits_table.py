"""Write the table that files of individual and composite lightcurves share.

TIME is in absolute days with the reference MJD 0: the one choice on which lightkurve,
QTable.read(astropy_native=True) and TimeSeries.read agree. Programs of X-ray astronomy take every
time as seconds: SECONDS, FRACEXP and the keywords of OGIP/93-003 are for them, and TIMEUNIT, the
unit of times in the header, is s. Units are spelled so that FITS, OGIP and VO know them.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import BadData
from hstql_assets.lightcurves.lightcurve import Lightcurve, UsedFile
from hstql_resources.fits.writing import (
    Card,
    Column,
    NewHdu,
    primary_hdu,
    table_hdu,
    write_hdus,
)
from hstql_resources.times import SECONDS_PER_DAY, mjd_to_datetime, write_time

FLUX_UNIT = "erg/(s*cm**2*angstrom)"
BAND_FLUX_UNIT = "erg/(s*cm**2)"


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
    Column("SECONDS", "D", "s", "centre of the bin since MJDREF (UTC)"),
    Column("FRACEXP", "D", "", "part of the bin that was live"),
    Column("BJD_TDB", "D", "d", "centre of the bin at the barycentre, JD (TDB)"),
)
# Only where fluxes are summed over a band; the names are those of `rates.BandFluxes`.
BAND_COLUMNS = (
    Column("weighted_flux", "D", FLUX_UNIT, "mean weighted by sensitivity"),
    Column("weighted_flux_error", "D", FLUX_UNIT, "expected 1-sigma error of weighted_flux"),
    Column("band_flux", "D", BAND_FLUX_UNIT, "sum over the wavelengths used"),
    Column("band_flux_error", "D", BAND_FLUX_UNIT, "expected 1-sigma error of band_flux"),
)

DATE_COMMENT = "[UTC] end of the last exposure, not of writing"
MOST_REMARKS = 98  # a keyword has 8 characters


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
        lightcurve.widths_s,
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
        lightcurve.mjd_centre * SECONDS_PER_DAY,
        np.minimum(bins.exposure_s / lightcurve.widths_s, 1.0),
        lightcurve.barycentric.bjd,
    ]


def make_table(curves: Sequence[Lightcurve]) -> NewHdu:
    """Return the extension LIGHTCURVE with the cards that tell how to read it.

    Parameters
    ----------
    curves : sequence of Lightcurve
        One after the other, at least one, of one instrument, with the same width of bins.
    """
    each = [column_values(curve, number) for number, curve in enumerate(curves, 1)]
    has_band = all(curve.band_fluxes is not None for curve in curves)
    columns = (*COLUMNS, *BAND_COLUMNS) if has_band else COLUMNS
    if has_band:
        for values, curve in zip(each, curves, strict=True):
            values += [getattr(curve.band_fluxes, one.name) for one in BAND_COLUMNS]
    joined = [np.concatenate(parts) for parts in zip(*each, strict=True)]
    return table_hdu("LIGHTCURVE", columns, joined, [*_class_cards(curves), *_time_cards(curves)])


def write_dated(
    cards: Sequence[Card],
    extensions: Sequence[NewHdu],
    path: Path,
    end_mjd: float,
    history: Sequence[str] = (),
) -> None:
    """Write a file to exactly this path, dated, with checksums.

    Parameters
    ----------
    cards, history : sequence
        Of the primary header.
    end_mjd : float
        End of the last exposure, MJD (UTC): the DATE of the file. Nothing in it is of the clock,
        so that the same inputs make the same bytes.
    """
    date = write_time(end_mjd).replace(" ", "T")
    primary = primary_hdu([("DATE", date, DATE_COMMENT), *cards], history)
    write_hdus([primary, *extensions], path, date)


def make_cards(source: object, table: Sequence[tuple[str, str, str]]) -> Iterator[Card]:
    """Yield a card for each attribute; `table` has attribute, keyword and comment."""
    for attribute, keyword, comment in table:
        yield keyword, getattr(source, attribute), comment


def number_files(inputs: Sequence[UsedFile], rejected: Sequence[BadData]) -> Iterator[Card]:
    """Yield INFILE1, CALVER1 ... of what was used, REJFIL1, REJWHY1, REJTXT1 ... of the rest."""
    for i, used in enumerate(inputs, 1):
        yield f"INFILE{i}", used.filename, "input"
        yield f"CALVER{i}", used.cal_ver, "version of the pipeline that made it"
    for i, problem in enumerate(rejected, 1):
        yield f"REJFIL{i}", problem.filename, "left out"
        yield f"REJWHY{i}", str(problem.reason), "reason"
        yield f"REJTXT{i}", problem.detail, ""


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


def _class_cards(curves: Sequence[Lightcurve]) -> list[Card]:
    """Return what OGIP/93-003 wants to know of a lightcurve."""
    exposure = curves[0].exposure
    is_net = all(curve.is_background_subtracted for curve in curves)
    cards: list[Card] = [
        ("HDUCLASS", "OGIP", "lightcurve by OGIP/93-003"),
        ("HDUCLAS1", "LIGHTCURVE", ""),
        ("HDUCLAS2", "NET" if is_net else "TOTAL", "whether a background is subtracted"),
        ("HDUCLAS3", "COUNT", "counts of a bin: the column counts"),
        ("TELESCOP", "HST", "telescope"),
        ("INSTRUME", exposure.instrument, "instrument"),
        ("DETNAM", exposure.detector, "detector"),
        ("FILTER", exposure.opt_elem, "grating or mirror"),
        ("OBJECT", make_ascii(exposure.target_name), "target"),
        ("RA_OBJ", exposure.ra_deg, "[deg] right ascension (ICRS)"),
        ("DEC_OBJ", exposure.dec_deg, "[deg] declination (ICRS)"),
        ("RADESYS", "ICRS", "system of the coordinates"),
        ("BACKAPP", is_net, "whether a background is subtracted"),
    ]
    return [card for card in cards if not is_nothing(card[1])]


def _time_cards(curves: Sequence[Lightcurve]) -> list[Card]:
    start, end = curves[0].exposure.exp_start_mjd, find_end(curves)
    width_s = curves[0].settings.bin_s if all(one.edges_s is None for one in curves) else None
    cards: list[Card] = [
        ("TIMESYS", "UTC", "time scale of TIME, mjd and SECONDS"),
        ("TREFPOS", "TOPOCENTER", "times are those at the telescope"),
        # astropy warns if it does not know where that was, so it is told where on average.
        *((f"OBSGEO-{axis}", 0.0, "[m] centre of Earth, 23 ms from HST") for axis in "XYZ"),
        ("TIMEREF", "LOCAL", "no barycentric correction of these"),
        ("MJDREFI", 0, "[d] reference of TIME and SECONDS"),
        ("MJDREFF", 0.0, "[d] reference of TIME and SECONDS"),
        ("TIMEZERO", 0.0, "[s] to be added to times"),
        ("TIMEUNIT", "s", "unit of TSTART, TSTOP, TIMEZERO and TIMEDEL"),
        ("TSTART", start * SECONDS_PER_DAY, "[s] start of the first exposure"),
        ("TSTOP", end * SECONDS_PER_DAY, "[s] end of the last exposure"),
        ("DATE-OBS", write_iso(start), "start of the first exposure"),
        ("DATE-END", write_iso(end), "end of the last exposure"),
        ("TIMEDEL", width_s, "[s] width of a bin"),  # there is none where bins differ
        ("TIMEPIXR", 0.5, "TIME and SECONDS are the centre of the bin"),
    ]
    return [card for card in cards if not is_nothing(card[1])]


def find_end(curves: Sequence[Lightcurve]) -> float:
    """Return the end of the exposure that ends last, MJD (UTC)."""
    return max(curve.exposure.exp_end_mjd for curve in curves)


def write_iso(mjd: float) -> str:
    """Return a time, MJD, as FITS has it, to the millisecond."""
    return mjd_to_datetime(mjd).replace(tzinfo=None).isoformat(timespec="milliseconds")
