"""Plan which raw COS exposures there are, and the truth about each.

Each is a visit of its own to a star of its own, whose brightness is a sinusoid. The archive lists
those of the NUV detector, one exposure a visit; a visit with two of them is an association.
"""

from dataclasses import dataclass, replace

import numpy as np

from hstql_resources.archive.simulated.cos.catalogue import (
    FIRST_MJD,
    LAST_MJD,
    Exposure,
    Place,
    draw_gap,
)
from hstql_resources.archive.simulated.cos.instrument import (
    BAD_TIME,
    TICK_S,
    Configuration,
    Detector,
)
from hstql_resources.archive.simulated.cos_raw.instrument import (
    CONFIGURATIONS,
    FPPOS_OF_ZERO,
    LAMPS,
)
from hstql_resources.archive.simulated.observing_program import (
    KINDS,
    MAXIMUM_PROPOSALS,
    Target,
    make_target,
    name_exposure,
    read_rootname,
    schedule,
)
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S, Orbit

MAXIMUM_RAW = 1000
VISITS_PER_PROPOSAL = 100
SHORTEST_S = 100.0  # shorter, and the second flash of the lamp would be in bad time
LETTERS: dict[Detector, str] = {"NUV": "lr", "FUV": "lf"}
_FIRST_INDEX: dict[Detector, int] = {"NUV": 10_000_000, "FUV": 20_000_000}  # of random streams
_EXPOSURES_PER_VISIT = 4
_FIRST_STAR = MAXIMUM_PROPOSALS  # its stars are none of those of the proposals
_SINE = KINDS.index("SINE")


@dataclass(frozen=True)
class RawPlace(Place):
    """Where a raw exposure stands in the program; make it with `locate`."""

    detector: Detector

    @property
    def rootname(self) -> str:
        """`lr` or `lf`, then proposal, visit and exposure in base 36, then `q`."""
        return name_exposure(
            LETTERS[self.detector], self.proposal, self.visit + 1, self.exposure + 1
        )

    @property
    def visit_name(self) -> str:
        """What the rootnames of a visit begin with."""
        return self.rootname[:6]

    @property
    def association(self) -> str:
        """The rootname of the association of its visit."""
        return self.visit_name + "010"

    @property
    def configuration(self) -> Configuration:
        """The instrument setting."""
        return CONFIGURATIONS[self.detector]

    @property
    def number(self) -> int:
        """Of the visit, over all proposals of its detector."""
        return self.proposal * VISITS_PER_PROPOSAL + self.visit

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]: one orbit after the last one of the visit."""
        number = _FIRST_INDEX[self.detector] + self.number
        return schedule(number, self.exposure, FIRST_MJD, LAST_MJD)

    @property
    def fppos(self) -> int:
        """The first exposure of a visit is at the middle position, the second at the next."""
        return FPPOS_OF_ZERO + self.exposure

    @property
    def fpoffset(self) -> int:
        """FP-POS counted from the middle position."""
        return self.fppos - FPPOS_OF_ZERO


@dataclass(frozen=True)
class RawExposure(Exposure):
    """One raw exposure and everything true about it.

    Attributes
    ----------
    is_member : bool
        Whether it belongs to the association of its visit.
    """

    place: RawPlace
    is_member: bool

    @property
    def bad_interval_s(self) -> tuple[float, float]:
        """What is cut out of it: start and stop [s since the start]."""
        (_, start_s), (stop_s, _) = self.good_intervals_s
        return (start_s, stop_s)

    @property
    def flashes_s(self) -> tuple[tuple[float, float], ...]:
        """When the lamp is on: start and stop of each flash [s since the start]."""
        later_s = round(0.7 * self.duration_s, 3)
        return ((5.0, 15.0), (later_s, later_s + 10.0))


def locate(number: int, detector: Detector = "NUV", exposure: int = 0) -> RawPlace:
    """Return the place of an exposure, 0 or 1, of a visit, by its number from 0.

    Raises
    ------
    ValueError
        If there is no such visit, or no such exposure of it.
    """
    if not 0 <= number < MAXIMUM_RAW:
        raise ValueError(f"There are {MAXIMUM_RAW} visits with raw exposures, and no {number}.")
    if exposure not in (0, 1):
        raise ValueError(f"A visit has exposures 0 and 1, and no {exposure}.")
    proposal, visit = divmod(number, VISITS_PER_PROPOSAL)
    index = _FIRST_INDEX[detector] + number * _EXPOSURES_PER_VISIT + exposure
    return RawPlace(index, proposal, visit, _SINE, exposure, detector)


def guess_number(_: str, proposal: int, visit: int, __: int) -> int:
    """Return the number of the visit of a rootname with these counts, if there is one."""
    return proposal * VISITS_PER_PROPOSAL + visit - 1


def find_place(rootname: str) -> RawPlace | None:
    """Return the place of a rootname: the inverse of `RawPlace.rootname`; None if it has none."""
    counts = read_rootname(rootname)
    number = -1 if counts is None else guess_number(rootname, *counts)
    if not 0 <= number < MAXIMUM_RAW:
        return None
    places = (locate(number, detector, exposure) for detector in LETTERS for exposure in (0, 1))
    return next((place for place in places if place.rootname == rootname), None)


def make_exposure(
    seed: int, place: RawPlace, duration_s: float | None = None, is_member: bool = False
) -> RawExposure:
    """Return the exposure at a place: the same for the same seed.

    Parameters
    ----------
    seed : int
        What all random numbers come from.
    place : RawPlace
        Which one.
    duration_s : float, optional
        Its length [s]; without it, one between 400 and 500 s.
    is_member : bool
        Whether it belongs to the association of its visit.

    Raises
    ------
    ValueError
        If it is too short for two flashes of the lamp and a bad interval.
    """
    rng = np.random.default_rng([seed, place.index])
    drawn_s = rng.uniform(400.0, 500.0)
    length_s = drawn_s if duration_s is None else duration_s
    if length_s < SHORTEST_S:
        raise ValueError(f"A raw exposure takes at least {SHORTEST_S:g} s, not {length_s:g} s.")
    ticks = int(length_s / TICK_S)
    gap = draw_gap(rng, ticks, BAD_TIME, (10.0, 20.0))
    step = LAMPS[place.detector].fp_step
    return RawExposure(
        place=place,
        target=_make_star(seed, place),
        ticks=ticks,
        gap=gap,
        orbit=Orbit(rng.uniform(0.0, PERIOD_S), rng.uniform(0.0, 360.0)),
        shift1=round(step * place.fpoffset + rng.uniform(-6.0, 6.0), 4),
        shift2=round(rng.uniform(-2.0, 2.0), 4),
        seed=seed,
        is_member=is_member,
    )


def _make_star(seed: int, place: RawPlace) -> Target:
    star = make_target(seed, _FIRST_STAR + place.number, _SINE)
    suffix = f"-{place.number:04d}" if place.number else ""
    return replace(star, name=f"SIM-RAW-SINE{suffix}")
