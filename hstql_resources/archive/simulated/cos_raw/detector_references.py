"""Make reference files of a detector: bad pixels, bad times, dead time, flat field."""

from collections.abc import Sequence

import numpy as np

from hstql_resources.archive.simulated.columns import fill_columns
from hstql_resources.archive.simulated.cos.instrument import Detector, Readout
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure
from hstql_resources.archive.simulated.cos_raw.instrument import CONFIGURATIONS, flat_at
from hstql_resources.archive.simulated.cos_raw.reference_file import CompressedImage, Reference
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table
from hstql_resources.times import SECONDS_PER_DAY

# The simulated detectors count every event: at their rates real ones lose less than 0.2 %.
DEAD_TIME_S = 1e-9
RATES = (0.0, 1000.0, 5000.0, 20000.0, 50000.0)
FUV_FLAT_ROWS = (340, 400)  # first row, and how many: where the spectra are
SIGNAL_TO_NOISE = 30.0


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
