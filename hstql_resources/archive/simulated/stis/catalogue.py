"""Plan which STIS exposures the simulated archive has.

An exposure is a function of the archive's seed and its index. Seven visits, of two exposures
to each of three targets, make a proposal of 40 exposures: a third of those of COS, on the same
targets, and later.
"""

from dataclasses import dataclass

import numpy as np

from hstql_resources.archive.simulated import observing_program
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
from hstql_resources.archive.simulated.stis.instrument import SETTINGS, TICK_S, Setting
from hstql_resources.times import SECONDS_PER_DAY

EXPOSURES_PER_VISIT = len(KINDS) * len(SETTINGS)
EXPOSURES_PER_PROPOSAL = 40
VISITS_PER_PROPOSAL = 7  # the last one is not complete
MAXIMUM_OBSERVATIONS = MAXIMUM_PROPOSALS * EXPOSURES_PER_PROPOSAL

FIRST_MJD, LAST_MJD = 59500.0, 60900.0  # after the last exposure of COS
REPEAT_OVERHEAD_S = 60.0

STREAMS = 2  # ends the key of every stream of random numbers here, and of none of COS


@dataclass(frozen=True)
class Place(observing_program.Place):
    """Where an index stands in the observing program; all counts begin at 0."""

    index: int
    proposal: int
    visit: int
    number: int

    @property
    def target(self) -> int:
        """Which of the proposal's targets: they take turns."""
        return self.number % len(KINDS)

    @property
    def exposure(self) -> int:
        """Which exposure of the target in this visit."""
        return self.number // len(KINDS)

    @property
    def rootname(self) -> str:
        """`os`, then proposal, visit and exposure in base 36, then `q`."""
        visit = self.visit * len(KINDS) + self.target + 1
        return name_exposure("os", self.proposal, visit, self.exposure + 1)

    @property
    def setting(self) -> Setting:
        """The instrument setting: they take turns, too."""
        return SETTINGS[self.number % len(SETTINGS)]

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]: one orbit after the last one of the target."""
        number = (self.proposal * VISITS_PER_PROPOSAL + self.visit) * len(KINDS) + self.target
        return schedule(number, self.exposure, FIRST_MJD, LAST_MJD)

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [self.index, number, 0, STREAMS]


@dataclass(frozen=True)
class Repeat:
    """One of the event lists of an exposure, with its own clock.

    Attributes
    ----------
    number : int
        Its EXTVER.
    offset_s : float
        Its start [s since the start of the first].
    start_mjd : float
        Its start [MJD UTC].
    ticks : int
        Its length in ticks of 0.000125 s.
    gap_s : tuple of float, optional
        What is not good time of it [s since its start]; no event is on the border.
    """

    number: int
    offset_s: float
    start_mjd: float
    ticks: int
    gap_s: tuple[float, float] | None

    @property
    def duration_s(self) -> float:
        """From first to last tick [s]."""
        return self.ticks * TICK_S

    @property
    def good_intervals_s(self) -> Intervals:
        """Start and stop of each stretch of good time [s since its start]."""
        return good_intervals(self.duration_s, self.gap_s)

    @property
    def exposure_time_s(self) -> float:
        """The sum of the good intervals [s]."""
        return total_time(self.good_intervals_s)


@dataclass(frozen=True)
class Exposure(Observation):
    """One exposure and everything true about it.

    Attributes
    ----------
    repeats : tuple of Repeat
        Its event lists: one, in most cases.
    orbit : Orbit
        Where the telescope is, from the start of the first.
    shift1, shift2 : float
        Offset of the spectrum from its nominal place along and across it [lo-res pixel].
    """

    place: Place
    target: Target
    repeats: tuple[Repeat, ...]
    orbit: Orbit
    shift1: float
    shift2: float
    seed: int

    @property
    def setting(self) -> Setting:
        """The instrument setting."""
        return self.place.setting


def locate(index: int) -> Place:
    """Return the place of an index in the observing program."""
    proposal, within = divmod(index, EXPOSURES_PER_PROPOSAL)
    return Place(index, proposal, *divmod(within, EXPOSURES_PER_VISIT))


def guess_index(_: str, proposal: int, visit: int, exposure: int) -> int:
    """Return the index of a rootname with these counts, if there is one: `locate` backwards."""
    visit, target = divmod(visit - 1, len(KINDS))
    number = (exposure - 1) * len(KINDS) + target
    return proposal * EXPOSURES_PER_PROPOSAL + visit * EXPOSURES_PER_VISIT + number


def make_exposure(seed: int, place: Place) -> Exposure:
    """Return the exposure at a place: the same for the same seed, whatever else exists.

    Every fifth has a gap, every thirteenth is repeated at once.
    """
    rng = np.random.default_rng([seed, *place.random_key(0)])
    return Exposure(
        place=place,
        target=make_target(seed, place.proposal, place.target),
        repeats=_make_repeats(rng, place),
        orbit=Orbit(rng.uniform(0.0, PERIOD_S), rng.uniform(0.0, 360.0)),
        shift1=round(rng.uniform(-3.0, 3.0), 4),
        shift2=round(rng.uniform(-1.5, 1.5), 4),
        seed=seed,
    )


def _make_repeats(rng: np.random.Generator, place: Place) -> tuple[Repeat, ...]:
    if place.index % 13 == 6:
        lengths_s = rng.uniform(300.0, 400.0, 2).tolist()  # two of them, and the file stays small
    else:
        lengths_s = [rng.uniform(300.0, 800.0)]
    repeats: list[Repeat] = []
    offset_s = 0.0
    for number, length_s in enumerate(lengths_s, 1):
        ticks = int(length_s / TICK_S)
        gap_s = _make_gap(rng, ticks) if place.index % 5 == 0 else None
        start_mjd = place.start_mjd + offset_s / SECONDS_PER_DAY
        repeats.append(Repeat(number, offset_s, start_mjd, ticks, gap_s))
        offset_s += ticks * TICK_S + REPEAT_OVERHEAD_S
    return tuple(repeats)


def _make_gap(rng: np.random.Generator, ticks: int) -> tuple[float, float]:
    start = int(rng.uniform(0.3, 0.5) * ticks)
    length = int(rng.uniform(20.0, 40.0) / TICK_S)
    # Between two ticks, so that nothing hangs on how a border is rounded.
    return (start + 0.5) * TICK_S, (start + length + 0.5) * TICK_S
