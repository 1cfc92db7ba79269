"""Plan which COS exposures the simulated archive has, and the truth about each.

An exposure is a function of the archive's seed and its index, so that a larger archive
holds the exposures of a smaller one unchanged. Ten visits of four exposures to each of
three targets (constant, sinusoidal, eclipsing) make a proposal of 120 exposures.
"""

from dataclasses import dataclass

import numpy as np

from hstql_resources.archive.simulated import observing_program
from hstql_resources.archive.simulated.cos.instrument import (
    BAD_TIME,
    BURST,
    CONFIGURATIONS,
    TICK_S,
    Configuration,
)
from hstql_resources.archive.simulated.observing_program import (
    KINDS,
    MAXIMUM_PROPOSALS,
    Observation,
    Target,
    make_target,
    name_exposure,
    schedule,
)
from hstql_resources.archive.simulated.sky.good_time import Intervals, good_intervals, total_time
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S, Orbit

VISITS_PER_PROPOSAL = 10
EXPOSURES_PER_PROPOSAL = VISITS_PER_PROPOSAL * len(KINDS) * len(CONFIGURATIONS)
MAXIMUM_OBSERVATIONS = MAXIMUM_PROPOSALS * EXPOSURES_PER_PROPOSAL

FIRST_MJD, LAST_MJD = 58030.0, 59490.0  # COS lifetime position 4: October 2017 to October 2021


@dataclass(frozen=True)
class Gap:
    """A stretch of an exposure that is not good time, and the flag of its events.

    Attributes
    ----------
    start_tick, stop_tick : int
        First tick in it, and first tick after it.
    flag : int
        `BAD_TIME`, or `BURST`, in which the detector counts faster.
    """

    start_tick: int
    stop_tick: int
    flag: int


@dataclass(frozen=True)
class Place(observing_program.Place):
    """Where an index stands in the observing program; all counts begin at 0."""

    index: int
    proposal: int
    visit: int
    target: int
    exposure: int

    @property
    def rootname(self) -> str:
        """`ls`, then proposal, visit and exposure in base 36, then `q`."""
        visit = self.visit * len(KINDS) + self.target + 1
        return name_exposure("ls", self.proposal, visit, self.exposure + 1)

    @property
    def configuration(self) -> Configuration:
        """The instrument setting."""
        return CONFIGURATIONS[self.exposure]

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]: one orbit after the last one of the visit."""
        number = (self.proposal * VISITS_PER_PROPOSAL + self.visit) * len(KINDS) + self.target
        return schedule(number, self.exposure, FIRST_MJD, LAST_MJD)


@dataclass(frozen=True)
class Exposure(Observation):
    """One exposure and everything true about it.

    Attributes
    ----------
    place : Place
        Its rootname, setting and date.
    target : Target
        What it looks at.
    ticks : int
        Its length in ticks of 0.032 s.
    gap : Gap, optional
        What is cut out of it.
    orbit : Orbit
        Where the telescope is.
    shift1, shift2 : float
        Offset of the spectrum from its nominal place along and across it [pixel].
    seed : int
        The archive's seed.
    """

    place: Place
    target: Target
    ticks: int
    gap: Gap | None
    orbit: Orbit
    shift1: float
    shift2: float
    seed: int

    @property
    def configuration(self) -> Configuration:
        """The instrument setting."""
        return self.place.configuration

    @property
    def duration_s(self) -> float:
        """From first to last tick [s]."""
        return self.ticks * TICK_S

    @property
    def good_intervals_s(self) -> Intervals:
        """Start and stop of each stretch of good time [s since the start]."""
        gap = self.gap
        cut = None if gap is None else (gap.start_tick * TICK_S, gap.stop_tick * TICK_S)
        return good_intervals(self.duration_s, cut)

    @property
    def exposure_time_s(self) -> float:
        """The sum of the good intervals [s]."""
        return total_time(self.good_intervals_s)


def locate(index: int) -> Place:
    """Return the place of an index in the observing program: targets take turns."""
    proposal, within = divmod(index, EXPOSURES_PER_PROPOSAL)
    number, target = divmod(within, len(KINDS))
    visit, exposure = divmod(number, len(CONFIGURATIONS))
    return Place(index, proposal, visit, target, exposure)


def guess_index(_: str, proposal: int, visit: int, exposure: int) -> int:
    """Return the index of a rootname with these counts, if there is one: `locate` backwards."""
    visit, target = divmod(visit - 1, len(KINDS))
    number = (visit * len(CONFIGURATIONS) + exposure - 1) * len(KINDS) + target
    return proposal * EXPOSURES_PER_PROPOSAL + number


def make_exposure(seed: int, place: Place) -> Exposure:
    """Return the exposure at a place: the same for the same seed, whatever else exists.

    Every fifth has a gap, and the Sun rises or sets in the middle of it.
    """
    rng = np.random.default_rng([seed, place.index])
    ticks = int(rng.uniform(300.0, 800.0) / TICK_S)
    sunrise_s = rng.uniform(0.0, PERIOD_S)
    has_gap = place.index % 5 == 0
    if has_gap:
        sunrise_s = rng.uniform(0.3, 0.7) * ticks * TICK_S + rng.integers(2) * PERIOD_S / 2
    # Bursts are a thing of the FUV detector.
    is_burst = place.configuration.detector == "FUV" and place.index % 4 == 2
    return Exposure(
        place=place,
        target=make_target(seed, place.proposal, place.target),
        ticks=ticks,
        gap=draw_gap(rng, ticks, BURST if is_burst else BAD_TIME) if has_gap else None,
        orbit=Orbit(sunrise_s, rng.uniform(0.0, 360.0)),
        shift1=round(rng.uniform(-40.0, 40.0), 4),
        shift2=round(rng.uniform(-2.0, 2.0), 4),
        seed=seed,
    )


def draw_gap(
    rng: np.random.Generator, ticks: int, flag: int, lengths_s: tuple[float, float] = (20.0, 40.0)
) -> Gap:
    """Return a gap in the middle of an exposure of some ticks, between two lengths [s] long."""
    start = int(rng.uniform(0.3, 0.5) * ticks)
    return Gap(start, start + int(rng.uniform(*lengths_s) / TICK_S), flag)
