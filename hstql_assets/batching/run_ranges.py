"""Find which keys runs are at work on or failed for, so that nothing is asked for twice.

Pure: what Dagster knows of its runs comes in as `RunRange`, see `runs`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

KEYS_PER_RANGE = 1000  # as in a backfill
RANGES_PER_TICK = 25  # a run starts every 3 to 4 s; and so many runs of a sensor wait at most


@dataclass(frozen=True)
class RunRange:
    """A run over neighbouring keys of a partition set.

    Attributes
    ----------
    run_id : str
        Of Dagster.
    job : str
        Such as `cos_files`.
    start, end : str
        First and last key.
    created_at : datetime
        When it was asked for, UTC.
    has_failed : bool
        Whether it ended without success.
    """

    run_id: str
    job: str
    start: str
    end: str
    created_at: datetime
    has_failed: bool = False


def find_busy(
    runs: Iterable[RunRange],
    sets: Mapping[str, Sequence[str]],
    set_of_job: Mapping[str, str],
    concerns: Collection[str],
) -> set[str]:
    """Return the keys that open runs are at work on.

    Parameters
    ----------
    runs : iterable of RunRange
        All open ones.
    sets : mapping of str to sequence of str
        The keys of partition sets in their order, by set.
    set_of_job : mapping of str to str
        Which set a job is about. A run of another job, such as a backfill, is about any of them.
    concerns : collection of str
        Only runs about these sets count.
    """
    busy: set[str] = set()
    for run in runs:
        about = set_of_job.get(run.job)
        for name, stored in sets.items():
            if name in concerns and about in (None, name):
                busy.update(span_keys(stored, run.start, run.end))
    return busy


def find_failed(runs: Iterable[RunRange], stored: Sequence[str]) -> dict[str, RunRange]:
    """Return the keys whose last run failed, with that run.

    Parameters
    ----------
    runs : iterable of RunRange
        Those that ended, the last one first.
    stored : sequence of str
        The keys of the partition set in their order.
    """
    last: dict[str, RunRange] = {}
    for run in runs:
        for key in span_keys(stored, run.start, run.end):
            last.setdefault(key, run)
    return {key: run for key, run in last.items() if run.has_failed}


# Dagster inserts a list of keys in one statement; its databases allow about 30,000 values.
KEYS_PER_CALL = 10_000


def chunk_keys(keys: Sequence[str], size: int = KEYS_PER_CALL) -> Iterator[Sequence[str]]:
    """Cut a list of keys into pieces of at most `size`."""
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


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
    ranges: list[tuple[str, ...]] = []
    nameable = frozenset(wanted) - {""}  # Dagster has no runs of the empty key
    for is_wanted, keys in groupby(stored, key=nameable.__contains__):
        if is_wanted:
            ranges += map(tuple, chunk_keys(tuple(keys), longest))
    return ranges[:most]


def span_keys(stored: Sequence[str], start: str, end: str) -> Sequence[str]:
    """Return the keys from one to another in the stored order; none if one of them is not there."""
    try:
        first, last = stored.index(start), stored.index(end)
    except ValueError:
        return ()
    return stored[first : last + 1]
