"""Plan when the exposures for the monitors are taken: epochs spread over two years.

The place of an epoch depends on its number alone, so that more epochs change none of the first:
each falls into one of the widest gaps that those before it have left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from hstql_resources.archive.simulated.cos.catalogue import Place
from hstql_resources.archive.simulated.cos.instrument import Detector
from hstql_resources.archive.simulated.observing_program import GOLDEN_RATIO, name_exposure

FIRST_MJD = 58484.0  # 2019-01-01
DAYS = 730.5
YEAR_DAYS = 365.25
MAXIMUM_EPOCHS = 1000
EPOCHS_PER_PROPOSAL = 100


def epoch_mjd(number: int) -> float:
    """Return the time of an epoch by its number from 0, MJD UTC.

    The first two are the ends of the two years, so that a trend can be seen from two on.
    """
    if number < 2:
        return FIRST_MJD + number * DAYS
    return FIRST_MJD + DAYS * ((number - 1) * GOLDEN_RATIO % 1.0)


@dataclass(frozen=True)
class EpochPlace(Place):
    """Where an exposure of an epoch stands, a visit of its own; make it with `locate`.

    Attributes
    ----------
    detector : str
        FUV or NUV.
    letters : mapping
        What rootnames begin with, for each detector that is looked at in an epoch, in this order.
    first_index : int
        Of its streams of random numbers, apart from those of other exposures.
    """

    detector: Detector
    letters: ClassVar[Mapping[Detector, str]]
    first_index: ClassVar[int]

    @property
    def rootname(self) -> str:
        """Two letters, then proposal, visit and exposure in base 36, then `q`."""
        return name_exposure(
            self.letters[self.detector], self.proposal, self.visit + 1, self.exposure + 1
        )

    @property
    def epoch(self) -> int:
        """Number of the epoch, from 0."""
        return self.proposal * EPOCHS_PER_PROPOSAL + self.visit

    @classmethod
    def maximum(cls) -> int:
        """Return how many there can be."""
        return MAXIMUM_EPOCHS * len(cls.letters)

    @classmethod
    def locate(cls, index: int) -> Self:
        """Return the place of an exposure by its number: those of the first epoch come first.

        Raises
        ------
        ValueError
            If there is no such exposure.
        """
        if not 0 <= index < cls.maximum():
            raise ValueError(f"There are exposures of {MAXIMUM_EPOCHS} epochs, and no {index}.")
        epoch, number = divmod(index, len(cls.letters))
        proposal, visit = divmod(epoch, EPOCHS_PER_PROPOSAL)
        return cls(cls.first_index + index, proposal, visit, 0, 0, list(cls.letters)[number])

    @classmethod
    def guess_index(cls, rootname: str, proposal: int, visit: int, _: int) -> int:
        """Return the number of a rootname with these counts, if there is one."""
        letters = list(cls.letters.values())
        number = letters.index(rootname[:2]) if rootname[:2] in letters else 0
        return (proposal * EPOCHS_PER_PROPOSAL + visit - 1) * len(letters) + number
