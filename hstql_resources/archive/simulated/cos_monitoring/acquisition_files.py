"""Make the files of a simulated acquisition: rawacq, spt and jit.

The image has one pair of exposure and flags where real ones have two, before and after the slew.
"""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.cos.support import write_jit, write_spt
from hstql_resources.archive.simulated.cos_monitoring.acquisitions import Acquisition
from hstql_resources.archive.simulated.observing_program import observation_values
from hstql_resources.archive.simulated.sky.fitsfile import Column, Image, Table, Values, make_file
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S, Orbit
from hstql_resources.times import SECONDS_PER_DAY

DURATIONS_S = {"ACQ/IMAGE": 60.0, "ACQ/PEAKXD": 5.0, "ACQ/PEAKD": 10.0}
CENWAVES = {"G130M": 1291, "G225M": 2306}
SIZE = 1024  # pixels of a side of the NUV detector
ARCSEC_PER_PIXEL = 0.0235
LAMP_TO_APERTURE = (-45.0, -374.1)  # columns and rows from the lamp to the middle of the aperture
TARGET_EVENTS, BACKGROUND_EVENTS = 6000, 800
STAR_SIGMA_PIXELS = 1.5
ZERO = 32768  # 16-bit words without sign are stored less this
STEP_ARCSEC, DWELLS = 0.9, 5
# Of the mechanism across the dispersion, as in real files; FUV at the fourth lifetime position.
_APERTURE_STEPS = {
    ("PSA", "NUV"): 126.1, ("BOA", "NUV"): -152.9, ("PSA", "FUV"): 234.1, ("BOA", "FUV"): -44.9,
}  # fmt: skip
_TAGS = {
    "ACQ/IMAGE": {"image"}, "ACQ/PEAKXD": {"peak", "across"}, "ACQ/PEAKD": {"peak", "along"},
}  # fmt: skip


def make_rawacq(acquisition: Acquisition, filename: str) -> bytes:
    """Return the rawacq file: an image, or the counts of a search for the peak."""
    if acquisition.place.kind == "ACQ/IMAGE":
        return _make_image(acquisition, filename)
    return _make_peak(acquisition, filename)


def make_acquisition_spt(acquisition: Acquisition, filename: str) -> bytes:
    """Return the spt file: the plan in the primary header, the lamp's place in SUPPORT."""
    values = _state(acquisition, filename)
    primary = fill_cards("cos_monitoring/acquisition_spt", values)
    return write_spt(primary, values, [values] * 2, "acquisition")


def make_acquisition_jit(acquisition: Acquisition, filename: str) -> bytes:
    """Return the jit file, of an orbit that is drawn for it."""
    rng = acquisition.random_stream(2)
    orbit = Orbit(float(rng.uniform(-PERIOD_S / 2, 0.0)), float(rng.uniform(0.0, 360.0)))
    values, duration_s = _state(acquisition, filename), DURATIONS_S[acquisition.place.kind]
    return write_jit(values, duration_s, orbit, acquisition.target, rng, "acquisition")


def _state(acquisition: Acquisition, filename: str) -> Values:
    """Return what the headers of all files of an acquisition say."""
    place, duration_s = acquisition.place, DURATIONS_S[acquisition.place.kind]
    column, row = acquisition.lamp or (0.0, 0.0)
    # The flight software swaps the axes, and counts from the other end.
    along, across = (SIZE - 1 - pixel if acquisition.lamp else 0.0 for pixel in (column, row))
    return {
        **observation_values(place, acquisition.target, filename),
        **dict.fromkeys(("EXPTYPE", "SS_OBSMD", "OPMODE"), place.kind),
        **dict.fromkeys(("DETECTOR", "LQDETNO"), place.detector),
        "CONFIG": f"COS/{place.detector}",
        "CENWAVE": CENWAVES.get(acquisition.opt_elem, 0),
        **dict.fromkeys(("APERTURE", "PROPAPER", "APER_1"), acquisition.aperture),
        "APERYPOS": _APERTURE_STEPS[acquisition.aperture, place.detector],
        **dict.fromkeys(("OPT_ELEM", "SPEC_1"), acquisition.opt_elem),
        **dict.fromkeys(("EXPTIME", "TARGTIME", "LQITIME"), duration_s),
        "EXPEND": place.start_mjd + duration_s / SECONDS_PER_DAY,
        "DGESTAR": f"SIM{place.visit:07d}{place.sensor}",
        "SGESTAR": f"SIM{place.visit + 1:07d}{'F2' if place.sensor == 'F1' else 'F1'}",
        "LAMPMXCR": column,
        "LAMPMYCR": row,
        "LQTAYCOR": along,
        "LQTAXCOR": across,
        "ACQSTAT": "Failure" if acquisition.is_failed else "Success",
        "ACQSLEWX": _defined(acquisition.slew_x),
        "ACQSLEWY": _defined(acquisition.slew_y),
    }


def _fill(acquisition: Acquisition, values: Values) -> tuple[str, str]:
    """Return the cards of primary header and first extension of a rawacq file."""
    tags = {*_TAGS[acquisition.place.kind], acquisition.place.detector.lower()}
    primary, exposure = (
        fill_cards(f"cos_monitoring/acquisition_{name}", values, tags)
        for name in ("primary", "exposure")
    )
    return primary, exposure


def _make_image(acquisition: Acquisition, filename: str) -> bytes:
    column, row = _find_target(acquisition)
    pixels = _draw_events(acquisition, column, row)
    middle = _aperture(acquisition)
    values: Values = {
        **_state(acquisition, filename),
        "ACQCENTX": round(column, 1),
        "ACQCENTY": round(row, 1),
        "ACQPREFX": round(middle[0], 1),
        "ACQPREFY": round(middle[1], 1),
        "NEVENTS": int(pixels.sum()),
        "BZERO": float(ZERO),
    }
    primary, exposure = _fill(acquisition, values)
    science = Image("SCI", (pixels - ZERO).astype(np.int16), exposure)
    empty = {"NPIX1": SIZE, "NPIX2": SIZE, "PIXVALUE": 0.0}
    return make_file(primary, [science, Image("ERR", None, empty), Image("DQ", None, empty)])


def _make_peak(acquisition: Acquisition, filename: str) -> bytes:
    is_along = acquisition.place.kind == "ACQ/PEAKD"
    slew = acquisition.slew_x if is_along else acquisition.slew_y
    name = "DISP_OFFSET" if is_along else "XDISP_OFFSET"
    dwells = (np.arange(DWELLS) - DWELLS // 2) * STEP_ARCSEC
    seen = 3000.0 * np.exp(-0.5 * ((dwells - _defined(slew)) / 0.6) ** 2)
    columns = [
        Column("DWELL_POINT", "1I", np.arange(1, DWELLS + 1)),
        Column(name, "1E", dwells, "arcsec"),
        Column("COUNTS", "1J", acquisition.random_stream(1).poisson(seen), "counts"),
    ]
    values: Values = {
        **_state(acquisition, filename),
        "CENTER": "FLUXFLR" if is_along else "FLUX-WT",
        "ACQNPOS": DWELLS,
        "STEPSIZE": STEP_ARCSEC,
    }
    primary, exposure = _fill(acquisition, values)
    return make_file(primary, [Table("ACQ", columns, exposure)])


def _defined(slew: float | None) -> float:
    return 0.0 if slew is None else slew


def _aperture(acquisition: Acquisition) -> tuple[float, float]:
    """Return column and row of the middle of the aperture, known from the lamp [pixel]."""
    column, row = acquisition.lamp or (0.0, 0.0)
    return column + LAMP_TO_APERTURE[0], row + LAMP_TO_APERTURE[1]


def _find_target(acquisition: Acquisition) -> tuple[float, float]:
    """Return column and row of the target: a slew away from the middle of the aperture."""
    column, row = _aperture(acquisition)
    return (
        column + _defined(acquisition.slew_x) / ARCSEC_PER_PIXEL,
        row + _defined(acquisition.slew_y) / ARCSEC_PER_PIXEL,
    )


def _draw_events(acquisition: Acquisition, column: float, row: float) -> NDArray[np.int64]:
    """Return the number of events of each pixel, shape (1024, 1024); a failure shows no star."""
    rng = acquisition.random_stream(3)
    stars = 0 if acquisition.is_failed else rng.poisson(TARGET_EVENTS)
    star = rng.normal((row, column), STAR_SIGMA_PIXELS, (stars, 2))
    background = rng.uniform(0.0, SIZE, (rng.poisson(BACKGROUND_EVENTS), 2))
    places = np.rint(np.concatenate([star, background])).astype(int)
    places = places[((places >= 0) & (places < SIZE)).all(axis=1)]
    pixels = np.zeros((SIZE, SIZE), np.int64)
    np.add.at(pixels, (places[:, 0], places[:, 1]), 1)
    return pixels
