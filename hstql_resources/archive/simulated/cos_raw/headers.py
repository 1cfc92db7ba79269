"""Fill the headers of raw COS files: what CalCOS is told of an exposure, and what it has to do.

CalCOS (3.6.2) takes an absent switch or reference file as `N/A`; it stops
where DETECTOR, OBSMODE or EXPTYPE is absent, where COSCOORD is not USER, and with DQICORR where a
corner of a subarray is not given. WALKCORR must not be there.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from hstql_resources.archive.simulated.cos.extension_headers import Tally, fill_exposure
from hstql_resources.archive.simulated.cos.headers import fill_primary
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure
from hstql_resources.archive.simulated.cos_raw.instrument import HIGH_VOLTAGES, STIMS
from hstql_resources.archive.simulated.cos_raw.references import reference_names
from hstql_resources.archive.simulated.sky.fitsfile import Values
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S, RADIAL_LAG_RAD, RADIAL_SPEED_KM_S
from hstql_resources.times import SECONDS_PER_DAY

TAGS = ("raw", "light")


def fill_raw_primary(exposure: RawExposure, filename: str, segment: str) -> str:
    """Return the primary header of a rawtag file; the segment is FUVA, FUVB or N/A."""
    place, association = exposure.place, exposure.place.association
    values: Values = {
        "FPPOS": place.fppos,
        "FPOFFSET": place.fpoffset,
        "ASN_ID": association.upper() if exposure.is_member else "NONE",
        "ASN_TAB": f"{association}_asn.fits" if exposure.is_member else "NONE",
        "ASN_MTYP": "EXP-FP" if exposure.is_member else "",
        **{key: f"lref${name}" for key, name in reference_names(place).items()},
    }
    return fill_primary(exposure, filename, segment, values, TAGS)


def fill_raw_events(exposure: RawExposure, counts: Mapping[str, int]) -> str:
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
    tallies = {segment: Tally(count) for segment, count in counts.items()}
    values = {
        **_doppler_values(exposure),
        **_flash_values(exposure),
        "STIMRATE": 2.0 * STIMS["FUVA"].rate,
        **{f"HVLEVEL{segment[-1]}": level for segment, level in HIGH_VOLTAGES.items()},
    }
    return fill_exposure(whole, tallies, values, TAGS)


def _doppler_values(exposure: RawExposure) -> Values:
    """Return the orbital motion, away from the star, as amplitude, zero and period of a sine."""
    zero_s = exposure.orbit.sunrise_s + RADIAL_LAG_RAD / (2.0 * np.pi) * PERIOD_S
    return {
        "DOPPMAGV": RADIAL_SPEED_KM_S,
        "DOPPZERO": exposure.place.start_mjd + float(zero_s) / SECONDS_PER_DAY,
    }


def _flash_values(exposure: RawExposure) -> Values:
    values: Values = {"NUMFLASH": len(exposure.flashes_s)}
    for number, (on, off) in enumerate(exposure.flashes_s, 1):
        values |= {
            f"LMP_ON{number}": on,
            f"LMPOFF{number}": off,
            f"LMPDUR{number}": off - on,
            f"LMPMED{number}": (on + off) / 2.0,
        }
    return values
