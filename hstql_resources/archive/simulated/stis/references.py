"""Make the reference files of simulated STIS exposures: flat fields, bad pixels, linearity.

Made from what `detector` does, so that dividing by the flat fields restores the truth. There
is one of another detector, too, which nothing may be calibrated with.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.columns import fill_columns
from hstql_resources.archive.simulated.sky.fitsfile import Image, Table, make_file
from hstql_resources.archive.simulated.stis.detector import (
    ANY,
    BAD_PIXELS,
    DETECTOR,
    low_order_flat,
    pixel_flat,
)
from hstql_resources.archive.simulated.stis.headers import (
    BAD_PIXEL_TABLE,
    LINEARITY_TABLE,
    LOW_ORDER_FLAT,
    PIXEL_FLAT,
)
from hstql_resources.archive.simulated.stis.instrument import PIXELS

WRONG_DETECTOR_FLAT = "sim_nuv_pfl.fits"


def make_reference(filename: str) -> bytes | None:
    """Return a reference file, always the same bytes; None if there is none of that name."""
    maker = _MAKERS.get(filename)
    return None if maker is None else maker(filename)


def _fill_primary(
    filename: str, filetype: str, detector: str = DETECTOR, opt_elem: str = ANY
) -> str:
    values = {"FILENAME": filename, "FILETYPE": filetype, "DETECTOR": detector}
    return fill_cards("stis/reference_primary", {**values, "OPT_ELEM": opt_elem})


def _make_flat(filename: str) -> bytes:
    kind = "LOW-ORDER FLAT" if filename == LOW_ORDER_FLAT else "PIXEL-TO-PIXEL FLAT"
    flat = low_order_flat() if filename == LOW_ORDER_FLAT else pixel_flat()
    primary = _fill_primary(filename, kind)
    if filename == WRONG_DETECTOR_FLAT:
        primary, flat = _fill_primary(filename, kind, "NUV-MAMA", "G230L"), np.flip(flat)
    constant = {"NPIX1": PIXELS, "NPIX2": PIXELS}
    error = Image("ERR", None, {**constant, "PIXVALUE": 0.0})
    quality = Image("DQ", None, {**constant, "PIXVALUE": 0})
    return make_file(primary, [Image("SCI", flat), error, quality])


def _make_bad_pixel_table(filename: str) -> bytes:
    columns = fill_columns("stis/bad_pixels", {}, BAD_PIXELS)
    size = {"SIZAXIS1": PIXELS, "SIZAXIS2": PIXELS}
    return make_file(_fill_primary(filename, "BAD PIXELS"), [Table("BPX", columns, size)])


def _make_linearity_table(filename: str) -> bytes:
    values = {"DETECTOR": [DETECTOR, "NUV-MAMA"], "LOCAL_LIMIT": [220.0, 200.0]}
    columns = fill_columns("stis/linearity", values)
    primary = _fill_primary(filename, "MAMA LINEARITY", "ANY")
    return make_file(primary, [Table("LIN", columns)])


_MAKERS: Mapping[str, Callable[[str], bytes]] = MappingProxyType(
    {
        PIXEL_FLAT: _make_flat,
        LOW_ORDER_FLAT: _make_flat,
        BAD_PIXEL_TABLE: _make_bad_pixel_table,
        LINEARITY_TABLE: _make_linearity_table,
        WRONG_DETECTOR_FLAT: _make_flat,
    }
)
REFERENCES = tuple(_MAKERS)
