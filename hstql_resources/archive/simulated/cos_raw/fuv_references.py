"""Make reference files of FUV alone: geometry, walk, pulse heights, high voltage, two zones."""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.columns import fill_columns
from hstql_resources.archive.simulated.cos.events import PULSE_HEIGHT_RANGE
from hstql_resources.archive.simulated.cos_raw.detector_references import extraction_columns
from hstql_resources.archive.simulated.cos_raw.instrument import (
    CONFIGURATIONS,
    HIGH_VOLTAGES,
    STIMS,
    distortion_at,
)
from hstql_resources.archive.simulated.cos_raw.reference_file import (
    CompressedImage,
    Reference,
    list_rows,
)
from hstql_resources.archive.simulated.sky.fitsfile import Column, Image, Keywords, Table

COLUMNS, ROWS, PULSE_HEIGHTS = 16384, 1024, 32
BIN = 32  # pixels of a value of the distortion
SEGMENTS = ("FUVA", "FUVB")
_READOUTS = CONFIGURATIONS["FUV"].readouts
PROFILE_ROWS = 80
_POSITION = {"LIFE_ADJ": CONFIGURATIONS["FUV"].life_adj}


def make_frame() -> Reference:
    """BRFTAB: where the stims and the active area should be."""
    stims = np.array([(*STIMS[segment].first, *STIMS[segment].second) for segment in SEGMENTS]).T
    edges = np.array([readout.active for readout in _READOUTS]).T
    values = {
        "SEGMENT": SEGMENTS,
        **dict(zip(("SX1", "SY1", "SX2", "SY2"), stims, strict=True)),
        **dict(zip(("A_LEFT", "A_RIGHT", "A_LOW", "A_HIGH"), edges, strict=True)),
    }
    columns = fill_columns("cos_raw/BRFTAB", values)
    table = Table("BRFTAB", columns, {"TIMESTEP": 30.0})
    return Reference("BASELINE REFERENCE FRAME TABLE", [table])


def make_distortion() -> Reference:
    """GEOFILE: the distortion along the dispersion; across it there is none."""
    middle = np.arange(COLUMNS // BIN, dtype=np.float64) * BIN + (BIN - 1) / 2.0
    along = np.tile(distortion_at(middle, COLUMNS), (ROWS // BIN, 1)).astype(np.float32)
    return _geometry("GEOMETRIC DISTORTION REFERENCE IMAGE", along)


def make_distortion_change() -> Reference:
    """DGEOFILE: what the distortion has changed by, which is nothing."""
    zero = np.zeros((ROWS // BIN, COLUMNS // BIN), dtype=np.float32)
    return _geometry("DELTA GEOMETRIC CORRECTION REFERENCE IMAGE", zero)


def _geometry(filetype: str, along: NDArray[np.float32]) -> Reference:
    """Return images of the distortion along the dispersion [pixel], shape (rows, columns)."""
    keywords = {"ORIGIN_X": 0, "ORIGIN_Y": 0, "XBIN": BIN, "YBIN": BIN}
    images = [
        Image(segment, pixels, keywords, version)
        for segment in SEGMENTS
        for version, pixels in ((1, along), (2, np.zeros_like(along)))
    ]
    return Reference(filetype, images)


def make_walk_along() -> Reference:
    """XWLKFILE: places do not depend on the pulse height."""
    return _walk("X WALK CORRECTION LOOKUP REFERENCE IMAGE", COLUMNS)


def make_walk_across() -> Reference:
    """YWLKFILE: places do not depend on the pulse height."""
    return _walk("Y WALK CORRECTION LOOKUP REFERENCE IMAGE", ROWS)


def _walk(filetype: str, size: int) -> Reference:
    zero = np.zeros((PULSE_HEIGHTS, size), dtype=np.float32)
    images = [CompressedImage(one, zero, {"SEGMENT": one}) for one in SEGMENTS]
    return Reference(filetype, images)


def make_pulse_heights() -> Reference:
    """PHATAB: which pulse heights are those of photons."""
    lowest, highest = PULSE_HEIGHT_RANGE
    values = {"SEGMENT": SEGMENTS, "LLT": [lowest] * 2, "ULT": [highest] * 2}
    columns = fill_columns("cos_raw/PHATAB", values)
    return Reference("PULSE HEIGHT PARAMETERS REFERENCE TABLE", [Table("PHATAB", columns)])


def make_high_voltages() -> Reference:
    """HVTAB: the high voltage, always the same."""
    date = Column("DATE", "1D", [54900.0, 57000.0], "MJD")
    levels = [
        Column(f"HVLEVEL{segment[-1]}", "1I", [HIGH_VOLTAGES[segment]] * 2) for segment in SEGMENTS
    ]
    tables = [
        Table(segment, [date, level]) for segment, level in zip(SEGMENTS, levels, strict=True)
    ]
    return Reference("FUV HIGH VOLTAGE HISTORY", tables)


def make_voltage_sensitivity() -> Reference:
    """HVDSTAB: the sensitivity does not depend on the high voltage."""
    values = {
        "SEGMENT": SEGMENTS,
        "CENWAVE": [CONFIGURATIONS["FUV"].cenwave] * 2,
        "ZEROPOINT": [HIGH_VOLTAGES[segment] for segment in SEGMENTS],
    }
    columns = fill_columns("cos_raw/HVDSTAB", values)
    filetype = "HV SENSITIVITY TABLE TO CORRECT EPSILON BASED ON EXPOSURE HV"
    return Reference(filetype, [Table("HVDSTAB", columns)])


def make_gain_sag() -> Reference:
    """GSAGTAB: a patch of 20 columns of each spectrum that is worn out."""
    tables = []
    for readout in _READOUTS:
        segment, (stripe,) = readout.segment, readout.stripes
        columns = fill_columns("cos_raw/GSAGTAB", {"LY": [round(stripe.row) - 3]})
        keywords: Keywords = {"SEGMENT": segment, f"HVLEVEL{segment[-1]}": HIGH_VOLTAGES[segment]}
        tables.append(Table("GSAGTAB", columns, keywords))
    return Reference("GAIN SAG REFERENCE TABLE", tables)


def make_spots() -> Reference:
    """SPOTTAB: a hot spot that was there for one day, before any of the exposures."""
    columns = fill_columns("cos_raw/SPOTTAB", {})
    lowest, highest = PULSE_HEIGHT_RANGE
    return Reference(
        "TRANSIENT BAD PIXEL REFERENCE TABLE",
        [Table("SPOTTAB", columns)],
        {"PHAMIN": lowest, "PHAMAX": highest},
    )


def make_bursts() -> Reference:
    """BRSTTAB: what counts as a burst of the detector; the exposures have none."""
    columns = fill_columns("cos_raw/BRSTTAB", {"SEGMENT": SEGMENTS})
    return Reference("BURST PARAMETERS TABLE", [Table("BRSTTAB", columns)])


def make_trace() -> Reference:
    """TRACETAB: the spectra are straight."""
    rows = list_rows("FUV")
    columns = fill_columns("cos_raw/TRACETAB", {"TRACE": np.zeros((len(rows), COLUMNS))}, rows)
    return Reference("1D SPECTRAL TRACE TABLE", [Table("TRACETAB", columns)], _POSITION)


def make_profile() -> Reference:
    """PROFTAB: the Gaussian profile of a star, in every column the same."""
    rows = list_rows("FUV", ("PSA",))
    first = [round(row.stripe.row) - PROFILE_ROWS // 2 for row in rows]
    profiles = []
    for row, start in zip(rows, first, strict=True):
        deviation = (np.arange(PROFILE_ROWS) + start - row.stripe.row) / row.stripe.sigma
        profiles.append(np.repeat(np.exp(-0.5 * deviation**2), COLUMNS))
    columns = fill_columns("cos_raw/PROFTAB", {"ROW_0": first, "PROFILE": profiles}, rows)
    shape = {f"TDIM{len(columns)}": f"({COLUMNS},{PROFILE_ROWS})"}
    return Reference("2D SPECTRUM PROFILE TABLE", [Table("PROFTAB", columns, shape)], _POSITION)


def make_zones() -> Reference:
    """TWOZXTAB: which fractions of the light the inner and the outer zone have on either side."""
    rows = list_rows("FUV")
    columns = [
        *extraction_columns("FUV", rows),
        *fill_columns("cos_raw/TWOZXTAB", {}, rows),
    ]
    filetype = "TWO-ZONE SPECTRAL EXTRACTION PARAMETERS TABLE"
    return Reference(filetype, [Table("TWOZXTAB", columns)])
