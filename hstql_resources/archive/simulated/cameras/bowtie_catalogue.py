"""Plan visits of UVIS that remove the bowtie: a flat, a saturated one, and a flat again.

Visits are three days apart, one for each epoch that an archive is asked for. Before the saturated
flat the efficiency of two opposite triangles is off; by how much decays until the detector is
warmed, every three weeks, and is as at first then. More visits change none of the first.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import STREAMS, Exposure
from hstql_resources.archive.simulated.cameras.flat_catalogue import (
    EPOCHS_PER_PROPOSAL,
    SPACING_S,
    FlatPlace,
    guess_flat,
)
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.settings import BOWTIE_FLATS, Slot
from hstql_resources.archive.simulated.observing_program import MAXIMUM_PROPOSALS
from hstql_resources.times import SECONDS_PER_DAY

FIRST_PROPOSAL = 360  # far from those of other flats, which are measured by proposal
FIRST_VISIT_MJD, VISIT_DAYS = 55040.0, 3.0
HIGHEST, DECAY_DAYS, WARMED_DAYS = 0.015, 12.0, 21.0
LEFT_OVER = 0.02  # of it, after the saturated flat
FLATS = len(BOWTIE_FLATS["wfc3"])
MOST_FLATS = (MAXIMUM_PROPOSALS - FIRST_PROPOSAL) * EPOCHS_PER_PROPOSAL * FLATS


@dataclass(frozen=True)
class BowtiePlace(FlatPlace):
    """Where a flat of a visit stands in the program of UVIS; counts begin at 0."""

    @property
    def plan(self) -> tuple[Slot, ...]:
        """The flats of a visit."""
        return BOWTIE_FLATS[self.instrument]

    @property
    def letters(self) -> str:
        """The first two of its rootname."""
        return "iw"

    @property
    def proposal(self) -> int:
        """Which proposal."""
        return FIRST_PROPOSAL + super().proposal

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]."""
        days = self.cycle * VISIT_DAYS + self.number * SPACING_S / SECONDS_PER_DAY
        return FIRST_VISIT_MJD + days

    @property
    def offset(self) -> float:
        """By how much the efficiency is off where the pattern is strongest, as a fraction."""
        days = self.cycle * VISIT_DAYS % WARMED_DAYS
        is_after = self.number > 1
        return float(HIGHEST * np.exp(-days / DECAY_DAYS) * (LEFT_OVER if is_after else 1.0))

    def random_key(self, number: int) -> list[int]:
        """Return what tells its streams of random numbers from all others, of one seed."""
        return [self.index, number, 21, STREAMS[self.instrument]]


def guess_bowtie(name: str, proposal: int, visit: int, exposure: int) -> int:
    """Return the index of a rootname with these counts, if there is one."""
    return guess_flat(FLATS, name, proposal - FIRST_PROPOSAL, visit, exposure)


def relative_efficiency(exposure: Exposure, frame: Frame) -> NDArray[np.float64] | float:
    """Return the efficiency over the usual one, shape of the frame; 1 but for such flats."""
    place = exposure.place
    return 1.0 + place.offset * bowtie_pattern(frame) if isinstance(place, BowtiePlace) else 1.0


def bowtie_pattern(frame: Frame) -> NDArray[np.float64]:
    """Return the pattern, 0 to 1, shape of the frame: triangles left and right of the middle."""
    detector = frame.detector
    chip = [one.number for one in detector.chips].index(frame.chip.number)
    (column, row), bottom = frame.corner, chip * (detector.rows + detector.gap_rows)
    y, x = np.ogrid[: frame.rows, : frame.columns]
    right = (x + column + 0.5) * frame.binning / detector.columns - 0.5
    up = ((y + row + 0.5) * frame.binning + bottom) / detector.mosaic_rows - 0.5
    pattern: NDArray[np.float64] = np.clip((right**2 - up**2) / (right**2 + up**2), 0.0, 1.0)
    return pattern
