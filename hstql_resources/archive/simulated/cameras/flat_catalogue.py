"""Plan the flats that the cameras look at themselves with: pairs of four levels at each epoch.

Two epochs, half a year apart, make a proposal. The epochs are those of no other exposures, and more
of them change none of the first.
"""

from dataclasses import dataclass

from hstql_resources.archive.simulated.cameras.catalogue import STREAMS, Place
from hstql_resources.archive.simulated.cameras.settings import FLATS, Filter, Slot
from hstql_resources.archive.simulated.observing_program import MAXIMUM_PROPOSALS, name_exposure
from hstql_resources.times import SECONDS_PER_DAY

FIRST_MJD = 58484.0  # 2019-01-01
EPOCH_DAYS = 182.625
EPOCHS_PER_PROPOSAL = 2
SPACING_S = 600.0
_LETTERS = {"acs": "jf", "wfc3": "if"}


@dataclass(frozen=True)
class FlatPlace(Place):
    """Where a flat stands in the program of a camera; counts begin at 0."""

    @property
    def number(self) -> int:
        """Which flat of its epoch."""
        return self.index % len(FLATS[self.instrument])

    @property
    def cycle(self) -> int:
        """Which epoch."""
        return self.index // len(FLATS[self.instrument])

    @property
    def proposal(self) -> int:
        """Which proposal."""
        return self.cycle // EPOCHS_PER_PROPOSAL

    @property
    def slot(self) -> Slot:
        """What it is."""
        return FLATS[self.instrument][self.number]

    @property
    def filter(self) -> Filter:
        """The filter: always the same, so that levels are of one light."""
        return self.slot.filters[0]

    @property
    def rootname(self) -> str:
        """`jf` or `if`, then proposal, epoch and flat in base 36, then `q`."""
        visit = self.cycle % EPOCHS_PER_PROPOSAL + 1
        return name_exposure(_LETTERS[self.instrument], self.proposal, visit, self.number + 1)

    @property
    def association(self) -> None:
        """None: flats are in no association."""
        return None

    @property
    def members(self) -> list[Place]:
        """None."""
        return []

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]."""
        return FIRST_MJD + self.cycle * EPOCH_DAYS + self.number * SPACING_S / SECONDS_PER_DAY

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [self.index, number, 1, STREAMS[self.instrument]]


def guess_flat(instrument: str, _: str, proposal: int, visit: int, exposure: int) -> int:
    """Return the index of a rootname with these counts, if there is one."""
    epoch = proposal * EPOCHS_PER_PROPOSAL + visit - 1
    return epoch * len(FLATS[instrument]) + exposure - 1


def count_flats(instrument: str) -> int:
    """Return how many flats of a camera there can be."""
    return MAXIMUM_PROPOSALS * EPOCHS_PER_PROPOSAL * len(FLATS[instrument])
