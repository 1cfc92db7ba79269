"""Register the targets that have a lightcurve, and retire those that have none any more."""

import dagster as dg

from hstql_assets.batching.partitions import TARGETS, register_keys, set_name, unregister_keys
from hstql_assets.composites.membership import read_empty_targets, read_targets
from hstql_assets.composites.retiring import retire_targets
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database


def register_targets(instance: dg.DagsterInstance, database: Database) -> list[str]:
    """Register the targets that have a lightcurve and no partition key; return them."""
    return register_keys(instance, TARGETS, read_targets(database))


def retire_empty_targets(
    instance: dg.DagsterInstance, database: Database, filesystem: Filesystem
) -> list[str]:
    """Take away all that is left of targets without a lightcurve, partition keys too; name them."""
    keys = instance.get_dynamic_partitions(set_name(TARGETS))
    retired = retire_targets(database, filesystem, read_empty_targets(database, keys))
    unregister_keys(instance, TARGETS, retired)
    return retired
