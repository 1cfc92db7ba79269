"""Make reference files of spectra: places, wavelengths, sensitivity, and the lamp."""

import numpy as np

from hstql_resources.archive.simulated.cos.instrument import Detector
from hstql_resources.archive.simulated.cos_raw.instrument import (
    CONFIGURATIONS,
    FPOFFSETS,
    LAMPS,
    TDS_FACTOR,
    lamp_lines,
    lamp_row,
)
from hstql_resources.archive.simulated.cos_raw.reference_file import (
    Reference,
    SpectrumRow,
    constants,
    key_columns,
    list_rows,
)
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table

SAMPLES = 200  # of a sensitivity
MARGIN_COLUMNS = 200  # that the sensitivity is known beyond the ends of the detector
LAMP_BACKGROUND_ROWS = 50.0  # from the lamp's spectrum to its background
LAMP_BACKGROUND_HEIGHT = 15
TDS_TIMES_MJD = (54900.0, 61000.0)


def extraction_columns(detector: Detector, rows: list[SpectrumRow]) -> list[Column]:
    """Return the columns of a table of extraction boxes; places are those in column 0."""
    is_lamp = [row.aperture == "WCA" for row in rows]
    boxes = [_place_boxes(detector, row) for row in rows]
    heights = [
        LAMP_BACKGROUND_HEIGHT if lamp else row.stripe.background_height
        for row, lamp in zip(rows, is_lamp, strict=True)
    ]
    smoothing = 101 if detector == "FUV" else 21
    return [
        *key_columns(detector, rows),
        Column("SLOPE", "1D", [row.stripe.slope for row in rows]),
        Column("B_SPEC", "1D", [box[0] for box in boxes]),
        Column("HEIGHT", "1I", [row.stripe.height for row in rows]),
        Column("B_BKG1", "1D", [box[1] for box in boxes]),
        Column("B_BKG2", "1D", [box[2] for box in boxes]),
        *(Column(name, "1I", heights) for name in ("BHEIGHT", "B_HGT1", "B_HGT2")),
        *constants(len(rows), BWIDTH=smoothing),
    ]


def _place_boxes(detector: Detector, row: SpectrumRow) -> tuple[float, float, float]:
    """Return the rows of spectrum and backgrounds in column 0."""
    stripe = row.stripe
    readout = CONFIGURATIONS[detector].readouts[0]
    spectrum_rise, background_rise = (
        stripe.slope * middle for middle in (readout.middle, readout.columns // 2)
    )
    if row.aperture == "WCA":
        middle = lamp_row(detector, stripe) - spectrum_rise
        return middle, middle - LAMP_BACKGROUND_ROWS, middle + LAMP_BACKGROUND_ROWS
    below, above = (place - background_rise for place in stripe.background_rows)
    return stripe.row - spectrum_rise, below, above


def make_extraction(detector: Detector) -> Reference:
    """XTRACTAB: extraction boxes."""
    columns = extraction_columns(detector, list_rows(detector))
    return Reference("1-D EXTRACTION PARAMETERS TABLE", [Table("XTRACTAB", columns)])


def make_dispersion(detector: Detector) -> Reference:
    """DISPTAB: the wavelength of a pixel, the same at all FP-POS once the shift is taken out."""
    rows = list_rows(detector, fpoffsets=FPOFFSETS)
    coefficients = [[row.stripe.wavelength_a, row.stripe.dispersion_a, 0.0, 0.0] for row in rows]
    columns = [
        *key_columns(detector, rows),
        Column("FPOFFSET", "1I", [row.fpoffset for row in rows]),
        *constants(len(rows), NELEM=2, D_TV03=0.0, D=0.0),
        Column("COEFF", "4D", coefficients),
    ]
    return Reference("DISPERSION RELATION REFERENCE TABLE", [Table("DISPTAB", columns)])


def _wavelengths(detector: Detector, rows: list[SpectrumRow]) -> list[list[float]]:
    size = CONFIGURATIONS[detector].readouts[0].columns
    column = np.linspace(-MARGIN_COLUMNS, size + MARGIN_COLUMNS, SAMPLES)
    return [row.stripe.wavelength_at(column).tolist() for row in rows]


def make_sensitivity(detector: Detector) -> Reference:
    """FLUXTAB: count/s per erg/s/cm2/Angstrom of a detector that has lost nothing yet."""
    rows = list_rows(detector)
    wavelength_a = _wavelengths(detector, rows)
    sensitivity = [
        row.stripe.sensitivity_at(np.array(one)) / TDS_FACTOR
        for row, one in zip(rows, wavelength_a, strict=True)
    ]
    columns = [
        *key_columns(detector, rows),
        Column("WAVELENGTH", f"{SAMPLES}D", wavelength_a, "angstrom"),
        Column("SENSITIVITY", f"{SAMPLES}E", sensitivity),
    ]
    return Reference("PHOTOMETRIC SENSITIVITY REFERENCE TABLE", [Table("FLUXTAB", columns)])


def make_time_dependence(detector: Detector) -> Reference:
    """TDSTAB: what is left of the sensitivity, the same at all times and wavelengths."""
    rows = list_rows(detector)
    form = f"{len(TDS_TIMES_MJD) * SAMPLES}D"
    shape = (len(rows), len(TDS_TIMES_MJD) * SAMPLES)
    columns = [
        *key_columns(detector, rows),
        *constants(len(rows), NWL=SAMPLES, NT=len(TDS_TIMES_MJD)),
        Column("WAVELENGTH", f"{SAMPLES}D", _wavelengths(detector, rows), "angstrom"),
        Column("TIME", "2D", [TDS_TIMES_MJD] * len(rows), "MJD"),
        Column("SLOPE", form, np.zeros(shape), "percent per year"),
        Column("INTERCEPT", form, np.full(shape, TDS_FACTOR)),
    ]
    table = Table("TDSTAB", columns, {"REF_TIME": TDS_TIMES_MJD[0]})
    return Reference("TIME DEPENDENT SENSITIVITY TABLE", [table])


def make_lamp(detector: Detector) -> Reference:
    """LAMPTAB: what the lamp looks like at each FP-POS, and how far that is from the middle one."""
    lamp = LAMPS[detector]
    size = CONFIGURATIONS[detector].readouts[0].columns
    rows = list_rows(detector, ("WCA",), FPOFFSETS)
    shifts = [lamp.fp_step * row.fpoffset for row in rows]
    segment, opt_elem, cenwave, _ = key_columns(detector, rows)
    spectra = []
    for row, shift in zip(rows, shifts, strict=True):
        middle, strength = np.array(lamp_lines(detector, row.stripe)).T
        deviation = (np.arange(size)[:, np.newaxis] - middle - shift) / lamp.sigma_x
        spectra.append((strength * np.exp(-0.5 * deviation**2)).sum(axis=1))
    columns = [
        segment,
        opt_elem,
        cenwave,
        Column("FPOFFSET", "1I", [row.fpoffset for row in rows]),
        Column("HAS_LINES", "1L", [b"T"] * len(rows)),
        Column("FP_PIXEL_SHIFT", "1D", shifts, "pixel"),
        Column("INTENSITY", f"{size}E", spectra),
    ]
    return Reference("TEMPLATE CAL LAMP SPECTRA TABLE", [Table("LAMPTAB", columns)])


def make_wavecal(detector: Detector) -> Reference:
    """WCPTAB: how far the shifts of a spectrum are searched."""
    columns = [
        Column("OPT_ELEM", "7A", [CONFIGURATIONS[detector].opt_elem]),
        *constants(
            1,
            XC_RANGE=200 if detector == "FUV" else 60,
            XD_RANGE=20,
            BOX=3,
            STEPSIZE=LAMPS[detector].fp_step,
            SEARCH_OFFSET=0.0,
            N_SIGMA=5.0,
            MAX_TIME_DIFF=0.5,
            INIT_OFFSET=0.0,
            TCROSSOVER=900.0,
            FRACSHORT=0.5,
            FRACLONG=0.5,
            OFFSET_SHORT=0.0,
            OFFSET_LONG=0.0,
            MIN_EXPTIME=1e6,
        ),
    ]
    return Reference("WAVECAL PARAMETERS REFERENCE TABLE", [Table("WCPTAB", columns)])


def make_coordinates(detector: Detector) -> Reference:
    """SPWCSTAB: world coordinates of the spectra, for headers alone."""
    rows = list_rows(detector)
    middle = CONFIGURATIONS[detector].readouts[0].columns / 2.0
    columns = [
        *key_columns(detector, rows),
        Column("CTYPE1", "8A", ["WAVE"] * len(rows)),
        Column("CRVAL1", "1D", [float(row.stripe.wavelength_at(np.array(middle))) for row in rows]),
        Column("CDELT1", "1D", [row.stripe.dispersion_a for row in rows]),
        *constants(
            len(rows),
            CRPIX1=middle,
            CDELT2=2.777778e-5,
            CDELT3=2.777778e-5,
            G=3.8e6,
            SPORDER=1,
            ALPHA=20.1,
            THETA=0.0,
            SPECRES=18000.0,
        ),
    ]
    return Reference("SPECTROSCOPIC WCS PARAMETERS TABLE", [Table("SPWCSTAB", columns)])
