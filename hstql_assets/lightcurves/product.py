"""Write the FITS file of a lightcurve.

One table, LIGHTCURVE, with the columns of `columns`; what it was made from and how stands in the
primary header. There is no ORIGIN card, because lightkurve mistakes an HST file that has both
ORIGIN and CREATOR for another product.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from hstql_assets.lightcurves.events import Exposure
from hstql_assets.lightcurves.fits_table import (
    is_nothing,
    make_cards,
    make_table,
    number_files,
    number_remarks,
    write_dated,
)
from hstql_assets.lightcurves.lightcurve import Lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.science.airglow import describe_airglow
from hstql_resources.fits.writing import Card
from hstql_resources.software import name_software

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
    ("background", "BACKGRND", "[count] background in the source region"),
    ("counts", "COUNTS", "[count] GROSS - BACKGRND"),
    ("counts_error", "CNTSERR", "[count] 1-sigma error of COUNTS"),
    ("net_count_per_s", "NETRATE", "[count/s] mean net rate, as NET of the x1d"),
    ("net_error_count_per_s", "NETERR", "[count/s] 1-sigma error of NETRATE"),
    ("flux", "MEANFLUX", "[erg/s/cm2/Angstrom] mean flux"),
    ("flux_error", "MFLUXERR", "[erg/s/cm2/Angstrom] its 1-sigma error"),
    ("exposure_s", "TLIVE", "[s] live time"),
)
BARYCENTRIC_CARDS = (
    ("place", "BJDPOS", "what tells the telescope's place for BJD_TDB"),
    ("accuracy_s", "BJDACC", "[s] accuracy of BJD_TDB by that"),
    ("note", "BJDNOTE", "why there is no BJD_TDB"),
)
BAND_CARDS = (
    ("weighted_flux", "WGTFLUX", "[erg/s/cm2/Angstrom] weighted by sensitivity"),
    ("weighted_flux_error", "WFLUXERR", "[erg/s/cm2/Angstrom] its 1-sigma error"),
    ("band_flux", "BANDFLUX", "[erg/s/cm2] sum over the wavelengths used"),
    ("band_flux_error", "BFLUXERR", "[erg/s/cm2] its 1-sigma error"),
)


def write_lightcurve(
    lightcurve: Lightcurve,
    path: Path,
    history: Sequence[str] = (),
    name: str | None = None,
) -> None:
    """Write a lightcurve to exactly this path, over what is there.

    The same lightcurve makes the same bytes whenever it is written.

    Parameters
    ----------
    lightcurve : Lightcurve
        What to write.
    path : Path
        Where to. The caller gives a temporary name, and renames the file when it is whole.
    history : sequence of str
        HISTORY cards of the primary header.
    name : str or None
        Of the extraction; the default one has none.
    """
    cards, table = _primary_cards(lightcurve, name), make_table([lightcurve])
    write_dated(cards, [table], path, lightcurve.exposure.exp_end_mjd, history)


def make_settings_cards(settings: ExtractionSettings, exposure: Exposure) -> Iterator[Card]:
    """Yield how a lightcurve of an exposure was extracted."""
    yield from make_cards(settings, SETTINGS_CARDS)
    airglow = describe_airglow(settings.find_airglow(exposure))
    yield "AIRGLOW", airglow or None, "[Angstrom] left out"


def _primary_cards(lightcurve: Lightcurve, name: str | None) -> list[Card]:
    cards: list[Card] = [
        ("CREATOR", name_software(), "software"),
        ("TELESCOP", "HST", "telescope"),
        ("OBJECT", lightcurve.exposure.target_name, "as TARGNAME"),
        *make_cards(lightcurve.exposure, EXPOSURE_CARDS),
        ("SEGMENTS", ",".join(lightcurve.segments), "segments or stripes used"),
        ("EXTRACT", name, "name of the extraction"),
        *make_settings_cards(lightcurve.settings, lightcurve.exposure),
        *_list_choices(lightcurve.settings),
        ("WMIN", lightcurve.wave_min, "[Angstrom] shortest wavelength used"),
        ("WMAX", lightcurve.wave_max, "[Angstrom] longest wavelength used"),
        ("BACKSUB", lightcurve.is_background_subtracted, "whether a background is subtracted"),
        ("FLUXCAL", lightcurve.is_flux_calibrated, "whether FLUX is calibrated; if not it is NaN"),
        *make_cards(lightcurve.totals, TOTALS_CARDS),
        *_list_band_cards(lightcurve),
        ("BACKSRC", lightcurve.background_source, "what tells the background: x1d, events or none"),
        ("XRATIO", lightcurve.x1d_ratio, "mean flux (or net) over that of the x1d"),
        ("XNOTE", lightcurve.x1d_note or None, ""),
        *make_cards(lightcurve.barycentric, BARYCENTRIC_CARDS),
        *number_files(lightcurve.inputs, lightcurve.rejected),
    ]
    for i, name in enumerate(lightcurve.missing_references, 1):
        cards.append((f"MISREF{i}", name, "corrected without"))
    cards += list(number_remarks(lightcurve.remarks))
    if lightcurve.exposure.is_simulated:
        cards.append(("SIMULATD", True, "made by a simulation"))
    return [card for card in cards if not is_nothing(card[1])]


def _list_choices(settings: ExtractionSettings) -> Iterator[Card]:
    """Yield the settings that only named extractions have."""
    for number, (lower, upper) in enumerate(settings.windows, 1):
        yield f"WINMIN{number}", lower, "[Angstrom] only from here"
        yield f"WINMAX{number}", upper, "[Angstrom] to here"
    yield "SUNALTMN", settings.sun_altitude_min_deg, "[deg] lowest Sun, if set"
    first, last = settings.pulse_heights or (None, None)
    yield "PHAMIN", first, "lowest pulse height, if set"
    yield "PHAMAX", last, "highest pulse height, if set"
    yield "ORBITBIN", settings.is_by_orbit or None, "one bin for each orbit"
    yield "TARGETSN", settings.target_sn, "signal to noise that bins were joined for"


def _list_band_cards(lightcurve: Lightcurve) -> Iterator[Card]:
    if lightcurve.band_totals is not None:
        yield from make_cards(lightcurve.band_totals, BAND_CARDS)
        yield "BANDWID", lightcurve.band, "[Angstrom] wavelengths used, each for itself"
