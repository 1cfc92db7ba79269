"""Which ranges of a partition set hold exactly the keys that are wanted.

A run of Dagster takes a range, by position in the stored order; there is no list of keys.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

KEYS_PER_RANGE = 1000  # as in a backfill
RANGES_PER_TICK = 25  # a run starts every 3 to 4 s; and so many runs of a sensor wait at most


def plan_ranges(
    stored: Sequence[str], wanted: Collection[str], longest: int, most: int
) -> list[tuple[str, ...]]:
    """Return runs of neighbouring keys that are all wanted.

    Parameters
    ----------
    stored : sequence of str
        All keys of the set in their order.
    wanted : collection of str
        Keys to be made; those that are not stored do not matter.
    longest : int
        How many keys a range may have; a longer one is cut.
    most : int
        How many ranges to return; the first ones.

    Returns
    -------
    list of tuple of str
        The keys of each range, in the stored order.
    """
    ranges = []
    for keys in _neighbours(stored, frozenset(wanted)):
        ranges += [keys[start : start + longest] for start in range(0, len(keys), longest)]
    return ranges[:most]


def _neighbours(stored: Sequence[str], wanted: frozenset[str]) -> Iterator[tuple[str, ...]]:
    for is_wanted, keys in groupby(stored, key=wanted.__contains__):
        if is_wanted:
            yield tuple(keys)


def span_keys(stored: Sequence[str], start: str, end: str) -> Sequence[str]:
    """Return the keys from one to another in the stored order; none if one of them is not there."""
    try:
        first, last = stored.index(start), stored.index(end)
    except ValueError:
        return ()
    return stored[first : last + 1]
