"""Find events in the differences of reads: hits of cosmic rays, and snowballs among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label

from hstql_assets.monitors.snowballs.selection import SnowballSelection

Floats = NDArray[np.float32]

EIGHT_NEIGHBOURS = np.ones((3, 3), bool)
LONG = 0.5  # of the longest gap between reads: others say too little of the rate of a pixel


@dataclass(frozen=True)
class Snowball:
    """A large round event.

    Attributes
    ----------
    read : int
        The read in which it is seen first.
    row, column : float
        Its middle, weighted by charge, in the image from 0.
    pixels : int
        How many are above the threshold.
    charge_e, peak_e : float
        Sum of these pixels, and the highest [electron]; of saturated ones what they could take.
    roundness : float
        Smaller width over larger, by second moments.
    filling : float
        Pixels over those of a circle as wide as the event.
    """

    read: int
    row: float
    column: float
    pixels: int
    charge_e: float
    peak_e: float
    roundness: float
    filling: float


@dataclass(frozen=True)
class Search:
    """What a ramp has: its snowballs, and how many events are none."""

    snowballs: tuple[Snowball, ...]
    hits: int


def take_differences(reads: Sequence[Floats], gaps_s: NDArray[np.float64]) -> list[Floats]:
    """Return what each read has more than the one before, without what comes at a steady rate.

    Parameters
    ----------
    reads : sequence of ndarray, shape (rows, columns)
        Charge that has gathered, the zeroth first [electron].
    gaps_s : ndarray, shape (reads - 1,)
        Time between reads [s].

    Notes
    -----
    The rate of a pixel, its dark current, is the median over the long gaps, or the smaller of two:
    an event is in one of them. The level that all pixels share is the median of each difference.
    """
    rises = [after - before for before, after in pairwise(reads)]
    rises = [rise - np.median(rise) for rise in rises]
    long = np.flatnonzero(gaps_s >= LONG * gaps_s.max())
    rates = np.stack([rises[place] / np.float32(gaps_s[place]) for place in long])
    rate = np.median(rates, axis=0) if len(rates) > 2 else rates.min(axis=0)
    rate = np.maximum(rate, 0.0)
    return [rise - rate * np.float32(gap_s) for rise, gap_s in zip(rises, gaps_s, strict=True)]


def search(
    differences: Sequence[Floats], is_searched: NDArray[np.bool_], selection: SnowballSelection
) -> Search:
    """Find the events in differences of reads.

    Parameters
    ----------
    differences : sequence of ndarray, shape (rows, columns)
        As `take_differences` has them [electron].
    is_searched : ndarray of bool, shape (rows, columns)
        Pixels that see light.
    selection : SnowballSelection
        What makes an event a snowball.
    """
    found: list[Snowball] = []
    hits = 0
    for read, difference in enumerate(differences, 1):
        labels, number = label((difference > selection.threshold_e) & is_searched, EIGHT_NEIGHBOURS)
        sizes = np.bincount(labels.ravel(), minlength=number + 1)
        hits += number
        boxes = find_objects(labels)
        for place in np.flatnonzero(sizes >= selection.fewest_pixels):
            if place == 0 or sizes[place] > selection.most_pixels:
                continue
            event = measure_event(difference, labels, int(place), boxes[place - 1], read)
            if is_snowball(event, selection):
                found.append(event)
    return Search(tuple(found), hits - len(found))


def measure_event(
    difference: Floats,
    labels: NDArray[np.int32],
    number: int,
    box: tuple[slice, slice],
    read: int,
) -> Snowball:
    """Measure an event: size, charge, shape; `labels` has its `number` within `box`."""
    rows, columns = np.nonzero(labels[box] == number)
    charge = difference[box][rows, columns].astype(np.float64)
    total = float(charge.sum())
    middle = float(charge @ rows) / total, float(charge @ columns) / total
    # By pixels and not by charge: a bright core would make every track round.
    spread = np.cov(np.vstack([rows, columns]).astype(float), bias=True) + np.eye(2) / 12.0
    small, large = np.sqrt(np.linalg.eigvalsh(spread))
    radius = np.hypot(rows - rows.mean(), columns - columns.mean()).max() + 0.5
    return Snowball(
        read=read,
        row=middle[0] + box[0].start,
        column=middle[1] + box[1].start,
        pixels=len(rows),
        charge_e=total,
        peak_e=float(charge.max()),
        roundness=float(small / large),
        filling=float(len(rows) / (np.pi * radius**2)),
    )


def is_snowball(event: Snowball, selection: SnowballSelection) -> bool:
    """Tell whether an event is large, bright and round enough."""
    return (
        event.charge_e >= selection.least_e
        and event.roundness >= selection.least_roundness
        and event.filling >= selection.least_filling
    )
