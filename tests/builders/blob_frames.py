"""Builders of windows of exposures of the dark Earth: files of the simulated archive, changed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.blobs.measure import measure_window
from hstql_assets.monitors.blobs.selection import load_selections
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_resources.archive.simulated.cameras.archive_contents import WFC3_BLOBS
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References
from hstql_resources.tables import Base

SEED = 3
PER_WINDOW = 4
KEYS = {0: "blobs_ir_2009-09-29", 1: "blobs_ir_2010-05-27", 7: "blobs_ir_2014-05-06"}


def write_window(folder: Path, window: int) -> list[Path]:
    """Write the exposures of a window."""
    folder.mkdir(exist_ok=True)
    paths: list[Path] = []
    for index in range(PER_WINDOW * window, PER_WINDOW * (window + 1)):
        name = f"{WFC3_BLOBS.locate(index).rootname}_flt.fits"
        paths.append(folder / name)
        paths[-1].write_bytes(WFC3_BLOBS.open_exposure(SEED, index)(name))
    return paths


def true_blobs(window: int) -> list[dict[str, Any]]:
    """Return what the truth says of the blobs of a window."""
    index = PER_WINDOW * window
    name = f"{WFC3_BLOBS.locate(index).rootname}_truth.json"
    return list(json.loads(WFC3_BLOBS.open_exposure(SEED, index)(name))["blobs"])


def measure(home: Path, paths: Sequence[Path], key: str = KEYS[0]) -> Outcome:
    """Search a window; the rows have the columns of their tables."""
    files: dict[str, tuple[InputFile, ...]] = {}
    for path in paths:
        name, kind = path.stem.split("_")
        files[name] = (*files.get(name, ()), InputFile(path.name, kind, path))
    references = References(cast("Any", None), Filesystem(home))
    task = SetTask(key, "IR", load_selections()["IR"], files, "digest", references)
    outcome = measure_window(task)
    assert outcome.status == "made"
    for table, rows in outcome.rows.items():
        columns = Base.metadata.tables[table].columns.keys()
        assert all(sorted(row) == sorted(columns) for row in rows), table
    return outcome


def reasons(outcome: Outcome) -> list[Any]:
    """Return why each exposure was not used, by rootname."""
    return [row["reason"] for row in outcome.rows["exposure_set_members"]]
