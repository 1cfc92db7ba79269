"""What is done about cumulative images that changed: registered, requested, the empty ones retired.

The sensor registers what is new, and stops; the runs do the work.
"""

import dagster as dg

from hstql_assets.monitors.gain.locating import (
    read_changed_images,
    read_empty_images,
    read_images,
)
from hstql_assets.monitors.gain.registering import record_cumulative_images
from hstql_assets.monitors.gain.retiring import retire_images
from hstql_assets.partitions import IMAGES, register_keys, set_name, unregister_keys
from hstql_assets.sensors import request_changed
from hstql_resources.archive import Archive
from hstql_resources.database import Database
from hstql_resources.filesystem import Filesystem


def build_changed_images(
    job: dg.JobDefinition, default_status: dg.DefaultSensorStatus, interval_s: int
) -> dg.SensorDefinition:
    """Return the sensor that requests the gain of cumulative images that changed.

    Parameters
    ----------
    job : JobDefinition
        Makes what there is of a range of images.
    default_status : DefaultSensorStatus
        Whether it is on from the start.
    interval_s : int
        Time between two ticks, s.
    """

    @dg.sensor(
        name="changed_images",
        job=job,
        minimum_interval_seconds=interval_s,
        default_status=default_status,
        description="Requests the gain maps of weeks whose FUV events are new, changed or gone, "
        "and takes away those of weeks without any. A change is requested once: if its run fails, "
        "reset the cursor, or run 'hstql materialize gain_maps'.",
    )
    def changed_images(
        context: dg.SensorEvaluationContext,
        archive: dg.ResourceParam[Archive],
        database: dg.ResourceParam[Database],
        filesystem: dg.ResourceParam[Filesystem],
    ) -> dg.SensorResult:
        register_images(context.instance, archive, database, filesystem)
        stored = context.instance.get_dynamic_partitions(set_name(IMAGES))
        changed = read_changed_images(database)
        return request_changed(context.cursor, stored, changed, "No cumulative image changed.")

    return changed_images


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
