"""Plan exposures of the infrared detector that suffer from one before them.

An epoch, every half a year, has two visits: a field of bright stars, and soon after it others.
The first epoch is the newest, so that a monitor has something to say of the last days.
"""

from dataclasses import dataclass

from hstql_resources.archive.simulated.cameras.catalogue import STREAMS, Place
from hstql_resources.archive.simulated.cameras.flat_catalogue import (
    EPOCH_DAYS,
    EPOCHS_PER_PROPOSAL,
    SPACING_S,
)
from hstql_resources.archive.simulated.cameras.settings import PERSISTENCE, Filter, Slot
from hstql_resources.archive.simulated.observing_program import MAXIMUM_PROPOSALS, name_exposure
from hstql_resources.times import SECONDS_PER_DAY

VISITS = 2  # of an epoch


@dataclass(frozen=True)
class SufferingPlace(Place):
    """Where an exposure stands in the program; counts begin at 0."""

    @property
    def number(self) -> int:
        """Which exposure of its epoch."""
        return self.index % len(PERSISTENCE[self.instrument])

    @property
    def cycle(self) -> int:
        """Which epoch."""
        return self.index // len(PERSISTENCE[self.instrument])

    @property
    def proposal(self) -> int:
        """Which proposal."""
        return self.cycle // EPOCHS_PER_PROPOSAL

    @property
    def slot(self) -> Slot:
        """What it is."""
        return PERSISTENCE[self.instrument][self.number]

    @property
    def filter(self) -> Filter:
        """The filter: always the same."""
        return self.slot.filters[0]

    @property
    def rootname(self) -> str:
        """`ip`, then proposal, visit and exposure in base 36, then `q`."""
        visit = self.cycle % EPOCHS_PER_PROPOSAL * VISITS + 1 + (self.number > 0)
        return name_exposure("ip", self.proposal, visit, self.number + 1)

    @property
    def association(self) -> None:
        """None: they are in no association."""
        return None

    @property
    def members(self) -> list[Place]:
        """None."""
        return []

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]."""
        detector = self.slot.detector
        back = self.cycle * EPOCH_DAYS % (detector.last_mjd - detector.first_mjd)
        return detector.last_mjd - back + self.number * SPACING_S / SECONDS_PER_DAY

    @property
    def before(self) -> list[Place]:
        """The exposures of its epoch before it."""
        return [SufferingPlace(self.instrument, self.index - n) for n in range(self.number, 0, -1)]

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [self.index, number, 2, STREAMS[self.instrument]]


def guess_suffering(_: str, proposal: int, visit: int, exposure: int) -> int:
    """Return the index of a rootname with these counts, if there is one."""
    epoch = proposal * EPOCHS_PER_PROPOSAL + (visit - 1) // VISITS
    return epoch * len(PERSISTENCE["wfc3"]) + exposure - 1


def count_suffering() -> int:
    """Return how many such exposures there can be."""
    return MAXIMUM_PROPOSALS * EPOCHS_PER_PROPOSAL * len(PERSISTENCE["wfc3"])
