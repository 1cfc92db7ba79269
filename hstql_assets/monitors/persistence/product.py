"""Write what earlier exposures leave in one as a FITS file for others to use.

Images, packed without loss: SCI the corrected image in the unit and with the coordinates of the
file that it is of, PERSIST and EXTPER electrons/s of all and of other visits, MASK, and SOURCE, the
row of the table STIMULI that names the exposure which leaves most in a pixel.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from hstql_assets.lightcurves.fits_table import write_dated
from hstql_assets.monitors.persistence.combining import LEVELS, Persistence
from hstql_assets.monitors.persistence.frames import IrFrame
from hstql_assets.monitors.persistence.models import FermiModel
from hstql_assets.monitors.persistence.settings import StimulusSettings
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.cards import Value
from hstql_resources.fits.compressed_images import compress, give_unit
from hstql_resources.fits.writing import Card, Column, NewHdu, table_hdu
from hstql_resources.software import name_software

FOLDER = "products/persistence"
_RATE = "electron/s"
# What places pixels on the sky and on the detector.
_PLACE = re.compile(
    r"CTYPE[12]|CRVAL[12]|CRPIX[12]|CD[12]_[12]|CUNIT[12]|WCSAXES|RADESYS|EQUINOX|LONPOLE|LATPOLE|"
    r"(A|B|AP|BP)_(ORDER|DMAX|\d_\d)|ORIENTAT|LTV[12]|LTM[12]_[12]|BINAXIS[12]"
)


def find_product(filesystem: Filesystem, rootname: str) -> Path:
    """Return the path of the file of an exposure."""
    return filesystem.home / FOLDER / rootname[:4] / f"{rootname}_persist.fits"


def write_product(
    path: Path,
    frame: IrFrame,
    found: Persistence,
    settings: StimulusSettings,
    history: Sequence[str],
) -> None:
    """Write the file to exactly this path.

    Parameters
    ----------
    path : Path
    frame : IrFrame
        The exposure that suffers.
    found : Persistence
        What is left in it.
    settings : StimulusSettings
        By which it was worked out.
    history : sequence of str
        A sentence for each exposure that could not be used.
    """
    corrected = (frame.rates - found.rates) / np.float32(frame.rate_per_value)
    unit = frame.image.unit or ""
    place = list(_place_cards(frame))
    images: list[tuple[str, np.ndarray, str, str]] = [
        ("SCI", corrected, unit, "image less PERSIST"),
        ("PERSIST", found.rates, _RATE, "persistence, the largest of all"),
        ("EXTPER", found.external, _RATE, "the same of other visits"),
        ("MASK", found.mask.astype(np.int32), "", "1, 2, 4: above 0.01, 0.03, 0.1; 8 unknown"),
        ("SOURCE", found.source.astype(np.int32), "", "row of STIMULI, from 1; 0 for none"),
    ]
    hdus = [
        compress(pixels, name, [*give_unit(unit), ("DESCRIP", about, ""), *place])
        for name, pixels, unit, about in images
    ]
    cards = [*_primary_cards(frame, found), *_model_cards(settings)]
    write_dated(cards, [*hdus, _list_stimuli(found)], path, frame.end_mjd, history)


def _primary_cards(frame: IrFrame, found: Persistence) -> Iterator[Card]:
    yield "TELESCOP", "HST", "telescope"
    yield "INSTRUME", "WFC3", "instrument"
    yield "DETECTOR", "IR", "detector"
    yield "FILETYPE", "PERSISTENCE", "type of file"
    yield "ROOTNAME", frame.file.filename.partition("_")[0], "exposure"
    yield "SRC_FILE", frame.file.filename, "file that was corrected"
    yield "EXPSTART", frame.start_mjd, "[d] start of the exposure, MJD (UTC)"
    yield "EXPEND", frame.end_mjd, "[d] end of the exposure, MJD (UTC)"
    yield "EXPTIME", frame.exposure_s, "[s] exposure time"
    yield "NSTIMULI", len(found.causes), "exposures before it that were used"
    yield "EPERVAL", frame.rate_per_value, f"[{_RATE}] of a value of 1 in SCI"
    for name, level in zip(("PABOVE01", "PABOVE03", "PABOVE10"), LEVELS, strict=True):
        share = float(np.count_nonzero(found.rates > level) / found.rates.size)
        yield name, share, f"share of pixels above {level:g} {_RATE}"
    yield "PUNKNOWN", float(found.is_unknown.mean()), "share of pixels not known"
    yield "CREATOR", name_software(), "software"
    if frame.image.primary.values.get("SIMULATD") is True:
        yield "SIMULATD", True, "made from a simulation"


def _model_cards(settings: StimulusSettings) -> Iterator[Card]:
    yield "PMODEL", settings.model, "model of persistence"
    yield "PHOURS", settings.hours, "[h] how long before it others count"
    if settings.model == "table":
        yield "PTABLE", settings.table, "table of amplitudes and exponents"
    else:
        yield from _fermi_cards(settings.fermi)
    if settings.spatial_map:
        yield "PMAP", settings.spatial_map, "image that it is multiplied by"


def _fermi_cards(model: FermiModel) -> Iterator[Card]:
    yield "PNORM", model.norm_e_per_s, f"[{_RATE}] after 1000 s"
    yield "PGAMMA", model.gamma, "exponent of the decay"
    yield "PALPHA", model.alpha, "exponent of the slow rise"
    yield "PFERMI", model.fermi_e, "[electron] middle of the step"
    yield "PWIDTH", model.width_e, "[electron] width of the step"


def _place_cards(frame: IrFrame) -> Iterator[Card]:
    """Yield the coordinates of a file; those of pixels are less its border."""
    border = [(whole - light) // 2 for whole, light
              in zip(frame.image.values.shape, frame.rates.shape, strict=True)]  # fmt: skip
    for keyword, value in frame.image.header.values.items():
        if value is None or not _PLACE.fullmatch(keyword):
            continue
        shifted: Value = value
        if keyword[:-1] in ("CRPIX", "LTV") and isinstance(value, int | float):
            shifted = value - border[2 - int(keyword[-1])]
        yield keyword, shifted, ""


def _list_stimuli(found: Persistence) -> NewHdu:
    width = max((len(one.filename) for one in found.causes), default=1)
    columns = [
        Column("FILE", f"{width}A", "", "exposure before"),
        Column("DELAY", "D", "s", "from its end to the middle"),
        Column("EXPTIME", "D", "s", "exposure time"),
        Column("EXTERNAL", "J", "", "1 if of another visit"),
        Column("SHARE", "D", "", f"of pixels above {LEVELS[0]:g} by it alone"),
    ]
    values = [
        np.array([one.filename for one in found.causes], f"S{width}"),
        np.array([one.delay_s for one in found.causes]),
        np.array([one.exposure_s for one in found.causes]),
        np.array([one.is_external for one in found.causes], np.int32),
        np.array(found.shares),
    ]
    return table_hdu("STIMULI", columns, values)
