"""Count the events of one corrtag file of a dark, by region, in stretches of 25 s.

Counts and live time only, apart from each other; rates are made of them in `regions`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_assets.lightcurves.intervals import intersect, tidy
from hstql_assets.lightcurves.time_bins import TimeBins
from hstql_assets.monitors.darks.dark_file import (
    NO_GOOD_TIME,
    DarkFile,
    EventBlock,
    open_dark,
)
from hstql_assets.monitors.darks.regions import Region, regions_of
from hstql_assets.science.orbit_position import Position, interpolate_position
from hstql_resources.fits.errors import FitsError
from hstql_resources.times import SECONDS_PER_DAY

BIN_S = 25.0
LONGEST_S = SECONDS_PER_DAY  # an exposure ends within a few orbits
# Pulse heights of real dark counts of FUV, both ends included; as both monitors of COS had it.
GOOD_PULSE_HEIGHTS = (3, 22)
BURST, BAD_TIME = 64, 2048  # bits of DQ that CalCOS cuts time out for


@dataclass(frozen=True, eq=False)
class RegionCounts:
    """The events of a region in each stretch.

    Attributes
    ----------
    counts : ndarray of int, shape (bins,)
        With a good pulse height; NUV: all.
    all_counts : ndarray of int, shape (bins,)
        Of any.
    """

    counts: NDArray[np.int64]
    all_counts: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DarkCounts:
    """What was counted in one file; arrays are of shape (bins,), times since EXPSTART.

    Attributes
    ----------
    detector : str
        FUVA, FUVB or NUV.
    exp_start_mjd : float
        MJD UTC.
    start_s, stop_s : ndarray
        Where stretches begin and end; the last one may be short.
    live_s : ndarray
        Time in which events were counted; 0 where there is none.
    position : Position
        Of the telescope in the middle of each.
    regions : mapping of Region to RegionCounts
    unplaced_s : float
        Good time that is left out because TIMELINE does not cover it.
    unplaced_events : int
        Events outside of the good time that was used, of those that are not flagged.
    """

    detector: str
    exp_start_mjd: float
    start_s: NDArray[np.float64]
    stop_s: NDArray[np.float64]
    live_s: NDArray[np.float64]
    position: Position
    regions: Mapping[Region, RegionCounts]
    unplaced_s: float
    unplaced_events: int

    @property
    def middle_s(self) -> NDArray[np.float64]:
        """The middle of each stretch."""
        return (self.start_s + self.stop_s) / 2.0


def measure_dark(path: Path) -> DarkCounts:
    """Count the events of a corrtag file by region and time.

    Parameters
    ----------
    path : Path
        Corrtag file of COS, plain or gzipped. Events are read in blocks.

    Returns
    -------
    DarkCounts
        In stretches of 25 s from EXPSTART to the end of the live time, which is good time (GTI)
        that TIMELINE covers.

    Raises
    ------
    FitsError, NothingToMeasureError
        See `open_dark`; FitsError also if there is no live time.
    """
    dark = open_dark(path)
    bins, unplaced_s = _cut_time(dark)
    regions = regions_of(dark.detector)
    sums = {region: np.zeros((2, bins.count), np.int64) for region in regions}
    unplaced = sum(_add(block, bins, sums) for block in dark.blocks())
    start_s = bins.edges_s[:-1]
    stop_s = np.minimum(bins.edges_s[1:], bins.live_s[-1, 1])
    position = interpolate_position(
        dark.time_s, dark.latitude_deg, dark.longitude_deg, (start_s + stop_s) / 2.0
    )
    counted = {region: RegionCounts(*both) for region, both in sums.items()}
    live_s = bins.exposure_s
    return DarkCounts(
        dark.detector, dark.exp_start_mjd, start_s, stop_s, live_s, position, counted,
        unplaced_s, unplaced,
    )  # fmt: skip


def _cut_time(dark: DarkFile) -> tuple[TimeBins, float]:
    """Return the stretches, and the good seconds that TIMELINE does not cover."""
    good = tidy(dark.good_times_s)
    step_s = float(np.median(np.diff(dark.time_s)))
    covered = np.array([[dark.time_s[0] - step_s, dark.time_s[-1] + step_s]])
    live = intersect(good, tidy(covered))
    good_s, live_s = (float(np.diff(times, axis=1).sum()) for times in (good, live))
    if not live_s > 0.0:
        raise FitsError(
            f"has {good_s:g} s of good time, and TIMELINE from {dark.time_s[0]:g} to "
            f"{dark.time_s[-1]:g} s: nothing is left",
            NO_GOOD_TIME,
        )
    end_s = float(live[-1, 1])
    if end_s > LONGEST_S:
        raise FitsError(f"has good time until {end_s:g} s after EXPSTART, more than a day")
    return TimeBins(BIN_S, max(int(np.ceil(end_s / BIN_S - 1e-6)), 1), live), good_s - live_s


def _add(block: EventBlock, bins: TimeBins, sums: Mapping[Region, NDArray[np.int64]]) -> int:
    """Add a block of events to the sums, shape (2, bins): of good pulse height, and any.

    Return how many are in no live time.
    """
    if not np.isfinite(block.time_s).all():
        missing = int(np.sum(~np.isfinite(block.time_s)))
        raise FitsError(f"has {missing:,} events whose TIME is no number")
    kept = np.flatnonzero((block.flags & (BURST | BAD_TIME)) == 0)
    if not kept.size:
        return 0
    if np.any(np.diff(block.time_s[kept]) < 0):
        kept = kept[np.argsort(block.time_s[kept], kind="stable")]
    runs = bins.find_runs(block.time_s[kept])
    index = runs.expand(runs.bins)
    kept, index = kept[index >= 0], index[index >= 0]
    x, y, is_good = block.x[kept], block.y[kept], _has_good_pulse_height(block, kept)
    for region, both in sums.items():
        inside = region.contains(x, y)
        both[1] += np.bincount(index[inside], minlength=bins.count)
        both[0] += np.bincount(index[inside & is_good], minlength=bins.count)
    return int(np.sum((block.flags & (BURST | BAD_TIME)) == 0)) - kept.size


def _has_good_pulse_height(block: EventBlock, kept: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which of some events have one, shape (m,); these by their places, shape (m,)."""
    if block.pulse_height is None:
        return np.ones(kept.size, np.bool_)
    low, high = GOOD_PULSE_HEIGHTS
    heights = block.pulse_height[kept]
    good: NDArray[np.bool_] = (heights >= low) & (heights <= high)
    return good
