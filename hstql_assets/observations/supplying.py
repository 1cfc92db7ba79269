"""What happens to a batch of files before they are described: made by a pipeline, or fetched.

Both are done for the batch as a whole: fetching waits for the net, and pipelines need memory, so
neither goes to the workers key by key.
"""

from collections.abc import Sequence
from typing import cast

from hstql_assets.batches import Outcome
from hstql_assets.observations.calibrating import calibrate_batch
from hstql_assets.observations.fetching import fetch_batch
from hstql_assets.observations.retrieval import RetrievalTask
from hstql_resources.archive import RemoteArchive
from hstql_resources.workbench import Workbench


def supply_files(
    bench: Workbench, tasks: Sequence[RetrievalTask | Outcome]
) -> list[RetrievalTask | Outcome]:
    """Return the tasks of a batch with the files that were made and fetched for them.

    Raises
    ------
    ArchiveError
        If the archive does not answer.
    """
    if any(isinstance(task, RetrievalTask) and task.is_calibrated_here for task in tasks):
        tasks = calibrate_batch(bench, tasks)
    if bench.archive.is_remote:
        archive = cast("RemoteArchive", bench.archive)
        tasks = fetch_batch(archive, bench.filesystem, tasks, bench.on_fetched)
    return list(tasks)
