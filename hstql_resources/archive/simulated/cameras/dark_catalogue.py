"""Plan the darks of UVIS between two anneals: twelve in eight days, with a post-flash.

Each cycle begins with a real anneal. Pixels that become hot in a cycle are healed by the next one;
unstable ones are hot in some darks and not in others. More cycles change none of the first.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import STREAMS, Exposure, Place
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.settings import DARKS, Filter, Slot
from hstql_resources.archive.simulated.instrument_data import load_data
from hstql_resources.archive.simulated.observing_program import name_exposure
from hstql_resources.times import datetime_to_mjd

DARKS_PER_CYCLE = 12
FIRST_DAYS, SPACING_DAYS = 0.2, 0.65  # after the anneal, and from dark to dark
NEW_HOT_PER_DAY = 0.001  # of the pixels
NEW_HOT_RATES = (0.05, 5.0)  # electron/s
UNSTABLE = 0.003  # of the pixels
UNSTABLE_RATES = (0.1, 1.0)  # electron/s, in half of the darks
_CYCLES_PER_PROPOSAL = 6
_LETTERS = "id"
_NEW_HOT_STREAM = 7
_UNSTABLE_STREAM = 8

_DATES = load_data("cameras/anneals", dict[str, tuple[datetime, ...]])["uvis"]
ANNEALS = tuple(datetime_to_mjd(at) for at in _DATES)


@dataclass(frozen=True)
class DarkPlace(Place):
    """Where a dark stands in the program of UVIS; counts begin at 0."""

    @property
    def number(self) -> int:
        """Which dark of its cycle."""
        return self.index % DARKS_PER_CYCLE

    @property
    def cycle(self) -> int:
        """Which cycle."""
        return self.index // DARKS_PER_CYCLE

    @property
    def proposal(self) -> int:
        """Which proposal."""
        return self.cycle // _CYCLES_PER_PROPOSAL

    @property
    def slot(self) -> Slot:
        """What it is."""
        return next(one for one in DARKS[self.instrument] if one.detector_name == "UVIS")

    @property
    def filter(self) -> Filter:
        """The filter."""
        return self.slot.filters[0]

    @property
    def rootname(self) -> str:
        """`id`, then proposal, cycle and dark in base 36, then `q`."""
        visit = self.cycle % _CYCLES_PER_PROPOSAL + 1
        return name_exposure(_LETTERS, self.proposal, visit, self.number + 1)

    @property
    def association(self) -> None:
        """None: darks are in no association."""
        return None

    @property
    def members(self) -> list[Place]:
        """None."""
        return []

    @property
    def days(self) -> float:
        """Since the anneal."""
        return FIRST_DAYS + self.number * SPACING_DAYS

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]."""
        return ANNEALS[self.cycle] + self.days

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [self.index, number, 4, STREAMS[self.instrument]]


def guess_dark(_instrument: str, _: str, proposal: int, visit: int, exposure: int) -> int:
    """Return the index of a rootname with these counts, if there is one."""
    cycle = proposal * _CYCLES_PER_PROPOSAL + visit - 1
    return cycle * DARKS_PER_CYCLE + exposure - 1


def new_hot_rates(exposure: Exposure, frame: Frame) -> NDArray[np.float32]:
    """Return what pixels add that became hot since the anneal [electron/s], shape of the frame."""
    place = exposure.place
    rates = np.zeros(frame.shape, np.float32)
    if not isinstance(place, DarkPlace):
        return rates
    key = [exposure.seed, place.cycle, frame.chip.number, frame.binning, _NEW_HOT_STREAM]
    rng = np.random.default_rng(key)
    appears = rng.random(frame.shape) / NEW_HOT_PER_DAY  # days after the anneal
    low, high = NEW_HOT_RATES
    found = low * (high / low) ** rng.random(frame.shape)
    is_hot = appears < place.days
    rates[is_hot] = found[is_hot]
    return rates


def unstable_rates(exposure: Exposure, frame: Frame) -> NDArray[np.float32]:
    """Return what pixels add that vary, hot or not [electron/s], shape of the frame."""
    place = exposure.place
    rates = np.zeros(frame.shape, np.float32)
    if not isinstance(place, DarkPlace):
        return rates
    is_unstable, found = find_unstable(exposure, frame)
    rng = np.random.default_rng([exposure.seed, place.index, frame.chip.number, _UNSTABLE_STREAM])
    is_on = is_unstable & (rng.random(frame.shape) < 0.5)
    rates[is_on] = found[is_on]
    return rates


def find_unstable(
    exposure: Exposure, frame: Frame
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return which pixels of a chip vary in all darks, and what they add when they are hot."""
    key = [exposure.seed, frame.chip.number, frame.binning, _UNSTABLE_STREAM]
    rng = np.random.default_rng(key)
    low, high = UNSTABLE_RATES
    return rng.random(frame.shape) < UNSTABLE, low * (high / low) ** rng.random(frame.shape)
