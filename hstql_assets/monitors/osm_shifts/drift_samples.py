"""Arrange the flashes of exposures with several by the time since the mechanisms moved."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.osm_shifts.differences import Direction
from hstql_assets.monitors.osm_shifts.flash_table import Bools, FlashTable, Floats
from hstql_assets.monitors.osm_shifts.moves import SinceMove

MECHANISMS = ("OSM1", "OSM2")


@dataclass(frozen=True, eq=False)
class DriftSamples:
    """Flashes of exposures with several, and what they say of the drift; arrays of shape (n,).

    Attributes
    ----------
    flashes : FlashTable
        By exposure and segment, then flash; two or more of each.
    group : ndarray of int
        Which exposure and segment.
    since_s : dict of str to ndarray
        Time since the last move of OSM1 and OSM2, s; NaN if it is not known.
    is_bound : ndarray of bool
        Whether that is what it was at most.
    """

    flashes: FlashTable
    group: np.ndarray
    since_s: Mapping[str, Floats]
    is_bound: Bools

    def where(self, chosen: Bools) -> "DriftSamples":
        """Return some of them; of whole exposures, or the means of groups change."""
        since_s = {name: values[chosen] for name, values in self.since_s.items()}
        return DriftSamples(
            self.flashes.where(chosen), self.group[chosen], since_s, self.is_bound[chosen]
        )


def find_samples(table: FlashTable, detector: str, moves: Mapping[str, SinceMove]) -> DriftSamples:
    """Return the flashes of exposures of a detector with two found flashes in a segment or more.

    The moves are by rootname.
    """
    lamp = table.of_lamp(detector)
    exposure, segment = lamp.exposure, lamp.segment.astype(str)
    order = np.lexsort((lamp.flash, segment, exposure))
    lamp, exposure, segment = lamp.where(order), exposure[order], segment[order]
    is_next = np.ones(len(lamp), dtype=bool)
    is_next[1:] = (exposure[1:] != exposure[:-1]) | (segment[1:] != segment[:-1])
    group = np.cumsum(is_next) - 1
    is_enough = np.bincount(group)[group] > 1
    lamp, group = lamp.where(is_enough), group[is_enough]
    osm1_s, osm2_s, is_bound = _find_moves(lamp, moves)
    return DriftSamples(
        lamp, group, {"OSM1": osm1_s + lamp.time_s, "OSM2": osm2_s + lamp.time_s}, is_bound == 1.0
    )


def _find_moves(lamp: FlashTable, moves: Mapping[str, SinceMove]) -> NDArray[np.float64]:
    """Return for each flash, by exposure, how long before the mechanisms moved, s, and is_bound.

    NaN where that is not known; shape (3, n).
    """
    _, firsts, member = np.unique(lamp.exposure, return_index=True, return_inverse=True)
    unknown = SinceMove(np.nan, np.nan, is_bound=False)
    known = [moves.get(name, unknown) for name in lamp.where(firsts).rootname]
    found = np.array([(one.osm1_s, one.osm2_s, one.is_bound) for one in known], np.float64)
    return np.ascontiguousarray(found.reshape(-1, 3).T[:, member])


def find_rates(samples: DriftSamples, direction: Direction) -> tuple[Floats, Bools]:
    """Return the mean drift from the first flash of its segment to each later one.

    Returns
    -------
    rates : ndarray, shape (n,)
        (shift - shift of the first flash) / (time - time of the first flash), pixel/s; NaN for
        the first flashes.
    is_later : ndarray of bool, shape (n,)
        Which have a rate.
    """
    shifts, times_s = getattr(samples.flashes, direction), samples.flashes.time_s
    _, firsts = np.unique(samples.group, return_index=True)
    _, member = np.unique(samples.group, return_inverse=True)
    if not len(firsts):
        return np.empty(0), np.empty(0, dtype=bool)
    first = firsts[member]
    elapsed_s = times_s - times_s[first]
    is_later = (elapsed_s > 0.0) & np.isfinite(shifts - shifts[first])
    rates = np.full(len(shifts), np.nan)
    rates[is_later] = (shifts - shifts[first])[is_later] / elapsed_s[is_later]
    return rates, is_later
