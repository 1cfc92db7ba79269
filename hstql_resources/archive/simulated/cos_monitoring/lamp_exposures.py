"""Plan exposures with flashes of the lamp: one of each detector, FUV and NUV, at each epoch.

They follow each other, and the mechanisms move in between as soon as the first has ended. Which
of the two is first changes from epoch to epoch.
"""

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.instrument import G130M, G230L, TICK_S, Configuration
from hstql_resources.archive.simulated.cos_monitoring.epochs import EpochPlace, epoch_mjd
from hstql_resources.archive.simulated.cos_monitoring.lamp_law import LAWS, Law
from hstql_resources.archive.simulated.observing_program import make_target
from hstql_resources.archive.simulated.sky.orbit import PERIOD_S, Orbit
from hstql_resources.times import SECONDS_PER_DAY

DURATION_S = 2400.0
FLASH_S = 12.0
DELAY_DAYS = 0.3  # from the epoch to the first of the two, after other exposures of the epoch
SHORTEST_SINCE_MOVE_S, LONGEST_SINCE_MOVE_S = 100.0, 800.0
_SILVER = 0.41421356237309503  # unlike the golden ratio of the epochs: not by date
_CONFIGURATIONS = {
    "FUV": G130M,
    "NUV": replace(G230L, opt_elem=LAWS["NUV"].opt_elem, cenwave=LAWS["NUV"].cenwave),
}


@dataclass(frozen=True)
class Flash:
    """What one segment shows of one flash.

    Attributes
    ----------
    number : int
        Of the flash, from 1.
    on_s, off_s, time_s : float
        When the lamp is on, and the mean time of its events [s since the start].
    true_disp, true_xdisp : float
        Shift along and across the dispersion, FP-POS in it [pixel].
    shift_disp, shift_xdisp : float
        The same as measured [pixel].
    """

    segment: str
    number: int
    on_s: float
    off_s: float
    time_s: float
    true_disp: float
    true_xdisp: float
    shift_disp: float
    shift_xdisp: float


class LampPlace(EpochPlace):
    """Where an exposure stands in the program; FUV and NUV of the first epoch come first."""

    letters = MappingProxyType({"FUV": "lw", "NUV": "lv"})
    first_index = 40_000_000

    @property
    def configuration(self) -> Configuration:
        """The instrument setting."""
        return _CONFIGURATIONS[self.detector]

    @property
    def law(self) -> Law:
        """What the mechanisms do to its lamp."""
        return LAWS[self.detector]

    @property
    def fppos(self) -> int:
        """FP-POS, 1 to 4 in turn."""
        return self.epoch % 4 + 1

    @property
    def is_first(self) -> bool:
        """Whether it is the first of the two exposures of its epoch."""
        return (self.epoch % 2 == 0) == (self.detector == "FUV")

    @property
    def since_move_s(self) -> float:
        """From the last move of the mechanisms to the start of the exposure [s]."""
        share = (self.epoch * _SILVER + (0.0 if self.detector == "FUV" else 0.5)) % 1.0
        ratio = LONGEST_SINCE_MOVE_S / SHORTEST_SINCE_MOVE_S
        return float(round(SHORTEST_SINCE_MOVE_S * ratio**share))

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]."""
        first_mjd = epoch_mjd(self.epoch) + DELAY_DAYS
        if self.is_first:
            return first_mjd
        return first_mjd + (DURATION_S + self.since_move_s) / SECONDS_PER_DAY

    @property
    def flashes(self) -> int:
        """How often the lamp flashes: 4 to 6 times."""
        return 4 + self.epoch % 3


@dataclass(frozen=True)
class LampExposure(Exposure):
    """One exposure and everything true about it."""

    place: LampPlace

    @property
    def scatter(self) -> tuple[float, float]:
        """How far the move ended from the usual place, along and across [pixel]."""
        along, across = self.random_stream(1).normal(size=2)
        scatter = self.place.law.return_scatter
        return float(scatter * along), float(0.1 * scatter * across)

    def flashes(self) -> list[Flash]:
        """Return all flashes of all segments in the order of real files.

        That is by segment of the FUV detector, and by flash of the NUV detector.
        """
        place, law = self.place, self.place.law
        rng = self.random_stream(2)
        along, across = self.scatter
        found = []
        for number, on_s in enumerate(np.linspace(0.6, DURATION_S - 20.0, place.flashes), 1):
            for segment in law.segments:
                time_s = float(on_s + FLASH_S / 2.0 + rng.uniform(-0.4, 0.4))
                since_s = np.array(place.since_move_s + time_s)
                true_disp = float(
                    law.fp_pixel_shift(segment, place.fppos)
                    + law.place_at(segment, place.start_mjd)
                    + along
                    + law.drift_at(since_s)
                )
                true_xdisp = across + float(law.drift_across_at(since_s))
                noise = rng.normal(size=2) * law.noise
                found.append(
                    Flash(
                        segment, number, float(on_s), float(on_s) + FLASH_S, time_s,
                        true_disp, true_xdisp,
                        true_disp + float(noise[0]), true_xdisp + float(noise[1]),
                    )
                )  # fmt: skip
        if place.detector == "FUV":
            found.sort(key=lambda flash: flash.segment)
        return found


def make_lamp_exposure(seed: int, place: LampPlace) -> LampExposure:
    """Return the exposure at a place: the same for the same seed, whatever else exists."""
    rng = np.random.default_rng([seed, place.index])
    return LampExposure(
        place=place,
        # As calibration programs call it: no star is looked at, and no lightcurve made.
        target=replace(make_target(seed, place.proposal, 0), name="ANY"),
        ticks=round(DURATION_S / TICK_S),
        gap=None,
        orbit=Orbit(rng.uniform(0.0, PERIOD_S), rng.uniform(0.0, 360.0)),
        shift1=0.0,
        shift2=0.0,
        seed=seed,
    )
