"""Make the reference files that both detectors have: of the detector, its spectra, the lamp."""

from collections.abc import Sequence

import numpy as np

from hstql_resources.archive.simulated.columns import fill_columns
from hstql_resources.archive.simulated.cos.instrument import Detector, Readout
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure
from hstql_resources.archive.simulated.cos_raw.instrument import (
    CONFIGURATIONS,
    FPOFFSETS,
    LAMPS,
    TDS_FACTOR,
    flat_at,
    lamp_lines,
    lamp_row,
)
from hstql_resources.archive.simulated.cos_raw.reference_file import (
    CompressedImage,
    Reference,
    SpectrumRow,
    list_rows,
)
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table
from hstql_resources.times import SECONDS_PER_DAY

# The simulated detectors count every event: at their rates real ones lose less than 0.2 %.
DEAD_TIME_S = 1e-9
RATES = (0.0, 1000.0, 5000.0, 20000.0, 50000.0)
FUV_FLAT_ROWS = (340, 400)  # first row, and how many: where the spectra are
SIGNAL_TO_NOISE = 30.0
SAMPLES = 200  # of a sensitivity
MARGIN_COLUMNS = 200  # that the sensitivity is known beyond the ends of the detector
LAMP_BACKGROUND_ROWS = 50.0  # from the lamp's spectrum to its background
LAMP_BACKGROUND_HEIGHT = 15
TDS_TIMES_MJD = (54900.0, 61000.0)


def make_bad_pixels(detector: Detector) -> Reference:
    """BPIXTAB: the flaws."""
    flaws = [(one.segment, flaw) for one in _readouts(detector) for flaw in one.flaws]
    values = {
        "SEGMENT": [segment for segment, _ in flaws],
        "DX": [flaw.right - flaw.left + 1 for _, flaw in flaws],
        "DY": [flaw.top - flaw.bottom + 1 for _, flaw in flaws],
    }
    columns = fill_columns("cos_raw/BPIXTAB", values, [flaw for _, flaw in flaws])
    table = Table("BPIXTAB", columns, {"WIDEN": 0.25})
    return Reference("DATA QUALITY INITIALIZATION TABLE", [table])


def make_bad_times(exposures: Sequence[RawExposure]) -> Reference:
    """BADTTAB: what is cut out of exposures."""
    bounds_mjd = np.array([_bad_interval_mjd(exposure) for exposure in exposures])
    columns = [
        Column("SEGMENT", "4A", ["ANY"] * len(exposures)),
        Column("START", "1D", bounds_mjd[:, 0], "MJD"),
        Column("STOP", "1D", bounds_mjd[:, 1], "MJD"),
    ]
    return Reference("BAD TIME INTERVALS TABLE", [Table("BADTTAB", columns)])


def _bad_interval_mjd(exposure: RawExposure) -> list[float]:
    start_mjd = exposure.place.start_mjd
    return [start_mjd + bound_s / SECONDS_PER_DAY for bound_s in exposure.bad_interval_s]


def make_dead_time(detector: Detector) -> Reference:
    """DEADTAB: the fraction of events that is counted, by their rate."""
    segments = [one.segment for one in _readouts(detector)]
    rate = np.array(RATES)
    columns = [
        Column("SEGMENT", "4A", np.repeat(segments, rate.size).tolist()),
        Column("OBS_RATE", "1D", np.tile(rate, len(segments)), "count /s"),
        Column("LIVETIME", "1D", np.tile(1.0 / (1.0 + DEAD_TIME_S * rate), len(segments))),
    ]
    table = Table("DEADTAB", columns, {"TIMESTEP": 10.0})
    return Reference("DEADTIME REFERENCE TABLE", [table])


def make_flat(detector: Detector) -> Reference:
    """FLATFILE: the flat field, on the FUV detector only around the spectra."""
    first, count = FUV_FLAT_ROWS if detector == "FUV" else (0, 1024)
    column = np.arange(_readouts(detector)[0].columns)
    row = np.arange(first, first + count)[:, np.newaxis]
    flat = flat_at(column, row).astype(np.float32)
    keywords = {"ORIGIN_X": 0, "ORIGIN_Y": first, "SNR_FF": SIGNAL_TO_NOISE}
    names = [one.segment if detector == "FUV" else "SCI" for one in _readouts(detector)]
    images = [CompressedImage(name, flat, keywords) for name in names]
    return Reference("FLAT FIELD REFERENCE IMAGE", images)


def _readouts(detector: Detector) -> tuple[Readout, ...]:
    return CONFIGURATIONS[detector].readouts


def extraction_columns(detector: Detector, rows: list[SpectrumRow]) -> list[Column]:
    """Return the columns of a table of extraction boxes; places are those in column 0."""
    boxes = np.array([_place_boxes(detector, row) for row in rows])
    heights = [
        LAMP_BACKGROUND_HEIGHT if row.aperture == "WCA" else row.stripe.background_height
        for row in rows
    ]
    values = {
        **dict(zip(("B_SPEC", "B_BKG1", "B_BKG2"), boxes.T, strict=True)),
        "BHEIGHT": heights,
        "BWIDTH": [101 if detector == "FUV" else 21] * len(rows),
    }
    return fill_columns("cos_raw/XTRACTAB", values, rows)


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
    columns = fill_columns("cos_raw/DISPTAB", {"COEFF": coefficients}, rows)
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
    values = {"WAVELENGTH": wavelength_a, "SENSITIVITY": sensitivity}
    columns = fill_columns("cos_raw/FLUXTAB", values, rows)
    return Reference("PHOTOMETRIC SENSITIVITY REFERENCE TABLE", [Table("FLUXTAB", columns)])


def make_time_dependence(detector: Detector) -> Reference:
    """TDSTAB: what is left of the sensitivity, the same at all times and wavelengths."""
    rows = list_rows(detector)
    shape = (len(rows), len(TDS_TIMES_MJD) * SAMPLES)
    values = {
        "NWL": [SAMPLES] * len(rows),
        "WAVELENGTH": _wavelengths(detector, rows),
        "TIME": [TDS_TIMES_MJD] * len(rows),
        "SLOPE": np.zeros(shape),
        "INTERCEPT": np.full(shape, TDS_FACTOR),
    }
    columns = fill_columns("cos_raw/TDSTAB", values, rows)
    table = Table("TDSTAB", columns, {"REF_TIME": TDS_TIMES_MJD[0]})
    return Reference("TIME DEPENDENT SENSITIVITY TABLE", [table])


def make_lamp(detector: Detector) -> Reference:
    """LAMPTAB: what the lamp looks like at each FP-POS, and how far that is from the middle one."""
    lamp = LAMPS[detector]
    size = CONFIGURATIONS[detector].readouts[0].columns
    rows = list_rows(detector, ("WCA",), FPOFFSETS)
    shifts = [lamp.fp_step * row.fpoffset for row in rows]
    spectra = []
    for row, shift in zip(rows, shifts, strict=True):
        middle, strength = np.array(lamp_lines(detector, row.stripe)).T
        deviation = (np.arange(size)[:, np.newaxis] - middle - shift) / lamp.sigma_x
        spectra.append((strength * np.exp(-0.5 * deviation**2)).sum(axis=1))
    values = {"FP_PIXEL_SHIFT": shifts, "INTENSITY": spectra}
    columns = fill_columns("cos_raw/LAMPTAB", values, rows)
    return Reference("TEMPLATE CAL LAMP SPECTRA TABLE", [Table("LAMPTAB", columns)])


def make_wavecal(detector: Detector) -> Reference:
    """WCPTAB: how far the shifts of a spectrum are searched."""
    values = {
        "OPT_ELEM": [CONFIGURATIONS[detector].opt_elem],
        "XC_RANGE": [200 if detector == "FUV" else 60],
        "STEPSIZE": [LAMPS[detector].fp_step],
    }
    columns = fill_columns("cos_raw/WCPTAB", values)
    return Reference("WAVECAL PARAMETERS REFERENCE TABLE", [Table("WCPTAB", columns)])


def make_coordinates(detector: Detector) -> Reference:
    """SPWCSTAB: world coordinates of the spectra, for headers alone."""
    rows = list_rows(detector)
    middle = CONFIGURATIONS[detector].readouts[0].columns / 2.0
    values = {
        "CRVAL1": [float(row.stripe.wavelength_at(np.array(middle))) for row in rows],
        "CRPIX1": [middle] * len(rows),
    }
    columns = fill_columns("cos_raw/SPWCSTAB", values, rows)
    return Reference("SPECTROSCOPIC WCS PARAMETERS TABLE", [Table("SPWCSTAB", columns)])
