"""The headers of raw COS files: what CalCOS is told of an exposure, and what it has to do.

Keywords and values only. CalCOS (3.6.2) takes an absent switch or reference file as `N/A`; it stops
where DETECTOR, OBSMODE or EXPTYPE is absent, where COSCOORD is not USER, and with DQICORR where a
corner of a subarray is not given. WALKCORR must not be there.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from hstql_resources.archive.simulated.cos.extension_headers import (
    UNDEFINED,
    Tally,
    exposure_keywords,
)
from hstql_resources.archive.simulated.cos.headers import primary_keywords
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure
from hstql_resources.archive.simulated.cos_raw.instrument import HIGH_VOLTAGES, STIMS
from hstql_resources.archive.simulated.cos_raw.reference_names import reference_names
from hstql_resources.archive.simulated.sky.fitsfile import Value
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S, RADIAL_LAG_RAD, RADIAL_SPEED_KM_S
from hstql_resources.archive.simulated.sky.variability import SECONDS_PER_DAY

SWITCHES = (
    *("BADTCORR", "DEADCORR", "DOPPCORR", "FLATCORR", "WAVECORR", "DQICORR", "X1DCORR"),
    *("BACKCORR", "HELCORR", "FLUXCORR", "TDSCORR"),
)
FUV_SWITCHES = (
    *("RANDCORR", "TEMPCORR", "GEOCORR", "DGEOCORR", "IGEOCORR", "XWLKCORR", "YWLKCORR"),
    *("PHACORR", "HVDSCORR", "BRSTCORR", "TRCECORR", "ALGNCORR"),
)
SUBARRAYS = 8
_MEASURED_BY_CALCOS = ("SP_LOC_", "SP_OFF_", "SP_ERR_", "SP_NOM_", "SP_SLP_", "SP_HGT_",
                       "B_BKG1_", "B_BKG2_", "B_HGT1_", "B_HGT2_")  # fmt: skip
_SHIFTS = ("SHIFT1", "SHIFT2", "DPIXEL1")


def raw_primary_keywords(exposure: RawExposure, filename: str, segment: str) -> dict[str, Value]:
    """Return the primary header of a rawtag file; the segment is FUVA, FUVB or N/A."""
    place = exposure.place
    switches = (*SWITCHES, *FUV_SWITCHES) if place.detector == "FUV" else SWITCHES
    references = {key: f"lref${name}" for key, name in reference_names(place).items()}
    return {
        **primary_keywords(exposure, filename, segment),
        "FILETYPE": "EVENTS",
        "CAL_VER": "",
        "SUBARRAY": False,
        "FPPOS": place.fppos,
        "FPOFFSET": place.fpoffset,
        **association_keywords(exposure),
        **dict.fromkeys(FUV_SWITCHES, "OMIT"),
        **dict.fromkeys(switches, "PERFORM"),
        **references,
    }


def association_keywords(exposure: RawExposure) -> dict[str, Value]:
    """Return what the headers of an exposure say of its association."""
    if not exposure.is_member:
        return {"ASN_ID": "NONE", "ASN_TAB": "NONE", "ASN_MTYP": ""}
    return {
        "ASN_ID": exposure.place.association.upper(),
        "ASN_TAB": f"{exposure.place.association}_asn.fits",
        "ASN_MTYP": "EXP-FP",
    }


def raw_extension_keywords(exposure: RawExposure, counts: Mapping[str, int]) -> dict[str, Value]:
    """Return the header of the EVENTS table.

    Parameters
    ----------
    exposure : RawExposure
        The exposure.
    counts : mapping
        Number of events of every readout, by its segment.
    """
    # As if no time were bad: nobody has looked yet.
    whole = replace(exposure, gap=None)
    tallies = {segment: Tally(count, 0, 0, 0) for segment, count in counts.items()}
    keywords = exposure_keywords(whole, tallies)
    places: dict[str, Value] = {
        key: UNDEFINED for key in keywords if key.startswith(_MEASURED_BY_CALCOS)
    }
    shifts: dict[str, Value] = {key: 0.0 for key in keywords if key.startswith(_SHIFTS)}
    return {
        **keywords,
        **places,
        **shifts,
        **_doppler_keywords(exposure),
        **_flash_keywords(exposure),
        **_subarray_keywords(),
        **(_fuv_keywords(exposure, counts) if exposure.place.detector == "FUV" else {}),
    }


def _doppler_keywords(exposure: RawExposure) -> dict[str, Value]:
    """Return the orbital motion, away from the star, as amplitude, zero and period of a sine."""
    zero_s = exposure.orbit.sunrise_s + RADIAL_LAG_RAD / (2.0 * np.pi) * PERIOD_S
    return {
        "DOPPON": True,
        "DOPPMAGV": RADIAL_SPEED_KM_S,
        "DOPPZERO": exposure.place.start_mjd + float(zero_s) / SECONDS_PER_DAY,
        "ORBITPER": PERIOD_S,
    }


def _flash_keywords(exposure: RawExposure) -> dict[str, Value]:
    keywords: dict[str, Value] = {"NUMFLASH": len(exposure.flashes_s)}
    for number, (on, off) in enumerate(exposure.flashes_s, 1):
        keywords |= {
            f"LMP_ON{number}": on,
            f"LMPOFF{number}": off,
            f"LMPDUR{number}": off - on,
            f"LMPMED{number}": (on + off) / 2.0,
        }
    return keywords


def _subarray_keywords() -> dict[str, Value]:
    names = ("CORNER{}X", "CORNER{}Y", "SIZE{}X", "SIZE{}Y")
    return {name.format(number): 0 for number in range(SUBARRAYS) for name in names}


def _fuv_keywords(exposure: RawExposure, counts: Mapping[str, int]) -> dict[str, Value]:
    keywords: dict[str, Value] = {"SDQOUTER": exposure.configuration.serious_flags}
    for segment, count in counts.items():
        letter = segment[-1]
        keywords[f"DEVENT{letter}"] = count / exposure.duration_s
        keywords[f"HVLEVEL{letter}"] = HIGH_VOLTAGES[segment]
        keywords["STIMRATE"] = 2.0 * STIMS[segment].rate
    return keywords
