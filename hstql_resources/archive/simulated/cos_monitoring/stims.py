"""Move the stim pulses of the FUV detector over two years, and draw their events.

Stim 1 and stim 2 of a segment are where BRFTAB of the simulation has them at the first epoch. They
move with the date, with the season and with the orbit, and stay inside the boxes of BRFTAB.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.instrument import Readout
from hstql_resources.archive.simulated.cos_monitoring.epochs import FIRST_MJD, YEAR_DAYS
from hstql_resources.archive.simulated.cos_monitoring.events import Counts
from hstql_resources.archive.simulated.cos_raw.instrument import STIMS
from hstql_resources.archive.simulated.cos_raw.references import detector_references
from hstql_resources.archive.simulated.sky.fitsfile import Values
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S
from hstql_resources.times import SECONDS_PER_DAY

# Spread of the events of one stim along x and y, as in ld9m10ujq and ldfd01vnq.
STIM_SIGMA_PIXELS = (1.5, 0.55)
STIM_PULSE_HEIGHTS = (19, 20)  # as in the same exposures
ROWS_PER_COLUMN = 0.1  # how far a stim moves across the dispersion for each column along it
SEGMENT_PHASES = {"FUVA": 0.0, "FUVB": 1.0}  # radians
# STIMRATE of exposures up to so many seconds: pulses a second of both stims together.
RATES_HZ = ((10.0, 2000.0), (100.0, 30.0), (np.inf, 2.0))


@dataclass(frozen=True)
class Movement:
    """How the column of one stim moves.

    Attributes
    ----------
    drift_per_year : float
        Steady drift [pixel/yr].
    season : float
        Amplitude of the change over a year [pixel].
    orbit : float
        Amplitude of the change over an orbit, which is what moves within an exposure [pixel].
    """

    drift_per_year: float
    season: float
    orbit: float


# Stim 2 is at the far end of the delay line, where a change of scale moves it more.
MOVEMENTS = {1: Movement(3.0, 2.0, 0.3), 2: Movement(8.0, 4.0, 0.8)}


def stim_position(
    segment: str, stim: Literal[1, 2], mjd: float | NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where a stim is [pixel], column and row.

    Parameters
    ----------
    segment : str
        FUVA or FUVB.
    stim : int
        1 or 2, as in BRFTAB.
    mjd : float or ndarray of shape (n,)
        MJD UTC.
    """
    moves, phase = MOVEMENTS[stim], SEGMENT_PHASES[segment]
    days = np.subtract(mjd, FIRST_MJD)
    shift = (
        moves.drift_per_year * days / YEAR_DAYS
        + moves.season * np.sin(2.0 * np.pi * days / YEAR_DAYS + phase)
        + moves.orbit * np.sin(2.0 * np.pi * days * SECONDS_PER_DAY / PERIOD_S + phase)
    )
    stims = STIMS[segment]
    x, y = stims.first if stim == 1 else stims.second
    return x + shift, y + ROWS_PER_COLUMN * shift


def stim_rate(duration_s: float) -> float:
    """Return STIMRATE of an exposure of some length [Hz]: the pulses of both stims together.

    The electronics know 2, 30 and 2000 Hz; the shorter the exposure, the faster. Each stim has
    half of it, as CalCOS takes it (`getinfo`).
    """
    return next(rate for longest, rate in RATES_HZ if duration_s <= longest)


def stim_values(duration_s: float) -> Values:
    """Return what the headers of an exposure with stims say of them.

    That is their rate, the table that says where they belong, and what CalCOS repeats of it.
    """
    brftab = f"lref${detector_references('FUV')['BRFTAB']}"
    values: Values = {"BRFTAB": brftab, "STIMRATE": round(stim_rate(duration_s))}
    for segment, stims in STIMS.items():
        names = (f"STIM{segment[-1]}0{end}" for end in ("LX", "LY", "RX", "RY"))
        values |= zip(names, (*stims.first, *stims.second), strict=True)
    return values


def draw_stims(
    rng: np.random.Generator,
    segment: str,
    start_mjd: float,
    duration_s: float,
    rate_hz: float | None = None,
) -> Counts:
    """Return the events of both stims of a segment in one exposure; the stims take turns.

    Parameters
    ----------
    rng : Generator
    segment : str
        FUVA or FUVB.
    start_mjd : float
        Start of the exposure, MJD UTC.
    duration_s : float
        Its length.
    rate_hz : float, optional
        STIMRATE, pulses a second of both stims together; else `stim_rate` of the length.
    """
    rate = stim_rate(duration_s) if rate_hz is None else rate_hz
    time_s = np.arange(0.0, duration_s, 1.0 / rate)
    mjd = start_mjd + time_s / SECONDS_PER_DAY
    is_first = np.arange(time_s.size) % 2 == 0
    first, second = (np.array(stim_position(segment, stim, mjd)) for stim in (1, 2))
    places = np.where(is_first, first, second).T
    x, y = np.rint(rng.normal(places, STIM_SIGMA_PIXELS)).astype(np.int16).T
    heights = rng.choice(STIM_PULSE_HEIGHTS, time_s.size, p=(0.99, 0.01)).astype(np.uint8)
    return Counts(time_s, x, y, heights)


def add_stims(
    rng: np.random.Generator, exposure: Exposure, readout: Readout, counts: Counts
) -> Counts:
    """Return counts with those of the stims of a segment."""
    stims = draw_stims(rng, readout.segment, exposure.place.start_mjd, exposure.duration_s)
    return Counts._make(np.concatenate(pair) for pair in zip(counts, stims, strict=True))
