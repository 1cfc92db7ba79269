"""The extension headers of simulated COS files: where, when, how many.

Keywords and values only, those of real files that others rely on; columns are in `products`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.events import PULSE_HEIGHT_RANGE, Events
from hstql_resources.archive.simulated.cos.instrument import (
    BAD_TIME,
    BURST,
    PULSE_HEIGHT,
    TICK_S,
    Stripe,
)
from hstql_resources.archive.simulated.observing_program import mjd_to_datetime
from hstql_resources.archive.simulated.sky.fitsfile import Value
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S
from hstql_resources.archive.simulated.sky.variability import SECONDS_PER_DAY

UNDEFINED = -999.0
HIGH_VOLTAGE_LEVEL = 163


@dataclass(frozen=True)
class Tally:
    """How many events of a readout there are, and how many were flagged for what."""

    events: int
    pulse_height: int
    burst: int
    bad_time: int

    @classmethod
    def of(cls, events: Events) -> "Tally":
        """Count an event list."""
        flags = events.flags
        burst, bad_time, pulse_height = (
            int(np.count_nonzero(flags & flag)) for flag in (BURST, BAD_TIME, PULSE_HEIGHT)
        )
        return cls(flags.size, pulse_height, burst, bad_time)


def exposure_keywords(exposure: Exposure, tallies: Mapping[str, Tally]) -> dict[str, Value]:
    """Return the header of an EVENTS, SCI or TIMELINE extension.

    Parameters
    ----------
    tallies : mapping
        The tally of every readout, by its segment.
    """
    return {
        "ROOTNAME": exposure.rootname,
        "EXPNAME": exposure.rootname,
        "RA_APER": exposure.target.ra_deg,
        "DEC_APER": exposure.target.dec_deg,
        "PA_APER": 45.0,
        "DISPAXIS": 1,
        "X_OFFSET": exposure.configuration.readouts[0].column_offset,
        **_spectrum_keywords(exposure),
        **_time_keywords(exposure),
        "V_HELIO": 0.0,
        "ORBITPER": PERIOD_S,
        "DOPPER": 0.0,
        "DOPPMAG": 0.0,
        "DOPPMAGV": 0.0,
        "DOPPON": False,
        "DOPPZERO": exposure.place.start_mjd + exposure.orbit.sunrise_s / SECONDS_PER_DAY,
        "NSUBARRY": 0,
        "SDQFLAGS": exposure.configuration.serious_flags,
        "SDQOUTER": 2,
        **_count_keywords(exposure, tallies),
    }


def _spectrum_keywords(exposure: Exposure) -> dict[str, Value]:
    """Return where the spectra and their backgrounds are, by segment; -999 where none is."""
    present = {stripe.letter: stripe for stripe in exposure.configuration.stripes}
    keywords: dict[str, Value] = {}
    for letter in "AB" if exposure.configuration.detector == "FUV" else "ABC":
        stripe = present.get(letter)
        values = _undefined_place() if stripe is None else _stripe_place(stripe)
        keywords |= {f"{name}_{letter}": value for name, value in values.items()}
        for name, shift in (("SHIFT1", exposure.shift1), ("SHIFT2", exposure.shift2)):
            keywords[name + letter] = 0.0 if stripe is None else shift
        keywords["DPIXEL1" + letter] = 0.0
    return keywords


def _stripe_place(stripe: Stripe) -> dict[str, Value]:
    return {
        "SP_LOC": stripe.row,
        "SP_OFF": 0.0,
        "SP_ERR": 0.1,
        "SP_NOM": stripe.row,
        "SP_SLP": stripe.slope,
        "SP_HGT": stripe.height,
        "B_BKG1": stripe.background_rows[0],
        "B_BKG2": stripe.background_rows[1],
        "B_HGT1": stripe.background_height,
        "B_HGT2": stripe.background_height,
    }


def _undefined_place() -> dict[str, Value]:
    names = "SP_LOC SP_OFF SP_ERR SP_NOM SP_SLP SP_HGT B_BKG1 B_BKG2 B_HGT1 B_HGT2"
    return dict.fromkeys(names.split(), UNDEFINED)


def _time_keywords(exposure: Exposure) -> dict[str, Value]:
    start_mjd = exposure.place.start_mjd
    end_mjd = start_mjd + exposure.duration_s / SECONDS_PER_DAY
    start = mjd_to_datetime(start_mjd)
    time_s = exposure.exposure_time_s
    keywords: dict[str, Value] = {
        "SUNANGLE": 90.0,
        "SUN_ALT": float(exposure.orbit.sun_altitude_at(np.zeros(1))[0]),
        "FGSLOCK": "FINE",
        "DATE-OBS": start.date().isoformat(),
        "TIME-OBS": f"{start:%H:%M:%S}",
        "EXPSTART": start_mjd,
        "EXPEND": end_mjd,
        "EXPTIME": time_s,
        "EXPFLAG": "NORMAL",
        "EXPSTRTJ": start_mjd + 2400000.5,
        "EXPENDJ": end_mjd + 2400000.5,
        "PLANTIME": exposure.duration_s,
        "RAWTIME": exposure.duration_s,
        "NINTERPT": 0,
        "NUMFLASH": 0,
    }
    if exposure.configuration.detector == "FUV":
        present = {readout.segment for readout in exposure.configuration.readouts}
        for segment in ("FUVA", "FUVB"):
            keywords["EXPTIME" + segment[-1]] = time_s if segment in present else 0.0
    return keywords


def _count_keywords(exposure: Exposure, tallies: Mapping[str, Tally]) -> dict[str, Value]:
    total = sum(tally.events for tally in tallies.values())
    gap = exposure.gap
    lost_s = 0.0 if gap is None else (gap.stop_tick - gap.start_tick) * TICK_S
    burst_s, bad_s = (lost_s if gap and gap.flag == flag else 0.0 for flag in (BURST, BAD_TIME))
    if exposure.configuration.detector == "NUV":
        (tally,) = tallies.values()
        return {
            "GLOBRATE": total / exposure.duration_s,
            "NEVENTS": total,
            "NBADEVNT": tally.bad_time,
            "NBADT": tally.bad_time,
            "TBADT": bad_s,
            "MEVENTS": total / exposure.duration_s,
            "DETHVL": -2054.56,
            "DETHVC": -2050.19,
        }
    keywords: dict[str, Value] = {"NEVENTS": total, "STIMRATE": 0}
    for letter in "AB":
        tally = tallies.get("FUV" + letter, Tally(0, 0, 0, 0))
        keywords |= {
            f"NEVENTS{letter}": tally.events,
            f"GLOBRT_{letter}": tally.events / exposure.duration_s,
            f"NPHA_{letter}": tally.pulse_height,
            f"NBRST_{letter}": tally.burst,
            f"TBRST_{letter}": burst_s,
            f"NBADT_{letter}": tally.bad_time,
            f"TBADT_{letter}": bad_s,
            f"PHALOWR{letter}": PULSE_HEIGHT_RANGE[0],
            f"PHAUPPR{letter}": PULSE_HEIGHT_RANGE[1],
            f"DEVENT{letter}": tally.events / exposure.duration_s,
            f"DETHVL{letter}": -5084.64,
            f"HVLEVEL{letter}": HIGH_VOLTAGE_LEVEL,
        }
    return keywords
