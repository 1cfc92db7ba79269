"""Put made snowballs into the differences of reads, to see how many are found among the hits.

They are as those on the ground were: 11 to 34 pixels above the threshold and 2e5 to 9e5 electrons,
both evenly in the logarithm, round, with a core that saturates.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.snowballs.events import Search, Snowball, search
from hstql_assets.monitors.snowballs.selection import SnowballSelection

Floats = NDArray[np.float32]

PIXELS = (11.0, 34.0)
CHARGES_E = (2e5, 9e5)
FULL_WELL_E = 78_000.0  # WFC3 Instrument Handbook 5.7
REACH = 8  # pixels to each side in which one is drawn
NEAR = 2.0  # pixels: an event this close to where one was put is that one


def measure_completeness(
    differences: Sequence[Floats],
    is_searched: NDArray[np.bool_],
    selection: SnowballSelection,
    seed: int,
) -> tuple[int, int]:
    """Return how many snowballs were put into differences, and how many of them are found.

    Parameters
    ----------
    differences, is_searched, selection
        As of `events.search`.
    seed : int
        Where they are put follows from it.
    """
    rng = np.random.default_rng(seed)
    changed = [difference.copy() for difference in differences]
    rows, columns = np.nonzero(is_searched)
    places: list[tuple[int, int, int]] = []
    for _ in range(selection.injected if rows.size else 0):
        read, place = int(rng.integers(len(changed))), int(rng.integers(rows.size))
        row, column = int(rows[place]), int(columns[place])
        if any(one[0] == read and max(abs(one[1] - row), abs(one[2] - column)) <= 2 * REACH
               for one in places):  # fmt: skip
            continue  # two in one are one
        _add(changed[read], row, column, draw_snowball(rng, selection.threshold_e))
        places.append((read, row, column))
    found = search(changed, is_searched, selection)
    return len(places), sum(_is_found(found, *place) for place in places)


def draw_snowball(rng: np.random.Generator, threshold_e: float) -> Floats:
    """Return the charge of a snowball [electron], shape (17, 17): a core, and a Gaussian wing.

    The wing falls to the threshold at the radius of its pixels; the core has the rest.
    """
    pixels = np.exp(rng.uniform(*np.log(PIXELS)))
    charge = np.exp(rng.uniform(*np.log(CHARGES_E)))
    row, column = np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1] - rng.uniform(
        -0.5, 0.5, (2, 1, 1)
    )
    radius = np.hypot(row, column)
    edge = np.sqrt(pixels / np.pi)
    low, high = 0.05 * edge, 2.0 * edge
    for _ in range(60):  # the width whose charge is right: it falls as the width grows
        width = (low + high) / 2.0
        with np.errstate(over="ignore"):
            shape = threshold_e * np.exp((edge**2 - radius**2) / (2.0 * width**2))
        shape = np.minimum(shape, FULL_WELL_E)
        low, high = (width, high) if shape.sum() > charge else (low, width)
    return np.asarray(shape, dtype=np.float32)


def _add(difference: Floats, row: int, column: int, charge: Floats) -> None:
    """Add charge to a difference around a pixel; what is beyond the frame is lost."""
    rows, columns = difference.shape
    top, left = row - REACH, column - REACH
    inside = (
        slice(max(top, 0), min(top + len(charge), rows)),
        slice(max(left, 0), min(left + len(charge), columns)),
    )
    own = charge[
        inside[0].start - top : inside[0].stop - top, inside[1].start - left : inside[1].stop - left
    ]
    difference[inside] += own


def _is_found(found: Search, read: int, row: int, column: int) -> bool:
    return any(_is_near(one, read, row, column) for one in found.snowballs)


def _is_near(one: Snowball, read: int, row: int, column: int) -> bool:
    return one.read == read + 1 and np.hypot(one.row - row, one.column - column) <= NEAR
