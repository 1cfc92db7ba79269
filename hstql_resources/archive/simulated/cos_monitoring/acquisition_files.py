"""The files of a simulated acquisition: rawacq, spt and jit, with the keywords of real ones.

The image has one pair of exposure and flags where real ones have two, before and after the slew.
"""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos_monitoring.acquisition_headers import (
    DURATIONS_S,
    exposure_keywords,
    file_keywords,
    find_proposal_id,
    lamp_keywords,
    primary_keywords,
)
from hstql_resources.archive.simulated.cos_monitoring.acquisitions import Acquisition
from hstql_resources.archive.simulated.observing_program import mjd_to_datetime, proposal_keywords
from hstql_resources.archive.simulated.sky.fitsfile import (
    Column,
    Image,
    Keywords,
    Table,
    Words,
    make_file,
)
from hstql_resources.archive.simulated.sky.jitter import jitter_columns
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S, Orbit

SIZE = 1024  # pixels of a side of the NUV detector
ARCSEC_PER_PIXEL = 0.0235
LAMP_TO_APERTURE = (-45.0, -374.1)  # columns and rows from the lamp to the middle of the aperture
TARGET_EVENTS, BACKGROUND_EVENTS = 6000, 800
STAR_SIGMA_PIXELS = 1.5
ZERO = 32768  # 16-bit words without sign are stored less this
STEP_ARCSEC, DWELLS = 0.9, 5
SUPPORT_WORDS = 965
NO_LAMP = 0.0


def make_content(acquisition: Acquisition, filename: str) -> bytes:
    """Return the content of one of the FITS files."""
    if filename.endswith("_spt.fits"):
        return _make_spt(acquisition, filename)
    if filename.endswith("_jit.fits"):
        return _make_jit(acquisition, filename)
    if acquisition.place.kind == "ACQ/IMAGE":
        return _make_image(acquisition, filename)
    return _make_peak(acquisition, filename)


def _make_image(acquisition: Acquisition, filename: str) -> bytes:
    column, row = _find_target(acquisition)
    pixels = _draw_events(acquisition, column, row)
    keywords: Keywords = {
        **primary_keywords(acquisition, filename),
        **lamp_keywords(acquisition),
        "ACQSTAT": "Failure" if acquisition.is_failed else "Success",
        "TARGTIME": DURATIONS_S["ACQ/IMAGE"],
        "ACQCENTX": round(column, 1),
        "ACQCENTY": round(row, 1),
        "ACQPREFX": round(_aperture(acquisition)[0], 1),
        "ACQPREFY": round(_aperture(acquisition)[1], 1),
        "ACQSLEWX": _defined(acquisition.slew_x),
        "ACQSLEWY": _defined(acquisition.slew_y),
    }
    stored = (pixels - ZERO).astype(np.int16)
    exposure = {**exposure_keywords(acquisition), "NEVENTS": int(pixels.sum()), "DETHVL": -2053.94}
    science = Image("SCI", stored, {"BSCALE": 1.0, "BZERO": float(ZERO), **exposure})
    empty: Keywords = {"NPIX1": SIZE, "NPIX2": SIZE, "PIXVALUE": 0.0}
    return make_file(keywords, [science, Image("ERR", None, empty), Image("DQ", None, empty)])


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
    keywords: Keywords = {
        **primary_keywords(acquisition, filename),
        "FILETYPE": "ACQ",
        "ACQSTAT": "Success",
        "TARGTIME": DURATIONS_S[acquisition.place.kind],
        "CENTER": "FLUXFLR" if is_along else "FLUX-WT",
        "ACQNPOS": DWELLS,
        "STEPSIZE": STEP_ARCSEC,
        ("ACQSLEWX" if is_along else "ACQSLEWY"): _defined(slew),
        "OBSET_ID": acquisition.place.rootname[4:6].upper(),
    }
    return make_file(keywords, [Table("ACQ", columns, exposure_keywords(acquisition))])


def _make_spt(acquisition: Acquisition, filename: str) -> bytes:
    place = acquisition.place
    primary: Keywords = {
        **file_keywords(acquisition, filename, "SPT"),
        "PROC_TYP": "NORMAL",
        **proposal_keywords(place.rootname, place.proposal, place.number, acquisition.target),
        "PROGRMID": place.rootname[1:4].upper(),
        "OBSERVTN": place.rootname[6:8].upper(),
        "SS_OBSMD": place.kind,
        "PSTRTIME": f"{mjd_to_datetime(place.start_mjd):%Y.%j:%H:%M:%S}",
        "DGESTAR": f"SIM{place.visit:07d}{place.sensor}",
        "SGESTAR": f"SIM{place.visit + 1:07d}{'F2' if place.sensor == 'F1' else 'F1'}",
        "CONFIG": f"COS/{place.detector}",
        "OPMODE": place.kind,
        "SPEC_1": acquisition.opt_elem,
        "APER_1": acquisition.aperture,
        "TARGCAT": "STAR",
        "TARDESCR": "STAR",
        "PROP_TYP": "GO",
        "ASN_ID": "NONE",
        "ASN_TAB": "NONE",
    }
    names: Keywords = {"ROOTNAME": place.rootname, "EXPNAME": place.rootname}
    # The flight software swaps the axes, and counts from the other end.
    along, across = (
        (NO_LAMP, NO_LAMP)
        if acquisition.lamp is None
        else (SIZE - 1 - pixel for pixel in acquisition.lamp)
    )
    support: Keywords = {
        **names,
        "LQDETNO": place.detector,
        "LQITIME": DURATIONS_S[place.kind],
        "LQTASCAN": 0,
        "LQTASTEP": 0,
        "LQTACENT": "Invalid",
        "LQTAFLOR": 0,
        "LQTADPOS": 0,
        "LQTAXPOS": 0.0,
        "LQTAYCOR": along,
        "LQTAXCOR": across,
    }
    snapshot: Keywords = {
        **names,
        "LOMFSTP": -88.1,
        "LAPXLVDT": 2763,
        "LAPDLVDT": 2477,
        "LOM1POSC": 51413,
        "LOM2POSC": 54542,
        "LOM1POSF": 53,
        "LOM2POSF": 8,
        "LDCAMPAT": 24.9,
        "LDCAMPBT": 23.8,
        "LMMCETMP": 22.5,
    }
    extensions = [Words("SUPPORT", [0] * SUPPORT_WORDS, support)]
    extensions += [Words(name, [], snapshot) for name in ("SNAP1", "SNAP2")]
    return make_file(primary, extensions)


def _make_jit(acquisition: Acquisition, filename: str) -> bytes:
    """Return the jit file; as in real ones its ROOTNAME ends in `j` and INSTRUME says FGS."""
    place = acquisition.place
    rootname = place.rootname[:8] + "j"
    primary: Keywords = {
        **file_keywords(acquisition, filename, "JTB"),
        "INSTRUME": "FGS",
        "ROOTNAME": rootname,
        "TARGNAME": acquisition.target.name,
        "CONFIG": f"COS/{place.detector}",
        "PROPOSID": find_proposal_id(acquisition),
        "PROGRMID": place.rootname[1:4].upper(),
        "ASN_ID": "NONE",
        "ASN_TAB": "NONE",
    }
    rng = acquisition.random_stream(2)
    orbit = Orbit(float(rng.uniform(-PERIOD_S / 2, 0.0)), float(rng.uniform(0.0, 360.0)))
    columns = jitter_columns(DURATIONS_S[place.kind], orbit, acquisition.target, rng)
    return make_file(primary, [Table("jit", columns, {"ROOTNAME": rootname, "EXPNAME": rootname})])


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
