"""Register the cumulative images that have events, and retire those without."""

import dagster as dg

from hstql_assets.batching.partitions import IMAGES, register_keys, set_name, unregister_keys
from hstql_assets.cumulative_images.reading import read_empty_images, read_images
from hstql_assets.cumulative_images.registering import record_cumulative_images
from hstql_assets.cumulative_images.retiring import retire_images
from hstql_resources.archive import Archive
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database


def register_images(
    instance: dg.DagsterInstance, archive: Archive, database: Database, filesystem: Filesystem
) -> None:
    """Register the images that have events, and take away all that is left of those without."""
    record_cumulative_images(archive, database)
    register_keys(instance, IMAGES, read_images(database))
    stored = instance.get_dynamic_partitions(set_name(IMAGES))
    empty = read_empty_images(database, stored)
    retire_images(database, filesystem, empty)
    unregister_keys(instance, IMAGES, empty)
