"""Plan exposures of standard stars: one of each filter and chip every half a year, on a subarray.

The stars are real ones, and move. Epochs are those of the flats, three days later.
"""

from dataclasses import dataclass, replace

import numpy as np

from hstql_resources.archive.simulated.cameras.catalogue import STREAMS
from hstql_resources.archive.simulated.cameras.flat_catalogue import FIRST_MJD, FlatPlace
from hstql_resources.archive.simulated.cameras.settings import STANDARDS, Slot, StandardStar
from hstql_resources.archive.simulated.observing_program import Target

EPOCH_2000_MJD = 51544.5
DAYS_PER_YEAR = 365.25
DAYS_AFTER = 3.0
MAS_PER_DEG = 3.6e6
_LETTERS = {"acs": "jc", "wfc3": "ic"}


@dataclass(frozen=True)
class StandardPlace(FlatPlace):
    """Where an exposure of a standard star stands in the program of a camera."""

    @property
    def plan(self) -> tuple[Slot, ...]:
        """The exposures of an epoch."""
        return STANDARDS.slots[self.instrument]

    @property
    def letters(self) -> str:
        """The first two of its rootname: `jc` or `ic`."""
        return _LETTERS[self.instrument]

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]."""
        return super().start_mjd + DAYS_AFTER

    @property
    def name(self) -> str:
        """The star: epochs take turns."""
        return self.slot.stars[self.cycle % len(self.slot.stars)]

    @property
    def star(self) -> StandardStar:
        """What is known of it."""
        return STANDARDS.stars[self.name]

    @property
    def rate(self) -> float:
        """Its light at that time [electron/s], all of it."""
        years = (self.start_mjd - FIRST_MJD) / DAYS_PER_YEAR
        growth: float = np.exp(self.slot.star_growth * years)
        return self.slot.star_rate * self.star.brightness * growth

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [self.index, number, 31, STREAMS[self.instrument]]

    def aim(self, target: Target) -> Target:
        """Return the star, where it is at that time."""
        star, years = self.star, (self.start_mjd - EPOCH_2000_MJD) / DAYS_PER_YEAR
        east_deg = star.pm_ra_mas / MAS_PER_DEG * years
        return replace(
            target,
            name=self.name,
            ra_deg=round(star.ra_deg + east_deg / float(np.cos(np.deg2rad(star.dec_deg))), 9),
            dec_deg=round(star.dec_deg + star.pm_dec_mas / MAS_PER_DEG * years, 9),
        )
