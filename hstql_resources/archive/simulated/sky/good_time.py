"""Cut what is not good out of an exposure, and write what is left as files have it."""

import numpy as np

from hstql_resources.archive.simulated.sky.fitsfile import Column

Intervals = tuple[tuple[float, float], ...]  # start and stop of each [s since the start]


def good_intervals(duration_s: float, gap_s: tuple[float, float] | None) -> Intervals:
    """Return each stretch of good time [s since the start]: all, or what is around a gap."""
    if gap_s is None:
        return ((0.0, duration_s),)
    return ((0.0, gap_s[0]), (gap_s[1], duration_s))


def total_time(intervals_s: Intervals) -> float:
    """Return the sum of intervals [s]."""
    return sum(stop - start for start, stop in intervals_s)


def good_time_columns(intervals_s: Intervals) -> list[Column]:
    """Return the columns of a GTI table."""
    start, stop = np.array(intervals_s).T
    return [Column("START", "1D", start, "seconds"), Column("STOP", "1D", stop, "seconds")]
