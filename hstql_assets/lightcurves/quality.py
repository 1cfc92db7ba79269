"""Check an event file, in the order in which the checks stand here.

EXPFLAG, the number of events, the proposal, the exposure time and the good times come first,
because the headers and the small tables tell them. The order of TIME, and that there is more than
one, is seen while the events are read: `TimeOrder` is shown each block. So is whether the events
fit the good times and the detector: `OddEvents`. What is odd and no reason to refuse the file is a
remark. What cannot be read at all never gets here, see `events`.
"""

import math
from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from hstql_assets.batching.bad_data import BadData, Reason
from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.intervals import add_seconds, tidy
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.keywords import number
from hstql_resources.times import SECONDS_PER_DAY

MIN_EXPTIME_S = 1.0
EARLIEST_MJD, LATEST_MJD = 50000.0, 100000.0  # October 1995, before STIS, and the year 2132
MAX_SPAN_D = 1.0  # an exposure ends within its orbit of 96 minutes, or a few at the most
# Good times run over EXPSTART and EXPEND by fractions of a second. The check is against nonsense,
# which would make millions of bins, so it is generous; from a second on they are told.
TOLERANCE_S = 10.0
UNTOLD_S = 1.0
UNTOLD_SHARE = 0.01  # of EXPTIME, which the good times may differ from
OWN_AND_OTHER_TIME = {"FUVA": ("EXPTIMEA", "EXPTIMEB"), "FUVB": ("EXPTIMEB", "EXPTIMEA")}
EDGE_S = 0.1  # events this near to good time are in it: times are rounded
# What CalCOS and calstis write: dead time over flat field. Real files have 0.9 to 1.8.
EPSILON_RANGE = 0.1, 10.0


def check_headers(events: EventFile, bad_proposals: frozenset[int] = frozenset()) -> None:
    """Make the checks that need no event.

    Raises
    ------
    BadData
        For the first check that fails.
    """
    exposure, rows = events.exposure, events.layout.rows
    if exposure.exp_flag != "NORMAL":
        raise _bad(events, Reason.EXPFLAG, f"EXPFLAG is '{exposure.exp_flag}', not 'NORMAL'.")
    if rows == 0:
        raise _bad(events, Reason.NO_EVENTS, "the EVENTS table has no rows.")
    if exposure.proposal_id in bad_proposals:
        raise _bad(
            events, Reason.PROPOSAL, f"proposal {exposure.proposal_id} is in the list to refuse."
        )
    if not exposure.exp_time_s >= MIN_EXPTIME_S:
        raise _bad(events, Reason.SHORT_EXPOSURE, _short(events))
    _check_start_and_end(events)
    _check_good_times(events)


def _check_start_and_end(events: EventFile) -> None:
    """Make sure that the exposure was in the time of COS and STIS, and ended after it began."""
    start, end = events.exposure.exp_start_mjd, events.exposure.exp_end_mjd
    if not EARLIEST_MJD <= start <= LATEST_MJD:
        raise _bad(
            events,
            Reason.UNREADABLE,
            f"EXPSTART is MJD {start:.10g}, not from {EARLIEST_MJD:g} to {LATEST_MJD:g}.",
        )
    if not start <= end <= start + MAX_SPAN_D:
        raise _bad(
            events,
            Reason.UNREADABLE,
            f"EXPEND is MJD {end:.10g}, not within a day after EXPSTART, {start:.10g}.",
        )


def _check_good_times(events: EventFile) -> None:
    """Make sure that the good times are numbers, long enough, and within the exposure."""
    exposure, good_s = events.exposure, events.good_times_s
    if not np.isfinite(good_s).all():
        raise _bad(events, Reason.UNREADABLE, "the GTI table has times that are no numbers.")
    sum_s = float(np.diff(good_s, axis=1).clip(min=0.0).sum())  # not of rows that are reversed
    if sum_s < MIN_EXPTIME_S:
        raise _bad(
            events,
            Reason.SHORT_EXPOSURE,
            f"EXPTIME is {exposure.exp_time_s:g} s, but the {len(good_s)} intervals of the GTI "
            f"table add up to {sum_s:g} s.",
        )
    end_s = (exposure.exp_end_mjd - exposure.exp_start_mjd) * SECONDS_PER_DAY
    first_s, last_s = float(good_s.min()), float(good_s.max())
    if first_s < -TOLERANCE_S or last_s > end_s + TOLERANCE_S:
        raise _bad(
            events,
            Reason.UNREADABLE,
            f"the GTI table goes from {first_s:.3f} to {last_s:.3f} s, but EXPEND is {end_s:.3f} s "
            "after EXPSTART.",
        )


def tell_odd_times(events: EventFile) -> Iterator[str]:
    """Say what is odd about the good times of a file that passed `check_headers`."""
    name, good_s = events.path.name, events.good_times_s
    rows_s = np.diff(good_s, axis=1)[:, 0]
    if count := int(np.sum(rows_s < 0)):
        yield f"{name}: {count} of {len(rows_s)} rows of GTI stop before they start: left out."
    used_s = np.maximum(good_s[rows_s > 0], 0.0)
    overlap_s = add_seconds(used_s) - add_seconds(tidy(used_s))
    if overlap_s > EDGE_S:
        yield f"{name}: rows of GTI overlap by {overlap_s:.1f} s, which are counted once."
    end_s = (events.exposure.exp_end_mjd - events.exposure.exp_start_mjd) * SECONDS_PER_DAY
    beyond_s = max(-float(good_s.min()), float(good_s.max()) - end_s)
    if beyond_s > UNTOLD_S:
        yield f"{name}: good times go {beyond_s:.1f} s beyond EXPSTART or EXPEND."
    yield from _tell_exposure_time(events)


def _tell_exposure_time(events: EventFile) -> Iterator[str]:
    """Hold EXPTIME against the good times; that of a FUV file may be of the other segment."""
    good_s = add_seconds(tidy(events.good_times_s))
    own, other = OWN_AND_OTHER_TIME.get(events.segment, ("EXPTIME", "EXPTIME"))
    own_s, other_s = (_read_seconds(events, keyword, good_s) for keyword in (own, other))
    exp_time_s = events.exposure.exp_time_s
    checks = ("EXPTIME", exp_time_s, (good_s, other_s)), (own, own_s, (good_s,))
    for keyword, value_s, fitting in checks:
        tolerance_s = max(UNTOLD_S, UNTOLD_SHARE * value_s)
        if min(abs(value_s - right_s) for right_s in fitting) > tolerance_s and value_s > 0:
            yield (
                f"{events.path.name}: {keyword} is {value_s:.1f} s, but its good times add up to "
                f"{good_s:.1f} s, which are used."
            )
            return


def _read_seconds(events: EventFile, keyword: str, default: float) -> float:
    with suppress(FitsError):
        return number(events.header, keyword, default)
    return default


class OddEvents:
    """Counts the events of a file that no bit of DQ rejects and that do not fit all the same.

    Parameters
    ----------
    events : EventFile
        The file that the events come from.

    Notes
    -----
    STIS has no flag of bad time: only events before its first and after its last good time are odd.
    """

    def __init__(self, events: EventFile) -> None:
        self._events = events
        good_s, edge_s = tidy(events.good_times_s), EDGE_S
        if events.exposure.instrument == "STIS":
            good_s, edge_s = np.array([[good_s.min(), good_s.max()]]), UNTOLD_S
        self._good_s = tidy(good_s + np.array([-edge_s, edge_s]))
        self._accepted = self._outside = self._weightless = 0

    def show(self, times_s: np.ndarray, is_accepted: np.ndarray, epsilon: np.ndarray) -> None:
        """Count in the next block; all shapes are (n,), times (s) ascend."""
        accepted = int(np.count_nonzero(is_accepted))
        inside = np.searchsorted(times_s, self._good_s.astype(times_s.dtype))
        self._accepted += accepted
        self._outside += accepted - sum(
            int(np.count_nonzero(is_accepted[start:stop])) for start, stop in inside
        )
        lower, upper = EPSILON_RANGE
        if not (epsilon.min() >= lower and epsilon.max() <= upper):  # NaN is neither
            is_odd = ~((epsilon >= lower) & (epsilon <= upper))
            self._weightless += int(np.count_nonzero(is_odd & is_accepted))

    def finish(self, nowhere: int) -> tuple[str, ...]:
        """Return what is odd, a sentence each.

        Parameters
        ----------
        nowhere : int
            Number of events, of all, that are far off the detector.

        Raises
        ------
        BadData
            If it holds for all events: a lightcurve of zeros would be no measurement.
        """
        rows = self._events.layout.rows
        if not self._accepted:
            detail = f"DQ rejects all {rows:,} events (burst, pulse height, bad time, SDQFLAGS)."
            raise _bad(self._events, Reason.NO_EVENTS, detail)
        lower, upper = EPSILON_RANGE
        found = (
            (Reason.OUTSIDE_GTI, self._outside, self._accepted,
             "are outside the good times (GTI) without the flag of bad time, and do not count"),
            (Reason.EPSILON, self._weightless, self._accepted,
             f"have an EPSILON that is not from {lower:g} to {upper:g}, which spoils their flux"),
            (Reason.OFF_DETECTOR, nowhere, rows, "are far off the detector, and do not count"),
        )  # fmt: skip
        for reason, count, of, what in found:
            if count == of:
                raise _bad(self._events, reason, f"all {of:,} events {what}.")
        name = self._events.path.name
        return tuple(
            f"{name}: {count:,} of {of:,} events {what}." for _, count, of, what in found if count
        )


class TimeOrder:
    """Watches TIME go by: it may never fall, and must take more than one value.

    Parameters
    ----------
    events : EventFile
        The file that the times come from.
    """

    def __init__(self, events: EventFile) -> None:
        self._events = events
        self._seen = 0
        self._first = self._last = float("nan")

    def show(self, times_s: np.ndarray) -> None:
        """Check the next block of times, in seconds, shape (n,), n > 0.

        Raises
        ------
        BadData
            Non-linear time, if a time is smaller than the one before it; Unreadable, if one is no
            finite number.
        """
        if not self._seen:
            self._first = self._last = float(times_s[0])
        # Where times rise, only the first and the last can be infinite.
        if not (math.isfinite(times_s[0]) and math.isfinite(times_s[-1])):
            raise not_finite(self._events, "TIME")
        # "Not at least" instead of "smaller", so that NaN is caught too.
        if not times_s[0] >= self._last:
            raise self._falls(self._last, float(times_s[0]), self._seen)
        rises = times_s[1:] >= times_s[:-1]
        if not rises.all():
            if not np.isfinite(times_s).all():
                raise not_finite(self._events, "TIME")
            i = int(np.argmin(rises))
            raise self._falls(float(times_s[i]), float(times_s[i + 1]), self._seen + i + 1)
        self._seen += len(times_s)
        self._last = float(times_s[-1])

    def finish(self) -> None:
        """Check the exposure as a whole, after its last block.

        Raises
        ------
        BadData
            Singular event, if all times are the same.
        """
        if self._first == self._last:
            detail = f"all {self._seen:,} events have the one TIME {self._first:g} s."
            if self._seen == 1:
                detail = f"has one event, at {self._first:g} s, which tells no rate."
            raise _bad(self._events, Reason.SINGULAR_EVENT, detail)

    def _falls(self, before: float, after: float, index: int) -> BadData:
        return _bad(
            self._events,
            Reason.NON_LINEAR_TIME,
            f"TIME goes from {before:.3f} s to {after:.3f} s at event {index + 1:,}.",
        )


def not_finite(events: EventFile, column: str) -> BadData:
    """Make the record of a column of events that is not all finite numbers; reads it for that."""
    blocks = (events.layout.column(block, column) for block in events.blocks())
    count = sum(int(np.sum(~np.isfinite(values))) for values in blocks)
    return _bad(
        events,
        Reason.UNREADABLE,
        f"{column} is not a finite number in {count:,} of {events.layout.rows:,} events.",
    )


def _short(events: EventFile) -> str:
    blocks = (events.layout.column(block, "TIME") for block in events.blocks())
    spans = [(np.min(times), np.max(times)) for times in blocks]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    empty = "" if len(events.good_times_s) else " and the GTI table is empty,"
    return (
        f"EXPTIME is {events.exposure.exp_time_s:g} s, less than {MIN_EXPTIME_S:g} s,{empty} "
        f"although the table has {events.layout.rows:,} events from {first:.3f} to {last:.3f} s."
    )


def _bad(events: EventFile, reason: Reason, detail: str) -> BadData:
    return BadData(events.path.name, reason, detail)
