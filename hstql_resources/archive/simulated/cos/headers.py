"""State what headers of COS say of an exposure, and fill their cards.

Keywords, their order and what never changes are in the folder `cards/`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.events import PULSE_HEIGHT_RANGE, Events
from hstql_resources.archive.simulated.cos.instrument import (
    BAD_TIME,
    BURST,
    PULSE_HEIGHT,
    TICK_S,
    Stripe,
)
from hstql_resources.archive.simulated.instrument_data import load_data
from hstql_resources.archive.simulated.observing_program import observation_values
from hstql_resources.archive.simulated.sky.fitsfile import Keywords, Values
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S
from hstql_resources.times import JD_OF_MJD_0, SECONDS_PER_DAY

NO_REFERENCE = "lref$SIMULATED"  # there is none of that name
_MECHANISMS = load_data("cos/mechanisms", dict[str, dict[str, dict[str, int | float]]])
UNDEFINED = -999.0
HIGH_VOLTAGE_LEVEL = 163
_PLACES = ("SP_LOC", "SP_OFF", "SP_ERR", "SP_NOM", "SP_SLP", "SP_HGT")
_BACKGROUNDS = ("B_BKG1", "B_BKG2", "B_HGT1", "B_HGT2")


def exposure_values(exposure: Exposure, filename: str = "") -> Values:
    """Return what the headers of all files of an exposure say."""
    setting, place = exposure.configuration, exposure.place
    flag = 0 if exposure.gap is None else exposure.gap.flag
    return {
        **observation_values(place, exposure.target, filename),
        **state_mechanisms(exposure),
        **dict.fromkeys(("DETECTOR", "LQDETNO"), setting.detector),
        "CONFIG": f"COS/{setting.detector}",
        **dict.fromkeys(("OPT_ELEM", "SS_GRTNG", "SPEC_1"), setting.opt_elem),
        "CENWAVE": setting.cenwave,
        **dict.fromkeys(("CENTRWV", "SS_CWAVE"), float(setting.cenwave)),
        "LIFE_ADJ": setting.life_adj,
        "FPPOS": place.index % 4 + 1,
        "FPOFFSET": place.index % 4 - 2,
        "RANDSEED": exposure.seed,
        "BADTCORR": "COMPLETE" if flag == BAD_TIME else "OMIT",
        "BRSTCORR": "COMPLETE" if flag == BURST else "OMIT",
        "XTRCTALG": setting.algorithm,
        **dict.fromkeys(("PLANTIME", "RAWTIME", "LQITIME"), exposure.duration_s),
    }


def fill_primary(
    exposure: Exposure,
    filename: str,
    segment: str,
    values: Keywords,
    tags: Collection[str] = ("calibrated", "light"),
) -> str:
    """Return the primary header of a file with events or spectra.

    Parameters
    ----------
    exposure : Exposure
        Whose file it is.
    filename : str
        Its name.
    segment : str
        SEGMENT.
    values : mapping
        What it says other than other files.
    tags : collection of str
        `calibrated` or `raw`, and `light` or `dark`.
    """
    references = dict.fromkeys(("LAMPTAB", "WCPTAB", "BRFTAB"), NO_REFERENCE)
    whole = {**exposure_values(exposure, filename), "SEGMENT": segment, **references, **values}
    return fill_cards("cos/primary", whole, {exposure.configuration.detector.lower(), *tags})


def state_mechanisms(exposure: Exposure) -> Values:
    """Return the positions of OSM1, OSM2, focus and aperture: of SNAP1, and of primary headers.

    The mechanism's x is across the dispersion, which headers of exposures call y.
    """
    setting, optics = exposure.configuration, _MECHANISMS["optics"]
    across = _MECHANISMS["apertures"][f"{setting.detector}{setting.life_adj}"]
    along = _MECHANISMS["along"]["all"]
    return {
        **optics.get(setting.opt_elem, optics["others"]),
        **across,
        **along,
        "APERYPOS": across["LAPXSTP"],
        "APERXPOS": along["LAPDSTP"],
    }


@dataclass(frozen=True)
class Tally:
    """How many events of a readout there are, and how many were flagged for what."""

    events: int
    pulse_height: int = 0
    burst: int = 0
    bad_time: int = 0

    @classmethod
    def of(cls, events: Events) -> "Tally":
        """Count an event list."""
        flags = (PULSE_HEIGHT, BURST, BAD_TIME)
        return cls(
            events.flags.size, *(int(np.count_nonzero(events.flags & flag)) for flag in flags)
        )


def fill_exposure(
    exposure: Exposure,
    tallies: Mapping[str, Tally],
    values: Keywords,
    tags: Collection[str] = ("calibrated",),
) -> str:
    """Return the header of an EVENTS, SCI, TIMELINE or LAMPFLASH extension.

    Parameters
    ----------
    exposure : Exposure
        Whose file it is.
    tallies : mapping
        The tally of every readout, by its segment.
    values : mapping
        What it says other than other extensions.
    tags : collection of str
        `calibrated` or `raw`, and `stims` if it says where stims belong.
    """
    setting = exposure.configuration
    whole: Values = {
        **exposure_values(exposure),
        "X_OFFSET": setting.readouts[0].column_offset,
        **_place_spectra(exposure),
        **_time_values(exposure),
        "NUMFLASH": 0,
        "ORBITPER": PERIOD_S,
        "DOPPZERO": exposure.place.start_mjd + exposure.orbit.sunrise_s / SECONDS_PER_DAY,
        "SDQFLAGS": setting.serious_flags,
        "SDQOUTER": setting.serious_flags,
        **_count_values(exposure, tallies),
        **values,
    }
    return fill_cards("cos/exposure", whole, {setting.detector.lower(), *tags})


def fill_names(exposure: Exposure) -> str:
    """Return the header of an extension that says only whose it is."""
    return fill_cards("cos/names", dict.fromkeys(("ROOTNAME", "EXPNAME"), exposure.rootname))


def _place_spectra(exposure: Exposure) -> Values:
    """Return where the spectra and their backgrounds are, by segment; -999 where none is."""
    present = {stripe.letter: stripe for stripe in exposure.configuration.stripes}
    values: Values = {}
    for letter in "ABC":
        stripe = present.get(letter)
        names = [f"{name}_{letter}" for name in (*_PLACES, *_BACKGROUNDS)]
        values |= zip(names, _place_stripe(stripe), strict=True)
        for name, shift in (("SHIFT1", exposure.shift1), ("SHIFT2", exposure.shift2)):
            values[name + letter] = 0.0 if stripe is None else shift
    return values


def _place_stripe(stripe: Stripe | None) -> tuple[float, ...]:
    if stripe is None:
        return (UNDEFINED,) * (len(_PLACES) + len(_BACKGROUNDS))
    spectrum = (stripe.row, 0.0, 0.1, stripe.row, stripe.slope, stripe.height)
    return (*spectrum, *stripe.background_rows, *[stripe.background_height] * 2)


def _time_values(exposure: Exposure) -> Values:
    start_mjd = exposure.place.start_mjd
    end_mjd = start_mjd + exposure.duration_s / SECONDS_PER_DAY
    present = {readout.segment for readout in exposure.configuration.readouts}
    return {
        "SUN_ALT": float(exposure.orbit.sun_altitude_at(np.zeros(1))[0]),
        "EXPEND": end_mjd,
        "EXPTIME": exposure.exposure_time_s,
        "EXPTIMEA": exposure.exposure_time_s if "FUVA" in present else 0.0,
        "EXPTIMEB": exposure.exposure_time_s if "FUVB" in present else 0.0,
        "EXPSTRTJ": start_mjd + JD_OF_MJD_0,
        "EXPENDJ": end_mjd + JD_OF_MJD_0,
    }


def _count_values(exposure: Exposure, tallies: Mapping[str, Tally]) -> Values:
    """Return how many events there are and what they lost, of all and by segment."""
    total = sum(tally.events for tally in tallies.values())
    gap = exposure.gap
    lost_s = 0.0 if gap is None else (gap.stop_tick - gap.start_tick) * TICK_S
    burst_s, bad_s = (lost_s if gap and gap.flag == flag else 0.0 for flag in (BURST, BAD_TIME))
    bad = sum(tally.bad_time for tally in tallies.values())
    values: Values = {
        "NEVENTS": total,
        "STIMRATE": 0,
        **dict.fromkeys(("GLOBRATE", "MEVENTS"), total / exposure.duration_s),
        **dict.fromkeys(("NBADEVNT", "NBADT"), bad),
        "TBADT": bad_s,
    }
    for letter in "AB":
        tally = tallies.get("FUV" + letter, Tally(0))
        values |= {
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
            f"HVLEVEL{letter}": HIGH_VOLTAGE_LEVEL,
        }
    return values
