"""Name the tags of runs, Dagster's own and those of hstql."""

PARTITION_TAG = "dagster/partition"
START_TAG, END_TAG = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
SENSOR_TAG, SCHEDULE_TAG = "dagster/sensor_name", "dagster/schedule_name"
LOG_TAG = "hstql/log"  # the id of its log in the table `runs` of hstql
TOLD_TAG = "hstql/told"  # that people were told of it
