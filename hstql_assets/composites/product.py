"""Write the FITS file of a composite lightcurve, as a High-Level Science Product.

The primary header has the keywords that MAST asks of such a product, LIGHTCURVE the columns of
every lightcurve, PROVENANCE a row for each file that went in. It is read by
`lightcurves.table.read_curve_table`. A keyword whose value differs between the exposures is MULTI,
and the values follow under its first letters and a number: PROPOS01, PROPOS02 ... Positions stay
numbers, those of the first exposure.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from hstql_assets.composites.composing import Composite
from hstql_assets.composites.configuration import Configuration
from hstql_assets.lightcurves.fits_table import (
    is_nothing,
    make_ascii,
    make_table,
    number_remarks,
    write_dated,
    write_iso,
)
from hstql_assets.lightcurves.product import make_settings_cards
from hstql_resources.fits.writing import Card, Column, NewHdu, table_hdu
from hstql_resources.software import name_software

MULTI = "MULTI"
KEYWORD_LENGTH = 8
COLLECTION_CARDS: tuple[Card, ...] = (
    ("HLSPID", "HSTLC", "collection"),
    ("HLSPLEAD", "hstql team", "who made it"),
    ("HLSPNAME", "Lightcurves of COS and STIS TIME-TAG data", "title of the collection"),
)
LICENSE_CARDS: tuple[Card, ...] = (
    ("LICENSE", "CC BY 4.0", "license of these data"),
    ("LICENURL", "https://creativecommons.org/licenses/by/4.0/", "its text"),
)


@dataclass(frozen=True)
class ProvenanceRow:
    """A file that went into a composite: a row of PROVENANCE; fields are in the file's order."""

    dataset: int
    rootname: str
    filename: str
    sha256: str
    cal_ver: str
    exp_start_mjd: float
    exp_time_s: float
    cenwave: int
    proposal_id: int
    target_name: str
    x1d_ratio: float


# By field of ProvenanceRow; texts are as wide as the longest.
PROVENANCE_COLUMNS = {
    "dataset": Column("dataset", "J", description="number of the exposure"),
    "rootname": Column("rootname", "A", description="exposure"),
    "filename": Column("filename", "A", description="file that went in"),
    "sha256": Column("sha256", "A"),
    "cal_ver": Column("CAL_VER", "A"),
    "exp_start_mjd": Column("EXPSTART", "D", "d"),
    "exp_time_s": Column("EXPTIME", "D", "s"),
    "cenwave": Column("CENWAVE", "J", "angstrom"),
    "proposal_id": Column("PROPOSID", "J"),
    "target_name": Column("TARGNAME", "A"),
    "x1d_ratio": Column("XRATIO", "D"),
}


@dataclass(frozen=True)
class CompositeProduct:
    """All that stands in a composite file.

    Parameters
    ----------
    composite : Composite
        The lightcurves.
    configuration : Configuration
        What they have in common.
    target_name : str
        The resolved name of the target.
    provenance : tuple of ProvenanceRow
        The files that went in, in the order of the datasets.
    remarks : tuple of str
        What was left out or is odd, a sentence each.
    """

    composite: Composite
    configuration: Configuration
    target_name: str
    provenance: tuple[ProvenanceRow, ...]
    remarks: tuple[str, ...] = ()


def write_composite(product: CompositeProduct, path: Path) -> None:
    """Write a composite to exactly this path, over what is there.

    The same composite makes the same bytes whenever it is written.

    Parameters
    ----------
    product : CompositeProduct
        What to write.
    path : Path
        Where to. The caller gives a temporary name, and renames the file when it is whole.
    """
    composite = product.composite
    tables = make_table(composite.curves), _provenance_table(product.provenance)
    write_dated(list(_primary_cards(product)), tables, path, composite.exp_end_mjd)


def number_cards(keyword: str, values: Iterable[object], comment: str) -> Iterator[Card]:
    """Yield the card of a value, or MULTI and a numbered card for each of the values.

    Parameters
    ----------
    keyword : str
        At most 8 characters.
    values : iterable of str or int
        One per exposure; equal ones count once, in the order in which they come.
    comment : str
        Of the first card.
    """
    distinct = list(dict.fromkeys(values))
    if len(distinct) <= 1:
        yield from ((keyword, value, comment) for value in distinct)
        return
    yield keyword, MULTI, comment
    digits = max(2, len(str(len(distinct))))
    stem = keyword[: KEYWORD_LENGTH - digits].rstrip("-_")
    for number, value in enumerate(distinct, 1):
        yield f"{stem}{number:0{digits}d}", value, f"{keyword} {number} of {len(distinct)}"


def _primary_cards(product: CompositeProduct) -> Iterator[Card]:
    cards = [
        ("CREATOR", name_software(), "software"),
        *COLLECTION_CARDS,
        ("HLSPTARG", make_ascii(product.target_name), "target"),
        ("HLSPVER", "1", "version of the collection"),
        *LICENSE_CARDS,
        *_observation_cards(product),
        *_time_cards(product.composite),
        *_extraction_cards(product.composite),
        *number_remarks(product.remarks),
    ]
    return (card for card in cards if not is_nothing(card[1]))


def _observation_cards(product: CompositeProduct) -> Iterator[Card]:
    configuration = product.configuration
    exposures = [curve.exposure for curve in product.composite.curves]
    yield "TELESCOP", "HST", "telescope"
    yield "INSTRUME", configuration.instrument, "instrument"
    yield "DETECTOR", configuration.detector, "detector"
    yield "FILTER", configuration.opt_elem, "grating or mirror, OPT_ELEM"
    yield "OPT_ELEM", configuration.opt_elem, "grating or mirror"
    yield "CENWAVE", configuration.cenwave, "[Angstrom] central wavelength, 0 for images"
    yield "APERTURE", configuration.aperture, "aperture"
    yield "OBJECT", make_ascii(product.target_name), "target"
    names = [exposure.target_name for exposure in exposures]
    yield from number_cards("TARGNAME", names, "target as the headers have it")
    yield "RA_TARG", exposures[0].ra_deg, "[deg] right ascension, of the first exposure"
    yield "DEC_TARG", exposures[0].dec_deg, "[deg] declination, of the first exposure"
    yield "RADESYS", "ICRS", "system of the coordinates"
    proposals = [exposure.proposal_id for exposure in exposures]
    yield from number_cards("PROPOSID", proposals, "proposal")
    versions = [row.cal_ver for row in product.provenance]
    yield from number_cards("CAL_VER", versions, "version of the calibration pipeline")
    if product.composite.is_simulated:
        yield "SIMULATD", True, "made by a simulation"


def _time_cards(composite: Composite) -> Iterator[Card]:
    begin, end = composite.exp_start_mjd, composite.exp_end_mjd
    yield "TIMESYS", "UTC", "time scale"
    yield "DATE-BEG", write_iso(begin), "start of the first exposure"
    yield "DATE-END", write_iso(end), "end of the last exposure"
    yield "MJD-BEG", begin, "[d] start of the first exposure"
    yield "MJD-END", end, "[d] end of the last exposure"
    yield "XPOSURE", composite.exposure_s, "[s] live time"
    times = [curve.barycentric for curve in composite.curves]
    places = [one.place for one in times if one.place]
    yield from number_cards("BJDPOS", places, "what tells the telescope's place for BJD_TDB")
    accuracy_s = float(np.fmax.reduce([one.accuracy_s for one in times]))
    yield "BJDACC", accuracy_s, "[s] accuracy of BJD_TDB by that, at worst"
    yield from number_cards("BJDNOTE", [one.note for one in times if one.note], "no BJD_TDB")
    yield "NEXPOS", len(composite.curves), "number of exposures, the highest dataset"


def _extraction_cards(composite: Composite) -> Iterator[Card]:
    totals = [curve.totals for curve in composite.curves]
    yield from make_settings_cards(composite.settings, composite.curves[0].exposure)
    yield "WMIN", composite.wave_min, "[Angstrom] shortest wavelength used"
    yield "WMAX", composite.wave_max, "[Angstrom] longest wavelength used"
    yield "FLUXCAL", composite.is_flux_calibrated, "whether all exposures have a flux"
    yield "BACKSUB", composite.is_background_subtracted, "whether all have a background"
    for number, name in enumerate(composite.missing_references, 1):
        yield f"MISREF{number}", make_ascii(name), "corrected without"
    yield "GROSS", sum(total.gross for total in totals), "[count] source events"
    yield "BACKGRND", sum(total.background for total in totals), "[count] scaled background"


def _provenance_table(rows: Sequence[ProvenanceRow]) -> NewHdu:
    columns, arrays = [], []
    for field in fields(ProvenanceRow):
        column = PROVENANCE_COLUMNS[field.name]
        values = [getattr(row, field.name) for row in rows]
        if column.form == "A":
            values = [make_ascii(value) for value in values]
            column = replace(column, form=f"{max(1, *map(len, values))}A")
        columns.append(column)
        arrays.append(np.array(values))
    return table_hdu("PROVENANCE", columns, arrays)
