"""Make reference files of FUV alone: geometry, walk, pulse heights, high voltage.

The extraction in two zones is in `zone_references`.
"""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.events import PULSE_HEIGHT_RANGE
from hstql_resources.archive.simulated.cos_raw.instrument import (
    CONFIGURATIONS,
    HIGH_VOLTAGES,
    STIMS,
    distortion_at,
)
from hstql_resources.archive.simulated.cos_raw.reference_file import (
    CompressedImage,
    Reference,
    constants,
)
from hstql_resources.archive.simulated.sky.fitsfile import Column, Image, Keywords, Table

COLUMNS, ROWS, PULSE_HEIGHTS = 16384, 1024, 32
BIN = 32  # pixels of a value of the distortion
SEGMENTS = ("FUVA", "FUVB")
_READOUTS = CONFIGURATIONS["FUV"].readouts
_SEGMENT = Column("SEGMENT", "4A", SEGMENTS)


def make_frame() -> Reference:
    """BRFTAB: where the stims and the active area should be."""
    stims = [STIMS[segment] for segment in SEGMENTS]
    places = [(*one.first, *one.second) for one in stims]
    edges = [readout.active for readout in _READOUTS]
    columns = [
        _SEGMENT,
        *(Column(name, "1D", [place[i] for place in places])
          for i, name in enumerate(("SX1", "SY1", "SX2", "SY2"))),
        *constants(2, XWIDTH=60, YWIDTH=20),
        *(Column(name, "1I", [edge[i] for edge in edges])
          for i, name in enumerate(("A_LEFT", "A_RIGHT", "A_LOW", "A_HIGH"))),
    ]  # fmt: skip
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
    columns = [
        _SEGMENT,
        Column("OPT_ELEM", "7A", ["ANY"] * 2),
        *constants(2, LLT=lowest, ULT=highest, MIN_PEAK=0.7, MAX_PEAK=1.3),
    ]
    return Reference("PULSE HEIGHT PARAMETERS REFERENCE TABLE", [Table("PHATAB", columns)])


def make_high_voltages() -> Reference:
    """HVTAB: the high voltage, always the same."""
    tables = [
        Table(
            segment,
            [
                Column("DATE", "1D", [54900.0, 57000.0], "MJD"),
                *constants(2, **{f"HVLEVEL{segment[-1]}": HIGH_VOLTAGES[segment]}),
            ],
        )
        for segment in SEGMENTS
    ]
    return Reference("FUV HIGH VOLTAGE HISTORY", tables)


def make_voltage_sensitivity() -> Reference:
    """HVDSTAB: the sensitivity does not depend on the high voltage."""
    columns = [
        _SEGMENT,
        *constants(2, CENWAVE=CONFIGURATIONS["FUV"].cenwave, SLOPE=0.0, INTERCEPT=1.0),
        Column("ZEROPOINT", "1D", [float(HIGH_VOLTAGES[segment]) for segment in SEGMENTS]),
    ]
    filetype = "HV SENSITIVITY TABLE TO CORRECT EPSILON BASED ON EXPOSURE HV"
    return Reference(filetype, [Table("HVDSTAB", columns)])


def make_gain_sag() -> Reference:
    """GSAGTAB: a patch of 20 columns of each spectrum that is worn out."""
    tables = []
    for readout in _READOUTS:
        segment, (stripe,) = readout.segment, readout.stripes
        patch = {"LX": 12000, "LY": round(stripe.row) - 3, "DX": 20, "DY": 6, "DQ": 8192}
        columns = [Column("DATE", "1D", [56000.0], "MJD")]
        columns += [Column(name, "1J", [value]) for name, value in patch.items()]
        keywords: Keywords = {"SEGMENT": segment, f"HVLEVEL{segment[-1]}": HIGH_VOLTAGES[segment]}
        tables.append(Table("GSAGTAB", columns, keywords))
    return Reference("GAIN SAG REFERENCE TABLE", tables)


def make_spots() -> Reference:
    """SPOTTAB: a hot spot that was there for one day, before any of the exposures."""
    spot = {"LX": 5000, "LY": 480, "DX": 10, "DY": 10, "DQ": 4096}
    columns = [
        *constants(1, SEGMENT="FUVA", START=58000.0, STOP=58001.0),
        *(Column(name, "1J", [value]) for name, value in spot.items()),
    ]
    lowest, highest = PULSE_HEIGHT_RANGE
    return Reference(
        "TRANSIENT BAD PIXEL REFERENCE TABLE",
        [Table("SPOTTAB", columns)],
        {"PHAMIN": lowest, "PHAMAX": highest},
    )


def make_bursts() -> Reference:
    """BRSTTAB: what counts as a burst of the detector; the exposures have none."""
    columns = [
        _SEGMENT,
        *constants(
            2,
            MEDIAN_N=9.0,
            DELTA_T=1.0,
            DELTA_T_HIGH=0.1,
            MEDIAN_DT=100.0,
            BURST_MIN=30.0,
            STDREJ=5.0,
            SOURCE_FRAC=0.3,
            MAX_ITER=20,
            HIGH_RATE=10000.0,
        ),
    ]
    return Reference("BURST PARAMETERS TABLE", [Table("BRSTTAB", columns)])
