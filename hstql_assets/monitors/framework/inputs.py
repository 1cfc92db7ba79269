"""Find what measurements need to know about a batch: the files of its exposures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import exists

from hstql_assets.batching.decisions import any_of, find_unmade, read_decisions
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.batching.stored_files import read_files
from hstql_assets.monitors.framework.monitor import ExposureTask, Measurement
from hstql_resources import tables

if TYPE_CHECKING:
    from hstql_resources.clients import Clients


def locate_exposures(
    clients: "Clients", measurement: Measurement, keys: Sequence[str]
) -> list[Task | Outcome]:
    """Return a task for each exposure of a batch, in two queries.

    A file that an earlier step has found bad is left out. Without any of the files that are needed
    the key is `none`; `missing` if they could not be retrieved.
    """
    before = list(measurement.upstream)
    decisions = read_decisions(clients.database, before, keys)
    bad, file, source = tables.BadData, tables.File, measurement.source
    is_bad = exists().where(bad.filename == file.filename, bad.step != measurement.name)
    files = read_files(clients.database, keys, file.filetype == any_of(source.filetypes), ~is_bad)
    references = clients.references
    tasks: list[Task | Outcome] = []
    for key in keys:
        unmade = find_unmade(decisions, before, key)
        if unmade is not None:
            tasks.append(unmade)
        elif _has_needed(measurement, files[key]):
            tasks.append(ExposureTask(key, tuple(files[key]), references))
        else:
            tasks.append(_without_files(measurement, key, *decisions[before[0], key]))
    return tasks


def _has_needed(measurement: Measurement, files: Sequence[InputFile]) -> bool:
    needed = measurement.source.needed or measurement.source.filetypes
    return any(file.filetype in needed for file in files)


def _without_files(measurement: Measurement, key: str, status: str, reason: str | None) -> Outcome:
    what = f"There are no {measurement.source.what} of {key}"
    if status == "missing":
        return Outcome(key, "missing", f"{what}: {reason}")
    return Outcome(key, "none", f"{what} that can be read.")
