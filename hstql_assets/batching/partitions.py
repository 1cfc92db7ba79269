"""Declare the partition sets of the graph: dynamic, for a key enters when its product can exist.

What of them has to be looked at, for it is new or changed, is found here, too.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import dagster as dg
from sqlalchemy import select

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.attempts import select_due
from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.key_forms import instrument_of_set, is_key
from hstql_assets.batching.news import (
    Keys,
    Seen,
    has_deletions,
    read_cursor,
    read_mark,
    select_decided,
    select_keys,
)
from hstql_assets.batching.partition_names import (
    COMPOSITE_TARGETS,
    COS_SUBSETS,
    CUMULATIVE_IMAGES,
    EXPOSURE_SETS,
    INSTRUMENTS,
    IR_EXPOSURES,
    SPECTROGRAPHS,
)
from hstql_assets.batching.run_ranges import chunk_keys
from hstql_resources import tables
from hstql_resources.dagster_keys import SetSize, find_registered, read_later, read_size
from hstql_resources.postgres.database import Database

ROOTNAMES = {name: dg.DynamicPartitionsDefinition(name=f"{name}_rootname") for name in INSTRUMENTS}
TIMETAG_ROOTNAMES = {
    name: dg.DynamicPartitionsDefinition(name=f"{name}_timetag_rootname") for name in SPECTROGRAPHS
}
TARGETS = dg.DynamicPartitionsDefinition(name=COMPOSITE_TARGETS)
# What monitors look at: some exposures of COS, and images that are the sum of many.
SUBSETS = {name: dg.DynamicPartitionsDefinition(name=name) for name in COS_SUBSETS}
IMAGES = dg.DynamicPartitionsDefinition(name=CUMULATIVE_IMAGES)
SETS = {asset: dg.DynamicPartitionsDefinition(name=name) for asset, name in EXPOSURE_SETS.items()}
SUFFERERS = dg.DynamicPartitionsDefinition(name=IR_EXPOSURES)
SAME_KEY = dg.IdentityPartitionMapping()
ALL_KEYS = dg.AllPartitionMapping()  # which of them really are used, the database knows
BATCH = dg.BackfillPolicy.multi_run(max_partitions_per_run=1000)


def all_sets() -> dict[str, dg.DynamicPartitionsDefinition]:
    """Return every partition set by its name."""
    exposures = [*ROOTNAMES.values(), *TIMETAG_ROOTNAMES.values(), *SUBSETS.values()]
    found = [*exposures, TARGETS, IMAGES, *SETS.values(), SUFFERERS]
    return {set_name(partitions): partitions for partitions in found}


def set_name(partitions: dg.DynamicPartitionsDefinition) -> str:
    """Return the name of a partition set; those of this graph all have one."""
    return str(partitions.name)


def read_registered(instance: dg.DagsterInstance, instrument: str) -> tuple[str, ...]:
    """Return the keys of all sets of an instrument: its exposures and associations, each once."""
    names = [name for name in all_sets() if instrument_of_set(name) == instrument]
    return tuple(
        dict.fromkeys(key for name in names for key in instance.get_dynamic_partitions(name))
    )


def find_wrong_keys(instance: dg.DagsterInstance) -> dict[str, list[str]]:
    """Return the keys that are none, by the set that someone has put them in."""
    found = {
        name: [key for key in instance.get_dynamic_partitions(name) if not is_key(name, key)]
        for name in all_sets()
    }
    return {name: keys for name, keys in found.items() if keys}


def read_growth(
    instance: dg.DagsterInstance, name: str, before: Sequence[int] | None
) -> tuple[SetSize, list[str] | None]:
    """Return the size of a set, and the keys that came since it had another one.

    None if that cannot be told: keys were taken out, or came in another order than their numbers.
    """
    if before is None or read_size(instance, name, before[2]) != tuple(before):
        return read_size(instance, name), None
    size, new = read_later(instance, name, before[2])
    return SetSize(size.keys + before[0], size.total + before[1], size.last), new


class News(NamedTuple):
    """What has to be looked at: by partition set the query for its keys; None for all."""

    candidates: Mapping[str, Keys | None]
    seen: Seen
    is_first: bool  # whether nothing was seen before that is of use
    warning: str  # of keys that somebody took out; empty without such


def look_for_news(
    instance: dg.DagsterInstance,
    database: Database,
    made: Mapping[str, Sequence[AssetNode]],
    cursor: str | None,
    also: str = "",
) -> News:
    """Find the keys that are new, were decided since the last look, were left, or are due.

    Parameters
    ----------
    instance : dagster.DagsterInstance
        Where the keys are.
    database : Database
        Where the decisions are.
    made : mapping of str to sequence of AssetNode
        What is made in each partition set, that of all exposures first.
    cursor : str or None
        What the last look left; without it all keys are looked at.
    also : str
        What else decides what is behind; where it changed, all keys are looked at.
    """
    now = read_mark(database)
    # The order of what an asset is made from is another one in each process.
    asked = [(one.name, sorted(one.upstream)) for own in made.values() for one in own]
    about = hashlib.sha256(f"{asked} {also}".encode()).hexdigest()[:12]
    before = Seen.read(read_cursor(cursor), now, about)
    candidates: dict[str, Keys | None] = {}
    sizes: dict[str, SetSize] = {}
    warnings: list[str] = []
    for name, own in made.items():
        assets = sorted({asset for node in own for asset in (node.name, *node.upstream)})
        sizes[name], new = read_growth(instance, name, before.sizes.get(name) if before else None)
        if before is not None and new is None:
            warnings += _register_again(instance, database, name, own)
        if before is None or new is None or has_deletions(database, assets, before.mark):
            # All keys; many that have headers are in no other set than that of all exposures.
            is_first = name == next(iter(made))
            candidates[name] = (
                None if is_first else select_keys(instance.get_dynamic_partitions(name))
            )
        else:
            candidates[name] = select_keys([*before.left, *new]).union(
                select_decided(assets, before.mark), select_due([node.name for node in own])
            )
    return News(candidates, Seen(now, sizes, (), about), before is None, " ".join(warnings))


def _register_again(
    instance: dg.DagsterInstance, database: Database, name: str, nodes: Sequence[AssetNode]
) -> list[str]:
    """Register the keys that are gone from a set though something is made of them; say so.

    Whoever deletes keys in the user interface deletes nothing else; hstql forgets what was made of
    a key before it takes it out.
    """
    if instrument_of_set(name) is None:  # rows say each time what keys it has
        return []
    outcome = tables.Outcome
    statement = select(outcome.key).where(
        outcome.asset == any_of([node.name for node in nodes]), outcome.status == "made"
    )
    made = [str(row[0]) for row in database.read(statement.distinct())]
    lost = register_keys(instance, all_sets()[name], [key for key in made if is_key(name, key)])
    if not lost:
        return []
    what = "1 key was" if len(lost) == 1 else f"{len(lost)} keys were"
    return [f"{what} deleted from {name} though there is what was made of them: registered again."]


def register_keys(
    instance: dg.DagsterInstance, partitions: dg.DynamicPartitionsDefinition, keys: Sequence[str]
) -> list[str]:
    """Add the keys that are new to a set, sorted; return them.

    Others may register the same keys at the same time: a key is never there twice.
    """
    name = set_name(partitions)
    new = sorted(set(keys) - find_registered(instance, name, set(keys)))
    for chunk in chunk_keys(new):
        instance.add_dynamic_partitions(name, chunk)
    return new


def unregister_keys(
    instance: dg.DagsterInstance, partitions: dg.DynamicPartitionsDefinition, keys: Sequence[str]
) -> None:
    """Take keys out of a set; those that are not in it do not matter."""
    name = set_name(partitions)
    for key in sorted(find_registered(instance, name, set(keys))):
        instance.delete_dynamic_partition(name, key)
