"""Let Dagster's daemon look every second: half a minute is long for a test.

Python imports this where it starts with this folder on its path.
"""

import sys

if sys.orig_argv[1:3] == ["-m", "dagster._daemon"]:
    from dagster._daemon import controller

    controller.DEFAULT_DAEMON_INTERVAL_SECONDS = 1
