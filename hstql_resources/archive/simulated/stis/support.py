"""The support files of a simulated STIS exposure: spt and wav.

What the telescope was told to do, and the lamp exposure that gives the wavelength scale;
nothing here knows the target's photons.
"""

import numpy as np

from hstql_resources.archive.simulated.observing_program import mjd_to_datetime
from hstql_resources.archive.simulated.sky.fitsfile import Image, Value, Words, make_file
from hstql_resources.archive.simulated.stis.catalogue import Exposure
from hstql_resources.archive.simulated.stis.detector import DETECTOR
from hstql_resources.archive.simulated.stis.headers import (
    file_keywords,
    image_keywords,
    observation_keywords,
    primary_keywords,
)
from hstql_resources.archive.simulated.stis.instrument import COLUMNS

SUPPORT_WORDS = 965
LAMP_ROWS = 64  # of the subarray that is read out
LAMP_LINES = 24
LAMP_COUNTS = 20.0  # per pixel at the peak of the brightest line
LAMP_STREAM = 100  # far from the streams of the repeats


def make_spt(exposure: Exposure, filename: str) -> bytes:
    """Return the spt file: the plan in the primary header, telemetry in the extension."""
    setting = exposure.setting
    start = mjd_to_datetime(exposure.place.start_mjd)
    primary: dict[str, Value] = {
        **file_keywords(exposure, filename, "SPT"),
        "PROC_TYP": "NORMAL",
        **observation_keywords(exposure),
        "PROGRMID": exposure.rootname[1:4].upper(),
        "OBSERVTN": exposure.rootname[6:8].upper(),
        "SS_OBSMD": "TIME-TAG",
        "SS_APER": setting.aperture,
        "SS_DTCTR": DETECTOR,
        "SS_GRTNG": setting.opt_elem,
        "SS_CWAVE": float(setting.cenwave),
        "PSTRTIME": f"{start:%Y.%j:%H:%M:%S}",
        "RA_V1": exposure.target.ra_deg,
        "DEC_V1": exposure.target.dec_deg,
        "DGESTAR": "SIMULATED1F1",
        "SGESTAR": "SIMULATED2F2",
        "CONFIG": f"STIS/{DETECTOR}",
        "OPMODE": "TIME-TAG",
        "SPEC_1": setting.opt_elem,
        "APER_1": setting.aperture,
        "TARGCAT": "STAR",
        "PROP_TYP": "GO",
    }
    names: dict[str, Value] = {"ROOTNAME": exposure.rootname, "EXPNAME": exposure.rootname}
    return make_file(primary, [Words("UDL", [0] * SUPPORT_WORDS, names)])


def make_wav(exposure: Exposure, filename: str) -> bytes:
    """Return the wav file: lamp lines across a subarray, with the keywords of a lamp.

    As in real ones its target is the lamp, at no place in the sky.
    """
    primary = primary_keywords(exposure, filename, is_calibrated=False) | {
        "TARGNAME": "WAVEHITM",
        "RA_TARG": 0.0,
        "DEC_TARG": 0.0,
        "TARDESCR": "",
        "OBSMODE": "ACCUM",
        "SCLAMP": "HITM1",
        "LAMPSET": "10.0",
        "WAVECAL": "N/A",
        "NRPTEXP": 1,
        "SUBARRAY": True,
        "SIZAXIS2": LAMP_ROWS,
    }
    rng = exposure.random_stream(LAMP_STREAM)
    line = rng.uniform(COLUMNS[0], COLUMNS[-1], LAMP_LINES) + exposure.shift1
    strength = rng.uniform(0.1, 1.0, LAMP_LINES) * LAMP_COUNTS
    profile = (strength * np.exp(-0.5 * (COLUMNS[:, np.newaxis] - line) ** 2)).sum(axis=1)
    image = rng.poisson(profile, (LAMP_ROWS, COLUMNS.size)).astype(np.int16)
    keywords = image_keywords(exposure, exposure.repeats[0], is_calibrated=False) | {
        "ASN_MTYP": "AUTO-WAVECAL",
        "RA_APER": 0.0,
        "DEC_APER": 0.0,
        "BUNIT": "COUNTS",
    }
    return make_file(primary, [Image("SCI", image, keywords)])
