"""Make the event lists of a raw exposure, whose headers tell CalCOS what it has to do.

CalCOS (3.6.2) takes an absent switch or reference file as `N/A`; it stops
where DETECTOR, OBSMODE or EXPTYPE is absent, where COSCOORD is not USER, and with DQICORR where a
corner of a subarray is not given. WALKCORR must not be there.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np

from hstql_resources.archive.simulated.cos.headers import Tally, fill_exposure, fill_primary
from hstql_resources.archive.simulated.cos.instrument import TICK_S
from hstql_resources.archive.simulated.cos.products import make_gti
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure
from hstql_resources.archive.simulated.cos_raw.events import RawEvents, draw_raw_events
from hstql_resources.archive.simulated.cos_raw.instrument import HIGH_VOLTAGES, STIMS
from hstql_resources.archive.simulated.cos_raw.references import reference_names
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table, Values, make_file
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S, RADIAL_LAG_RAD, RADIAL_SPEED_KM_S
from hstql_resources.times import SECONDS_PER_DAY

TAGS = ("raw", "light")


class RawSimulation:
    """The events of an exposure, drawn once and only if they are asked for."""

    def __init__(self, exposure: RawExposure) -> None:
        self.exposure = exposure

    @cached_property
    def events(self) -> tuple[RawEvents, ...]:
        """All events, readout by readout."""
        readouts = self.exposure.configuration.readouts
        return tuple(draw_raw_events(self.exposure, one) for one in readouts)


def make_rawtag(number: int, simulation: RawSimulation, filename: str) -> bytes:
    """Return the event list of one readout: events and good times, as CalCOS wants exactly."""
    exposure = simulation.exposure
    readouts = exposure.configuration.readouts
    events = simulation.events[number]
    counts = {
        one.segment: drawn.tick.size for one, drawn in zip(readouts, simulation.events, strict=True)
    }
    columns = [
        Column("TIME", "1E", events.tick * TICK_S, "s"),
        Column("RAWX", "1I", events.x.astype(np.int16), "pixel"),
        Column("RAWY", "1I", events.y.astype(np.int16), "pixel"),
    ]
    if exposure.place.detector == "FUV":
        columns.append(Column("PHA", "1B", events.pulse_height))
    return make_file(
        fill_raw_primary(exposure, filename, readouts[number].segment),
        [
            Table("EVENTS", columns, fill_raw_events(exposure, counts)),
            make_gti(exposure, ((0.0, exposure.duration_s),)),
        ],
    )


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
