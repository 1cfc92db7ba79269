"""Check an event file, in the order in which the checks stand here.

EXPFLAG, the number of events, the proposal, the exposure time and the good times come first,
because the headers and the small tables tell them. The order of TIME, and that there is more than
one, is seen while the events are read: `TimeOrder` is shown each block. What cannot be read at all
never gets here, see `events`.
"""

import math

import numpy as np

from hstql_assets.batching.bad_data import BadData, Reason
from hstql_assets.lightcurves.events import EventFile
from hstql_resources.times import SECONDS_PER_DAY

MIN_EXPTIME_S = 1.0
EARLIEST_MJD, LATEST_MJD = 50000.0, 100000.0  # October 1995, before STIS, and the year 2132
MAX_SPAN_D = 1.0  # an exposure ends within its orbit of 96 minutes, or a few at the most
# Good times run over EXPSTART and EXPEND by fractions of a second. The check is against nonsense,
# which would make millions of bins, so it is generous. The sum of the good times is not held
# against EXPTIME, which can be that of the other segment.
TOLERANCE_S = 10.0


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
    sum_s = float(np.sum(np.diff(good_s, axis=1)))
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
            raise _bad(
                self._events,
                Reason.SINGULAR_EVENT,
                f"all {self._seen:,} events have the one TIME {self._first:g} s.",
            )

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
