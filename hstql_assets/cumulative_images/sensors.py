"""What is done about cumulative images that changed: registered, requested, the empty ones retired.

The sensor registers what is new, and stops; the runs do the work.
"""

import dagster as dg

from hstql_assets.batching.partitions import IMAGES, set_name
from hstql_assets.batching.run_requests import request_changed
from hstql_assets.cumulative_images.reading import read_changed_images
from hstql_assets.cumulative_images.registering_keys import register_images
from hstql_resources.archive import Archive
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database


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
