"""Plan the flats that the cameras look at themselves with: pairs of four levels at each epoch.

Single ones of three levels have a larger overscan, for the charge that trails behind them. Two
epochs, half a year apart, make a proposal. The epochs are those of no other exposures, and more of
them change none of the first.
"""

from dataclasses import dataclass

from hstql_resources.archive.simulated.cameras.catalogue import STREAMS, Place
from hstql_resources.archive.simulated.cameras.settings import EPER_FLATS, FLATS, Filter, Slot
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
    def plan(self) -> tuple[Slot, ...]:
        """The flats of an epoch."""
        return FLATS[self.instrument]

    @property
    def number(self) -> int:
        """Which flat of its epoch."""
        return self.index % len(self.plan)

    @property
    def cycle(self) -> int:
        """Which epoch."""
        return self.index // len(self.plan)

    @property
    def proposal(self) -> int:
        """Which proposal."""
        return self.cycle // EPOCHS_PER_PROPOSAL

    @property
    def slot(self) -> Slot:
        """What it is."""
        return self.plan[self.number]

    @property
    def filter(self) -> Filter:
        """The filter: always the same, so that levels are of one light."""
        return self.slot.filters[0]

    @property
    def rootname(self) -> str:
        """`jf` or `if`, then proposal, epoch and flat in base 36, then `q`."""
        visit = self.cycle % EPOCHS_PER_PROPOSAL + 1
        return name_exposure(self.letters, self.proposal, visit, self.number + 1)

    @property
    def letters(self) -> str:
        """The first two of its rootname."""
        return _LETTERS[self.instrument]

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


@dataclass(frozen=True)
class EperPlace(FlatPlace):
    """Where a flat with a larger overscan stands; a day after the others of its epoch."""

    @property
    def plan(self) -> tuple[Slot, ...]:
        """The flats of an epoch."""
        return EPER_FLATS[self.instrument]

    @property
    def letters(self) -> str:
        """The first two of its rootname: `je` or `ie`."""
        return f"{_LETTERS[self.instrument][0]}e"

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]."""
        return super().start_mjd + 1.0

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [self.index, number, 3, STREAMS[self.instrument]]


def guess_flat(flats: int, _: str, proposal: int, visit: int, exposure: int) -> int:
    """Return the index of a rootname with these counts, if there is one; of flats an epoch."""
    epoch = proposal * EPOCHS_PER_PROPOSAL + visit - 1
    return epoch * flats + exposure - 1


def count_flats(flats: int) -> int:
    """Return how many flats of a camera there can be, of so many an epoch."""
    return MAXIMUM_PROPOSALS * EPOCHS_PER_PROPOSAL * flats
