"""Builder of exposures of standard stars: the simulated ones, and what was changed in them."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from astropy.io import fits

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.throughput.measure import measure_star
from hstql_resources.archive.simulated.cameras.archive_contents import (
    ACS_STANDARDS,
    WFC3_STANDARDS,
)

CONTENTS = {"acs": ACS_STANDARDS, "wfc3": WFC3_STANDARDS}
UVIS2, UVIS1, BLUE, IR = range(4)  # the exposures of an epoch of WFC3
EPOCH = 4  # exposures of it


def make_star(
    folder: Path, index: int, seed: int = 2016, instrument: str = "wfc3", filetype: str = "flt"
) -> tuple[InputFile, dict[str, Any]]:
    """Return a simulated exposure of a star, and what is true of it."""
    name, content, truth = _draw(index, seed, instrument, filetype)
    (folder / name).write_bytes(content)
    return InputFile(name, filetype, folder / name), truth


@cache
def _draw(
    index: int, seed: int, instrument: str, filetype: str
) -> tuple[str, bytes, dict[str, Any]]:
    contents = CONTENTS[instrument]
    rootname, make = contents.locate(index).rootname, contents.open_exposure(seed, index)
    name = f"{rootname}_{filetype}.fits"
    return name, make(name), json.loads(make(f"{rootname}_truth.json"))


def change(file: InputFile, change_hdus: Callable[[fits.HDUList], None]) -> InputFile:
    """Change a file as astropy does."""
    with fits.open(file.path, "update") as hdus:
        change_hdus(hdus)
    return file


def measure(*files: InputFile) -> Outcome:
    """Return what the worker makes of an exposure with some files."""
    return measure_star(ExposureTask(files[0].filename[:9], files, None))  # type: ignore[arg-type]
