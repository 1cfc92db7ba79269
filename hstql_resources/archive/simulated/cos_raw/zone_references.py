"""Make reference files for two zones: trace, profile, and the limits of the zones."""

import numpy as np

from hstql_resources.archive.simulated.cos_raw.instrument import CONFIGURATIONS
from hstql_resources.archive.simulated.cos_raw.reference_file import (
    Reference,
    constants,
    key_columns,
    list_rows,
)
from hstql_resources.archive.simulated.cos_raw.spectrum_references import extraction_columns
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table

PROFILE_ROWS = 80
_COLUMNS = 16384
_POSITION = {"LIFE_ADJ": CONFIGURATIONS["FUV"].life_adj}


def make_trace() -> Reference:
    """TRACETAB: the spectra are straight."""
    rows = list_rows("FUV")
    columns = [
        *key_columns("FUV", rows),
        Column("TRACE", f"{_COLUMNS}E", np.zeros((len(rows), _COLUMNS))),
    ]
    return Reference("1D SPECTRAL TRACE TABLE", [Table("TRACETAB", columns)], _POSITION)


def make_profile() -> Reference:
    """PROFTAB: the Gaussian profile of a star, in every column the same."""
    rows = list_rows("FUV", ("PSA",))
    first = [round(row.stripe.row) - PROFILE_ROWS // 2 for row in rows]
    profiles = []
    for row, start in zip(rows, first, strict=True):
        deviation = (np.arange(PROFILE_ROWS) + start - row.stripe.row) / row.stripe.sigma
        profiles.append(np.repeat(np.exp(-0.5 * deviation**2), _COLUMNS))
    columns = [
        *key_columns("FUV", rows),
        Column("ROW_0", "1I", first),
        Column("CENTER", "1D", [row.stripe.row for row in rows]),
        Column("PROFILE", f"{PROFILE_ROWS * _COLUMNS}E", profiles),
    ]
    shape = {f"TDIM{len(columns)}": f"({_COLUMNS},{PROFILE_ROWS})"}
    return Reference("2D SPECTRUM PROFILE TABLE", [Table("PROFTAB", columns, shape)], _POSITION)


def make_zones() -> Reference:
    """TWOZXTAB: which fractions of the light the inner and the outer zone have on either side."""
    rows = list_rows("FUV")
    columns = [
        *extraction_columns("FUV", rows),
        *constants(
            len(rows),
            LOWER_OUTER=0.005,
            LOWER_INNER=0.1,
            UPPER_INNER=0.9,
            UPPER_OUTER=0.995,
            YERRMAX=5.0,
        ),
    ]
    filetype = "TWO-ZONE SPECTRAL EXTRACTION PARAMETERS TABLE"
    return Reference(filetype, [Table("TWOZXTAB", columns)])
