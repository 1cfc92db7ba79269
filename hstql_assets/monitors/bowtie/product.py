"""Keep the map of two flats of a visit: a FITS file with the ratio by blocks, and its error.

RATIO and ERR, chip 2 first as in files of the archive; 8 x 16 blocks of a chip, over the ratio of
the lamp.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_assets.lightcurves.fits_table import write_dated
from hstql_assets.monitors.bowtie.ratios import CHIPS, ChipRatio, Floats
from hstql_assets.monitors.bowtie.visits import Triple
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.compressed_images import compress
from hstql_resources.fits.writing import Card, NewHdu
from hstql_resources.software import name_software

FOLDER = "products/bowtie"
PATTERN = r"(?P<key>bowtie_[a-z]+_[0-9a-z-]+)_[a-z0-9]{9}_ratio\.fits"


def find_product(filesystem: Filesystem, key: str, rootname: str) -> Path:
    """Return the path of the map of a set, around a saturated flat."""
    return filesystem.home / FOLDER / f"{key}_{rootname}_ratio.fits"


def remove_products(filesystem: Filesystem, key: str) -> None:
    """Remove all maps of a set."""
    for path in sorted((filesystem.home / FOLDER).glob(f"{key}_*_ratio.fits")):
        filesystem.remove(path)


def write_product(path: Path, triple: Triple, chips: Mapping[int, ChipRatio]) -> None:
    """Write the map of a triple to exactly this path; `chips` by CCDCHIP."""
    cards: list[Card] = [
        ("TELESCOP", "HST", "telescope"),
        ("INSTRUME", "WFC3", "instrument"),
        ("DETECTOR", triple.saturated.setup.detector, "detector"),
        ("FILETYPE", "FLAT RATIO", "type of file"),
        ("BEFORE", triple.before.rootname, "flat before the saturated one"),
        ("ROOTNAME", triple.saturated.rootname, "saturated flat"),
        ("AFTER", triple.after.rootname, "flat after it"),
        ("FILTER", triple.before.setup.filter_name, "filter"),
        ("CREATOR", name_software(), "software"),
    ]
    hdus: list[NewHdu] = []
    for version, chip in enumerate(sorted(chips, reverse=True), 1):
        own: list[Card] = [("EXTVER", version, ""), ("CCDCHIP", chip, "chip")]
        found = chips[chip]
        lamp: Card = ("LAMP", found.lamp_ratio, "ratio of all chips, divided out")
        hdus.append(compress(found.ratios.astype(np.float32), "RATIO", [*own, lamp]))
        hdus.append(compress(found.errors.astype(np.float32), "ERR", own))
    write_dated(cards, hdus, path, triple.after.start_mjd or 0.0)


def read_product(path: Path) -> Floats:
    """Return the map of both chips, chip 1 above chip 2, shape (16, 16); NaN where there is none.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    """
    with fits.open(path) as hdus:
        found = {hdu.header["CCDCHIP"]: hdu.data for hdu in hdus[1:] if hdu.name == "RATIO"}
    shape = next(iter(found.values())).shape
    nothing = np.full(shape, np.nan)
    return np.vstack([found.get(chip, nothing) for chip in sorted(CHIPS, reverse=True)]).astype(
        float
    )
