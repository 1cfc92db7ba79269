"""Plan which exposures and associations of a camera the simulated archive has.

An observation is a function of the archive's seed and its index. A cycle of ACS has twelve, one
of WFC3 eight: an association and its members, single exposures, darks and biases. Ten cycles
make a proposal, on the targets that COS has in it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hstql_resources.archive.simulated import observing_program
from hstql_resources.archive.simulated.cameras.detectors import Detector
from hstql_resources.archive.simulated.cameras.frames import Frame, lay_out
from hstql_resources.archive.simulated.cameras.settings import CYCLES, Filter, Slot
from hstql_resources.archive.simulated.observing_program import (
    KINDS,
    MAXIMUM_PROPOSALS,
    Observation,
    Target,
    make_target,
    name_exposure,
    schedule,
)
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S, Orbit
from hstql_resources.times import SECONDS_PER_DAY

CYCLES_PER_PROPOSAL = 10
FIRST_EXPOSURE = 361  # `a1`: far from `01`, which begins the last three letters of associations
DAYS_PER_YEAR = 365.25
MEMBER_SPACING_S = 600.0

STREAMS = {"acs": 3, "wfc3": 4}  # ends the key of every stream of random numbers here
_LETTERS = {"acs": "js", "wfc3": "is"}


@dataclass(frozen=True)
class Place(observing_program.Place):
    """Where an index stands in the observing program of a camera; counts begin at 0."""

    instrument: str
    index: int

    @property
    def number(self) -> int:
        """Which observation of its cycle."""
        return self.index % len(CYCLES[self.instrument])

    @property
    def cycle(self) -> int:
        """Which cycle, over all proposals."""
        return self.index // len(CYCLES[self.instrument])

    @property
    def proposal(self) -> int:
        """Which proposal."""
        return self.cycle // CYCLES_PER_PROPOSAL

    @property
    def slot(self) -> Slot:
        """What it is."""
        return CYCLES[self.instrument][self.number]

    @property
    def filter(self) -> Filter:
        """The filter: cycles take turns."""
        return self.slot.filters[self.cycle % len(self.slot.filters)]

    @property
    def rootname(self) -> str:
        """`js` or `is`, then proposal, visit and exposure in base 36, then `q`; or `010`."""
        visit = self.cycle % CYCLES_PER_PROPOSAL + 1
        letters = _LETTERS[self.instrument]
        name = name_exposure(letters, self.proposal, visit, FIRST_EXPOSURE + self.number)
        return f"{name[:6]}010" if self.slot.is_association else name

    @property
    def association(self) -> "Place | None":
        """The association that it is a member of, or is."""
        if not (self.slot.member or self.slot.is_association):
            return None
        cycle = CYCLES[self.instrument]
        ahead = next(n for n, slot in enumerate(cycle) if slot.is_association) - self.number
        return Place(self.instrument, self.index + ahead)

    @property
    def members(self) -> list["Place"]:
        """The members of an association; none of an exposure."""
        if not self.slot.is_association:
            return []
        start = self.index - self.number
        cycle = CYCLES[self.instrument]
        return [
            Place(self.instrument, start + number)
            for number, slot in enumerate(cycle)
            if slot.member
        ]

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]; that of the first member of an association."""
        detector, member = self.slot.detector, max(self.slot.member, 1)
        first = self.index if self.association is None else self.association.members[0].index
        visit_mjd = schedule(first, 0, detector.first_mjd, detector.last_mjd)
        return visit_mjd + (member - 1) * MEMBER_SPACING_S / SECONDS_PER_DAY

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [self.index, number, 0, STREAMS[self.instrument]]

    def aim(self, target: Target) -> Target:
        """Return what it looks at, instead of a target of its proposal."""
        return target


@dataclass(frozen=True)
class Exposure(Observation):
    """One exposure and everything true about it.

    Attributes
    ----------
    target : Target
        What it looks at; darks and biases have one, too, and do not see it.
    binning : int
        Detector pixels in a pixel, along each axis.
    roll_deg : float
        Position angle of V3.
    orbit : Orbit
        Where the telescope is.
    seed : int
        The archive's seed.
    """

    place: Place
    target: Target
    binning: int
    roll_deg: float
    orbit: Orbit
    seed: int

    @property
    def slot(self) -> Slot:
        """What it is set to."""
        return self.place.slot

    @property
    def detector(self) -> Detector:
        """What it is made with."""
        return self.slot.detector

    @property
    def tags(self) -> frozenset[str]:
        """What its instrument and detector are called where cards are chosen."""
        return frozenset((self.detector.instrument, self.detector.name.lower()))

    @property
    def exposure_s(self) -> float:
        """Exposure time [s]."""
        return self.slot.exposure_s

    @cached_property
    def start_mjd(self) -> float:
        """Start [MJD UTC]."""
        return self.place.start_mjd

    @property
    def end_mjd(self) -> float:
        """End [MJD UTC]; that of the last member of an association."""
        members = self.place.members
        if members:
            last = members[-1]
            return last.start_mjd + last.slot.exposure_s / SECONDS_PER_DAY
        return self.start_mjd + self.exposure_s / SECONDS_PER_DAY

    @property
    def years(self) -> float:
        """Time since the first exposure of the detector [year]."""
        return (self.start_mjd - self.detector.first_mjd) / DAYS_PER_YEAR

    @property
    def dark_rate(self) -> float:
        """Dark current of a pixel that is not hot [electron/s]."""
        return self.detector.dark_rate + self.detector.dark_growth * self.years

    @property
    def hot_fraction(self) -> float:
        """Fraction of pixels that are hot."""
        return self.detector.hot_fraction + self.detector.hot_growth * self.years

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """What is read, in the order of the extensions."""
        return lay_out(self.detector, self.binning, self.slot.window)


def guess_index(instrument: str, rootname: str, proposal: int, visit: int, exposure: int) -> int:
    """Return the index of a rootname with these counts, if there is one."""
    cycle = CYCLES[instrument]
    number = exposure - FIRST_EXPOSURE
    if rootname.endswith("010"):
        number = next(n for n, slot in enumerate(cycle) if slot.is_association)
    return (proposal * CYCLES_PER_PROPOSAL + visit - 1) * len(cycle) + number


def count_observations(instrument: str) -> int:
    """Return how many observations of a camera there can be."""
    return MAXIMUM_PROPOSALS * CYCLES_PER_PROPOSAL * len(CYCLES[instrument])


def make_exposure(seed: int, place: Place, binning: int | None = None) -> Exposure:
    """Return the exposure at a place: the same for the same seed, whatever else exists.

    Parameters
    ----------
    binning : int, optional
        Other than the usual one of its detector: 1 for the full size.
    """
    visit = place.association or place
    rng = np.random.default_rng([seed, *visit.random_key(0)])
    return Exposure(
        place=place,
        target=place.aim(make_target(seed, place.proposal, place.cycle % len(KINDS))),
        binning=binning or place.slot.binning or place.slot.detector.binning,
        roll_deg=round(rng.uniform(0.0, 360.0), 6),
        orbit=Orbit(rng.uniform(0.0, PERIOD_S), rng.uniform(0.0, 360.0)),
        seed=seed,
    )
