"""Write the corrtag file of STIS: corrected events, with the headers of the tag file.

Primary header and EVENTS header are those of the tag, with what is true of the joined exposures;
besides there are WAVESRC (where wavelengths are from), NEVENTS (event tables joined), DEADFACn
(dead-time factor of each, if known), MISREFn (references not used) and ORDMIN, ORDMAX. The table
BADPIX has all pixels that are bad in this mode.
"""

import re
from pathlib import Path

from astropy.io import fits

from hstql_assets.stis_events import bad_pixels
from hstql_assets.stis_events.correction import CorrectedEvents
from hstql_assets.stis_events.orders import StisSpectrum, is_spectroscopic
from hstql_assets.stis_events.tags import Tag
from hstql_resources.software import name_software
from hstql_resources.times import write_time

COLUMNS = (
    ("TIME", "D", "s", "time_s"),
    ("RAWX", "I", "pixel", "rawx"),
    ("RAWY", "I", "pixel", "rawy"),
    ("XCORR", "I", "pixel", "xcorr"),
    ("YCORR", "I", "pixel", "ycorr"),
    ("EPSILON", "E", "", "epsilon"),
    ("WAVELENGTH", "D", "angstrom", "wavelength"),
    ("DQ", "I", "", "dq"),
    ("ORDER", "I", "", "order"),
)
BAD_PIXELS = "BADPIX"  # table with the columns of a BPIXTAB
# What describes the columns of the tag, and its data.
OF_THE_TAG = re.compile(
    r"(TTYPE|TFORM|TUNIT|TSCAL|TZERO|TNULL|TDISP|TDIM|TCTYP|TCRVL|TCRPX|TCDLT|TCUNI|TALEN)\d+"
    r"|TC\d+_\d+|XTENSION|BITPIX|NAXIS\d?|PCOUNT|GCOUNT|TFIELDS|EXTNAME|EXTVER|CHECKSUM|DATASUM"
)


def write_corrtag(
    tag: Tag,
    events: CorrectedEvents,
    spectrum: StisSpectrum | None,
    path: Path,
) -> None:
    """Write a corrtag file to exactly this path, over what is there.

    The same events make the same bytes whenever they are written.

    Parameters
    ----------
    tag : Tag
        The file that the events are from.
    events : CorrectedEvents
        Its events.
    spectrum : StisSpectrum or None
        The x1d that gave the wavelengths.
    path : Path
        Where to. The caller gives a temporary name, and renames the file when it is whole.
    """
    date = _find_date(tag)
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column(name, form, unit or None, array=getattr(events, attribute))
            for name, form, unit, attribute in COLUMNS
        ],
        header=_events_header(tag, spectrum),
        name="EVENTS",
    )
    good = [
        fits.Column(name, "D", "s", array=tag.good_times_s[:, i])
        for i, name in enumerate(("START", "STOP"))
    ]
    primary = fits.PrimaryHDU(header=_primary_header(tag, events, spectrum, path.name, date))
    bad = [
        fits.Column(name, "I", array=getattr(events.bad_pixels, name.lower()))
        for name in bad_pixels.COLUMNS
    ]
    hdus = fits.HDUList(
        [
            primary,
            table,
            fits.BinTableHDU.from_columns(good, name="GTI"),
            fits.BinTableHDU.from_columns(bad, name=BAD_PIXELS),
        ]
    )
    hdus.verify("silentfix")
    for hdu in hdus:
        hdu.add_checksum(when=f"as of {date}")
    hdus.writeto(path, overwrite=True, output_verify="exception")


def _find_date(tag: Tag) -> str:
    """Return the DATE of the tag file, or where it has none the start of its last table, UTC."""
    date = str(tag.primary.get("DATE", "")).strip()
    return date or write_time(tag.tables[-1].start_mjd).replace(" ", "T")


def _primary_header(
    tag: Tag, events: CorrectedEvents, spectrum: StisSpectrum | None, name: str, date: str
) -> fits.Header:
    header = _without_structure(tag.primary)
    software = name_software()
    source = "IMAGING" if not is_spectroscopic(tag.primary) else "NONE"
    cards = [
        ("NEXTEND", 3, "number of standard extensions"),
        ("DATE", date, "[UTC] that of the tag file, not of writing"),
        ("FILENAME", name, "name of file"),
        ("CREATOR", software, "software"),
        ("CAL_VER", software, "version of the pipeline"),
        ("WAVESRC", spectrum.path.name if spectrum else source, "where wavelengths are from"),
    ]
    for i, factor in enumerate(events.dead_time_factors, 1):
        cards.append((f"DEADFAC{i}", factor, "true over observed count rate, in EPSILON"))
    for i, missing in enumerate(events.missing, 1):
        cards.append((f"MISREF{i}", missing, ""))  # a comment would not fit beside most of them
    header.update([fits.Card(*card) for card in cards])
    return header


def _events_header(tag: Tag, spectrum: StisSpectrum | None) -> fits.Header:
    first, last = tag.tables[0], tag.tables[-1]
    header = _without_structure(first.header)
    flags = [str(table.header.get("EXPFLAG", "")).strip() for table in tag.tables]
    cards = [
        ("EXPSTART", first.start_mjd, "exposure start time (Modified Julian Date)"),
        ("EXPEND", last.header.get("EXPEND"), "exposure end time (Modified Julian Date)"),
        ("EXPTIME", sum(table.exp_time_s for table in tag.tables), "[s] of all exposures"),
        ("EXPFLAG", next((f for f in flags if f != "NORMAL"), "NORMAL"), "interruption"),
        ("NEVENTS", len(tag.tables), "event tables joined"),
    ]
    if spectrum is not None:
        lowest, highest = spectrum.order_range
        cards += [("ORDMIN", lowest, "lowest order"), ("ORDMAX", highest, "highest order")]
    header.update([fits.Card(*card) for card in cards if card[1] is not None])
    return header


def _without_structure(header: fits.Header) -> fits.Header:
    kept = fits.Header()
    for card in header.cards:
        if not OF_THE_TAG.fullmatch(card.keyword) and card.keyword not in ("SIMPLE", "EXTEND"):
            kept.append(card, bottom=True)
    return kept
