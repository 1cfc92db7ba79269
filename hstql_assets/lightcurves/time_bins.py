"""Find when the exposure was live, and cut its time into bins.

Times are seconds from EXPSTART. An interval is live when it is good time (GTI) of every segment
used, and, if asked for, the Sun is low enough.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, reduce

import numpy as np

from hstql_assets.batching.bad_data import BadData, NothingToExtract, Reason
from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.intervals import add_seconds, intersect, tidy
from hstql_assets.lightcurves.quality import MIN_EXPTIME_S
from hstql_assets.lightcurves.settings import ExtractionSettings

MAX_BINS = 1_000_000  # 100 MB of file
MIN_SHARE = 0.5  # of the longer segment: with less, the other is worth more alone
UNTOLD_SHARE = 0.01  # of the good time of a segment, that may be left out without a word
ORBIT_S = 5760.0  # 96 minutes, a little more than an orbit of HST has taken at any time
ORBIT_GAP_S = 600.0  # between orbits the Earth hides the target; the South Atlantic takes as long
EDGE = 1e-6  # bins; closer than this to an edge is on it


@dataclass(frozen=True)
class Runs:
    """Events in the order of time, as runs of neighbours that are in one bin, or in none.

    Parameters
    ----------
    bins, starts : numpy.ndarray of int, shape (runs,)
        Bin of each run, -1 for none, and its first event.
    events : int
        Number of events.
    """

    bins: np.ndarray
    starts: np.ndarray
    events: int

    @property
    def lengths(self) -> np.ndarray:
        """Number of events in each run, shape (runs,)."""
        return np.diff(self.starts, append=self.events)

    def expand(self, values: np.ndarray) -> np.ndarray:
        """Repeat what holds for each run, shape (runs,), for each of its events."""
        return np.repeat(values, self.lengths)

    def choose(self, chosen: np.ndarray) -> "Runs":
        """Return the runs of some events, which ascend, shape (m,); none is empty or goes on."""
        starts = np.searchsorted(chosen, self.starts)
        is_first = np.diff(starts, append=len(chosen)) > 0
        bins, starts = self.bins[is_first], starts[is_first]
        is_first = np.diff(bins, prepend=-2) != 0
        return Runs(bins[is_first], starts[is_first], len(chosen))


@dataclass(frozen=True)
class TimeBins:
    """Bins from 0 to the end of the last good time, of equal width, where the last may be partial.

    A limit of the Sun takes live time away, but no bins.

    Parameters
    ----------
    width_s : float
        Width of a bin in seconds; where they differ, that of the bins that they were cut from.
    count : int
        Number of bins.
    live_s : numpy.ndarray, shape (n, 2)
        Start and stop of the live intervals, sorted, apart from each other, in seconds.
    remarks : tuple of str
        Good time of a segment that is left out because another has none then, a sentence each.
    cuts_s : numpy.ndarray or None
        Edges of bins that are not of equal width, seconds, shape (count + 1,).
    """

    width_s: float
    count: int
    live_s: np.ndarray
    remarks: tuple[str, ...] = ()
    cuts_s: np.ndarray | None = None

    @cached_property
    def edges_s(self) -> np.ndarray:
        """Edges of the bins in seconds, shape (count + 1,)."""
        return np.arange(self.count + 1) * self.width_s if self.cuts_s is None else self.cuts_s

    @property
    def widths_s(self) -> np.ndarray:
        """Width of each bin in seconds, shape (count,)."""
        if self.cuts_s is None:
            return np.full(self.count, self.width_s)
        return np.asarray(np.diff(self.cuts_s))

    def join(self, starts: np.ndarray) -> "TimeBins":
        """Join neighbouring bins: a new one begins with each of `starts`, which ascend from 0."""
        cuts_s = np.append(self.edges_s[starts], self.edges_s[-1])
        return replace(self, count=len(starts), cuts_s=cuts_s)

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

    def find_runs(self, times_s: np.ndarray) -> Runs:
        """Find the bins of events; one outside the live time is in none.

        An event on the edge of two bins belongs to the later one; an event at the very stop of a
        live interval, to the bin that the interval ends in. Edges are rounded to the type of the
        times first: 0.9 s as a 32-bit float is less than 0.9, and still on the edge.

        Parameters
        ----------
        times_s : numpy.ndarray, shape (n,), n > 0
            Times of events, s, in ascending order, as stored.
        """
        if not len(self.live_s):
            return Runs(np.array([-1]), np.array([0]), len(times_s))
        # In 64 bits, and a bin more on either side: rounding moves an edge.
        first = max(int(np.searchsorted(self.edges_s, float(times_s[0]))) - 2, 0)
        last = min(int(np.searchsorted(self.edges_s, float(times_s[-1]))) + 2, self.count)
        first = min(first, last)
        cuts = np.searchsorted(times_s, self.edges_s[first : last + 1].astype(times_s.dtype))
        live = self.live_s.astype(times_s.dtype)
        starts, stops = np.searchsorted(times_s, live).T
        closes = np.searchsorted(times_s, live[:, 1], side="right")
        at = np.unique(np.concatenate([[0], cuts, starts, stops, closes]))
        at = at[at < len(times_s)]
        index = first + np.searchsorted(cuts, at, side="right") - 1
        index[(at < cuts[0]) | (at >= cuts[-1])] = -1
        interval = np.maximum(np.searchsorted(starts, at, side="right") - 1, 0)
        is_after = at >= stops[interval]
        index[is_after] = self._last_bins[interval[is_after]]
        index[(at < starts[0]) | (at >= closes[interval])] = -1
        return Runs(index, at, len(times_s))

    @cached_property
    def _last_bins(self) -> np.ndarray:
        """Bin that each live interval ends in, shape (intervals,)."""
        stops_s = self.live_s[:, 1] - EDGE * self.width_s
        return np.clip(np.searchsorted(self.edges_s, stops_s) - 1, 0, self.count)


def make_time_bins(files: list[EventFile], settings: ExtractionSettings) -> TimeBins:
    """Cut the time of an exposure into bins.

    Parameters
    ----------
    files : list of EventFile
        The segments that are used together: their good times are intersected.
    settings : ExtractionSettings
        Width of a bin, or one for each orbit, and limits of the Sun's altitude. The altitude is
        that of the TIMELINE table of the first segment (they share the spacecraft), linear between
        its entries.

    Raises
    ------
    NothingToExtract
        If the width makes more than a million bins, or the Sun is never within its limits.
    BadData
        Short Exposure, if a segment has less than a second of good time, or shares less than half
        of that of the other; Unreadable, if the altitude of the Sun is asked for and not in the
        file.
    """
    good = _good_times(files)
    live = _find_live(files[0], good, settings)
    remarks = tuple(_tell_unshared(files, good))
    if settings.is_by_orbit:
        cuts_s = cut_orbits(good)
        return TimeBins(settings.bin_s, len(cuts_s) - 1, live, remarks, cuts_s)
    bins = float(good[-1, 1]) / settings.bin_s
    if bins > MAX_BINS:
        raise NothingToExtract(
            f"Bins of {settings.bin_s:g} s would be {bins:,.0f}, more than {MAX_BINS:,}: "
            "choose wider ones."
        )
    return TimeBins(settings.bin_s, max(int(np.ceil(bins - EDGE)), 1), live, remarks)


def cut_orbits(good_s: np.ndarray) -> np.ndarray:
    """Return the edges of bins, s, one for each orbit and, without live time, each gap between two.

    Parameters
    ----------
    good_s : numpy.ndarray, shape (n, 2)
        Good times, s, tidy. A gap of `ORBIT_GAP_S` is one between orbits. Where there is none for
        longer than an orbit takes, the time is cut into equal parts that are no longer.
    """
    gaps = np.flatnonzero(good_s[1:, 0] - good_s[:-1, 1] >= ORBIT_GAP_S)
    starts_s = np.append(0.0, good_s[gaps + 1, 0])
    stops_s = np.append(good_s[gaps, 1], good_s[-1, 1])
    parts = np.maximum(np.ceil((stops_s - starts_s) / ORBIT_S - EDGE), 1).astype(int)
    return np.concatenate([
        np.linspace(start, stop, number + 1)
        for start, stop, number in zip(starts_s, stops_s, parts, strict=True)
    ])  # fmt: skip


def _find_live(file: EventFile, good: np.ndarray, settings: ExtractionSettings) -> np.ndarray:
    """Return the part of the good times, s, shape (n, 2), with the Sun within its limits."""
    lower, upper = settings.sun_altitude_min_deg, settings.sun_altitude_max_deg
    if lower is None and upper is None:
        return good
    if not {"TIME", "SUN_ALT"} <= file.timeline.keys():
        raise BadData(
            file.path.name,
            Reason.UNREADABLE,
            "has no TIMELINE table with SUN_ALT, which a limit of the Sun's altitude needs.",
        )
    times_s, altitude_deg = file.timeline["TIME"], file.timeline["SUN_ALT"]
    live, where, advice = good, [], []
    if upper is not None:
        live = intersect(live, low_sun(times_s, altitude_deg, upper))
        where, advice = [f"at or below {upper:g}"], ["higher"]
    if lower is not None:
        live = intersect(live, low_sun(times_s, -altitude_deg, -lower))
        where, advice = [*where, f"above {lower:g}"], [*advice, "lower"]
    if add_seconds(live) < MIN_EXPTIME_S:
        raise NothingToExtract(
            f"Of {add_seconds(good):g} s of {file.exposure.rootname} the Sun was "
            f"{' and '.join(where)} degrees for {add_seconds(live):g} s: choose a "
            f"{' or a '.join(advice)} limit."
        )
    return live


def _good_times(files: list[EventFile]) -> np.ndarray:
    """Intersect the good times, s, of all segments, shape (n, 2); BadData if little is left."""
    each = [tidy(file.good_times_s) for file in files]
    by_length = sorted(range(len(files)), key=lambda i: -add_seconds(each[i]))
    longest, shortest = by_length[0], by_length[-1]
    good = reduce(intersect, each)
    if add_seconds(each[shortest]) < MIN_EXPTIME_S:
        detail = f"only {add_seconds(each[shortest]):g} s of its good time are after EXPSTART."
    elif (shared := add_seconds(good)) < max(MIN_EXPTIME_S, MIN_SHARE * add_seconds(each[longest])):
        detail = (
            f"it shares only {shared:g} s of the {add_seconds(each[longest]):g} s of good time of "
            f"{files[longest].path.name}."
        )
    else:
        return good
    raise BadData(files[shortest].path.name, Reason.SHORT_EXPOSURE, detail)


def _tell_unshared(files: list[EventFile], shared_s: np.ndarray) -> Iterator[str]:
    """Say how much good time, s, of each segment is left out; not of fractions of a second."""
    for file in files:
        own = add_seconds(tidy(file.good_times_s))
        left_out = own - add_seconds(shared_s)
        if left_out > max(MIN_EXPTIME_S, UNTOLD_SHARE * own):
            yield (
                f"{file.path.name}: {left_out:.1f} s of {own:.1f} s of good time "
                f"({left_out / own:.0%}) are left out, because the other segment has none then."
            )


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
