"""The six checks that an event file must pass, in the order in which they are made.

EXPFLAG, the number of events, the proposal and the exposure time come first, because the headers
tell them. The order of TIME, and that there is more than one, is seen while the events are read:
`TimeOrder` is shown each block. What cannot be read at all never gets here, see `events`.
"""

import numpy as np

from hstql_assets.lightcurves.bad_data import BadData, Reason
from hstql_assets.lightcurves.events import EventFile

MIN_EXPTIME_S = 1.0


def check_headers(events: EventFile, bad_proposals: frozenset[int] = frozenset()) -> None:
    """Make the checks that need no event.

    Parameters
    ----------
    events : EventFile
        The file.
    bad_proposals : frozenset of int
        Proposals to refuse.

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
    good_s = float(np.sum(np.diff(events.good_times_s, axis=1)))
    if not good_s >= MIN_EXPTIME_S:
        raise _bad(
            events,
            Reason.SHORT_EXPOSURE,
            f"EXPTIME is {exposure.exp_time_s:g} s, but the {len(events.good_times_s)} intervals "
            f"of the GTI table add up to {good_s:g} s.",
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
            Non-linear time, if a time is smaller than the one before it, or is no number.
        """
        if not self._seen:
            self._first = self._last = float(times_s[0])
        # "Not at least" instead of "smaller", so that NaN is caught too.
        if not times_s[0] >= self._last:
            raise self._falls(self._last, float(times_s[0]), self._seen)
        rises = times_s[1:] >= times_s[:-1]
        if not rises.all():
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


def _short(events: EventFile) -> str:
    blocks = (events.layout.column(block, "TIME") for block in events.blocks())
    spans = [(np.min(times), np.max(times)) for times in blocks]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    return (
        f"EXPTIME is {events.exposure.exp_time_s:g} s, less than {MIN_EXPTIME_S:g} s, although the "
        f"table has {events.layout.rows:,} events from {first:.3f} to {last:.3f} s."
    )


def _bad(events: EventFile, reason: Reason, detail: str) -> BadData:
    return BadData(events.path.name, reason, detail)
