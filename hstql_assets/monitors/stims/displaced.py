"""Find stims that left their boxes, as those of a cold detector do, by their rate.

Beside the rows of spectra there is nothing but the stims in their half of the detector. There a
stim is what has about as many events as it pulsed.
"""

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.stims.boxes import (
    COLUMNS,
    FEWEST_DUE,
    FIRST_ROW,
    LAST_ROW,
    Box,
)
from hstql_assets.monitors.stims.event_file import BoxEvents, StimSample
from hstql_assets.monitors.stims.positions import CORE, Place, find_stim

DISPLACED, EDGE, CUT = "displaced", "edge", "cut"
# Columns and rows: three standard deviations of a stim. Nearer to an edge a part of it is beyond.
MARGIN = (5, 2)
LEAST_SHARE, MOST_SHARE = 0.5, 1.5  # of the pulses that are due
MOST_SPOTS = 5  # brighter than the stim
NEAR = (40, 15)  # columns and rows around its mean place, in which a stretch of time has it

_DETECTOR = Box(0, COLUMNS - 1, FIRST_ROW, LAST_ROW, 0.0, 0.0)
Places = tuple[Place | None, ...]


def find_places(events: BoxEvents, box: Box, windows: int) -> Places:
    """Return where a stim is in each stretch of time; None where it is not in the box."""
    return tuple(
        find_stim(events.x[events.window == one], events.y[events.window == one], box)
        for one in range(windows)
    )


def flag_place(place: Place | None, box: Box) -> str | None:
    """Return what is odd about a place: `cut` by the detector, `displaced`, at the `edge`."""
    if place is None:
        return None
    if not is_within(place, _DETECTOR, MARGIN):
        return CUT
    if not is_within(place, box, (0, 0)):
        return DISPLACED
    return None if is_within(place, box, MARGIN) else EDGE


def is_within(place: Place, box: Box, margin: tuple[int, int]) -> bool:
    """Tell whether a place is in a box, so many columns and rows from its edges at least."""
    return (
        box.left + margin[0] <= place.x <= box.right - margin[0]
        and box.bottom + margin[1] <= place.y <= box.top - margin[1]
    )


def is_lost(places: Places, box: Box) -> bool:
    """Tell whether a stim is missing or not whole in any stretch of time."""
    return any(place is None or flag_place(place, box) for place in places)


def search_around(
    sample: StimSample, events: BoxEvents, around: Box, box: Box, own: Places
) -> Places:
    """Return the places of a stim, those beyond its box too.

    Parameters
    ----------
    sample : StimSample
        Says how many pulses are due.
    events : BoxEvents
        All in the surroundings of the box.
    around, box : Box
        The surroundings, and where the stim should be.
    own : tuple
        Where it is in its box.
    """
    pulses_hz = sample.stim_rate_hz / 2.0
    least, most = sample.live_s.sum() * pulses_hz, sample.edges[-1] * pulses_hz
    if least < FEWEST_DUE:
        return own
    found = _find_by_rate(events, around, (LEAST_SHARE * least, MOST_SHARE * most))
    if found is None or is_within(found, box, MARGIN):
        return own
    moved = Box.around(found.x, found.y, *NEAR)
    near = is_in(events, moved)
    there = BoxEvents(events.window[near], events.x[near], events.y[near])
    return tuple(
        new if before is None or (new is not None and flag_place(before, box)) else before
        for before, new in zip(own, find_places(there, moved, len(own)), strict=True)
    )


def is_in(events: BoxEvents, box: Box) -> NDArray[np.bool_]:
    """Tell which events are in a box, shape (n,)."""
    return (
        (events.x >= box.left)
        & (events.x <= box.right)
        & (events.y >= box.bottom)
        & (events.y <= box.top)
    )


def _find_by_rate(events: BoxEvents, around: Box, limits: tuple[float, float]) -> Place | None:
    """Return the brightest spot that has a number of events within limits."""
    x, y = events.x, events.y
    for _ in range(MOST_SPOTS):
        place = find_stim(x, y, around)
        if place is None or limits[0] <= place.counts - place.background <= limits[1]:
            return place
        is_other = (np.abs(x - place.x) > CORE[0]) | (np.abs(y - place.y) > CORE[1])
        x, y = x[is_other], y[is_other]
    return None
