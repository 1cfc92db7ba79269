"""Follow blobs through windows: what lies at one place is one blob, and keeps its number.

A number is given once: to what no blob before lies near. Windows that come later, or late, add
numbers and change none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LEAST_REACH = 4.0  # pixels of the detector: as near as that is the same place


@dataclass
class _Track:
    """A blob while it is followed: its number, place and radius, and where it was seen."""

    number: int
    x: float
    y: float
    radius: float
    seen: list[tuple[Any, Any]] = field(default_factory=list)  # window and blob


def follow_blobs(
    windows: Sequence[Any], blobs: Sequence[Any], before: Sequence[Any]
) -> list[dict[str, object]]:
    """Return the rows of `blob_list` by number.

    Parameters
    ----------
    windows : sequence of rows
        Of `blob_windows`, by time.
    blobs : sequence of rows
        Of `blobs`.
    before : sequence of rows
        Of `blob_list` as it is: what has a number keeps it.
    """
    own: Mapping[str, list[Any]] = defaultdict(list)
    for blob in blobs:
        own[blob.set_key].append(blob)
    tracks = [_Track(one.number, one.x, one.y, one.radius) for one in before]
    number = max((one.number for one in tracks), default=0)
    for window in windows:
        left = sorted(own[window.set_key], key=lambda one: one.number)
        for track, blob in _match(tracks, left):
            track.seen.append((window, blob))
            left.remove(blob)
        for blob in left:
            number += 1
            tracks.append(_Track(number, blob.x, blob.y, blob.radius, [(window, blob)]))
    return [_describe(track, windows) for track in tracks if track.seen]


def _match(tracks: Sequence[_Track], blobs: Sequence[Any]) -> list[tuple[_Track, Any]]:
    """Return which blobs of a window are which, the nearest first; each is one at most."""
    if not tracks or not blobs:
        return []
    places = np.array([(one.x, one.y, max(one.radius, LEAST_REACH)) for one in tracks])
    pairs: list[tuple[float, int, int]] = []
    for place, blob in enumerate(blobs):
        apart = np.hypot(places[:, 0] - blob.x, places[:, 1] - blob.y)
        for near in np.flatnonzero(apart < np.maximum(places[:, 2], blob.radius)).tolist():
            pairs.append((float(apart[near]), near, place))
    taken: set[int] = set()
    used: set[int] = set()
    found: list[tuple[_Track, Any]] = []
    for _, near, place in sorted(pairs):
        if near not in taken and place not in used:
            taken.add(near)
            used.add(place)
            found.append((tracks[near], blobs[place]))
    return found


def _describe(track: _Track, windows: Sequence[Any]) -> dict[str, object]:
    first, last = track.seen[0][0], track.seen[-1][0]
    earlier = [one for one in windows if one.middle_mjd < first.middle_mjd]
    since = [one for one in windows if one.middle_mjd >= first.middle_mjd]

    def middle(column: str) -> float:
        return float(np.median([getattr(blob, column) for _, blob in track.seen]))

    return {
        "number": track.number,
        "x": middle("x"),
        "y": middle("y"),
        "radius": middle("radius"),
        "depth": middle("depth"),
        "first_seen_mjd": first.middle_mjd,
        "not_seen_mjd": earlier[-1].middle_mjd if earlier else None,
        "last_seen_mjd": last.middle_mjd,
        "windows_seen": len(track.seen),
        "windows_since": len(since),
    }
