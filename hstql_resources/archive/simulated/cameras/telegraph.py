"""Plan the darks of the infrared detector of each year, and let some of its pixels be telegraphs.

A telegraph pixel goes between two levels of dark current, and stays at one during an exposure. From
one year to the next some are healed, and others begin. The newest year is the first cycle, and has
far more of them at amplifier D: what a monitor is there to find.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import STREAMS, Exposure, Place
from hstql_resources.archive.simulated.cameras.dark_catalogue import DARKS_PER_CYCLE, DarkPlace
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.settings import DARKS, Slot
from hstql_resources.archive.simulated.observing_program import name_exposure
from hstql_resources.times import datetime_to_mjd

YEARS = tuple(range(2024, 2009, -1))
MONTH_DAYS = 30.0
SHARE = 0.012  # of the pixels, in a year
SHARE_OF_D = 0.03  # of those of amplifier D in the newest
KEPT = 0.8  # of them that were so the year before
STEPS = (0.8, 8.0)  # from the lower level to the upper one [electron/s]
BUSY = (0.3, 0.7)  # share of the time at the upper level
AFTER_ANOMALY = 5  # which dark of a year begins soon after the South Atlantic Anomaly
SOON_S, LATE_S = 1200, 4500
_STREAM, _STATE_STREAM = 8, 95


@dataclass(frozen=True)
class IrDarkPlace(DarkPlace):
    """Where a dark of the infrared detector stands; a cycle is a year, counts begin at 0."""

    @property
    def proposal(self) -> int:
        """Which proposal."""
        return self.cycle

    @property
    def slot(self) -> Slot:
        """What it is."""
        return next(one for one in DARKS[self.instrument] if one.detector_name == "IR")

    @property
    def rootname(self) -> str:
        """`it`, then year and dark in base 36, then `q`."""
        return name_exposure("it", self.proposal, 1, self.number + 1)

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]."""
        first = datetime_to_mjd(datetime(YEARS[self.cycle], 1, 5, tzinfo=UTC))
        return first + self.number * MONTH_DAYS

    @property
    def saa_s(self) -> int:
        """Since the telescope left the South Atlantic Anomaly [s]."""
        return SOON_S if self.number == AFTER_ANOMALY else LATE_S + self.number

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [self.index, number, 5, STREAMS[self.instrument]]


def guess_ir_dark(_: str, proposal: int, __: int, exposure: int) -> int:
    """Return the index of a rootname with these counts, if there is one."""
    return proposal * DARKS_PER_CYCLE + exposure - 1


def find_steps(exposure: Exposure, frame: Frame) -> NDArray[np.float32]:
    """Return how far the levels of telegraph pixels are apart [electron/s], shape of the frame.

    0 of others, and of exposures that are none of these darks.
    """
    place = exposure.place
    steps = np.zeros(frame.shape, np.float32)
    if not isinstance(place, IrDarkPlace):
        return steps
    share = np.full(frame.shape, SHARE)
    if place.cycle == 0:
        for name, rows, columns in frame.science_quadrants():
            share[rows, columns] = SHARE_OF_D if name == "D" else SHARE
    lot = _draw_lot(exposure, frame, YEARS[-1])
    for year in range(YEARS[-1] + 1, YEARS[place.cycle] + 1):
        rng = _stream(exposure, frame, year)
        is_new = rng.random(frame.shape) > KEPT
        lot = np.where(is_new, rng.random(frame.shape), lot)
    is_telegraph = lot < share
    low, high = STEPS
    sizes = low * (high / low) ** (lot * 1.0e7 % 1.0)
    steps[is_telegraph] = sizes[is_telegraph]
    return steps


def telegraph_rates(exposure: Exposure, frame: Frame) -> NDArray[np.float32]:
    """Return what telegraph pixels add in an exposure [electron/s], shape of the frame."""
    steps = find_steps(exposure, frame)
    if not steps.any():
        return steps
    low, high = BUSY
    busy = low + (high - low) * (steps * 1.0e4 % 1.0)
    is_up = exposure.random_stream(_STATE_STREAM).random(frame.shape) < busy
    return np.where(is_up, steps, np.float32(0.0))


def count_ir_darks() -> int:
    """Return how many there can be."""
    return len(YEARS) * DARKS_PER_CYCLE


def find_saa_s(place: Place) -> int:
    """Return how long before an exposure the telescope left the South Atlantic Anomaly [s]."""
    if isinstance(place, IrDarkPlace):
        return place.saa_s
    return 1000 + place.index * 37 % 4000


def _draw_lot(exposure: Exposure, frame: Frame, year: int) -> NDArray[np.float64]:
    return _stream(exposure, frame, year).random(frame.shape)


def _stream(exposure: Exposure, frame: Frame, year: int) -> np.random.Generator:
    return np.random.default_rng([exposure.seed, year, frame.binning, _STREAM])
