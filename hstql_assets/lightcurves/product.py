"""The FITS file of a lightcurve: written, and read back.

One table, LIGHTCURVE, with the columns of `columns`; what it was made from and how stands in the
primary header. TIME is in absolute days with the reference MJD 0: the one choice on which
lightkurve, QTable.read(astropy_native=True) and TimeSeries.read agree. There is no ORIGIN card,
because lightkurve mistakes an HST file that has both ORIGIN and CREATOR for another product.
"""

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from hstql_assets.lightcurves.bad_data import BadData, Reason
from hstql_assets.lightcurves.columns import COLUMNS
from hstql_assets.lightcurves.events import SECONDS_PER_DAY, Exposure
from hstql_assets.lightcurves.lightcurve import InputFile, Lightcurve
from hstql_assets.lightcurves.rates import BinValues, Totals
from hstql_assets.lightcurves.settings import ExtractionSettings

# Attribute, keyword, comment. A value that is None or NaN has no card.
EXPOSURE_CARDS = (
    ("instrument", "INSTRUME", "instrument"),
    ("detector", "DETECTOR", "detector"),
    ("opt_elem", "OPT_ELEM", "grating"),
    ("cenwave", "CENWAVE", "[Angstrom] central wavelength setting"),
    ("aperture", "APERTURE", "aperture"),
    ("target_name", "TARGNAME", "target"),
    ("ra_deg", "RA_TARG", "[deg] right ascension of the target (J2000)"),
    ("dec_deg", "DEC_TARG", "[deg] declination of the target (J2000)"),
    ("proposal_id", "PROPOSID", "proposal"),
    ("rootname", "ROOTNAME", "exposure"),
    ("exp_flag", "EXPFLAG", "interruption of the exposure"),
    ("exp_start_mjd", "EXPSTART", "[d] start of the exposure, MJD (UTC)"),
    ("exp_end_mjd", "EXPEND", "[d] end of the exposure, MJD (UTC)"),
    ("exp_time_s", "EXPTIME", "[s] exposure time"),
)
SETTINGS_CARDS = (
    ("bin_s", "STEPSIZE", "[s] width of a bin"),
    ("wave_min", "WLIMMIN", "[Angstrom] lower wavelength limit, if set"),
    ("wave_max", "WLIMMAX", "[Angstrom] upper wavelength limit, if set"),
    ("exclude_airglow", "NOAIRGLW", "whether airglow windows are left out"),
    ("sun_altitude_max_deg", "SUNALTMX", "[deg] highest Sun, if set"),
)
TOTALS_CARDS = (
    ("gross", "GROSS", "[count] source events"),
    ("background", "BACKGRND", "[count] scaled background events"),
    ("counts", "COUNTS", "[count] GROSS - BACKGRND"),
    ("counts_error", "CNTSERR", "[count] 1-sigma error of COUNTS"),
    ("net_count_per_s", "NETRATE", "[count/s] COUNTS / TLIVE"),
    ("net_error_count_per_s", "NETERR", "[count/s] 1-sigma error of NETRATE"),
    ("flux", "MEANFLUX", "[erg/s/cm2/Angstrom] mean flux"),
    ("flux_error", "MFLUXERR", "[erg/s/cm2/Angstrom] its 1-sigma error"),
    ("exposure_s", "TLIVE", "[s] live time"),
)
Card = tuple[str, Any, str]


def write_lightcurve(
    lightcurve: Lightcurve,
    path: Path,
    history: Sequence[str] = (),
    date: datetime | None = None,
) -> None:
    """Write a lightcurve to exactly this path, over what is there.

    Parameters
    ----------
    lightcurve : Lightcurve
        What to write.
    path : Path
        Where to. The caller gives a temporary name, and renames the file when it is whole.
    history : sequence of str
        HISTORY cards of the primary header.
    date : datetime or None
        Time of creation with a time zone; None for now. Two files of the same lightcurve differ in
        nothing but this and what follows from it, the checksums.
    """
    written = (date or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    primary = fits.PrimaryHDU(header=fits.Header(_primary_cards(lightcurve, written)))
    for line in history:
        primary.header.add_history(line)
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(column.name, column.form, column.unit or None, array=values)
            for column, values in zip(COLUMNS, _values(lightcurve), strict=True)
        ],
        name="LIGHTCURVE",
    )
    table.header.extend(_time_cards(lightcurve.settings.bin_s))
    for i, column in enumerate(COLUMNS, 1):
        table.header.comments[f"TTYPE{i}"] = column.description
    hdus = fits.HDUList([primary, table])
    hdus.verify("exception")
    for hdu in hdus:
        hdu.add_checksum(when=f"written {written}")
    hdus.writeto(path, overwrite=True, output_verify="exception")


def read_lightcurve(path: Path) -> Lightcurve:
    """Read a lightcurve file back.

    Parameters
    ----------
    path : Path
        File written by `write_lightcurve`.

    Returns
    -------
    Lightcurve
        As it was written, except for `settings.bad_proposals`, which the file does not hold.

    Raises
    ------
    BadData
        Unreadable, if this is no such file.
    """
    try:
        # Of a file that was cut astropy only warns.
        with (
            warnings.catch_warnings(action="error", category=AstropyUserWarning),
            path.open("rb") as file,
            fits.open(file, memmap=False) as hdus,
        ):
            return _lightcurve(hdus[0].header, hdus["LIGHTCURVE"].data)
    except (OSError, KeyError, TypeError, ValueError, AstropyUserWarning) as error:
        raise BadData.unreadable(path, error) from error


def _lightcurve(header: fits.Header, table: fits.FITS_rec) -> Lightcurve:
    missing = {field.name: math.nan for field in fields(Totals)}
    renamed = {"times_s": "times", "exposure_s": "exposure"}
    arrays = {
        field.name: np.array(table[renamed.get(field.name, field.name)])
        for field in fields(BinValues)
    }
    return Lightcurve(
        exposure=Exposure(
            **_attributes(header, EXPOSURE_CARDS), is_simulated=header.get("SIMULATD", False)
        ),
        settings=ExtractionSettings(**_attributes(header, SETTINGS_CARDS)),
        segments=tuple(header["SEGMENTS"].split(",")),
        wave_min=header.get("WMIN", math.nan),
        wave_max=header.get("WMAX", math.nan),
        totals=Totals(**missing | _attributes(header, TOTALS_CARDS)),
        inputs=tuple(InputFile(*row) for row in _numbered(header, "INFILE", "CALVER")),
        rejected=tuple(
            BadData(name, Reason(reason), detail)
            for name, reason, detail in _numbered(header, "REJFIL", "REJWHY", "REJTXT")
        ),
        # Native byte order: not every program takes that of FITS.
        bins=BinValues(**{k: v.astype(v.dtype.newbyteorder("=")) for k, v in arrays.items()}),
    )


def _values(lightcurve: Lightcurve) -> list[np.ndarray]:
    """The arrays in the order of `COLUMNS`."""
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
        ones,
        lightcurve.mjd_centre,
        bins.flux_error,
        bins.exposure_s,
        bins.quality,
    ]


def _primary_cards(lightcurve: Lightcurve, written: str) -> list[Card]:
    cards: list[Card] = [
        ("DATE", written, "[UTC] when this file was written"),
        ("CREATOR", f"hstql {version('hstql')}", "software"),
        ("TELESCOP", "HST", "telescope"),
        ("OBJECT", lightcurve.exposure.target_name, "as TARGNAME"),
        *_cards(lightcurve.exposure, EXPOSURE_CARDS),
        ("SEGMENTS", ",".join(lightcurve.segments), "segments or stripes used"),
        *_cards(lightcurve.settings, SETTINGS_CARDS),
        ("WMIN", lightcurve.wave_min, "[Angstrom] shortest wavelength used"),
        ("WMAX", lightcurve.wave_max, "[Angstrom] longest wavelength used"),
        ("FLUXCAL", lightcurve.is_flux_calibrated, "whether FLUX is calibrated; if not it is NaN"),
        *_cards(lightcurve.totals, TOTALS_CARDS),
    ]
    for i, file in enumerate(lightcurve.inputs, 1):
        cards += [
            (f"INFILE{i}", file.filename, "input"),
            (f"CALVER{i}", file.cal_ver, "version of CalCOS that made it"),
        ]
    for i, problem in enumerate(lightcurve.rejected, 1):
        cards += [
            (f"REJFIL{i}", problem.filename, "left out"),
            (f"REJWHY{i}", str(problem.reason), "reason"),
            (f"REJTXT{i}", problem.detail, ""),
        ]
    if lightcurve.exposure.is_simulated:
        cards.append(("SIMULATD", True, "made by a simulation"))
    return [card for card in cards if not _is_nothing(card[1])]


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


def _cards(source: object, table: tuple[tuple[str, str, str], ...]) -> Iterator[Card]:
    for attribute, keyword, comment in table:
        yield keyword, getattr(source, attribute), comment


def _attributes(header: fits.Header, table: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    return {name: header[keyword] for name, keyword, _ in table if keyword in header}


def _numbered(header: fits.Header, *stems: str) -> Iterator[tuple[Any, ...]]:
    i = 1
    while f"{stems[0]}{i}" in header:
        yield tuple(header[f"{stem}{i}"] for stem in stems)
        i += 1


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
