"""Find when the exposure was live, and cut its time into bins.

Times are seconds from EXPSTART. An interval is live when it is good time (GTI) of every segment
used, and, if asked for, the Sun is low enough.
"""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from hstql_assets.batching.bad_data import BadData, NothingToExtract, Reason
from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.quality import MIN_EXPTIME_S

MAX_BINS = 1_000_000  # 100 MB of file
MIN_SHARE = 0.5  # of the longer segment: with less, the other is worth more alone
EDGE = 1e-6  # bins; closer than this to an edge is on it


@dataclass(frozen=True)
class TimeBins:
    """Bins of equal width from 0 to the end of the last good time, where the last may be partial.

    A limit of the Sun takes live time away, but no bins.

    Parameters
    ----------
    width_s : float
        Width of a bin in seconds.
    count : int
        Number of bins.
    live_s : numpy.ndarray, shape (n, 2)
        Start and stop of the live intervals, sorted, apart from each other, in seconds.
    """

    width_s: float
    count: int
    live_s: np.ndarray

    @property
    def edges_s(self) -> np.ndarray:
        """Edges of the bins in seconds, shape (count + 1,)."""
        return np.arange(self.count + 1) * self.width_s

    @property
    def exposure_s(self) -> np.ndarray:
        """Live seconds in each bin, shape (count,)."""
        if not len(self.live_s):
            return np.zeros(self.count)
        lengths = np.diff(self.live_s, axis=1)[:, 0]
        until = np.concatenate([[0.0], np.cumsum(lengths)])
        # Live time up to t: flat between the intervals, rising by 1 within.
        live = np.interp(
            self.edges_s, self.live_s.ravel(), np.column_stack([until[:-1], until[1:]]).ravel()
        )
        exposure: np.ndarray = np.diff(live)
        exposure[exposure < EDGE * self.width_s] = 0.0
        return exposure

    def index(self, times_s: np.ndarray) -> np.ndarray:
        """Find the bin of each event, -1 for one outside the live time.

        An event on the edge of two bins belongs to the later one; an event at the very stop of a
        live interval, to the bin that the interval ends in. Edges are rounded to the type of the
        times first: 0.9 s as a 32-bit float is less than 0.9, and still on the edge.

        Parameters
        ----------
        times_s : numpy.ndarray, shape (n,), n > 0
            Times of events, s, in ascending order, as stored.

        Returns
        -------
        numpy.ndarray of int32, shape (n,)
        """
        # In 64 bits: the greatest 32-bit time over a narrow bin is more than 32 bits can hold.
        first = self._clip(float(times_s[0]) / self.width_s - 1)
        last = self._clip(float(times_s[-1]) / self.width_s + 2)
        edges = (np.arange(first, last + 1) * self.width_s).astype(times_s.dtype)
        cuts = np.searchsorted(times_s, edges)
        in_bin = np.full(len(times_s), -1, np.int32)
        in_bin[cuts[0] : cuts[-1]] = np.repeat(np.arange(first, last), np.diff(cuts))
        live = self.live_s.astype(times_s.dtype)
        starts, stops = np.searchsorted(times_s, live).T
        closes = np.searchsorted(times_s, live[:, 1], side="right")
        index = np.full(len(times_s), -1, np.int32)
        for i, (start, stop, close) in enumerate(zip(starts, stops, closes, strict=True)):
            index[start:stop] = in_bin[start:stop]
            index[stop:close] = self._clip(np.ceil(self.live_s[i, 1] / self.width_s - EDGE) - 1)
        return index

    def _clip(self, bins: float) -> int:
        """Return the number of a bin edge, within those that there are."""
        return min(max(int(bins), 0), self.count)


def make_time_bins(
    files: list[EventFile], width_s: float, sun_altitude_max_deg: float | None = None
) -> TimeBins:
    """Cut the time of an exposure into bins.

    Parameters
    ----------
    files : list of EventFile
        The segments that are used together: their good times are intersected.
    width_s : float
        Width of a bin in seconds.
    sun_altitude_max_deg : float or None
        Highest altitude of the Sun in degrees that is live. The altitude is that of the TIMELINE
        table of the first segment (they share the spacecraft), linear between its entries.

    Raises
    ------
    NothingToExtract
        If the width makes more than a million bins, or the Sun is never low enough.
    BadData
        Short Exposure, if a segment has less than a second of good time, or shares less than half
        of that of the other; Unreadable, if the altitude of the Sun is asked for and not in the
        file.
    """
    good = _good_times(files)
    bins = float(good[-1, 1]) / width_s
    if bins > MAX_BINS:
        raise NothingToExtract(
            f"Bins of {width_s:g} s would be {bins:,.0f}, more than {MAX_BINS:,}: "
            "choose wider ones."
        )
    count = max(int(np.ceil(bins - EDGE)), 1)
    if sun_altitude_max_deg is None:
        return TimeBins(width_s, count, good)
    timeline = files[0].timeline
    if timeline is None:
        raise BadData(
            files[0].path.name,
            Reason.UNREADABLE,
            "has no TIMELINE table with SUN_ALT, which a limit of the Sun's altitude needs.",
        )
    live = intersect(good, low_sun(*timeline, sun_altitude_max_deg))
    if _seconds(live) < MIN_EXPTIME_S:
        raise NothingToExtract(
            f"Of {_seconds(good):g} s of {files[0].exposure.rootname} the Sun was at or below "
            f"{sun_altitude_max_deg:g} degrees for {_seconds(live):g} s: choose a higher limit."
        )
    return TimeBins(width_s, count, live)


def _good_times(files: list[EventFile]) -> np.ndarray:
    """Intersect the good times, s, of all segments, shape (n, 2); BadData if little is left."""
    each = [tidy(file.good_times_s) for file in files]
    by_length = sorted(range(len(files)), key=lambda i: -_seconds(each[i]))
    longest, shortest = by_length[0], by_length[-1]
    good = reduce(intersect, each)
    if _seconds(each[shortest]) < MIN_EXPTIME_S:
        detail = f"only {_seconds(each[shortest]):g} s of its good time are after EXPSTART."
    elif _seconds(good) < max(MIN_EXPTIME_S, MIN_SHARE * _seconds(each[longest])):
        detail = (
            f"it shares only {_seconds(good):g} s of the {_seconds(each[longest]):g} s of good "
            f"time of {files[longest].path.name}."
        )
    else:
        return good
    raise BadData(files[shortest].path.name, Reason.SHORT_EXPOSURE, detail)


def _seconds(intervals_s: np.ndarray) -> float:
    """Add up the lengths of intervals, s, shape (n, 2)."""
    return float(np.diff(intervals_s, axis=1).sum())


def tidy(intervals_s: np.ndarray) -> np.ndarray:
    """Sort intervals, s, shape (n, 2), join those that touch and leave out those of no length."""
    kept: list[list[float]] = []
    for start, stop in sorted(map(tuple, np.maximum(intervals_s, 0.0).tolist())):
        if not stop > start:
            continue
        if kept and start <= kept[-1][1]:
            kept[-1][1] = max(kept[-1][1], stop)
        else:
            kept.append([start, stop])
    return np.array(kept, dtype=np.float64).reshape(-1, 2)


def intersect(first_s: np.ndarray, second_s: np.ndarray) -> np.ndarray:
    """Return the intervals that are in both.

    Parameters
    ----------
    first_s, second_s : numpy.ndarray, shape (n, 2) and (m, 2)
        Start and stop, s; tidy, as the result is.
    """
    starts = np.maximum(first_s[:, None, 0], second_s[None, :, 0]).ravel()
    stops = np.minimum(first_s[:, None, 1], second_s[None, :, 1]).ravel()
    return tidy(np.column_stack([starts, stops]))


def low_sun(times_s: np.ndarray, altitude_deg: np.ndarray, limit_deg: float) -> np.ndarray:
    """Find the intervals, s, in which the Sun is not above the limit, shape (m, 2).

    The altitude is linear between the entries, and constant before the first and after the last.

    Parameters
    ----------
    times_s : numpy.ndarray, shape (n,)
        Seconds from EXPSTART, ascending.
    altitude_deg : numpy.ndarray, shape (n,)
        Altitude of the Sun at these times, degrees, as `limit_deg` is.
    """
    if not len(times_s):
        return np.empty((0, 2))
    times = np.concatenate([[0.0], times_s, [np.inf]])
    over = np.concatenate([altitude_deg[:1], altitude_deg, altitude_deg[-1:]]) - limit_deg
    intervals = []
    for i in range(len(times) - 1):
        (t0, t1), (y0, y1) = times[i : i + 2], over[i : i + 2]
        if y0 <= 0 and y1 <= 0:
            intervals.append((t0, t1))
        elif y0 <= 0 or y1 <= 0:
            crossing = t0 + (t1 - t0) * y0 / (y0 - y1)
            intervals.append((t0, crossing) if y0 <= 0 else (crossing, t1))
    return tidy(np.array(intervals).reshape(-1, 2))
