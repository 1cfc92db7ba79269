"""Builders of visits of UVIS around a saturated flat: files of the simulated archive, changed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.bowtie.measure import measure_visit
from hstql_assets.monitors.bowtie.selection import load_selections
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_resources.archive.simulated.cameras.archive_contents import WFC3_BOWTIE
from hstql_resources.archive.simulated.cameras.bowtie_catalogue import bowtie_pattern
from hstql_resources.archive.simulated.cameras.catalogue import Exposure, make_exposure
from hstql_resources.archive.simulated.cameras.lamps import lamp_rates
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References
from hstql_resources.tables import Base

SEED = 3
KEY = "bowtie_uvis_90360-01"


def write_visit(folder: Path, kind: str = "flt", visit: int = 0) -> list[Path]:
    """Write the three flats of a visit."""
    paths: list[Path] = []
    for index in range(3 * visit, 3 * visit + 3):
        name = f"{WFC3_BOWTIE.locate(index).rootname}_{kind}.fits"
        paths.append(folder / name)
        paths[-1].write_bytes(WFC3_BOWTIE.open_exposure(SEED, index)(name))
    return paths


def change(path: Path, alter: Callable[[fits.Header], None]) -> None:
    """Change the primary header of a file."""
    with fits.open(path, mode="update") as hdus:
        alter(hdus[0].header)


def measure(home: Path, paths: Sequence[Path], key: str = KEY) -> Outcome:
    """Measure a visit; the rows have the columns of their tables."""
    files: dict[str, tuple[InputFile, ...]] = {}
    for path in paths:
        name, kind = path.stem.split("_")
        files[name] = (*files.get(name, ()), InputFile(path.name, kind, path))
    references = References(cast("Any", None), Filesystem(home))
    selection = load_selections()["UVIS"]
    outcome = measure_visit(SetTask(key, "UVIS", selection, files, "digest", references))
    assert outcome.status == "made"
    for table, rows in outcome.rows.items():
        columns = Base.metadata.tables[table].columns.keys()
        assert all(sorted(row) == sorted(columns) for row in rows), table
    return outcome


def reasons(outcome: Outcome) -> list[Any]:
    """Return why each flat was not used, by rootname."""
    return [row["reason"] for row in outcome.rows["exposure_set_members"]]


def true_pattern(visit: int, chip: int) -> NDArray[np.float64]:
    """Return what the ratio really is over a chip, shape (rows, columns), the lamp apart."""
    before, after = (_expose(3 * visit + number) for number in (0, 2))
    pattern = bowtie_pattern(next(one for one in before.frames if one.chip.number == chip))
    offsets = [one.place.offset for one in (before, after)]  # type: ignore[attr-defined]
    return (1.0 + offsets[0] * pattern) / (1.0 + offsets[1] * pattern)


def true_ratio(visit: int, chip: int) -> float:
    """Return the median ratio over a chip, of flats with photon noise and nothing else.

    Where the pattern is weaker than the noise of a pixel, a median is not that without noise.
    """
    rng = np.random.default_rng(17)
    exposures = [_expose(3 * visit + number) for number in (0, 2)]
    light = [
        lamp_rates(one, frame) * one.exposure_s
        for one in exposures
        for frame in one.frames
        if frame.chip.number == chip
    ]
    before, after = (rng.poisson(one) for one in light)
    return float(np.median(before / after))


def _expose(index: int) -> Exposure:
    return make_exposure(SEED, WFC3_BOWTIE.locate(index))
